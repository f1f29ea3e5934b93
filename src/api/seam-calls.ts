import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyError, FastifyReply, FastifyRequest, HTTPMethods, onRequestHookHandler } from 'fastify'
import { inStep } from '../in-step.ts'
import { methodsBut } from '../methods.ts'
import { type Operation, operations, SEAM_CALLS } from '../model/call.ts'
import { inSpan } from '../model/trace.ts'
import { BUSY_RETRY_AFTER_S, STORE_RETRY_AFTER_S } from '../problem.ts'
import { storing } from '../request-spans.ts'
import { checkDeleteData, checkPushData } from '../seam/contract.ts'
import type { KeptAnswer } from '../store/answers.ts'
import { type AcceptedCall, acceptor } from './accept-call.ts'
import type { KnownCallers } from './api.ts'
import {
  type Failure,
  failed,
  invalid,
  isFailure,
  OK,
  sendFailure,
  sendOk,
  sendText,
  textOf
} from './envelope.ts'
import { idempotencyKeyOf, idempotencyOf } from './idempotency.ts'
import { callerOf, identifying } from './identify.ts'
import { secondsToWait } from './prefer.ts'
import { callOperations, describesOnly } from './schemas/operations.ts'
import { verdictOn } from './verdict.ts'

const BUSY = { 'retry-after': `${BUSY_RETRY_AFTER_S}` }
const STORE_TROUBLE = { 'retry-after': `${STORE_RETRY_AFTER_S}` }

const methodsOf: Record<Operation, HTTPMethods[]> = { push_data: ['POST'], delete_data: ['POST', 'DELETE'] }

/**
 * push_data and delete_data as Seam takes and answers them, from internal services: checked, on disk, then 200. What they
 * mean, and when Seam hears of it, other rooms decide.
 */
