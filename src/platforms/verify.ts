import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { Type } from '@sinclair/typebox'
import type { CredentialDigest, Incoming } from '../model/delivery.ts'
import type { RejectionCause } from '../model/rejection.ts'

export type Verdict = { ok: true } | { ok: false; cause: RejectionCause }

export type Secrets = Record<string, string[]>

/** What the platform adds to a request so that it verifies: the other half of {@link Verification.verify}. */
export interface Signed {
  headers?: Record<string, string>
  query?: Record<string, string>
  /** Last part of the address. */
  token?: string
  /** What is sent in place of the body, where the proof is part of it. */
  body?: Uint8Array
}

/**
 * One way of proving who sent a request. Whatever a stranger sends is a verdict; only where it cannot be judged now, as
 * where a certificate cannot be had, a retryable RelayError is thrown.
 */
export interface Verification {
  /** For people: documentation, `seam-relay check`. */
  description: string
  /** Secrets without which nothing can be verified. */
  needs: string[]
  /** Headers that are evidence and no secret; they are kept with the delivery. */
  evidence: string[]
  verify(incoming: Incoming, secrets: Secrets): Verdict | Promise<Verdict>
  sign(body: Uint8Array, secrets: Secrets, at: { now: number; id: string }): Signed
  /** The secret that the request itself carries, in a canonical form; undefined where it carries none. */
  credential?(incoming: Incoming, secrets: Secrets): string | undefined
  /** Names of query parameters that carry a secret. */
  secretQuery?: string[]
}

export const accepted: Verdict = { ok: true }

export function rejected(cause: RejectionCause): Verdict {
  return { ok: false, cause }
}

/** Constant time for equal lengths and for different ones: both sides are hashed first. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b)
}

/** Tries every secret or signature, the last one too, so that the time does not tell which of them fits. */
export function anyOf<T>(candidates: T[], matches: (candidate: T) => boolean): boolean {
  let found = false
  for (const candidate of candidates) found = matches(candidate) || found
  return found
}

export interface HmacOptions {
  /** Lower case. */
  header: string
  algorithm: 'sha1' | 'sha256' | 'sha512'
  encoding: 'hex' | 'base64'
  /** What may stand before the signature, such as `sha256=`. */
  optionalPrefix?: string
  /** Name in `secrets`; `signing_secret` unless told otherwise. */
  secret?: string
}

/** A keyed hash over the exact bytes of the body. */
export function hmac(options: HmacOptions): Verification {
  const { header, algorithm, encoding, optionalPrefix = '', secret: name = 'signing_secret' } = options
  const length = { sha1: 20, sha256: 32, sha512: 64 }[algorithm]
  const pattern = encoding === 'hex' ? /^[0-9a-f]+$/i : /^[A-Za-z0-9+/]+={0,2}$/
  const digest = (secret: string, body: Uint8Array) => createHmac(algorithm, secret).update(body).digest()
  return {
    description: `header ${header}: HMAC-${algorithm.toUpperCase()} of the body, ${encoding}, key \`${name}\``,
    needs: [name],
    evidence: [header],
    verify(incoming, secrets) {
      const sent = incoming.headers[header]
      if (sent === undefined || sent === '') return rejected('signature_missing')
      const text =
        optionalPrefix !== '' && sent.startsWith(optionalPrefix) ? sent.slice(optionalPrefix.length) : sent
      const signature = pattern.test(text) ? Buffer.from(text, encoding) : Buffer.alloc(0)
      if (signature.byteLength !== length) return rejected('signature_malformed')
      const matches = anyOf(secrets[name] ?? [], secret =>
        sameBytes(signature, digest(secret, incoming.body))
      )
      return matches ? accepted : rejected('signature_wrong')
    },
    sign: (body, secrets) => ({
      headers: { [header]: digest(secrets[name]?.[0] ?? '', body).toString(encoding) }
    })
  }
}

