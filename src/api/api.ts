import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Logger } from 'pino'
import type { ChangeSignal } from '../change-signal.ts'
import type { Caller } from '../model/caller.ts'
import type { Connection } from '../model/connection.ts'
import type { Tracer } from '../model/trace.ts'
import { traceRequests } from '../request-spans.ts'
import type { Answers } from '../store/answers.ts'
import type { Deliveries } from '../store/deliveries.ts'
import type { Reports } from '../store/reports.ts'
import type { Store } from '../store/store.ts'
import type { Callers } from './callers.ts'
import { deliveryReports } from './delivery-reports.ts'
import { postedEvents } from './posted-events.ts'
import type { ReachOptions } from './reach.ts'
import { seamCalls } from './seam-calls.ts'
import { workspaceOf } from './workspace.ts'

export interface ApiOptions {
  store: Pick<Store, 'waiting'>
  deliveries: Deliveries
  answers: Answers
  reports: Reports
  callers: Callers
  /** Ids of the workspaces in the settings. */
  workspaces: string[]
  /** The workspace of the environment. */
  defaultWorkspace: string
  connections: Connection[]
  keyOwner: ReachOptions['keyOwner']
  owners: ReachOptions['owners']
  settled: ChangeSignal
  maxBodyBytes: number
  /** Deliveries waiting for the store. */
  maxQueued: number
  now(): number
  nextId(): string
  log: Logger
  /** A delivery is on disk. */
  onStored(): void
  /** @param route the address, without what callers wrote into it */
  onAnswered?(route: string, status: number): void
  tracer?: Tracer | undefined
}

/** The same for each of its routes. */
export interface KnownCallers extends ApiOptions {
  /** Undefined where the caller's key would have to say it. */
  workspaceOf(caller: Caller): string | undefined
}

/** What internal services may ask of the relay, each with an API key. */
export const api: FastifyPluginAsyncTypebox<ApiOptions> = async (scope, options) => {
  scope.decorateRequest('caller')
  // Who has a key is one of us: what is done for it belongs to its own trace.
  traceRequests(scope, options.tracer, ({ caller, headers }, tracer) => ({
    parent: tracer.senderSpan(headers.traceparent),
    attributes: { 'relay.caller.id': caller?.id }
  }))
  scope.addHook('onResponse', (request, reply, done) => {
    options.onAnswered?.(String(request.routeOptions.url), reply.statusCode)
    done()
  })
  const shared: KnownCallers = {
    ...options,
    workspaceOf: caller => workspaceOf(caller, options.workspaces, options.defaultWorkspace)
  }
  scope.register(seamCalls, shared)
  scope.register(deliveryReports, shared)
  scope.register(postedEvents, shared)
}
