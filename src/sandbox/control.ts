import { type FastifyPluginAsyncTypebox, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { Behaviour, BehaviourSetting, type BehaviourSwitch } from './behaviour.ts'
import { CallRecord } from './call-log.ts'
import { type SandboxMemory, SandboxView } from './memory.ts'

export interface ControlOptions {
  memory: SandboxMemory
  behaviour: BehaviourSwitch
}

const StateQuery = Type.Object({ customer_key: Type.Optional(Type.String()) })
const CallsQuery = Type.Object({
  after: Type.Optional(Type.Integer({ minimum: 0 })),
  key: Type.Optional(Type.String())
})
const CallsView = Type.Object({ newest: Type.Integer(), calls: Type.Array(CallRecord) })

/**
 * Looking at the stand-in and telling it to misbehave. Callers are not authenticated: a sandbox holds invented guests. On its
 * own it listens on 127.0.0.1 unless told otherwise; inside a relay it is wherever the relay listens.
 */
export const control: FastifyPluginAsyncTypebox<ControlOptions> = async (scope, { memory, behaviour }) => {
  // Fastify's own would drop a misspelt member of a rule instead of refusing it.
  scope.setValidatorCompiler(TypeBoxValidatorCompiler)

  scope.get(
    '/sandbox/state',
    { schema: { querystring: StateQuery, response: { 200: SandboxView } } },
    async request => memory.view(request.query.customer_key)
  )

  scope.delete('/sandbox/state', { schema: { response: { 204: Type.Null() } } }, async (_request, reply) => {
    memory.reset()
    memory.commit()
    return reply.code(204).send(null)
  })

  scope.get(
    '/sandbox/calls',
    { schema: { querystring: CallsQuery, response: { 200: CallsView } } },
    async request => ({
      newest: memory.log.newest,
      calls: memory.log.list(request.query.after, request.query.key)
    })
  )

  scope.get('/sandbox/behaviour', { schema: { response: { 200: Behaviour } } }, async () => behaviour.current)

  scope.put(
    '/sandbox/behaviour',
    { schema: { body: BehaviourSetting, response: { 200: Behaviour } } },
    async request => behaviour.set(request.body)
  )

  scope.delete('/sandbox/behaviour', { schema: { response: { 200: Behaviour } } }, async () =>
    behaviour.set({})
  )
}
