import type { Logger } from 'pino'
import type { Portion } from '../store/portion.ts'
import type { BookingRow } from '../store/resources.ts'
import type { Retention } from '../store/retention.ts'
import type { Store } from '../store/store.ts'
import type { GoneRow } from '../store/tombstones.ts'
import { isAway } from '../store/unavailable.ts'
import { type TombstonesOptions, tombstonesRoom } from './tombstones.ts'

export interface PruneOptions extends TombstonesOptions {
  store: Store
  retention: Retention
  /** How long, ms. */
  keep: {
    /** Bodies of deliveries, after their end. */
    bodiesMs: number
    /** What became of them. */
    historyMs: number
    /** That something is gone. */
    tombstonesMs: number
  }
  now(): number
  log: Logger
}

export interface Prune {
  /**
   * One small step of a round through everything that may be too old: busy where the round goes on, idle at its end, so
   * that the next step begins another one.
   */
  pruneOnce(): Promise<'busy' | 'idle'>
}

/** Rows that one commit takes away: so few that whoever commits beside it waits some milliseconds. */
const MOST_AT_ONCE = 200

/** Rows by what they were, and `bytes` given back to the system. */
type Removed = Record<string, number>

export function pruneRoom(options: PruneOptions): Prune {
  const { store, retention, keep, now, log } = options
  const tombstones = tombstonesRoom(options)
  let underWay: AsyncGenerator<Removed> | undefined
  let removed: Removed = {}

  async function pruneOnce(): Promise<'busy' | 'idle'> {
    try {
      underWay ??= round(now())
      const { done, value } = await underWay.next()
      if (!done) {
        for (const [what, count] of Object.entries(value)) removed[what] = (removed[what] ?? 0) + count
        return 'busy'
      }
    } catch (error) {
      if (!isAway(error)) log.error({ event: 'prune.failed', err: error })
    }
    underWay = undefined
    if (Object.keys(removed).length > 0) log.info({ event: 'history.pruned', ...removed })
    removed = {}
    return 'idle'
  }

  /** In this order: what can still run again goes before what is remembered against it. */
  async function* round(at: number): AsyncGenerator<Removed> {
    const history = at - keep.historyMs
    const gone = at - keep.tombstonesMs
    yield* walk('bodies', () => retention.emptyBodies(at - keep.bodiesMs, MOST_AT_ONCE))
    yield* walk<number[]>('deliveries', from => retention.forgetDeliveries(history, MOST_AT_ONCE, from))
    yield* walk<number>('changes', from => retention.forgetChanges(history, MOST_AT_ONCE, from))
    yield* walk<string>('attempts', from => retention.forgetAttempts(history, MOST_AT_ONCE, from))
    yield* walk('rejected', () => retention.forgetRejected(history, MOST_AT_ONCE))
    yield* walk('others', () => retention.forgetLittle(history, at))
    yield* walk<GoneRow>('resources', from => tombstones.forgetResources(gone, MOST_AT_ONCE, from))
    yield* walk<BookingRow>('bookings', from => tombstones.forgetBookings(gone, MOST_AT_ONCE, from))
    yield* walk('bytes', giveBack)
  }

  async function giveBack(): Promise<Portion<true>> {
    const bytes = (await store.giveBack?.()) ?? 0
    return { removed: bytes, next: bytes > 0 ? true : undefined }
  }

  return { pruneOnce }
}

/** Step by step, from where the last one has come to, until nothing more is old enough. */
async function* walk<From>(
  what: string,
  step: (from: From | undefined) => Promise<Portion<From>>
): AsyncGenerator<Removed> {
  let next: From | undefined
  do {
    const portion = await step(next)
    next = portion.next
    if (portion.removed > 0) yield { [what]: portion.removed }
    else if (next !== undefined) yield {}
  } while (next !== undefined)
}
