import { randomBytes } from 'node:crypto'
import type { CredentialDigest, Incoming } from '../model/delivery.ts'
import { digestCredential, type Secrets, type Verification } from '../platforms/verify.ts'

/** Headers that help to understand a delivery later and hold no secret. Whatever is named nowhere is not kept. */
const keptHeaders = [
  'content-type',
  'content-encoding',
  'user-agent',
  'date',
  'x-request-id',
  'x-cal-webhook-version',
  'idempotency-key'
]

/** Beside what the adapter declares: a secret that was put into the address where it does not belong stays one. */
const soundsSecret = /token|secret|key|pass|pwd|auth|sig|credential/i

/** A request without its secrets: what the store gets to see. Signatures stay: they prove, and open nothing. */
export function withoutSecrets(
  incoming: Incoming,
  verification: Verification
): Pick<Incoming, 'headers' | 'query'> {
  const headers: Record<string, string> = {}
  for (const names of [keptHeaders, verification.evidence]) {
    for (const name of names) {
      const value = incoming.headers[name]
      if (value !== undefined) headers[name] = value
    }
  }
  const secret = (verification.secretQuery ?? []).map(name => name.toLowerCase())
  const query = Object.fromEntries(
    Object.entries(incoming.query).filter(
      ([name]) => !secret.includes(name.toLowerCase()) && !soundsSecret.test(name)
    )
  )
  return { headers, query }
}

/** What is kept of the credential a rejected request carried, so that it can be compared with a mended secret. */
export function digestOf(
  incoming: Incoming,
  verification: Verification,
  secrets: Secrets
): CredentialDigest | undefined {
  const credential = verification.credential?.(incoming, secrets)
  return credential === undefined ? undefined : digestCredential(credential, randomBytes(16).toString('hex'))
}
