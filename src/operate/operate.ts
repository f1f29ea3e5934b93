import cookies from '@fastify/cookie'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Logger } from 'pino'
import type { ChangeSignal } from '../change-signal.ts'
import { refuseOthers } from '../methods.ts'
import type { Connection } from '../model/connection.ts'
import type { ReplayPlanner } from '../model/replay-plan.ts'
import type { Platform } from '../platforms/platform.ts'
import type { OperateStore } from '../store/operate.ts'
import type { Write } from '../store/write.ts'
import { type Act, acting } from './act.ts'
import { admission } from './admission.ts'
import { type Ask, asking } from './ask.ts'
import { attempts } from './attempts.ts'
import { audit } from './audit.ts'
import { connections } from './connections.ts'
import { counts } from './counts.ts'
import { customers } from './customers.ts'
import { deadLetters } from './dead-letters.ts'
import { deliveries } from './deliveries.ts'
import { jobs } from './jobs.ts'
import { type Operators, type OperatorsOptions, operatorsOf } from './operators.ts'
import { overview } from './overview.ts'
import { pauses } from './pauses.ts'
import { RETAKE, rejected } from './rejected.ts'
import { replays } from './replays.ts'
import { resources } from './resources.ts'
import { search } from './search.ts'
import { signIn } from './sign-in.ts'
import { tail } from './tail.ts'

export interface OperateOptions extends OperatorsOptions, OperateStore {
  connections: Connection[]
  platforms: Record<string, Platform>
  /** RELAY_PUBLIC_URL */
  publicUrl: string | undefined
  /** Whether the relay is its own Seam. */
  isSandbox: boolean
  /** What was paused may go on. */
  onResumed(): void
  /** There is a job to be begun. */
  onJob(): void
  planner: ReplayPlanner
  /** A customer is to be sent. */
  onDue(): void
  /**
   * Judges what was rejected of a connection again, and takes in what passes.
   * @param also what belongs into the same commit as so many that are taken in
   */
  retake(
    connection: Connection,
    also: (taken: number) => Write[]
  ): Promise<{ taken: number; stillRefused: string[] }>
  /** Sends a sample to the relay, as the connection's platform would. @returns with the id where it was taken in */
  sendSample(
    connection: Connection,
    event: string
  ): Promise<{ status: number; deliveryId: string | undefined }>
  /** Lets the tail look at once where something has happened here. */
  news: Pick<ChangeSignal, 'wait' | 'ended'>
  /** How often whoever watches is told that nothing happens, ms. */
  heartbeatMs?: number
  now(): number
  nextId(): string
  log: Logger
}

/** The same for each of its routes. */
export interface OperateRoom extends OperateOptions {
  operators: Operators
}

/** What those who look after the relay may ask of it, under one address, each with a token. */
export const operate: FastifyPluginAsyncTypebox<OperateOptions> = async (scope, options) => {
  const room: OperateRoom = { ...options, operators: operatorsOf(options) }
  await scope.register(cookies)
  scope.decorateRequest('operator')
  const admitted = admission(room)
  const ask = asking(scope, admitted)
  const act = acting(scope, room, admitted)
  const subjects: ((ask: Ask, room: OperateRoom, act: Act) => void)[] = [
    deliveries,
    rejected,
    resources,
    customers,
    deadLetters,
    replays,
    jobs,
    connections,
    attempts,
    counts,
    overview,
    pauses,
    search,
    audit
  ]
  for (const subject of subjects) subject(ask, room, act)
  tail(scope, room, admitted)
  signIn(scope, room, admitted)
  refuseOthers(scope, RETAKE, ['POST'])
}
