import { signal } from '@preact/signals'
import type { SignedIn } from '../operate/schemas/sign-in.ts'
import type { Problem } from '../problem.ts'
import { searchOf, type Values } from './filters.ts'

/** The operator API, asked from the same origin with the cookie of the sign-in. */

export type Session = Pick<SignedIn, 'name' | 'may' | 'csrf'>

/** undefined: not asked yet; null: nobody is signed in. */
export const session = signal<Session | null | undefined>(undefined)

const ranks = ['read', 'operate', 'admin'] as const

export function may(scope: Session['may']): boolean {
  const { value } = session
  return value != null && ranks.indexOf(value.may) >= ranks.indexOf(scope)
}

/** Why there is no answer, in a sentence for the reader. */
export class Refused extends Error {
  readonly status: number
  readonly code: string
  readonly requestId: string | undefined

  constructor(status: number, says: string, code = '', requestId?: string) {
    super(says)
    this.name = 'Refused'
    this.status = status
    this.code = code
    this.requestId = requestId
  }
}

const API = '/api/v1'
const SESSION = '/dashboard/session'

/** @param path may have parameters of its own */
export function addressOf(path: string, values: Values = {}): string {
  const search = searchOf(values)
  return `${path}${path.includes('?') ? search.replace('?', '&') : search}`
}

/** @throws Refused @throws AbortError */
export async function ask<T>(path: string, abort?: AbortSignal): Promise<T> {
  return fetched<T>(`${API}${path}`, { ...(abort && { signal: abort }) })
}

/** Does something. @throws Refused */
export async function act<T = undefined>(method: 'POST' | 'DELETE', path: string, body?: object): Promise<T> {
  return fetched<T>(`${API}${path}`, {
    method,
    headers: {
      'x-csrf-token': session.value?.csrf ?? '',
      ...(body !== undefined && { 'content-type': 'application/json' })
    },
    ...(body !== undefined && { body: JSON.stringify(body) })
  })
}

/** Who is signed in; asked when the page opens. */
export async function whoIsThere(): Promise<void> {
  try {
    // Nobody is no error, which the browser would write into its console.
    session.value = (await fetched<Session | undefined>(SESSION, {})) ?? null
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) throw error
  }
}

/** @throws Refused */
export async function signIn(token: string): Promise<void> {
  await fetched(SESSION, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token })
  })
  await whoIsThere()
}

export async function signOut(): Promise<void> {
  try {
    await fetched(SESSION, { method: 'DELETE', headers: { 'x-csrf-token': session.value?.csrf ?? '' } })
  } finally {
    session.value = null
  }
}

async function fetched<T>(address: string, init: RequestInit): Promise<T> {
  let reply: Response
  try {
    reply = await fetch(address, { ...init, credentials: 'same-origin', cache: 'no-store' })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new Refused(0, 'The relay does not answer. Check that it runs and that you are connected to it.')
  }
  if (reply.ok) return (reply.status === 204 || reply.status === 205 ? undefined : await reply.json()) as T
  const { detail, code, request_id: id } = await problemIn(reply)
  if (reply.status === 401) session.value = null
  throw new Refused(reply.status, detail ?? inWords(reply.status), code, id)
}

async function problemIn(reply: Response): Promise<Partial<Problem>> {
  try {
    const said = await reply.json()
    return typeof said === 'object' && said !== null ? said : {}
  } catch {
    // A proxy may answer in its own words.
    return {}
  }
}

function inWords(status: number): string {
  if (status === 404) return 'The relay knows nothing at this address; it may be older than the dashboard.'
  if (status === 429) return 'Too many requests at once. Wait a moment, then try again.'
  if (status >= 500) return `The relay, or a proxy before it, is in trouble (status ${status}). Try again.`
  return `The relay refused this (status ${status}).`
}
