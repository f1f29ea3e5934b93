import type { Logger } from 'pino'
import { retryInMs } from '../backoff.ts'
import type { Desired } from '../desired/desired.ts'
import type { Said } from '../desired/merge.ts'
import { RelayError } from '../errors.ts'
import type { Connection } from '../model/connection.ts'
import { type Platform, type PlatformEvent, translateEvent } from '../platforms/platform.ts'
import type { ClaimedDelivery, Deliveries } from '../store/deliveries.ts'
import type { Store } from '../store/store.ts'
import type { PlatformApis } from './platform-api.ts'

export interface TranslateOptions {
  store: Store
  deliveries: Deliveries
  desired: Desired
  apis: PlatformApis
  connectionOf(id: string): Connection | undefined
  platforms: Record<string, Platform>
  leaseMs: number
  now(): number
  random(): number
  log: Logger
}

/** What became of one event of a delivery. */
export interface EventOutcome {
  type: string
  outcome: 'translated' | 'ignored' | 'held' | 'dead'
  /** Why, for everything but translated; never quotes the payload. */
  reason?: string
  code?: string
  drift?: string
}

export interface Translate {
  /** Takes due deliveries on, as many as there is room for. They go on by themselves; see {@link settled}. */
  translateOnce(): Promise<'busy' | 'idle'>
  /** Resolves when everything taken on has come to its end or its next rest. */
  settled(): Promise<void>
}

/** Deliveries in hand at once; most wait for a platform's API or for the disk. */
const MOST_IN_HAND = 128
const MOST_PER_CLAIM = 64
/** Facts that are only wanted, not needed, are done without after so many attempts: a door code in time weighs more. */
const MOST_ATTEMPTS_FOR_WANTED_FACTS = 6

