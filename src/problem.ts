import { STATUS_CODES } from 'node:http'
import { type Static, Type } from '@sinclair/typebox'
import type { FastifyReply } from 'fastify'
import { type ErrorCode, errorCodes } from './errors.ts'

/**
 * An error reply: a problem document (RFC 9457) with the relay's stable code and the request's id, and nothing of what
 * was sent. Where the type is `about:blank`, the title is the status in words.
 */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String(),
  request_id: Type.String()
})

export type Problem = Static<typeof Problem>

export const PROBLEM_TYPE = 'application/problem+json'

export function problemOf(status: number, code: ErrorCode, requestId: string): Problem {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: errorCodes[code],
    code,
    request_id: requestId
  }
}

export function sendProblem(reply: FastifyReply, status: number, code: ErrorCode): FastifyReply {
  return reply
    .code(status)
    .type(PROBLEM_TYPE)
    .send(problemOf(status, code, String(reply.request.id)))
}
