import { RelayError } from '../errors.ts'
import { retryAfterMs } from './retry-after.ts'

/**
 * What to do about a call that did not succeed.
 *
 * - `retry`: later, the same again (network, time-out, 408, 429, 5xx)
 * - `wait`: as retry, and nobody calls this workspace before (429)
 * - `stop`: the key, or the address, is wrong for everything (401, 403; 404 and 405 that are not Seam's own words)
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

/** Error bodies come as JSON, as text, or not at all (../seam page, section 8). */
export function seamErrorOf(
  operation: 'push_data' | 'delete_data',
  answer: SeamAnswer,
  now: number
): SeamError {
  const { status } = answer
  const envelope = envelopeOf(answer.text)
  const header = answer.headers['seam-request-id']
  const details = {
    status,
    requestId: Array.isArray(header) ? header[0] : header,
    retryAfterMs: retryAfterMs(answer.headers['retry-after'], now)
  }
  const said = envelope === undefined ? `status ${status}` : `${envelope.type}: ${envelope.message}`
  const message = `Seam ${operation}: ${said}`.slice(0, 1000)
  if (status === 429) return new SeamError('wait', message, details)
  if (status === 408 || status >= 500) return new SeamError('retry', message, details)
  if (status === 401 || status === 403) return new SeamError('stop', message, details)
  if (status === 404 || status === 405) {
    if (envelope === undefined || status === 405) return new SeamError('stop', message, details)
    return new SeamError(operation === 'delete_data' ? 'gone' : 'refused', message, details)
  }
  // A redirect or an answer nobody documents: whatever it is, it is not Seam.
  if (status < 400) return new SeamError('stop', message, details)
  return new SeamError('refused', message, details)
}

function envelopeOf(text: string): { type: string; message: string } | undefined {
  try {
    const { error } = JSON.parse(text)
    return typeof error?.type === 'string'
      ? { type: error.type, message: String(error.message ?? '') }
      : undefined
  } catch {
    return undefined
  }
}
