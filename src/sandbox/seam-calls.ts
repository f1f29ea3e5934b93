import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyError, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { Operation } from '../model/call.ts'
import { checkDeleteData, checkPushData, type DeleteData, type PushData } from '../seam/contract.ts'
import { type Answer, accepted, answerOf, failed, invalid, plainText } from './answers.ts'
import type { BehaviourSwitch } from './behaviour.ts'
import { type Flight, InFlight } from './in-flight.ts'
import { keysIn, type NamedKey } from './keys.ts'
import { type SandboxMemory, workspaceOf } from './memory.ts'
import { readCall } from './read-call.ts'

export interface SeamCallsOptions {
  /** What stands before `/customers/…`. */
  seamPrefix: string
  apiKeys: string[]
  memory: SandboxMemory
  behaviour: BehaviourSwitch
  /** ms since 1970. */
  now(): number
}

/** The limit of Seam's public fake; the real one is not documented. */
const BODY_LIMIT = 1024 * 1024

const methodsOf: Record<Operation, HTTPMethods[]> = { push_data: ['POST'], delete_data: ['POST', 'DELETE'] }
const anyMethod: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** push_data and delete_data as Seam answers them, errors included; every answer has `seam-request-id`. */
export const seamCalls: FastifyPluginAsyncTypebox<SeamCallsOptions> = async (scope, options) => {
  const { memory, behaviour, now } = options
  const workspaces = new Map(options.apiKeys.map(key => [key, workspaceOf(key)]))
  const flights = new WeakMap<FastifyRequest, Flight>()
  const inFlight = new InFlight(address => {
    const [workspace = '', customer = ''] = JSON.parse(address)
    memory.count(['overlap', workspace, customer])
  })
  // Calls that are held back are let go when the server closes; there may be any number of them.
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  scope.addHook('preClose', async () => closing.abort())

  scope.addHook('onRequest', async (request, reply) => {
    reply.header('seam-request-id', randomUUID())
    const flight = inFlight.begin()
    flights.set(request, flight)
    reply.raw.once('close', flight.end)
  })
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  for (const operation of Object.keys(methodsOf) as Operation[]) {
    const methods = methodsOf[operation]
    const route = {
      url: `${options.seamPrefix}/customers/${operation}`,
      bodyLimit: BODY_LIMIT,
      exposeHeadRoute: false,
      errorHandler: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
        refuse(operation, request, reply, answerTo(error))
    }
    scope.route({
      ...route,
      method: methods,
      schema: { response: { 200: Type.Object({ ok: Type.Boolean() }) } },
      handler: (request, reply) => serve(operation, request, reply)
    })
    scope.route({
      ...route,
      method: anyMethod.filter(method => !methods.includes(method)),
      handler: (request, reply) => {
        reply.header('allow', methods.join(', '))
        return refuse(operation, request, reply, failed(405, `This call takes ${methods.join(' or ')}`))
      }
    })
  }

  async function serve(operation: Operation, request: FastifyRequest, reply: FastifyReply) {
    const call = readCall(request, workspaces)
    if ('refusal' in call) return refuse(operation, request, reply, call.refusal)
    const { workspace, body } = call
    const keys = keysIn(operation, body)
    const flight = flights.get(request) as Flight
    flight.concerns(concerned(operation, workspace, keys).map(each => JSON.stringify([workspace, each])))

    const rule = behaviour.take(operation, keys)
    const failure = answerOf(rule) ?? refusalOf(operation, workspace, body, keys)
    const applied = failure === undefined && rule?.reset === undefined
    if (applied) apply(operation, workspace, body)
    const breaks = rule?.reset ?? rule?.reset_after ?? false
    const answer = failure ?? accepted
    note(operation, request, reply, {
      workspace,
      body,
      keys,
      applied,
      status: breaks ? 'reset' : answer.status
    })

    // From here on the call is processed and remembered; only its caller does not know yet.
    if (rule?.delay_ms !== undefined) await pause(rule.delay_ms)
    flight.end()
    if (!breaks) return send(reply, answer)
    reply.hijack()
    request.raw.socket.resetAndDestroy()
  }

  /** Seam's own reasons against a body that could be read. */
  function refusalOf(
    operation: Operation,
    workspace: string,
    body: unknown,
    keys: NamedKey[]
  ): Answer | undefined {
    const check = operation === 'push_data' ? checkPushData : checkDeleteData
    const problems = check(body, 'published')
    if (problems !== undefined) return invalid(problems)
    const { refuse_keys, unknown_delete } = behaviour.current
    const refused = keys.filter(({ key }) => refuse_keys.includes(key))
    if (refused.length > 0) {
      return invalid(refused.map(({ path }) => ({ path, message: 'is refused, as the sandbox was told' })))
    }
    if (operation === 'push_data' || unknown_delete === 'ok') return undefined
    const unknown = memory.state(workspace).unknownIn(body as DeleteData)
    if (unknown.length === 0) return undefined
    const message = `${unknown.length} of the keys to delete are not known`
    return failed(unknown_delete === 'not_found' ? 404 : 400, message)
  }

  function apply(operation: Operation, workspace: string, body: unknown): void {
    const state = memory.state(workspace)
    if (operation === 'push_data') state.push(body as PushData)
    else memory.count(['unknown_delete', workspace], state.delete(body as DeleteData).length)
  }

  function concerned(operation: Operation, workspace: string, keys: NamedKey[]): string[] {
    if (operation === 'push_data')
      return keys.filter(each => each.list === 'customer_key').map(each => each.key)
    return keys.flatMap(({ list, key }) => memory.state(workspace).customersOf(list, key))
  }

  function note(
    operation: Operation,
    request: FastifyRequest,
    reply: FastifyReply,
    facts: {
      workspace: string | null
      body: unknown
      keys: NamedKey[]
      applied: boolean
      status: number | 'reset'
    }
  ): void {
    memory.record({
      operation,
      ...facts,
      time: new Date(now()).toISOString(),
      method: request.method,
      request_id: String(reply.getHeader('seam-request-id')),
      keys: keysByList(facts.keys)
    })
    memory.commit()
  }

  function refuse(operation: Operation, request: FastifyRequest, reply: FastifyReply, answer: Answer) {
    note(operation, request, reply, {
      workspace: null,
      body: null,
      keys: [],
      applied: false,
      status: answer.status
    })
    return send(reply, answer)
  }

  async function pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: closing.signal }).catch(() => undefined)
  }
}

function answerTo(error: FastifyError): Answer {
  if (error.statusCode === 413) return plainText(413, 'Body exceeded 1mb limit')
  if (error.statusCode === 415) return failed(400, 'The content type cannot be read', 'invalid_content_type')
  return failed(500, 'The sandbox failed')
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  return reply.code(answer.status).headers(answer.headers).send(answer.body)
}

function keysByList(keys: NamedKey[]): Record<string, string[]> {
  const lists = Map.groupBy(keys, ({ list }) => list)
  return Object.fromEntries(Array.from(lists, ([list, named]) => [list, named.map(({ key }) => key)]))
}