export function translateRoom(options: TranslateOptions): Translate {
  const { store, deliveries, desired, apis, log, now } = options
  const inHand = new Set<Promise<void>>()
  /** Connections whose platform asked to wait, or did not answer: until when nobody asks again. */
  const resting = new Map<string, number>()

  async function translateOnce(): Promise<'busy' | 'idle'> {
    if (inHand.size >= MOST_IN_HAND) {
      await Promise.race(inHand)
      return 'busy'
    }
    try {
      const limit = Math.min(MOST_IN_HAND - inHand.size, MOST_PER_CLAIM)
      const claimed = await deliveries.claim(now(), options.leaseMs, limit)
      for (const delivery of claimed) {
        const task = handle(delivery).finally(() => inHand.delete(task))
        inHand.add(task)
      }
      return claimed.length > 0 ? 'busy' : 'idle'
    } catch (error) {
      log.error({ event: 'translate.failed', err: error })
      return 'idle'
    }
  }

  async function handle(delivery: ClaimedDelivery): Promise<void> {
    try {
      await translate(delivery)
    } catch (error) {
      await failed(delivery, asRelayError(error)).catch(again =>
        // The lease runs out, and somebody else tries.
        log.error({ event: 'delivery.lost_hold', deliveryId: delivery.id, err: again })
      )
    }
  }

  async function translate(delivery: ClaimedDelivery): Promise<void> {
    const connection = options.connectionOf(delivery.connectionId)
    const platform = options.platforms[connection?.platform ?? '']
    if (connection === undefined || platform === undefined) {
      return finish(delivery, [{ type: '', outcome: 'held', reason: 'its connection is not in the connections file' }], [])
    }
    const events = readEvents(platform, delivery)
    const restUntil = resting.get(connection.id) ?? 0
    const needsNetwork = delivery.facts === undefined && wanted(platform, events, connection).length > 0
    if (needsNetwork && restUntil > now()) return void (await store.commit([deliveries.postpone(delivery, restUntil)]))

    const facts = await factsOf(platform, events, delivery, connection)
    const outcomes: EventOutcome[] = []
    const said: Said[] = []
    events.forEach((event, eventIndex) => {
      const result = translateOne(platform, event, facts[eventIndex], delivery, connection)
      outcomes.push(result.outcome)
      result.changes.forEach((change, changeIndex) => {
        said.push({ change, connection, deliveryId: delivery.id, eventIndex, changeIndex })
      })
    })
    await finish(delivery, outcomes, said, connection)
  }

  function translateOne(
    platform: Platform,
    event: PlatformEvent,
    facts: unknown,
    delivery: ClaimedDelivery,
    connection: Connection
  ): { outcome: EventOutcome; changes: Said['change'][] } {
    const { type } = event
    if (facts === undefined && connection.api === undefined && platform.hydration?.wants(event, connection) === 'must') {
      const reason = 'this event carries only ids, and the connection has no api credentials to read the rest'
      return { outcome: { type, outcome: 'held', reason, code: 'RELAY_HYDRATION_NOT_CONFIGURED' }, changes: [] }
    }
    try {
      const translation = translateEvent(platform, { event, facts, delivery, connection })
      if (Array.isArray(translation)) return { outcome: { type, outcome: 'translated' }, changes: translation }
      const { ignored: reason, drift } = translation
      return { outcome: { type, outcome: 'ignored', reason, ...(drift && { drift }) }, changes: [] }
    } catch (error) {
      const { code, message } = asRelayError(error)
      return { outcome: { type, outcome: 'dead', reason: message, code }, changes: [] }
    }
  }

  /** Facts by event: stored ones, or read now and stored. Where nothing is to be read, undefined for each. */
  async function factsOf(
    platform: Platform,
    events: PlatformEvent[],
    delivery: ClaimedDelivery,
    connection: Connection
  ): Promise<unknown[]> {
    if (delivery.facts !== undefined) return delivery.facts.map(each => each ?? undefined)
    const indices = wanted(platform, events, connection)
    const facts: unknown[] = events.map(() => undefined)
    if (platform.hydration === undefined || indices.length === 0) return facts
    try {
      const api = apis.of(connection.id, connection.api ?? {})
      const read = await platform.hydration.read(indices.map(index => events[index] as PlatformEvent), api)
      indices.forEach((index, position) => {
        facts[index] = read[position]
      })
      await store.commit([deliveries.keepFacts(delivery, facts)])
      resting.delete(connection.id)
      return facts
    } catch (error) {
      const known = asRelayError(error)
      const needed = indices.some(index => platform.hydration?.wants(events[index] as PlatformEvent, connection) === 'must')
      const goOn = !needed && (!known.retryable || delivery.attempts + 1 >= MOST_ATTEMPTS_FOR_WANTED_FACTS)
      if (!goOn) throw known
      log.warn({ event: 'delivery.not_hydrated', deliveryId: delivery.id, connectionId: connection.id, code: known.code })
      return facts
    }
  }

  async function finish(
    delivery: ClaimedDelivery,
    outcomes: EventOutcome[],
    said: Said[],
    connection?: Connection
  ): Promise<void> {
    const state = stateOf(outcomes)
    const dead = outcomes.find(each => each.outcome === 'dead')
    const end = deliveries.end(delivery, state, outcomes, now(), dead === undefined ? null : `${dead.code}: ${dead.reason}`)
    if (connection === undefined || said.length === 0) await store.commit([end])
    else {
      const lane = { workspaceId: connection.workspaceId, customerKey: connection.customerKey }
      await desired.apply(lane, { said, redraw: [], also: [end] })
    }
    log.info({
      event: `delivery.${state}`,
      deliveryId: delivery.id,
      connectionId: delivery.connectionId,
      platform: delivery.platform,
      events: outcomes.length,
      changes: said.length
    })
  }

  async function failed(delivery: ClaimedDelivery, error: RelayError): Promise<void> {
    const attempt = delivery.attempts + 1
    const wait = retryInMs(error, attempt, options.random())
    const { deliveryId, connectionId } = { deliveryId: delivery.id, connectionId: delivery.connectionId }
    if (wait === undefined) {
      const outcome: EventOutcome = { type: '', outcome: 'dead', reason: error.message, code: error.code }
      await store.commit([deliveries.end(delivery, 'dead', [outcome], now(), `${error.code}: ${error.message}`)])
      log.error({ event: 'delivery.dead', deliveryId, connectionId, code: error.code, attempt, err: error })
      return
    }
    if (error.code === 'RELAY_PLATFORM_UNAVAILABLE' || error.code === 'RELAY_PLATFORM_UNAUTHORIZED') {
      resting.set(delivery.connectionId, now() + wait)
    }
    await store.commit([deliveries.retry(delivery, now() + wait, `${error.code}: ${error.message}`)])
    log.warn({ event: 'delivery.postponed', deliveryId, connectionId, code: error.code, attempt, waitMs: wait })
  }

  return {
    translateOnce,
    async settled() {
      while (inHand.size > 0) await Promise.all(inHand)
    }
  }
}

function readEvents(platform: Platform, delivery: ClaimedDelivery): PlatformEvent[] {
  try {
    return platform.readEvents(delivery)
  } catch (error) {
    if (error instanceof RelayError) throw error
    throw new RelayError('RELAY_EVENT_UNREADABLE', undefined, { cause: error })
  }
}

/** Indices of the events whose facts are to be read. */
function wanted(platform: Platform, events: PlatformEvent[], connection: Connection): number[] {
  if (platform.hydration === undefined || connection.api === undefined) return []
  const { hydration } = platform
  return events.flatMap((event, index) => (hydration.wants(event, connection) === 'no' ? [] : [index]))
}

function stateOf(outcomes: EventOutcome[]): 'translated' | 'ignored' | 'held' | 'dead' {
  const has = (outcome: EventOutcome['outcome']) => outcomes.some(each => each.outcome === outcome)
  if (has('dead')) return 'dead'
  if (has('held')) return 'held'
  return has('translated') ? 'translated' : 'ignored'
}

/** An error nobody foresaw is a mistake of ours; its message may quote a payload, so it is not passed on. */
function asRelayError(error: unknown): RelayError {
  if (error instanceof RelayError) return error
  return new RelayError('RELAY_INTERNAL', 'the translation failed; the log has the error', { cause: error })
}
