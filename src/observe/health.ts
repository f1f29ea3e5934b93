import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { answer, otherMethods, problem, unparsed } from '../openapi/answer.ts'
import { sendProblem } from '../problem.ts'
import type { Store } from '../store/store.ts'

export interface HealthOptions {
  store: Pick<Store, 'ping'>
  /** True from the moment the relay is told to stop. */
  isDraining(): boolean
  /** How long the store may take to answer, ms. */
  patienceMs?: number
}

const State = Type.Object({ status: Type.Literal('ok') }, { title: 'Health', description: 'All is well.' })
const well = { examples: { ok: { value: { status: 'ok' } } } }
const PATIENCE_MS = 2_000

const aliveOperation = {
  tags: ['Health'],
  security: [],
  operationId: 'isAlive',
  summary: 'Ask whether the process turns',
  description: 'For a supervisor that restarts what has stopped answering. It asks nothing of the store.',
  response: { 200: answer(State, 'The process turns.', well), ...otherMethods, ...unparsed }
}

const readyOperation = {
  tags: ['Health'],
  security: [],
  operationId: 'isReady',
  summary: 'Ask whether to send requests here',
  description: 'For a load balancer: the store answers, and the relay is not about to stop.',
  response: {
    200: answer(State, 'Requests are taken.', well),
    503: problem(503, ['RELAY_DRAINING', 'RELAY_STORE_UNAVAILABLE']),
    ...otherMethods,
    ...unparsed
  }
}

/** /livez: the process turns. /readyz: the store answers and the relay is not on its way out. */
export const health: FastifyPluginAsyncTypebox<HealthOptions> = async (scope, options) => {
  const { store, isDraining, patienceMs = PATIENCE_MS } = options

  scope.get('/livez', { schema: aliveOperation }, async () => ({ status: 'ok' as const }))

  scope.get('/readyz', { schema: readyOperation }, async (_request, reply) => {
    if (isDraining()) return sendProblem(reply, 503, 'RELAY_DRAINING')
    if (!(await answers(store, patienceMs))) return sendProblem(reply, 503, 'RELAY_STORE_UNAVAILABLE')
    return reply.send({ status: 'ok' as const })
  })
}

async function answers(store: Pick<Store, 'ping'>, patienceMs: number): Promise<boolean> {
  const patience = AbortSignal.timeout(patienceMs)
  const tooLate = new Promise<false>(resolve =>
    patience.addEventListener('abort', () => resolve(false), { once: true })
  )
  const pinged = store.ping().then(
    () => true,
    () => false
  )
  return Promise.race([pinged, tooLate])
}
