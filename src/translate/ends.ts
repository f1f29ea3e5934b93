import type { Logger } from 'pino'
import { retryInMs } from '../backoff.ts'
import type { Desired } from '../desired/desired.ts'
import { laneOf } from '../desired/keys.ts'
import type { Said } from '../desired/said.ts'
import { errorLine, type RelayError } from '../errors.ts'
import type { Connection } from '../model/connection.ts'
import { MINUTE_MS } from '../model/durations.ts'
import { inSpan, type Span } from '../model/trace.ts'
import type { Platform } from '../platforms/platform.ts'
import type { Deliveries } from '../store/deliveries.ts'
import type { ClaimedDelivery } from '../store/delivery-claims.ts'
import type { DriftCounts, DriftSeen } from '../store/drift.ts'
import type { PlaceReadings } from '../store/place-readings.ts'
import type { SecondLook, SecondLooks } from '../store/second-looks.ts'
import type { Store } from '../store/store.ts'
import { isAway } from '../store/unavailable.ts'
import type { Write } from '../store/write.ts'
import { type EventOutcome, mayPass } from './outcome.ts'
import { placesToRead } from './places.ts'

export interface EndsOptions {
  store: Store
  deliveries: Deliveries
  desired: Desired
  drift: DriftCounts
  placeReadings: PlaceReadings
  secondLooks: Pick<SecondLooks, 'wantUnlessNews'>
  now(): number
  random(): number
  log: Logger
  /** There may be a place to be read. */
  onPlaces(): void
  meter?: EndsMeter
}

export interface EndsMeter {
  /** `postponed`: it failed, and is tried again. */
  ended(platform: string, outcome: EndState | 'postponed'): void
}

/** Whose delivery it is, and what it is read by. */
export interface Account {
  connection: Connection
  platform: Platform
}

/** What a delivery leads to. */
export interface Ending {
  outcomes: EventOutcome[]
  said: Said[]
  /** What it says is what the platform's API answered, and not what the delivery itself tells. */
  wasRead: boolean
}

type EndState = 'translated' | 'ignored' | 'held' | 'dead'

/** A store that was away for a moment is there again by then. */
const STORE_AWAY_WAIT_MS = 1_000

/** By then an API that was behind its webhook has caught up, as a rule. */
const SECOND_LOOK_AFTER_MS = MINUTE_MS

/** How a run of a delivery ends, in one commit with what it brings; calls of services end with theirs, see `calls.ts`. */
export function endsOf(options: EndsOptions) {
  const { store, deliveries, desired, drift, placeReadings, secondLooks, now, random, log } = options
  const { onPlaces, meter } = options

  async function finish(
    delivery: ClaimedDelivery,
    { outcomes, said, wasRead }: Ending,
    span: Span | undefined,
    account?: Account
  ): Promise<void> {
    const state = stateOf(outcomes)
    const dead = outcomes.find(each => each.outcome === 'dead')
    const end = deliveries.end(
      delivery,
      state,
      outcomes,
      now(),
      dead === undefined ? null : errorLine(dead.code, dead.reason)
    )
    const strange = driftOf(delivery, outcomes)
    const also = strange.length === 0 ? [end] : [end, drift.count(strange, now())]
    if (account === undefined || said.length === 0) await store.commit(also)
    else {
      const look = wasRead && !delivery.ranBefore ? [lookAgain(delivery, said)] : []
      await takeIn(said, account, [...also, ...look], span)
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

  /** What was read for it may have been from before what it tells of: then it brings nothing. */
  function lookAgain(delivery: ClaimedDelivery, said: Said[]): Write {
    return secondLooks.wantUnlessNews(secondLookAt(delivery, said), now() + SECOND_LOOK_AFTER_MS)
  }

  /** @param also committed together with it */
  async function takeIn(
    said: Said[],
    { connection, platform }: Account,
    also: Write[],
    span: Span | undefined
  ): Promise<void> {
    const lane = laneOf(connection)
    const places = placesToRead(platform, connection, said)
    const wanting = places.length > 0 ? [placeReadings.want(places, now())] : []
    const desiring = span?.child('desired', 'internal', {
      'relay.workspace.id': lane.workspaceId,
      'relay.customer.key': lane.customerKey
    })
    await inSpan(desiring, desired.apply(lane, { said, redraw: [], also: [...also, ...wanting] }))
    if (places.length > 0) onPlaces()
  }

  async function failed(delivery: ClaimedDelivery, error: RelayError, span: Span | undefined): Promise<void> {
    if (isAway(error)) {
      // No fault of the delivery's: it must not wait longer than the store is away, and be buried for that still less.
      await store.commit([deliveries.postpone(delivery, now() + STORE_AWAY_WAIT_MS, delivery.attempts)])
      return
    }
    const attempt = delivery.attempts + 1
    const wait = retryInMs({ mayPass: mayPass(error), retryAfterMs: error.retryAfterMs }, attempt, random())
    const { id: deliveryId, connectionId } = delivery
    const line = errorLine(error.code, error.message)
    if (wait === undefined) {
      const outcome: EventOutcome = { type: '', outcome: 'dead', reason: error.message, code: error.code }
      await store.commit([deliveries.end(delivery, 'dead', [outcome], now(), line)])
      meter?.ended(delivery.platform, 'dead')
      span?.set({ 'relay.outcome': 'dead' })
      log.error({ event: 'delivery.dead', deliveryId, connectionId, code: error.code, attempt, err: error })
      return
    }
    await store.commit([deliveries.retry(delivery, now() + wait, line)])
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

  return { finish, takeIn, failed }
}

/** Several webhooks about one booking that bring nothing are one look, at what the last of them names. */
function secondLookAt({ id, connectionId }: ClaimedDelivery, said: Said[]): SecondLook {
  const bookings = said.flatMap(({ change }) => (change.change === 'stays' ? [change.bookingId] : []))
  const [booking = id, ...others] = new Set(bookings)
  return { connectionId, subject: others.length === 0 ? booking : id, deliveryId: id }
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
