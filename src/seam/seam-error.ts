import { RelayError } from '../errors.ts'
import { retryAfterMs } from '../retry-after.ts'

export type Operation = 'push_data' | 'delete_data'

const MAX_MESSAGE_LENGTH = 1000

/**
 * What to do about a call that did not succeed.
 *
 * - `retry`: later, the same again (network, time-out, 408, 429, 5xx)
 * - `wait`: as retry, and nobody calls this workspace before (429)
 * - `stop`: the key, or the address, is wrong for everything (401, 403, 405; whatever is not in Seam's own words)
 * - `gone`: the thing to be deleted is not there, which is what was wanted
 * - `refused`: this body will never pass; take it apart
 */
export type SeamOutcome = 'retry' | 'wait' | 'stop' | 'gone' | 'refused'

export class SeamError extends RelayError {
  readonly outcome: SeamOutcome
  readonly status: number | undefined
  readonly requestId: string | undefined

  constructor(
    outcome: SeamOutcome,
    message: string,
    details: {
      status?: number
      requestId?: string | undefined
      retryAfterMs?: number | undefined
      cause?: unknown
    } = {}
  ) {
    const code = {
      retry: 'RELAY_SEAM_UNAVAILABLE',
      wait: 'RELAY_SEAM_UNAVAILABLE',
      stop:
        details.status === 401 || details.status === 403 ? 'RELAY_SEAM_UNAUTHORIZED' : 'RELAY_SEAM_ENDPOINT',
      gone: 'RELAY_SEAM_REFUSED',
      refused: 'RELAY_SEAM_REFUSED'
    } as const
    super(code[outcome], message, {
      cause: details.cause,
      retryable: outcome === 'retry' || outcome === 'wait' || outcome === 'stop',
      retryAfterMs: details.retryAfterMs
    })
    this.name = 'SeamError'
    this.outcome = outcome
    this.status = details.status
    this.requestId = details.requestId
  }
}

export interface SeamAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** Statuses that speak of the body even where the words are not Seam's: broken, clashing, too large, not acceptable. */
const bodyFaults = new Set([400, 409, 413, 422])

/** Whether Seam took the call: a 2xx, and no page of somebody else's that answers everything with 200. */
export function isTaken({ status, text }: SeamAnswer): boolean {
  if (status < 200 || status >= 300) return false
  const body = read(text)
  return text.trim() === '' || (body !== undefined && body.ok !== false)
}

/** What an answer means that is not {@link isTaken}. Bodies come as JSON, as text, or not at all (../seam page, section 8). */
export function seamErrorOf(operation: Operation, answer: SeamAnswer, now: number): SeamError {
  const { status } = answer
  const body = read(answer.text)
  const said = body?.error === undefined ? `status ${status}` : `${body.error.type}: ${body.error.message}`
  const message = `Seam ${operation}: ${said}`.slice(0, MAX_MESSAGE_LENGTH)
  return new SeamError(outcomeOf(operation, status, body), message, {
    status,
    requestId: requestIdOf(answer),
    retryAfterMs: retryAfterMs(answer.headers['retry-after'], now)
  })
}

export function requestIdOf({ headers }: SeamAnswer): string | undefined {
  const header = headers['seam-request-id']
  return Array.isArray(header) ? header[0] : header
}

function outcomeOf(operation: Operation, status: number, body: Said | undefined): SeamOutcome {
  if (status === 429) return 'wait'
  if (status === 408 || status >= 500) return 'retry'
  if (status === 401 || status === 403 || status === 405) return 'stop'
  const inSeamsWords = body?.error !== undefined || body?.ok === false
  // A redirect, a page, or a refusal in somebody else's words: whatever it is, it is not Seam.
  if (!inSeamsWords && !bodyFaults.has(status)) return 'stop'
  return operation === 'delete_data' && body?.error?.type.endsWith('not_found') ? 'gone' : 'refused'
}

/** What is looked at of an answer's body. */
interface Said {
  ok: unknown
  error: { type: string; message: string } | undefined
}

function read(text: string): Said | undefined {
  try {
    const { ok, error } = JSON.parse(text)
    const named = typeof error?.type === 'string'
    return { ok, error: named ? { type: error.type, message: String(error.message ?? '') } : undefined }
  } catch {
    return undefined
  }
}
