import type { Logger } from 'pino'
import { retryInMs } from '../backoff.ts'
import type { Desired } from '../desired/desired.ts'
import type { Said } from '../desired/said.ts'
import type { RelayError } from '../errors.ts'
import { CALLERS } from '../model/call.ts'
import type { Connection } from '../model/connection.ts'
import { inSpan, type Span, type Tracer } from '../model/trace.ts'
import { type Platform, platformOf } from '../platforms/platform.ts'
import type { Deliveries } from '../store/deliveries.ts'
import type { ClaimedDelivery } from '../store/delivery-claims.ts'
import type { DriftCounts, DriftSeen } from '../store/drift.ts'
import type { PlaceReadings } from '../store/place-readings.ts'
import type { Resources } from '../store/resources.ts'
import type { SettingsGuard } from '../store/settings-guard.ts'
import type { Store } from '../store/store.ts'
import type { Traces } from '../store/traces.ts'
import { isAway } from '../store/unavailable.ts'
import type { Calls } from './calls.ts'
import { crowdOf } from './crowd.ts'
import { DeliveryLeaseLost, factsReader } from './hydration.ts'
import { meaningOf } from './meaning.ts'
import { asRelayError, type EventOutcome, readEvents } from './outcome.ts'
import { placesToRead } from './places.ts'
import type { PlatformApis } from './platform-api.ts'
import type { Rests } from './rests.ts'
import { beginsTrace, spanOfRun } from './spans.ts'

export interface TranslateOptions {
  store: Store
  deliveries: Deliveries
  desired: Desired
  apis: PlatformApis
  rests: Rests
  placeReadings: PlaceReadings
  resources: Pick<Resources, 'bookings'>
  calls: Calls
  drift: DriftCounts
  connectionOf(id: string): Connection | undefined
  platforms: Record<string, Platform>
  settings: Pick<SettingsGuard, 'check' | 'outgrown'>
  leaseMs: number
  now(): number
  random(): number
  log: Logger
  /** There may be a place to be read. */
  onPlaces(): void
  /** A delivery has come to its end or its next rest. */
  onHandled?(): void
  meter?: TranslateMeter
  tracing?: { tracer: Tracer; traces: Pick<Traces, 'keep'> } | undefined
}

/** What is counted of deliveries. */
export interface TranslateMeter {
  /** `postponed`: it failed, and is tried again. */
  ended(platform: string, outcome: EndState | 'postponed'): void
  leaseLost(): void
}

type EndState = 'translated' | 'ignored' | 'held' | 'dead'

export interface Translate {
  /** Takes due deliveries on, as many as there is room for. They go on by themselves; see {@link settled}. */
  translateOnce(): Promise<'busy' | 'idle'>
  /** Resolves when everything taken on has come to its end or its next rest. */
  settled(): Promise<void>
}

/** Deliveries in hand at once; most wait for a platform's API or for the disk. */
const MOST_IN_HAND = 128
/** A store that was away for a moment is there again by then. */
const STORE_AWAY_WAIT_MS = 1_000
const MOST_PER_CLAIM = 64