export const seamCalls: FastifyPluginAsyncTypebox<KnownCallers> = async (scope, options) => {
  const { deliveries, log } = options
  const accept = acceptor(options)
  const idempotency = idempotencyOf(options)

  // Our own validators explain in Seam's format, and change nothing.
  scope.setValidatorCompiler(describesOnly)
  scope.removeAllContentTypeParsers()
  // What compiles them takes a third of a second, in which nobody else is served: not at somebody's first call.
  scope.addHook('onListen', async () => {
    checkPushData({}, 'strict')
    checkDeleteData({}, 'strict')
  })
  // By its name too, since Fastify finds that one without taking the header apart.
  for (const type of ['application/json', '*']) {
    scope.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  }
  const identify = identifying(options.callers, (request, reply, advice) =>
    refuse(request, reply, failed(401, advice, { 'www-authenticate': 'Bearer' }))
  )

  for (const operation of operations) {
    const taken = methodsOf[operation]
    const route = {
      url: `/customers/${operation}`,
      bodyLimit: options.maxBodyBytes,
      errorHandler: answerError
    }
    // Under the name by which Seam's SDK looks for it, on every answer.
    const onRequest: onRequestHookHandler = (request, reply, done) => {
      reply.header('seam-request-id', request.id)
      identify.call(scope, request, reply, done)
    }
    for (const method of taken) {
      scope.route({
        ...route,
        method,
        schema: callOperations[`${method} ${operation}`],
        onRequest,
        handler: (request, reply) => receive(operation, request, reply)
      })
    }
    const refuseMethod = async (request: FastifyRequest, reply: FastifyReply) =>
      refuse(
        request,
        reply.header('seam-request-id', request.id),
        failed(405, `This call takes ${taken.join(' or ')}`, { allow: taken.join(', ') })
      )
    scope.route({
      ...route,
      method: methodsBut(scope, taken),
      onRequest: refuseMethod,
      handler: refuseMethod
    })
  }

  async function receive(operation: Operation, request: FastifyRequest, reply: FastifyReply) {
    await inStep()
    const call = await accept(operation, request, callerOf(request))
    if (isFailure(call)) return refuse(request, reply, call)
    if (options.store.waiting() >= options.maxQueued) {
      return refuse(
        request,
        reply,
        failed(503, 'The relay has too much to write; repeat after Retry-After', BUSY)
      )
    }
    const header = request.headers['idempotency-key']
    if (header !== undefined) return receiveOnce(header, call, request, reply)
    const span = storing(request.span, SEAM_CALLS)
    call.delivery.trace = span?.ref
    await inSpan(span, deliveries.append(call.delivery))
    stored(call, request, call.delivery.id, false)
    return answer(request, reply, call.delivery.id)
  }

  async function receiveOnce(
    header: string | string[],
    call: AcceptedCall,
    request: FastifyRequest,
    reply: FastifyReply
  ) {
    const given = idempotencyKeyOf(header)
    if (isFailure(given)) return refuse(request, reply, given)
    const dedupeKey = `${callerOf(request).id} ${given.key}`
    if (!idempotency.begin(dedupeKey)) {
      const message = 'A call with this Idempotency-Key is under way; repeat it to learn what comes of it'
      return refuse(request, reply, failed(409, message, BUSY))
    }
    try {
      const span = storing(request.span, SEAM_CALLS)
      const taking = idempotency.take({ ...call.delivery, dedupeKey, trace: span?.ref }, call.operation)
      const taken = await inSpan(span, taking)
      if (isFailure(taken)) return await refuse(request, reply, taken)
      const isAgain = 'answer' in taken
      stored(call, request, taken.id, isAgain)
      if (isAgain && taken.answer !== undefined) return answerAgain(reply, taken.id, taken.answer)
      return await answer(request, reply, taken.id, true)
    } finally {
      idempotency.end(dedupeKey)
    }
  }

  function answerAgain(reply: FastifyReply, id: string, { status, body }: KeptAnswer) {
    return sendText(reply.header('relay-delivery', id), status, body)
  }

  async function answer(request: FastifyRequest, reply: FastifyReply, id: string, toBeKept = false) {
    reply.header('relay-delivery', id)
    const seconds = secondsToWait(preferIn(request))
    if (seconds === undefined) return sendOk(reply)
    reply.header('preference-applied', `wait=${seconds}`)
    const failure = await failureWithin(seconds, request, id, toBeKept)
    return failure === undefined ? sendOk(reply) : refuse(request, reply, failure)
  }

  /** It is stored: where nobody can look what comes of it, it is answered as when the time is up. */
  async function failureWithin(seconds: number, request: FastifyRequest, id: string, toBeKept: boolean) {
    try {
      const verdict = await verdictOn(id, seconds, options)
      const failure = verdict === 'done' ? undefined : verdict
      if (toBeKept) await idempotency.keep(id, failure === undefined ? DONE : keptOf(failure))
      return failure
    } catch (error) {
      log.error({ event: 'request.failed', requestId: request.id, err: error })
      return undefined
    }
  }

  function stored(call: AcceptedCall, request: FastifyRequest, deliveryId: string, duplicate: boolean): void {
    if (!duplicate) options.onStored()
    request.span?.set({ 'relay.delivery.id': deliveryId, 'relay.duplicate': duplicate })
    log.info({
      event: 'call.stored',
      requestId: request.id,
      deliveryId,
      callerId: callerOf(request).id,
      operation: call.operation,
      resources: call.resources,
      duplicate
    })
  }

  function refuse(request: FastifyRequest, reply: FastifyReply, failure: Failure): FastifyReply {
    log.info({
      event: 'call.refused',
      requestId: request.id,
      callerId: request.caller?.id,
      status: failure.status,
      type: failure.error.type
    })
    return sendFailure(reply, failure)
  }

  function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): unknown {
    const { statusCode: status = 500 } = error
    if (status === 413) {
      return refuse(
        request,
        reply,
        failed(413, `The body is larger than ${options.maxBodyBytes} bytes; split it`)
      )
    }
    if (status === 415)
      return refuse(request, reply, invalid('Send the body as JSON', 'invalid_content_type'))
    if (status < 500) return refuse(request, reply, invalid('The request cannot be read'))
    log.error({ event: 'request.failed', requestId: request.id, err: error })
    return refuse(
      request,
      reply,
      failed(503, 'The relay could not store it; repeat after Retry-After', STORE_TROUBLE)
    )
  }
}

/** What {@link sendOk} sends. */
const DONE: KeptAnswer = { status: 200, body: OK }

function keptOf(failure: Failure): KeptAnswer {
  return { status: failure.status, body: textOf(failure) }
}

function preferIn({ headers }: FastifyRequest): string | undefined {
  const { prefer } = headers
  return prefer === undefined ? undefined : String(prefer)
}
