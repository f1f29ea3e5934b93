import type { FastifyReply } from 'fastify'
import { type Static, Type } from '@sinclair/typebox'
import { type ErrorCode, errorCodes } from './errors.ts'

/** An error reply: a problem document (RFC 9457) with the relay's stable code and the request's id, and nothing of what was sent. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String(),
  request_id: Type.String()
})

export type Problem = Static<typeof Problem>

export function sendProblem(reply: FastifyReply, status: number, code: ErrorCode): FastifyReply {
  const problem: Problem = {
    type: 'about:blank',
    title: errorCodes[code],
    status,
    code,
    request_id: String(reply.request.id)
  }
  return reply.code(status).type('application/problem+json').send(problem)
}
