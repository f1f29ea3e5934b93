import { STATUS_CODES } from 'node:http'
import { type Static, Type } from '@sinclair/typebox'
import type { FastifyReply } from 'fastify'
import { type ErrorCode, errorCodes, RelayError } from './errors.ts'

/**
 * An error reply: a problem document (RFC 9457) with the relay's stable code and the request's id, and nothing of what
 * was sent. Where the type is `about:blank`, the title is the status in words.
 */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'about:blank: the status says all there is to say of the sort.' }),
    title: Type.String({ description: 'The status in words.' }),
    status: Type.Integer({ description: 'The status as a number.' }),
    detail: Type.String({ description: 'What went wrong and what to do, in a sentence.' }),
    code: Type.String({ description: 'The relay’s code of the error; docs/errors.md lists them.' }),
    request_id: Type.String({ description: 'The relay’s id of the request; the log has it too.' })
  },
  { title: 'Problem', description: 'An error (RFC 9457).' }
)

export type Problem = Static<typeof Problem>

export const PROBLEM_TYPE = 'application/problem+json'

/** For Retry-After, wherever the relay is asked: a queue is shorter in a moment. */
export const BUSY_RETRY_AFTER_S = 1
/** A disk or a database that takes nothing needs longer. */
export const STORE_RETRY_AFTER_S = 5

/** @param detail where more can be said than the code says */
export function problemOf(
  status: number,
  code: ErrorCode,
  requestId: string,
  detail: string = errorCodes[code]
): Problem {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    request_id: requestId
  }
}

export function sendProblem(
  reply: FastifyReply,
  status: number,
  code: ErrorCode,
  detail?: string
): FastifyReply {
  return reply
    .code(status)
    .type(PROBLEM_TYPE)
    .send(problemOf(status, code, String(reply.request.id), detail))
}

/** Our own trouble, whatever it is: some senders never repeat after a 4xx, and some only after a 503. */
export function sendOwnTrouble(reply: FastifyReply, error: Error): FastifyReply {
  const code = error instanceof RelayError ? error.code : 'RELAY_INTERNAL'
  return sendProblem(reply.header('retry-after', STORE_RETRY_AFTER_S), 503, code)
}
