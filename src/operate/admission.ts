import type { FastifyReply, FastifyRequest } from 'fastify'
import { RelayError } from '../errors.ts'
import { sendOwnTrouble, sendProblem } from '../problem.ts'
import { auditedBy, detailOf } from './audit-entry.ts'
import { type Invalid, problemIn } from './bad-request.ts'
import { maskKey } from './mask.ts'
import type { OperateRoom } from './operate.ts'
import { mayAs, type Operator } from './operators.ts'
import { masked, revealed, type Shown } from './shown.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, from the moment that is known. */
    operator?: Operator | undefined
  }
}

/** What an operator is answered: undefined where there is nothing of the name in the address. */
export type Answer = object | undefined

export type Addressed = { Params: Record<string, string>; Querystring: Record<string, unknown> }

export interface Admission {
  /** Lets in who may what is asked for. */
  admit(request: FastifyRequest, reply: FastifyReply, least: Operator['may']): Promise<unknown>
  /**
   * Answers with people masked, unless they are to be revealed to somebody who may; that is written down before anything
   * is shown.
   * @param send where an answer is to be sent otherwise than with 200 and all of it
   */
  tell(
    request: FastifyRequest<Addressed>,
    reply: FastifyReply,
    answerOf: (operator: Operator, shown: Shown) => Promise<Answer>,
    send?: (answer: object) => FastifyReply
  ): Promise<FastifyReply>
  answerError(error: Error & { statusCode?: number }, request: FastifyRequest, reply: FastifyReply): unknown
}

const WHO = `Send Authorization: Bearer with RELAY_ADMIN_TOKEN, or with an API key that has the scope read, operate or admin.`

/** What is in common to everything that operators ask and do: who they are, what they may, what of people they see. */
export function admission(room: OperateRoom): Admission {
  const { operators, log } = room

  return {
    async admit(request, reply, least) {
      reply.header('cache-control', 'no-store')
      const found = await operators.identify(request)
      if (found === undefined) {
        return sendProblem(reply.header('www-authenticate', 'Bearer'), 401, 'RELAY_KEY_UNKNOWN', WHO)
      }
      if ('refused' in found) return sendProblem(reply, 403, 'RELAY_KEY_FORBIDDEN', found.refused)
      if (!mayAs(found, least)) return sendProblem(reply, 403, 'RELAY_KEY_FORBIDDEN', lacking(least))
      request.operator = found
      return undefined
    },

    async tell(request, reply, answerOf, send = answer => reply.send(answer)) {
      const operator = request.operator as Operator
      const reveal = request.query.reveal === true
      if (reveal && !mayAs(operator, 'admin')) {
        return sendProblem(reply, 403, 'RELAY_KEY_FORBIDDEN', lacking('admin'))
      }
      const answer = await answerOf(operator, reveal ? revealed : masked)
      if (answer === undefined) {
        return sendProblem(reply, 404, 'RELAY_NOT_FOUND', 'There is nothing of that name in the store.')
      }
      // On disk before anything is shown.
      if (reveal) await noteReveal(request, operator)
      return send(answer)
    },

    answerError(error, request, reply) {
      if ('validation' in error) {
        return sendProblem(reply, 400, 'RELAY_BAD_REQUEST', problemIn(error as Invalid))
      }
      if (!(error instanceof RelayError)) throw error
      if (error.statusCode < 500) return sendProblem(reply, error.statusCode, error.code, error.message)
      log.error({ event: 'request.failed', requestId: request.id, err: error })
      return sendOwnTrouble(reply, error)
    }
  }

  async function noteReveal(request: FastifyRequest<Addressed>, operator: Operator): Promise<void> {
    const { reveal: _reveal, ...asked } = request.query
    const names = Object.values(request.params).map(maskKey).join('/')
    const target = `${String(request.routeOptions.config.url)} ${names}`.trim()
    const detail = detailOf({ ...asked, ...(request.body as object | undefined) })
    await room.audit.keep(auditedBy(operator, room)('reveal', target, detail))
  }
}

function lacking(scope: Operator['may']): string {
  return `This asks for the scope ${scope}: use RELAY_ADMIN_TOKEN, or make a key with "seam-relay keys create --scope ${scope}".`
}
