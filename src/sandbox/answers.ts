import { STATUS_CODES } from 'node:http'
import type { BodyProblem } from '../model/body-problem.ts'
import { invalidInput } from '../seam/invalid-input.ts'
import type { FailRule } from './behaviour.ts'

/** An answer of Seam's calls, ready to be sent. */
export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
}

/**
 * The `type` of Seam's error envelope, as its public framework and fake name them; those of 403, 429 and 503 are made up
 * in the same manner.
 */
const errorTypes: Record<number, string> = {
  400: 'invalid_input',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  429: 'too_many_requests',
  500: 'internal_server_error',
  503: 'service_unavailable'
}

export const accepted = json(200, { ok: true })

export function failed(status: number, message: string, type = errorType(status)): Answer {
  return json(status, { error: { type, message }, ok: false })
}

export function invalid(problems: BodyProblem[]): Answer {
  return json(400, { error: invalidInput(problems), ok: false })
}

export function plainText(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
}

/** What a rule answers instead of Seam; undefined where it only slows down or breaks connections. */
export function answerOf(rule: FailRule | undefined): Answer | undefined {
  if (rule?.status === undefined) return undefined
  const words = `${STATUS_CODES[rule.status] ?? 'Failure'}, as the sandbox was told`
  const answer = rule.plain_text
    ? plainText(rule.status, String(rule.body ?? words))
    : rule.body === undefined
      ? failed(rule.status, words)
      : json(rule.status, rule.body)
  if (rule.retry_after_s !== undefined) answer.headers['retry-after'] = String(rule.retry_after_s)
  return answer
}

function json(status: number, body: unknown): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body)
  }
}

function errorType(status: number): string {
  return errorTypes[status] ?? 'sandbox_failure'
}
