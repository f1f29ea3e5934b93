import type { Readable } from 'node:stream'
import { RelayError } from '../../errors.ts'
import type { Problem } from '../../problem.ts'
import { harmless } from '../terminal/harmless.ts'

export type Query = Record<string, string | number | boolean | undefined>

export interface Asked {
  query?: Query | undefined
  body?: object | undefined
}

/** The operator API, wherever it answers: over the store, or over HTTP. */
export interface OperatorClient {
  /**
   * @param path behind `/api/v1`, its parts percent-encoded
   * @throws RelayError that says what the API said; RELAY_BAD_REQUEST where the command asked for what there is not
   */
  ask<T>(method: 'GET' | 'POST' | 'DELETE', path: string, asked?: Asked): Promise<T>
  /** Server-sent events, as they come; they end when it is destroyed. */
  listen(path: string, asked?: Asked & { lastEventId?: string | undefined }): Promise<Readable>
  /** The code with which a relay that runs turns requests away; undefined where it takes them, or where nobody can tell. */
  turnsAway(): Promise<string | undefined>
  close(): Promise<void>
}

/** Where the API's addresses begin. */
export const API = '/api/v1'

/** Behind an address; nothing of what is not given. */
export function queryOf(query: Query = {}): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value))
  }
  const text = parameters.toString()
  return text && `?${text}`
}

/** Parts of an address, joined. */
export function pathOf(...parts: string[]): string {
  return parts.map(part => `/${encodeURIComponent(part)}`).join('')
}

/**
 * What the API answered, read.
 * @param whom where it was asked, for people
 * @throws RelayError with the sentence of the problem
 */
export function answerIn<T>(status: number, text: string, whom: string): T {
  const value = parsed(text)
  if (status < 300 && (status === 204 || value !== undefined)) return value as T
  const { code, detail } = Object(value) as Partial<Problem>
  if (typeof code !== 'string' || typeof detail !== 'string') {
    throw new RelayError(
      'RELAY_NOT_FOUND',
      `${whom} answered ${status}, and not as a relay does; name its origin with --url, such as https://relay.example.com`
    )
  }
  throw new RelayError(status === 400 ? 'RELAY_BAD_REQUEST' : codeOf(status), harmless(detail))
}

/** The sentence says it; the code decides upon the exit code alone. */
function codeOf(status: number): 'RELAY_NOT_FOUND' | 'RELAY_KEY_FORBIDDEN' | 'RELAY_INTERNAL' {
  if (status === 404) return 'RELAY_NOT_FOUND'
  return status < 500 ? 'RELAY_KEY_FORBIDDEN' : 'RELAY_INTERNAL'
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
