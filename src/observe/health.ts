import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { Problem, sendProblem } from '../problem.ts'
import type { Store } from '../store/store.ts'

export interface HealthOptions {
  store: Pick<Store, 'ping'>
  /** True from the moment the relay is told to stop. */
  isDraining(): boolean
  /** How long the store may take to answer, ms. */
  patienceMs?: number
}

const State = Type.Object({ status: Type.Literal('ok') })
const PATIENCE_MS = 2_000

/** /livez: the process turns. /readyz: the store answers and the relay is not on its way out. */
export const health: FastifyPluginAsyncTypebox<HealthOptions> = async (scope, options) => {
  const { store, isDraining, patienceMs = PATIENCE_MS } = options

  scope.get('/livez', { schema: { response: { 200: State } } }, async () => ({ status: 'ok' as const }))

  scope.get('/readyz', { schema: { response: { 200: State, 503: Problem } } }, async (_request, reply) => {
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
