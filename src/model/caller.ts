import { hash, randomBytes } from 'node:crypto'

/**
 * What an API key may be used for. `offboard` alone lets whole customers be taken off. `operate` and `admin` are for the
 * operator API; each of `read`, `operate` and `admin` may there what the one before it may.
 */
export const scopes = ['push', 'delete', 'offboard', 'read', 'operate', 'admin'] as const

export type Scope = (typeof scopes)[number]

/** An internal service, as its API key makes it known. */
export interface Caller {
  id: string
  name: string
  /** Undefined: the only workspace there is, or the environment's. */
  workspaceId: string | undefined
  /** Undefined: every customer of the workspace. */
  customers: string[] | undefined
  scopes: readonly Scope[]
  /** False: judged by Seam's documents alone. */
  strict: boolean
  /** ms since 1970; undefined: never. */
  expiresAt: number | undefined
}

/** Whether a customer is one of those that the key, or a call made with it, is for. */
export function mayReach({ customers }: Pick<Caller, 'customers'>, customerKey: string): boolean {
  return customers?.includes(customerKey) ?? true
}

const KEY_BYTES = 32

/** A secret that Seam's official SDK takes for an API key. */
export function newApiKey(): string {
  return `seam_relay_${randomBytes(KEY_BYTES).toString('base64url')}`
}

/** What an Authorization header shows; undefined where it is none of the scheme Bearer. */
export function bearerIn(authorization: string | undefined): string | undefined {
  return /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
}

/** Under which a key is known: keys are random and long, so there is nothing to guess, and nothing to salt. */
export function hashOfKey(key: string): string {
  return hash('sha256', key)
}