interface CredentialOptions {
  description: string
  needs: string[]
  offered(incoming: Incoming, secrets: Secrets): string | undefined
  /** Every canonical form that is right, given the secrets. */
  right(secrets: Secrets): string[]
  sign(secrets: Secrets): Signed
  secretQuery?: string[]
}

/** A secret that travels with the request itself. */
export function credential(options: CredentialOptions): Verification {
  return {
    description: options.description,
    needs: options.needs,
    evidence: [],
    credential: options.offered,
    ...(options.secretQuery && { secretQuery: options.secretQuery }),
    verify(incoming, secrets) {
      const right = options.right(secrets)
      const { credentialDigest } = incoming
      if (credentialDigest !== undefined) {
        return anyOf(right, each =>
          sameText(digestCredential(each, credentialDigest.salt).hash, credentialDigest.hash)
        )
          ? accepted
          : rejected('credentials_wrong')
      }
      const offered = options.offered(incoming, secrets)
      if (offered === undefined) return rejected('credentials_missing')
      return anyOf(right, each => sameText(each, offered)) ? accepted : rejected('credentials_wrong')
    },
    sign: (_body, secrets) => options.sign(secrets)
  }
}

/** What is kept of a credential in a rejected request: enough to compare, not enough to use. */
export function digestCredential(value: string, salt: string): CredentialDigest {
  return { salt, hash: createHmac('sha256', salt).update(value).digest('hex') }
}

/** `Authorization: Basic` with `username` and `password` (RFC 7617, UTF-8; the first colon divides). */
export function basicAuth(): Verification {
  return credential({
    description: 'HTTP Basic with `username` and `password`',
    needs: ['username', 'password'],
    offered(incoming) {
      const match = /^basic +([A-Za-z0-9+/_-]+={0,2}) *$/i.exec(incoming.headers.authorization ?? '')
      if (match?.[1] === undefined) return undefined
      const pair = Buffer.from(match[1], 'base64').toString('utf8')
      return pair.includes(':') ? pair : undefined
    },
    right: secrets =>
      (secrets.username ?? []).flatMap(user =>
        (secrets.password ?? []).map(password => `${user}:${password}`)
      ),
    sign: secrets => ({
      headers: {
        authorization: `Basic ${Buffer.from(`${secrets.username?.[0] ?? ''}:${secrets.password?.[0] ?? ''}`).toString('base64')}`
      }
    })
  })
}

/** The setting `token` of a connection whose address ends with it. */
export const AddressToken = Type.String({
  // No slash, and nothing that would have to be percent-encoded: platforms ask for an address as it is.
  pattern: '^[\\w.~+=:@-]+$',
  description:
    'Long random last part of the webhook address: letters, digits and - . _ ~, such as `openssl rand -hex 24` makes'
})

export interface SharedTokenOptions {
  /** Query parameter the platform itself uses; letter case does not matter. Given twice, the request is refused. */
  query?: string
}

/** A long random token: the last part of the address, or the platform's own query parameter. */
export function sharedToken(options: SharedTokenOptions = {}): Verification {
  const wanted = options.query?.toLowerCase()
  return credential({
    description:
      options.query === undefined
        ? '`token` in the address'
        : `\`token\` in the address or as ?${options.query}=`,
    needs: ['token'],
    ...(options.query !== undefined && { secretQuery: [options.query] }),
    offered(incoming) {
      const values = Object.entries(incoming.query)
        .filter(([name]) => name.toLowerCase() === wanted)
        .flatMap(([, list]) => list)
      if (incoming.token !== undefined) values.push(incoming.token)
      return values.length === 1 && values[0] !== '' ? values[0] : undefined
    },
    right: secrets => secrets.token ?? [],
    sign: secrets => {
      const token = secrets.token?.[0] ?? ''
      return options.query === undefined ? { token } : { query: { [options.query]: token } }
    }
  })
}
