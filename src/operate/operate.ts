import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Logger } from 'pino'
import type { Connection } from '../model/connection.ts'
import type { Platform } from '../platforms/platform.ts'
import type { OperateStore } from '../store/operate.ts'
import { asking } from './ask.ts'
import { attempts } from './attempts.ts'
import { audit } from './audit.ts'
import { connections } from './connections.ts'
import { counts } from './counts.ts'
import { customers } from './customers.ts'
import { deadLetters } from './dead-letters.ts'
import { deliveries } from './deliveries.ts'
import { type Operators, type OperatorsOptions, operatorsOf } from './operators.ts'
import { rejected } from './rejected.ts'
import { resources } from './resources.ts'
import { search } from './search.ts'

export interface OperateOptions extends OperatorsOptions, OperateStore {
  connections: Connection[]
  platforms: Record<string, Platform>
  /** RELAY_PUBLIC_URL */
  publicUrl: string | undefined
  now(): number
  nextId(): string
  log: Logger
}

/** The same for each of its routes. */
export interface OperateRoom extends OperateOptions {
  operators: Operators
}

export const BASE = '/api/v1'

/** What those who look after the relay may ask of it, under one address, each with a token. */
export const operate: FastifyPluginAsyncTypebox<OperateOptions> = async (scope, options) => {
  const room: OperateRoom = { ...options, operators: operatorsOf(options) }
  scope.decorateRequest('operator')
  const ask = asking(scope, room)
  for (const questions of [
    deliveries,
    rejected,
    resources,
    customers,
    deadLetters,
    connections,
    attempts,
    counts,
    search,
    audit
  ]) {
    questions(ask, room)
  }
}
