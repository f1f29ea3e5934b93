import type { Connection } from '../../src/model/connection.ts'
import type { Delivery, Incoming } from '../../src/model/delivery.ts'
import {
  type Platform,
  type PlatformEvent,
  type Translation,
  translateEvent
} from '../../src/platforms/platform.ts'
import type { SampleDelivery } from '../../src/platforms/samples.ts'
import type { Signed } from '../../src/platforms/verify.ts'
import { testApi } from './api.ts'

export const defaultReceivedAt = Date.parse('2026-01-01T00:00:00Z')

export interface Outcome {
  event: PlatformEvent
  facts: unknown
  translation: Translation
}

/** A request of the platform, as the ingest route would hand it to verification. */
export function incomingOf(
  connection: Connection,
  sample: Omit<SampleDelivery, 'event'>,
  signed: Signed = {},
  receivedAt = defaultReceivedAt
): Incoming {
  const query = Object.entries({ ...sample.query, ...signed.query })
  return {
    connectionId: connection.id,
    receivedAt,
    headers: lowerCase({ 'content-type': 'application/json', ...sample.headers, ...signed.headers }),
    query: Object.fromEntries(query.map(([name, value]) => [name, [value]])),
    token: signed.token,
    body: Buffer.from(sample.body)
  }
}

export function deliveryOf(
  connection: Connection,
  sample: Omit<SampleDelivery, 'event'>,
  receivedAt = defaultReceivedAt
): Delivery {
  const { headers, query, body } = incomingOf(connection, sample, {}, receivedAt)
  return {
    id: 'd1',
    connectionId: connection.id,
    platform: connection.platform,
    receivedAt,
    headers,
    query,
    body
  }
}

/** What hydration reads for the events that want it, from the stand-in; `undefined` for the others. */
export async function factsOf(
  platform: Platform,
  connection: Connection,
  events: PlatformEvent[],
  world: Map<string, unknown>
): Promise<unknown[]> {
  const { hydration, standIn } = platform
  if (hydration === undefined || standIn === undefined || connection.api === undefined) {
    return events.map(() => undefined)
  }
  const wanting = events.filter(event => hydration.wants(event, connection) !== 'no')
  if (wanting.length === 0) return events.map(() => undefined)
  const facts = await hydration.read(wanting, testApi(standIn, connection.api, world))
  return events.map(event => facts[wanting.indexOf(event)])
}

/** A delivery's whole way through an adapter. @param facts one per event; nothing is read where they are given */
export async function outcomesOf(
  platform: Platform,
  connection: Connection,
  sample: Omit<SampleDelivery, 'event'>,
  given: { receivedAt?: number; world?: Map<string, unknown>; facts?: unknown[] } = {}
): Promise<Outcome[]> {
  const delivery = deliveryOf(connection, sample, given.receivedAt)
  const world = given.world ?? new Map<string, unknown>()
  for (const [name, entity] of Object.entries(sample.world ?? {})) world.set(name, entity)
  const events = await platform.readEvents(delivery)
  const facts = given.facts ?? (await factsOf(platform, connection, events, world))
  return events.map((event, position) => ({
    event,
    facts: facts[position],
    translation: translateEvent(platform, { event, facts: facts[position], delivery, connection })
  }))
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
