import { CALLERS } from '../model/call.ts'
import type { Connection } from '../model/connection.ts'
import { inSpan, type Span, type Tracer } from '../model/trace.ts'
import { type Platform, type PlatformEvent, platformOf } from '../platforms/platform.ts'
import type { ClaimedDelivery } from '../store/delivery-claims.ts'
import type { SettingsGuard } from '../store/settings-guard.ts'
import type { Traces } from '../store/traces.ts'
import { isAway } from '../store/unavailable.ts'
import type { CallerCalls } from './calls.ts'
import type { Crowd } from './crowd.ts'
import { type Account, type EndsMeter, type EndsOptions, endsOf } from './ends.ts'
import {
  DeliveryLeaseLost,
  eventsKnownByReading,
  eventsToldMeanwhile,
  type Facts,
  type FactsReader
} from './hydration.ts'
import { meaningOf } from './meaning.ts'
import { asRelayError, readEvents } from './outcome.ts'
import { beginsTrace, spanOfRun } from './spans.ts'

export interface TranslateOptions extends EndsOptions {
  reader: Pick<FactsReader, 'factsOf'>
  crowd: Crowd
  calls: CallerCalls
  connectionOf(id: string): Connection | undefined
  platforms: Record<string, Platform>
  settings: Pick<SettingsGuard, 'check' | 'outgrown'>
  leaseMs: number
  /** A delivery has come to its end or its next rest. */
  onHandled?(): void
  meter?: TranslateMeter
  tracing?: { tracer: Tracer; traces: Pick<Traces, 'keep'> } | undefined
}

/** What is counted of deliveries. */
export interface TranslateMeter extends EndsMeter {
  leaseLost(): void
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

export function translateRoom(options: TranslateOptions): Translate {
  const { store, deliveries, reader, crowd, log, now, meter, tracing } = options
  const inHand = new Set<Promise<void>>()
  /** What was in hand when the store went away, and could not even be put back. */
  const dropped: ClaimedDelivery[] = []
  const ends = endsOf(options)

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
      await ends.failed(delivery, asRelayError(error), span).catch(again => {
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
      const reason = 'its connection is not in the connections file'
      const outcomes = [{ type: '', outcome: 'held' as const, reason }]
      return ends.finish(delivery, { outcomes, said: [], wasRead: false }, span)
    }
    const events = await crowd.counted(connection.id, readEvents(platform, delivery))
    const account = { connection, platform }
    let read: Facts
    try {
      read = await reader.factsOf(platform, events, delivery, connection, span)
    } catch (error) {
      await tellMeanwhile(events, delivery, account, error)
      throw error
    }
    if ('comeBackAt' in read) {
      await tellMeanwhile(events, delivery, account)
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
    const wasRead = eventsKnownByReading(platform, events, connection).length > 0
    await ends.finish(delivery, { outcomes, said, wasRead }, span, account)
  }

  /** An outage must not keep what needs no reading, such as a cancellation, because it came with something that does. */
  async function tellMeanwhile(
    events: PlatformEvent[],
    delivery: ClaimedDelivery,
    account: Account,
    error?: unknown
  ): Promise<void> {
    const { platform, connection } = account
    const waited = { attempts: delivery.attempts, waitedMs: now() - delivery.receivedAt, error }
    const meanwhile = new Set(eventsToldMeanwhile(platform, events, connection, waited))
    if (meanwhile.size === 0) return
    const facts = events.map((): unknown => undefined)
    const { said } = meaningOf(platform, { events, facts }, delivery, connection)
    const whole = said.filter(({ eventIndex }) => meanwhile.has(events[eventIndex] as PlatformEvent))
    if (whole.length > 0) await ends.takeIn(whole, account, [], undefined)
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

  return {
    translateOnce,
    async settled() {
      while (inHand.size > 0) await Promise.all(inHand)
    }
  }
}
