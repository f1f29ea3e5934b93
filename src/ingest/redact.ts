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
  const query: Record<string, string[]> = Object.create(null)
  for (const name in incoming.query) {
    if (!isSecret(name, verification)) query[name] = incoming.query[name] as string[]
  }
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

function isSecret(name: string, { secretQuery = [] }: Verification): boolean {
  return soundsSecret.test(name) || secretQuery.some(each => each.toLowerCase() === name.toLowerCase())
}
