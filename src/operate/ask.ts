import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify'
import { type ErrorCode, RelayError } from '../errors.ts'
import { refuseOthers } from '../methods.ts'
import { sendProblem } from '../problem.ts'
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

/** A question of an operator, read and allowed. */
export interface Question<Params, Query> {
  params: Params
  query: Query
  operator: Operator
  shown: Shown
  request: FastifyRequest
}

export interface AskOptions {
  /** The least that is asked of the operator. */
  scope?: Operator['may']
}

type Asked = { Params: Record<string, string>; Querystring: Record<string, unknown> }

const WHO = `Send Authorization: Bearer with RELAY_ADMIN_TOKEN, or with an API key that has the scope read, operate or admin.`
const STORE_RETRY_AFTER_S = 5

/** One address under which operators ask. */
export type Ask = <Params, Query>(
  url: string,
  schema: FastifySchema,
  answer: (question: Question<Params, Query>) => Promise<object | undefined>,
  options?: AskOptions
) => void

/**
 * What all questions of operators have in common: who asks and what that one may, filters that say what is wrong with
 * them, people that are masked unless asked otherwise, and the note of who asked so.
 */
export function asking(scope: FastifyInstance, room: OperateRoom): Ask {
  const { operators, log } = room

  return (url, schema, answer, { scope: least = 'read' } = {}) => {
    const known = Object.keys((schema.querystring as { properties?: object })?.properties ?? {})
    scope.get<Asked>(url, {
      schema,
      onRequest: (request, reply) => admit(request, reply, least),
      preValidation: async request => refuseUnknown(request.query, known),
      handler: (request, reply) => tell(request, reply, answer as never),
      errorHandler: answerError
    })
    refuseOthers(scope, url, ['GET', 'HEAD'])
  }

  async function admit(request: FastifyRequest, reply: FastifyReply, least: Operator['may']) {
    reply.header('cache-control', 'no-store')
    const found = await operators.identify(request.headers.authorization)
    if (found === undefined) {
      return sendProblem(reply.header('www-authenticate', 'Bearer'), 401, 'RELAY_KEY_UNKNOWN', WHO)
    }
    if ('refused' in found) return sendProblem(reply, 403, 'RELAY_KEY_FORBIDDEN', found.refused)
    if (!mayAs(found, least)) return sendProblem(reply, 403, 'RELAY_KEY_FORBIDDEN', lacking(least))
    request.operator = found
    return undefined
  }

  async function tell(
    request: FastifyRequest<Asked>,
    reply: FastifyReply,
    answer: (question: Question<unknown, unknown>) => Promise<object | undefined>
  ) {
    const operator = request.operator as Operator
    const { params, query } = request
    const reveal = query.reveal === true
    if (reveal && !mayAs(operator, 'admin')) {
      return sendProblem(reply, 403, 'RELAY_KEY_FORBIDDEN', lacking('admin'))
    }
    const shown = reveal ? revealed : masked
    const answered = await answer({ params, query, operator, shown, request })
    if (answered === undefined) {
      return sendProblem(reply, 404, 'RELAY_NOT_FOUND', 'There is nothing of that name in the store.')
    }
    // On disk before anything is shown.
    if (reveal) await noteReveal(request, operator)
    return reply.send(answered)
  }

  async function noteReveal(request: FastifyRequest<Asked>, { id, name }: Operator): Promise<void> {
    const { reveal: _reveal, ...asked } = request.query
    const target = Object.values(request.params).map(maskKey).join('/')
    await room.audit.add({
      id: room.nextId(),
      at: room.now(),
      actor: id,
      actor_name: name,
      action: 'reveal',
      target: `${String(request.routeOptions.config.url)} ${target}`.trim(),
      detail: JSON.stringify(mapped(asked))
    })
  }

  function answerError(error: Error & { statusCode?: number }, request: FastifyRequest, reply: FastifyReply) {
    if ('validation' in error) {
      return sendProblem(reply, 400, 'RELAY_BAD_REQUEST', problemIn(error as Invalid))
    }
    if (!(error instanceof RelayError)) throw error
    if (error.statusCode === 400) return sendProblem(reply, 400, 'RELAY_BAD_REQUEST', error.message)
    log.error({ event: 'request.failed', requestId: request.id, err: error })
    const code: ErrorCode = error.code
    return sendProblem(reply.header('retry-after', STORE_RETRY_AFTER_S), 503, code)
  }
}

/** What is searched for is a person, as a rule. */
function mapped({ q, text, booking, ...others }: Record<string, unknown>): object {
  return {
    ...others,
    ...(q !== undefined && { q: maskJson(q) }),
    ...(text !== undefined && { text: maskText(String(text)) }),
    ...(booking !== undefined && { booking: maskKey(String(booking)) })
  }
}

function lacking(scope: Operator['may']): string {
  return `This asks for the scope ${scope}: use RELAY_ADMIN_TOKEN, or make a key with "seam-relay keys create --scope ${scope}".`
}

/** Fastify would leave out what it does not know, and a filter that is misspelt would show everything. */
function refuseUnknown(query: object, known: string[]): void {
  const unknown = Object.keys(query).find(name => !known.includes(name))
  if (unknown === undefined) return
  const shown = /^[\w-]{1,40}$/.test(unknown) ? unknown : 'a parameter'
  const taken = known.length === 0 ? 'none' : known.join(', ')
  throw new RelayError('RELAY_BAD_REQUEST', `${shown}: is not known here; there are: ${taken}.`, {
    statusCode: 400
  })
}

interface Invalid extends Error {
  validation?: { instancePath: string; message?: string; params: Record<string, unknown> }[]
}

/** The parameter and what it has to be; never what was sent. */
function problemIn({ validation }: Invalid): string {
  const [first] = validation ?? []
  const name = first?.instancePath.slice(1) || String(first?.params.missingProperty ?? 'the address')
  const allowed = first?.params.allowedValues
  const rule = Array.isArray(allowed) ? `must be one of ${allowed.join(', ')}` : first?.message
  return `${name}: ${rule}.`
}