export function translateRoom(options: TranslateOptions): Translate {
  const { store, deliveries, desired, log, now, meter, tracing } = options
  const inHand = new Set<Promise<void>>()
  /** What was in hand when the store went away, and could not even be put back. */
  const dropped: ClaimedDelivery[] = []
  const crowd = crowdOf()
  const reader = factsReader({ ...options, crowd })
  const { drift, placeReadings } = options

  async function translateOnce(): Promise<'busy' | 'idle'> {
    if (inHand.size >= MOST_IN_HAND) {
      await Promise.race(inHand)
      return 'busy'
    }
    try {
      await giveBackDropped()
      const limit = Math.min(MOST_IN_HAND - inHand.size, MOST_PER_CLAIM)
      const except = [...crowd.crowded(), ...(await options.settings.outgrown())]
      const claimed = await deliveries.claim(now(), options.leaseMs, limit, except)
      for (const delivery of claimed) {
        const task = handle(delivery).finally(() => {
          inHand.delete(task)
          options.onHandled?.()
        })
        inHand.add(task)
      }
      return claimed.length > 0 ? 'busy' : 'idle'
    } catch (error) {
      if (!isAway(error)) log.error({ event: 'translate.failed', err: error })
      return 'idle'
    }
  }

  /** Nobody has to wait for the leases of what was in hand when the store went away. */
  async function giveBackDropped(): Promise<void> {
    if (dropped.length === 0) return
    const given = dropped.splice(0)
    try {
      await store.commit(given.map(each => deliveries.postpone(each, now(), each.attempts)))
    } catch (error) {
      dropped.push(...given)
      throw error
    }
  }

  async function handle(delivery: ClaimedDelivery): Promise<void> {
    const span = tracing && spanOfRun(tracing.tracer, delivery)
    try {
      if (tracing && span && beginsTrace(delivery)) {
        await store.commit([tracing.traces.keep(delivery, span.ref)])
      }
      await translate(delivery, span)
    } catch (error) {
      const { id: deliveryId, connectionId } = delivery
      span?.fail(error instanceof DeliveryLeaseLost ? 'lease_lost' : asRelayError(error).code)
      if (error instanceof DeliveryLeaseLost) {
        meter?.leaseLost()
        return log.warn({ event: 'delivery.lease_lost', deliveryId, connectionId })
      }
      await failed(delivery, asRelayError(error), span).catch(again => {
        if (isAway(again)) dropped.push(delivery)
        // The lease runs out, and somebody else tries.
        else log.error({ event: 'delivery.lost_hold', deliveryId, connectionId, err: again })
      })
    } finally {
      span?.end()
    }
  }

  async function translate(delivery: ClaimedDelivery, span: Span | undefined): Promise<void> {
    if (delivery.connectionId === CALLERS) return takeCall(delivery, span)
    const connection = options.connectionOf(delivery.connectionId)
    const platform = connection && platformOf(options.platforms, connection)
    if (connection === undefined || platform === undefined) {
      await options.settings.check([delivery.connectionId])
      return finish(
        delivery,
        [{ type: '', outcome: 'held', reason: 'its connection is not in the connections file' }],
        [],
        span
      )
    }
    const events = await crowd.counted(connection.id, readEvents(platform, delivery))
    const read = await reader.factsOf(platform, events, delivery, connection, span)
    if ('comeBackAt' in read) {
      span?.set({ 'relay.outcome': 'postponed' })
      await store.commit([deliveries.postpone(delivery, read.comeBackAt, read.attempts)])
      return
    }
    const { outcomes, said, failures } = meaningOf(
      platform,
      { events, facts: read.facts },
      delivery,
      connection
    )
    for (const err of failures) {
      const { id: deliveryId, connectionId } = delivery
      log.error({ event: 'delivery.translator_failed', deliveryId, connectionId, err })
    }
    await finish(delivery, outcomes, said, span, { connection, platform })
  }

  async function takeCall(delivery: ClaimedDelivery, span: Span | undefined): Promise<void> {
    const desiring = span?.child('desired', 'internal')
    const taken = options.calls.take(delivery, outcomes => [
      deliveries.end(delivery, 'translated', outcomes, now())
    ])
    const changes = await inSpan(desiring, taken)
    span?.set({ 'relay.outcome': 'translated', 'relay.changes': changes })
    const { id: deliveryId, connectionId, platform } = delivery
    meter?.ended(platform, 'translated')
    log.info({ event: 'delivery.translated', deliveryId, connectionId, platform, events: 1, changes })
  }

  async function finish(
    delivery: ClaimedDelivery,
    outcomes: EventOutcome[],
    said: Said[],
    span: Span | undefined,
    account?: { connection: Connection; platform: Platform }
  ): Promise<void> {
    const state = stateOf(outcomes)
    const dead = outcomes.find(each => each.outcome === 'dead')
    const end = deliveries.end(
      delivery,
      state,
      outcomes,
      now(),
      dead === undefined ? null : `${dead.code}: ${dead.reason}`
    )
    const strange = driftOf(delivery, outcomes)
    const also = strange.length === 0 ? [end] : [end, drift.count(strange, now())]
    if (account === undefined || said.length === 0) await store.commit(also)
    else {
      const { connection, platform } = account
      const lane = { workspaceId: connection.workspaceId, customerKey: connection.customerKey }
      const places = placesToRead(platform, connection, said)
      if (places.length > 0) also.push(placeReadings.want(places, now()))
      const desiring = span?.child('desired', 'internal', {
        'relay.workspace.id': lane.workspaceId,
        'relay.customer.key': lane.customerKey
      })
      await inSpan(desiring, desired.apply(lane, { said, redraw: [], also }))
      if (places.length > 0) options.onPlaces()
    }
    meter?.ended(delivery.platform, state)
    span?.set({ 'relay.outcome': state, 'relay.changes': said.length })
    if (dead?.code !== undefined) span?.fail(dead.code)
    log[state === 'dead' ? 'error' : 'info']({
      event: `delivery.${state}`,
      deliveryId: delivery.id,
      connectionId: delivery.connectionId,
      platform: delivery.platform,
      events: outcomes.length,
      changes: said.length
    })
  }

  async function failed(delivery: ClaimedDelivery, error: RelayError, span: Span | undefined): Promise<void> {
    if (isAway(error)) {
      // No fault of the delivery's: it must not wait longer than the store is away, and be buried for that still less.
      await store.commit([deliveries.postpone(delivery, now() + STORE_AWAY_WAIT_MS, delivery.attempts)])
      return
    }
    const attempt = delivery.attempts + 1
    const wait = retryInMs(
      { retryable: mayPass(error), retryAfterMs: error.retryAfterMs },
      attempt,
      options.random()
    )
    const { id: deliveryId, connectionId } = delivery
    if (wait === undefined) {
      const outcome: EventOutcome = { type: '', outcome: 'dead', reason: error.message, code: error.code }
      await store.commit([
        deliveries.end(delivery, 'dead', [outcome], now(), `${error.code}: ${error.message}`)
      ])
      meter?.ended(delivery.platform, 'dead')
      span?.set({ 'relay.outcome': 'dead' })
      log.error({ event: 'delivery.dead', deliveryId, connectionId, code: error.code, attempt, err: error })
      return
    }
    await store.commit([deliveries.retry(delivery, now() + wait, `${error.code}: ${error.message}`)])
    meter?.ended(delivery.platform, 'postponed')
    span?.set({ 'relay.outcome': 'postponed' })
    log.warn({
      event: 'delivery.postponed',
      deliveryId,
      connectionId,
      code: error.code,
      attempt,
      waitMs: wait
    })
  }

  return {
    translateOnce,
    async settled() {
      while (inHand.size > 0) await Promise.all(inHand)
    }
  }
}

/** A platform's refusal, too: somebody gives the key a right, or a page that said that all is closed is gone. */
function mayPass({ code, retryable }: RelayError): boolean {
  return retryable || code === 'RELAY_PLATFORM_REFUSED'
}

function driftOf({ id, connectionId, platform }: ClaimedDelivery, outcomes: EventOutcome[]): DriftSeen[] {
  return outcomes.flatMap(({ type, drift: kind, reason = '' }) =>
    kind === undefined
      ? []
      : [{ connectionId, platform, kind, detail: kind === 'unknown_event' ? type : reason, deliveryId: id }]
  )
}

function stateOf(outcomes: EventOutcome[]): EndState {
  const has = (outcome: EventOutcome['outcome']) => outcomes.some(each => each.outcome === outcome)
  // What is held goes on one day, the dead beside it with it; what is dead would keep the held from that.
  if (has('held')) return 'held'
  if (has('dead')) return 'dead'
  return has('translated') ? 'translated' : 'ignored'
}
