import type { Logger } from 'pino'
import { prefixed } from '../desired/keys.ts'
import { RelayError } from '../errors.ts'
import type { Connection } from '../model/connection.ts'
import { isCancelling, versionOf } from '../model/stamp.ts'
import type { Span } from '../model/trace.ts'
import { isAnswer, isRefusal } from '../platforms/api.ts'
import type { Hydration, Platform, PlatformEvent } from '../platforms/platform.ts'
import type { Deliveries } from '../store/deliveries.ts'
import type { ClaimedDelivery } from '../store/delivery-claims.ts'
import type { Resources } from '../store/resources.ts'
import type { Store } from '../store/store.ts'
import type { Crowd } from './crowd.ts'
import type { PlatformApis } from './platform-api.ts'
import type { Leave, Rests } from './rests.ts'

export interface FactsOptions {
  store: Store
  deliveries: Deliveries
  resources: Pick<Resources, 'bookings'>
  apis: PlatformApis
  rests: Rests
  crowd: Crowd
  leaseMs: number
  now(): number
  log: Logger
}

/** Facts by event, undefined for those that have none; or when to look at the delivery again, with so many attempts made. */
export type Facts = { facts: unknown[] } | { comeBackAt: number; attempts: number }

export interface FactsReader {
  /** @throws RelayError as PlatformApi does; DeliveryLeaseLost where somebody else has the delivery by now */
  factsOf(
    platform: Platform,
    events: PlatformEvent[],
    delivery: ClaimedDelivery,
    connection: Connection,
    span?: Span
  ): Promise<Facts>
  /**
   * Facts as they are now of {@link eventsKnownByReading}; of the others as they were. Nothing is stored.
   * @throws RelayError as PlatformApi does
   */
  readAgain(
    platform: Platform,
    events: PlatformEvent[],
    delivery: DeliveryToRead & Pick<ClaimedDelivery, 'facts'>,
    connection: Connection
  ): Promise<Facts>
}

/** Whose facts are read, and how often that was tried. */
export type DeliveryToRead = Pick<ClaimedDelivery, 'id' | 'connectionId' | 'attempts' | 'failedWith'>

/** What of a delivery is to be asked of its platform. */
interface Reading {
  hydration: Hydration
  events: PlatformEvent[]
  delivery: DeliveryToRead
  connection: Connection
}

/** The lease of a delivery went to somebody else: what we were doing is theirs now. */
export class DeliveryLeaseLost extends Error {}

/** Facts that are only wanted are done without after so many attempts, or rather than wait so long: a door code in time weighs more. */
const MOST_ATTEMPTS_FOR_WANTED = 6
const LONGEST_WAIT_FOR_WANTED_MS = 60_000
/** A reading ends before its lease does, so that nobody else begins the same. */
export const SHARE_OF_LEASE = 0.8

/** Those of which the platform is to be asked, where nobody has done so yet. */
export function eventsToRead(
  { hydration }: Platform,
  events: PlatformEvent[],
  connection: Connection
): PlatformEvent[] {
  if (hydration === undefined) return []
  const mayAsk = connection.api === undefined ? ['open'] : ['open', 'must', 'may']
  return events.filter(event => mayAsk.includes(hydration.wants(event, connection)))
}

/** Those that tell too little by themselves, so that all is known from the platform's answer, which may be behind. */
export function eventsKnownByReading(
  { hydration }: Platform,
  events: PlatformEvent[],
  connection: Connection
): PlatformEvent[] {
  return connection.api === undefined
    ? []
    : events.filter(event => hydration?.wants(event, connection) === 'must')
}

/**
 * Those that are told already, while others of their delivery wait for the platform: whatever needs nothing of it, at once, and what is
 * only wanted when it would be done without by itself. That is said again with the others, and changes nothing then.
 * @param waitedMs since the delivery came in
 * @param error what came in the place of an answer; undefined where nobody asks for the moment
 */
export function eventsToldMeanwhile(
  platform: Platform,
  events: PlatformEvent[],
  connection: Connection,
  { attempts, waitedMs, error }: { attempts: number; waitedMs: number; error?: unknown }
): PlatformEvent[] {
  // What was answered and is hard to believe is asked for again, however long ago the delivery came.
  const isAnswered = error instanceof RelayError && isAnswer(error)
  const isOften = attempts + 1 >= MOST_ATTEMPTS_FOR_WANTED
  const isEnough = isOften || (!isAnswered && waitedMs >= LONGEST_WAIT_FOR_WANTED_MS)
  const goesFirst = isEnough ? ['no', 'may'] : ['no']
  return events.filter(event => goesFirst.includes(`${platform.hydration?.wants(event, connection)}`))
}

