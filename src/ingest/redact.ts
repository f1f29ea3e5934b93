import { randomBytes } from 'node:crypto'
import type { CredentialDigest, Incoming } from '../model/delivery.ts'
import { digestCredential, type Verification } from '../platforms/verify.ts'

/** Headers that help to understand a delivery later and hold no secret. Whatever is named nowhere is not kept. */
const keptHeaders = ['content-type', 'user-agent', 'date', 'x-request-id', 'x-cal-webhook-version', 'idempotency-key']

/** A request without its secrets: what the store gets to see. Signatures stay: they prove, and open nothing. */
export function withoutSecrets(incoming: Incoming, verification: Verification): Pick<Incoming, 'headers' | 'query'> {
  const names = [...keptHeaders, ...verification.evidence]
  const headers = Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => names.includes(name)))
  const secret = (verification.secretQuery ?? []).map(name => name.toLowerCase())
  const query = Object.fromEntries(
    Object.entries(incoming.query).filter(([name]) => !secret.includes(name.toLowerCase()))
  )
  return { headers, query }
}

/** What is kept of the credential a rejected request carried, so that it can be compared with a mended secret. */
export function digestOf(incoming: Incoming, verification: Verification): CredentialDigest | undefined {
  const credential = verification.credential?.(incoming)
  return credential === undefined ? undefined : digestCredential(credential, randomBytes(16).toString('hex'))
}
