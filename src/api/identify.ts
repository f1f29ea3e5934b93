import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction, onRequestHookHandler } from 'fastify'
import type { Caller } from '../model/caller.ts'
import { sendProblem } from '../problem.ts'
import type { Callers } from './callers.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, from the moment that is known. */
    caller?: Caller | undefined
  }
}

const KEY_ADVICE =
  'The API key is missing, not known, expired or revoked: send Authorization: Bearer seam_relay_…'
const FIRST_KEY_ADVICE =
  'There is no API key yet: make one with "seam-relay keys create", or set RELAY_API_KEYS'

/**
 * Before a byte of the body is read: who asks? With a callback, as a promise costs more than the look.
 * @param refuse answers who is not known
 */
export function identifying(
  callers: Callers,
  refuse: (request: FastifyRequest, reply: FastifyReply, advice: string) => unknown
): onRequestHookHandler {
  function admit(
    request: FastifyRequest,
    reply: FastifyReply,
    caller: Caller | undefined,
    done: HookHandlerDoneFunction
  ): void {
    if (caller === undefined) {
      refuse(request, reply, callers.exist() ? KEY_ADVICE : FIRST_KEY_ADVICE)
      return
    }
    request.caller = caller
    done()
  }

  return (request, reply, done) => {
    const found = callers.identify(request.headers.authorization)
    if (found instanceof Promise) found.then(caller => admit(request, reply, caller, done), done)
    else admit(request, reply, found, done)
  }
}

/** As {@link identifying}, where errors are problem documents. */
export function identifyingOrProblem(callers: Callers): onRequestHookHandler {
  return identifying(callers, (_request, reply, advice) =>
    sendProblem(reply.header('www-authenticate', 'Bearer'), 401, 'RELAY_KEY_UNKNOWN', advice)
  )
}

/** Of a request that {@link identifying} has let through. */
export function callerOf(request: FastifyRequest): Caller {
  return request.caller as Caller
}
