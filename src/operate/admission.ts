import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, RelayError } from '../errors.ts'
import { sendProblem } from '../problem.ts'
import type { Write } from '../store/write.ts'
import { maskJson, maskKey, maskText } from './mask.ts'
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
export type Told = object | undefined

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
    tellOf: (operator: Operator, shown: Shown) => Promise<Told>,
    send?: (told: object) => FastifyReply
  ): Promise<FastifyReply>
  answerError(error: Error & { statusCode?: number }, request: FastifyRequest, reply: FastifyReply): unknown
}

const WHO = `Send Authorization: Bearer with RELAY_ADMIN_TOKEN, or with an API key that has the scope read, operate or admin.`
const STORE_RETRY_AFTER_S = 5

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

    async tell(request, reply, tellOf, send = told => reply.send(told)) {
      const operator = request.operator as Operator
      const reveal = request.query.reveal === true
      if (reveal && !mayAs(operator, 'admin')) {
        return sendProblem(reply, 403, 'RELAY_KEY_FORBIDDEN', lacking('admin'))
      }
      const told = await tellOf(operator, reveal ? revealed : masked)
      if (told === undefined) {
        return sendProblem(reply, 404, 'RELAY_NOT_FOUND', 'There is nothing of that name in the store.')
      }
      // On disk before anything is shown.
      if (reveal) await noteReveal(request, operator)
      return send(told)
    },

    answerError(error, request, reply) {
      if ('validation' in error) {
        return sendProblem(reply, 400, 'RELAY_BAD_REQUEST', problemIn(error as Invalid))
      }
      if (!(error instanceof RelayError)) throw error
      const { code, message } = error
      if (error.statusCode < 500) return sendProblem(reply, error.statusCode, code, message)
      log.error({ event: 'request.failed', requestId: request.id, err: error })
      return sendProblem(reply.header('retry-after', STORE_RETRY_AFTER_S), 503, code satisfies ErrorCode)
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

/** The entry of the audit log, for the commit that does what it tells of. */
export type Audited = (action: string, target: string, detail: object) => Write

export function auditedBy(
  { id, name }: Operator,
  { audit, nextId, now }: Pick<OperateRoom, 'audit' | 'nextId' | 'now'>
): Audited {
  return (action, target, detail) =>
    audit.entry({
      id: nextId(),
      at: now(),
      actor: id,
      actor_name: name,
      action,
      target,
      detail: JSON.stringify(detail)
    })
}

/** By what was asked, for the audit log: what is searched for is a person, as a rule. */
export function detailOf({ q, text, booking, filter, ...others }: Record<string, unknown>): object {
  return {
    ...others,
    ...(filter !== undefined && { filter: detailOf(filter as Record<string, unknown>) }),
    ...(q !== undefined && { q: maskJson(q) }),
    ...(text !== undefined && { text: maskText(String(text)) }),
    ...(booking !== undefined && { booking: maskKey(String(booking)) })
  }
}

/** Fastify would leave out what it does not know, and a filter that is misspelt would stand for everything. */
export function refuseUnknown(sent: object, known: string[]): void {
  const unknown = Object.keys(sent).find(name => !known.includes(name))
  if (unknown === undefined) return
  const taken = known.length === 0 ? 'none' : known.join(', ')
  throw badRequest(`${memberOf(unknown)}: is not known here; there are: ${taken}.`)
}

/** @param detail a sentence that says what to send, and quotes nothing of what was sent */
export function badRequest(detail: string): RelayError {
  return new RelayError('RELAY_BAD_REQUEST', detail, { statusCode: 400 })
}

export function membersOf(schema: unknown): string[] {
  return Object.keys((schema as { properties?: object } | undefined)?.properties ?? {})
}

function lacking(scope: Operator['may']): string {
  return `This asks for the scope ${scope}: use RELAY_ADMIN_TOKEN, or make a key with "seam-relay keys create --scope ${scope}".`
}

function memberOf(name: string): string {
  return /^[\w-]{1,40}$/.test(name) ? name : 'a parameter'
}

interface Invalid extends Error {
  /** The first is the only one. */
  validation: [{ instancePath: string; message?: string; params: Record<string, unknown> }]
}

/** The parameter and what it has to be; never what was sent. */
function problemIn({ validation }: Invalid): string {
  const [{ params, instancePath, message }] = validation
  const { missingProperty, additionalProperty, allowedValues } = params
  const path = instancePath.split('/').slice(1)
  if (additionalProperty !== undefined) {
    return `${[...path, memberOf(String(additionalProperty))].join('.')}: is not known here.`
  }
  if (missingProperty !== undefined) return `${[...path, missingProperty].join('.')}: is missing.`
  const rule = Array.isArray(allowedValues) ? `must be one of ${allowedValues.join(', ')}` : message
  return `${path.join('.') || 'the body'}: ${rule}.`
}
