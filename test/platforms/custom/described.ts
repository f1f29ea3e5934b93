import type { Connection, SampleBody } from '../../../src/model/connection.ts'
import { demoDescription } from '../../../src/platforms/custom/demo.ts'
import { describedPlatform } from '../../../src/platforms/custom/described-platform.ts'
import type { Description } from '../../../src/platforms/custom/description.ts'
import { evaluator } from '../../../src/platforms/custom/evaluator.ts'
import type { Platform } from '../../../src/platforms/platform.ts'
import { demoConnection, outcomesOf } from '../contract.ts'

const evaluate = evaluator().queue()

/** The demo's description with other members. */
export function description(more: Partial<Description> = {}): Description {
  return { ...demoDescription, ...more }
}

export function described(more: Partial<Description> = {}, bodies: SampleBody[] = []): Platform {
  return describedPlatform(description(more), bodies, evaluate)
}

/** One that takes every body for an event `e` and says of it what the expression says. */
export function saying(expression: string, more: Partial<Description> = {}): Platform {
  return described({ event: {}, events: { e: expression }, ignored: {}, ...more })
}

export function connectionOf(platform: Platform, more: Partial<Connection> = {}): Connection {
  return demoConnection(platform, more)
}

export interface Told {
  headers?: Record<string, string>
  query?: Record<string, string>
  receivedAt?: number
}

/** What a body comes to, flat: changes, and what is ignored. */
export async function told(
  platform: Platform,
  body: unknown,
  { receivedAt, ...more }: Told = {}
): Promise<unknown[]> {
  const sample = { body: typeof body === 'string' ? body : JSON.stringify(body), ...more }
  const given = receivedAt === undefined ? {} : { receivedAt }
  const outcomes = await outcomesOf(platform, connectionOf(platform), sample, given)
  return outcomes.flatMap(({ translation }): unknown[] =>
    Array.isArray(translation) ? translation : [translation]
  )
}
