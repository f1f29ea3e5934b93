import type { Logger } from 'pino'
import { CALLERS } from '../model/call.ts'
import type { Connection } from '../model/connection.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/durations.ts'
import type { Store } from '../store/store.ts'
import type { Tallies } from '../store/tallies.ts'
import { isAway } from '../store/unavailable.ts'

export interface TallyOptions {
  store: Store
  tallies: Tallies
  connections: Connection[]
  now(): number
  log: Logger
}

/** After it is over, a minute waits so long for commits that began in it, and for clocks that are behind. */
const GRACE_MS = 2 * MINUTE_MS
/** As far back as anybody is shown. */
const FIRST_LOOK_MS = 7 * DAY_MS
const KEEP_MINUTES_MS = 8 * DAY_MS
const KEEP_HOURS_MS = 15 * DAY_MS
/** Minutes that one step counts at most. */
const MOST_AT_ONCE = 10

/** Whose deliveries are counted: those of connections, and what callers push. */
export function sendersOf(connections: Connection[]): string[] {
  return [...connections.map(each => each.id), CALLERS]
}

/** Counts what happened, a minute at a time, once that is over; see {@link Tallies}. */
export function tallyRoom({ store, tallies, connections, now, log }: TallyOptions) {
  const ids = sendersOf(connections)

  async function tallyOnce(): Promise<'busy' | 'idle'> {
    try {
      return (await tally(now() - GRACE_MS)) ? 'busy' : 'idle'
    } catch (error) {
      if (!isAway(error)) log.error({ event: 'tally.failed', err: error })
      return 'idle'
    }
  }

  /** @returns whether there is more to be counted */
  async function tally(until: number): Promise<boolean> {
    const counted = await tallies.countedUntil()
    if (counted === undefined) {
      await store.commit([tallies.begin(await beginning(until))])
      return true
    }
    let minute = counted
    for (let done = 0; done < MOST_AT_ONCE; done += 1) {
      if (minute + MINUTE_MS > until) return false
      const happened = await tallies.happened(minute, minute + MINUTE_MS, ids)
      const next = happened.length > 0 ? minute + MINUTE_MS : await nextAfter(minute, until)
      // Somebody else may count the same, and then this is undone.
      await store.commit([
        tallies.advance(minute, next),
        tallies.add(minute, happened),
        ...(floorTo(next, HOUR_MS) > minute
          ? tallies.forget(next - KEEP_MINUTES_MS, next - KEEP_HOURS_MS)
          : [])
      ])
      minute = next
    }
    return true
  }

  /** The next minute in which anything happened: where the relay stood still, there are many without. */
  async function nextAfter(minute: number, until: number): Promise<number> {
    const next = (await tallies.next(minute + MINUTE_MS)) ?? until
    return floorTo(Math.max(minute + MINUTE_MS, Math.min(next, until)), MINUTE_MS)
  }

  async function beginning(until: number): Promise<number> {
    const oldest = (await tallies.oldest()) ?? until
    return floorTo(Math.max(until - FIRST_LOOK_MS, Math.min(oldest, until)), MINUTE_MS)
  }

  return { tallyOnce }
}

export function floorTo(at: number, span: number): number {
  return at - (at % span)
}