/** Facts as they were kept, by event; undefined where there are none of one. */
export function factsKept(facts: unknown[]): unknown[] {
  return facts.map(fact => fact ?? undefined)
}

/** Stored facts, or facts read now and stored, so that a replay needs no network. */
export function factsReader({
  store,
  deliveries,
  resources,
  apis,
  rests,
  crowd,
  leaseMs,
  now,
  log
}: FactsOptions): FactsReader {
  /** @param leave to ask @param span under which it is traced */
  async function read(
    { hydration, events, delivery, connection }: Reading,
    leave: Leave,
    span?: Span
  ): Promise<unknown[]> {
    const { id, api: settings = {} } = connection
    const api = apis.of(id, settings, AbortSignal.timeout(leaseMs * SHARE_OF_LEASE), span)
    return rests.watch(id, leave, doneWithout => {
      const goesWithout = (trouble: RelayError) => {
        if (!isRefusal(trouble) && !isAskedOften(delivery, trouble)) return false
        notHydrated(delivery, { err: trouble })
        doneWithout(trouble)
        return true
      }
      const isCancelledAsOf = (bookingId: string, readAt: number) =>
        knownAsCancelled(connection, bookingId, readAt)
      return crowd.counted(id, hydration.read(events, { ...api, goesWithout, isCancelledAsOf }))
    })
  }

  async function knownAsCancelled(connection: Connection, bookingId: string, asOf: number): Promise<boolean> {
    const [booking] = await resources.bookings(connection, [prefixed(connection, bookingId)])
    return booking !== undefined && isCancelling(booking.stamp) && versionOf(booking.stamp) >= asOf
  }

  function notHydrated({ id: deliveryId, connectionId }: DeliveryToRead, why: object): void {
    log.warn({ event: 'delivery.not_hydrated', deliveryId, connectionId, ...why })
  }

  /**
   * An answer that is hard to believe has to come twice: what came before it may have been an outage, which used up the attempts. By then
   * there is half a minute between two of them.
   */
  function isAskedOften(delivery: DeliveryToRead, trouble: RelayError): boolean {
    const { code, retryAfterMs = 0 } = trouble
    return isPatienceOver(delivery, retryAfterMs) && (!isAnswer(trouble) || delivery.failedWith === code)
  }

  function isPatienceOver(delivery: DeliveryToRead, waitMs: number): boolean {
    return delivery.attempts + 1 >= MOST_ATTEMPTS_FOR_WANTED || waitMs > LONGEST_WAIT_FOR_WANTED_MS
  }

  return {
    async factsOf(platform, events, delivery, connection, span) {
      if (delivery.facts !== undefined) return { facts: factsKept(delivery.facts) }
      const none = { facts: events.map((): unknown => undefined) }
      const { hydration } = platform
      const asking = eventsToRead(platform, events, connection)
      if (hydration === undefined || asking.length === 0) return none
      const needed = events.some(event => ['must', 'open'].includes(hydration.wants(event, connection)))
      const goWithout = (why: object) => {
        notHydrated(delivery, why)
        return none
      }

      const asked = await rests.ask(connection.id)
      if ('comeBackAt' in asked) {
        const { comeBackAt } = asked
        if (!needed && isPatienceOver(delivery, comeBackAt - now()))
          return goWithout({ waitMs: comeBackAt - now() })
        // Only the wait for what can be done without is counted.
        return { comeBackAt, attempts: delivery.attempts + (needed ? 0 : 1) }
      }
      let answers: unknown[]
      try {
        answers = await read({ hydration, events: asking, delivery, connection }, asked.leave, span)
      } catch (error) {
        const retryable = error instanceof RelayError && error.retryable
        const waitMs = error instanceof RelayError ? (error.retryAfterMs ?? 0) : 0
        if (needed || (retryable && !isPatienceOver(delivery, waitMs))) throw error
        return goWithout({ err: error })
      }
      const facts = events.map(event => answers[asking.indexOf(event)])
      const { committed } = await store.commit([deliveries.keepFacts(delivery, facts)])
      if (!committed) throw new DeliveryLeaseLost()
      return { facts }
    },

    async readAgain(platform, events, delivery, connection) {
      const { hydration } = platform
      const facts = factsKept(delivery.facts ?? [])
      const asking = eventsKnownByReading(platform, events, connection)
      if (hydration === undefined || asking.length === 0) return { facts }
      const asked = await rests.ask(connection.id)
      if ('comeBackAt' in asked) return { ...asked, attempts: delivery.attempts }
      const answers = await read({ hydration, events: asking, delivery, connection }, asked.leave)
      for (const [index, event] of asking.entries()) facts[events.indexOf(event)] = answers[index]
      return { facts }
    }
  }
}
