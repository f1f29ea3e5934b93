import { RelayError } from '../errors.ts'
import type { Operation } from '../model/call.ts'
import { kindNames, kinds } from '../model/kind.ts'
import type { SeamWords } from '../model/seam-words.ts'
import { retryAfterMs } from '../retry-after.ts'

const MAX_MESSAGE_LENGTH = 1000

/** Characters of JSON. Longer ones are left out: cut off they would be none. */
const MAX_VALIDATION_ERRORS_LENGTH = 8000

/**
 * What to do about a call that did not succeed.
 *
 * - `retry`: later, the same again (network, time-out, 408, 5xx)
 * - `wait`: as retry, and nobody calls this workspace before (429)
 * - `stop`: the key, or the address, is wrong for everything (401, 402, 403, 405; whatever is not in Seam's own words, or
 *   speaks of the workspace, the customer or the route)
 * - `gone`: the thing to be deleted is not there, in words that name its kind; which is what was wanted
 * - `refused`: this body will never pass; take it apart
 */
export type SeamOutcome = 'retry' | 'wait' | 'stop' | 'gone' | 'refused'

export class SeamError extends RelayError {
  readonly outcome: SeamOutcome
  readonly status: number | undefined
  readonly requestId: string | undefined
  readonly said: SeamWords | undefined

  constructor(
    outcome: SeamOutcome,
    message: string,
    details: {
      status?: number | undefined
      requestId?: string | undefined
      said?: SeamWords | undefined
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
    this.said = details.said
  }

  /** The same failure where it turned out to speak of one customer only. */
  asTrouble(): SeamError {
    return new SeamError('retry', this.message, this)
  }
}

export interface SeamAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** Statuses that speak of the whole workspace, in whatever words: nobody is let in, or nothing is here. */
const workspaceFaults = new Set([401, 402, 403, 405])

/** What Seam says where a thing of a kind that can be deleted is not there. */
const goneTypes = new Set(
  kindNames.filter(kind => kinds[kind].deleteList !== undefined).map(kind => `${kind}_not_found`)
)

/** A type that judges who asks, or where, and no resource: the credential, the workspace, the customer, the route. */
const speaksOfAll =
  /^not_found$|^workspace_|^customer_not_found$|unauthori[sz]ed|forbidden|credential|api_key|token/

/** Whether Seam took the call: a 2xx, and no page of somebody else's that answers everything with 200. */
export function isTaken({ status, text }: SeamAnswer): boolean {
  if (status < 200 || status >= 300) return false
  const body = read(text)
  return text.trim() === '' || (body !== undefined && body.ok !== false)
}

/** What an answer means that is not {@link isTaken}. Bodies come as JSON, as text, or not at all. */
export function seamErrorOf(operation: Operation, answer: SeamAnswer, now: number): SeamError {
  const { status } = answer
  const body = read(answer.text)
  const said = body?.error === undefined ? `status ${status}` : `${body.error.type}: ${body.error.message}`
  const message = `Seam ${operation}: ${said}`.slice(0, MAX_MESSAGE_LENGTH)
  return new SeamError(outcomeOf(operation, answer, body), message, {
    status,
    requestId: requestIdOf(answer),
    said: body?.error && bounded(body.error),
    retryAfterMs: retryAfterMs(answer.headers['retry-after'], now)
  })
}

export function requestIdOf({ headers }: SeamAnswer): string | undefined {
  const header = headers['seam-request-id']
  return Array.isArray(header) ? header[0] : header
}

function outcomeOf(
  operation: Operation,
  { status, text }: SeamAnswer,
  body: AnswerBody | undefined
): SeamOutcome {
  if (status === 429) return 'wait'
  if (status === 408 || status >= 500) return 'retry'
  if (workspaceFaults.has(status)) return 'stop'
  // Too large is too large, whoever says so: Seam's framework does it in plain text, a proxy with a page.
  if (status === 413) return 'refused'
  // Seam's documents have 400 without a body; whoever is at a wrong address sends a page.
  if (status === 400 && text.trim() === '') return 'refused'
  const type = body?.error?.type
  // A redirect, a page, a refusal in somebody else's words, `malformed token`: that is no verdict about a resource.
  if (type === undefined || speaksOfAll.test(type)) return 'stop'
  return operation === 'delete_data' && goneTypes.has(type) ? 'gone' : 'refused'
}

/** What is looked at of an answer's body. */
interface AnswerBody {
  ok: unknown
  error: { type: string; message: string; validation_errors: unknown } | undefined
}

function bounded({ type, message, validation_errors: errors }: NonNullable<AnswerBody['error']>): SeamWords {
  const words = { type, message: message.slice(0, MAX_MESSAGE_LENGTH) }
  return isTree(errors) && JSON.stringify(errors).length <= MAX_VALIDATION_ERRORS_LENGTH
    ? { ...words, validation_errors: errors }
    : words
}

function isTree(errors: unknown): errors is object {
  return Array.isArray((errors as { _errors?: unknown } | null | undefined)?._errors)
}

function read(text: string): AnswerBody | undefined {
  try {
    const { ok, error } = JSON.parse(text)
    if (typeof error?.type !== 'string') return { ok, error: undefined }
    const { type, message, validation_errors } = error
    return { ok, error: { type, message: String(message ?? ''), validation_errors } }
  } catch {
    return undefined
  }
}
