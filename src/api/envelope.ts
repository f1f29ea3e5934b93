import type { FastifyReply } from 'fastify'
import type { BodyProblem } from '../model/body-problem.ts'
import { invalidInput, type ValidationErrors } from '../seam/invalid-input.ts'

/** A refusal as Seam writes it. */
export interface Failure {
  status: number
  error: { type: string; message: string; validation_errors?: ValidationErrors }
  headers?: Record<string, string>
}

const JSON_TYPE = 'application/json; charset=utf-8'
export const OK = JSON.stringify({ ok: true })

/**
 * The `type` of Seam's error envelope by status, as its public framework and fake name them; the others are made in the
 * same manner (Seam documents none but 400 and 401).
 */
const errorTypes = {
  400: 'invalid_input',
  401: 'unauthorized',
  403: 'forbidden',
  405: 'method_not_allowed',
  409: 'idempotency_key_in_use',
  413: 'payload_too_large',
  422: 'idempotency_key_reused',
  503: 'service_unavailable'
} as const

export function failed(
  status: keyof typeof errorTypes,
  message: string,
  headers?: Record<string, string>
): Failure {
  const error = { type: errorTypes[status], message }
  return { status, error, ...(headers !== undefined && { headers }) }
}

/** A whole request that cannot be taken; where a field is to blame, see {@link invalidFields}. */
export function invalid(message: string, type = 'invalid_input'): Failure {
  return { status: 400, error: { type, message, validation_errors: { _errors: [message] } } }
}

export function invalidFields(problems: BodyProblem[]): Failure {
  return { status: 400, error: invalidInput(problems) }
}

export function textOf({ error }: Failure): string {
  return JSON.stringify({ error, ok: false })
}

export function sendFailure(reply: FastifyReply, failure: Failure): FastifyReply {
  if (failure.headers !== undefined) reply.headers(failure.headers)
  return sendText(reply, failure.status, textOf(failure))
}

/** The same few bytes for everybody, so nothing is put together for them. */
export function sendOk(reply: FastifyReply): FastifyReply {
  return reply.header('content-type', JSON_TYPE).send(OK)
}

export function sendText(reply: FastifyReply, status: number, body: string): FastifyReply {
  return reply.code(status).header('content-type', JSON_TYPE).send(body)
}

export function isFailure(value: object): value is Failure {
  return 'error' in value
}
