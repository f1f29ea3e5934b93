import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/durations.ts'
import { madeAt } from '../model/ids.ts'
import type { Backlog, Stage } from '../store/backlog.ts'
import type { CallMade } from '../store/operate-performance.ts'
import { isEnd } from '../store/tallies.ts'
import type { Ask } from './ask.ts'
import type { OperateRoom } from './operate.ts'
import type { Over } from './schemas/counts.ts'
import {
  type BacklogReport,
  type DrainReport,
  type PerformanceReport,
  readBacklog,
  readPerformance
} from './schemas/overview.ts'
import { instant, instantOrNull } from './shown.ts'
import { sendersOf } from './tally.ts'

const lengths: Record<Over, number> = { '1h': HOUR_MS, '24h': DAY_MS, '7d': 7 * DAY_MS }
const MOST_CALLS = 5_000
/** A call carries many resources, and each of them is joined with what told of it. */
const MOST_TAKEN = 500
const MOST_ARRIVED = 5_000
/** Fewer are done before anybody has read of it. */
const LEAST_DRAINED = 100

/**
 * What could go on and has not for longer is stuck, for the dashboard, `seam-relay status` and the alerts in deploy/prometheus, whose
 * expressions have it in seconds.
 */
export const STUCK_AFTER_MS = 2 * MINUTE_MS

/** GET /api/v1/backlog and /api/v1/performance */
export function overview(ask: Ask, { backlog, performance, tallies, connections, now }: OperateRoom): void {
  const ids = sendersOf(connections)

  ask('/api/v1/backlog', readBacklog, async () => {
    const at = now()
    const found = await backlog.read(at)
    const waiting = found.translate.due + found.translate.scheduled
    return reportOf(found, waiting < LEAST_DRAINED ? null : await drainOf(waiting, at), at)
  })

  ask<unknown, { over?: Over }>('/api/v1/performance', readPerformance, async ({ query }) => {
    const over = query.over ?? '1h'
    const since = now() - lengths[over]
    const calls = await performance.calls(since, MOST_CALLS)
    const arrived = await performance.arrived(since, MOST_TAKEN, MOST_ARRIVED)
    return {
      over,
      complete: calls.length < MOST_CALLS,
      ...triesOf(calls),
      seam: percentilesOf(calls.map(each => each.duration_ms)),
      end_to_end: percentilesOf(
        // The clocks of two relays may differ a little.
        arrived.map(each => Math.max(0, each.started_at + each.duration_ms - madeAt(each.delivery_id)))
      )
    } satisfies PerformanceReport
  })

  async function drainOf(waiting: number, at: number): Promise<DrainReport> {
    // What has happened just now counts.
    const until = at + 1
    const happened = await tallies.happened(until - MINUTE_MS, until, ids)
    const perSecond = (these: (what: string) => boolean) =>
      happened.reduce((sum, { what, count }) => sum + (these(what) ? count : 0), 0) / (MINUTE_MS / 1_000)
    const [done, arriving] = [perSecond(isEnd), perSecond(what => what === 'received')]
    const seconds = done > arriving ? waiting / (done - arriving) : undefined
    return {
      per_second: done,
      arriving_per_second: arriving,
      estimated_end_at: seconds === undefined ? null : instant(Math.round(at + seconds * 1_000))
    }
  }
}

function reportOf(found: Backlog, drain: BacklogReport['drain'], at: number): BacklogReport {
  const { translate, sync, places, paused, held, dead, arrivals, unsentSince } = found
  return {
    at: instant(at),
    translate: stageOf(translate, at),
    drain,
    sync: stageOf(sync, at),
    places: stageOf({ scheduled: 0, ...places }, at),
    paused,
    unsent_since: instantOrNull(unsentSince),
    held,
    dead,
    arrivals
  }
}

function stageOf({ due, scheduled, dueSince }: Stage, at: number): BacklogReport['sync'] {
  const stuck = dueSince !== undefined && at - dueSince > STUCK_AFTER_MS
  return { due, scheduled, due_since: instantOrNull(dueSince), stuck }
}

/** A call is a retry where the one before it, of the same customer and sort, had failed. @param calls newest first */
function triesOf(calls: CallMade[]) {
  const failed = new Map<string, boolean>()
  const tries = { first_attempts: 0, first_attempts_taken: 0, retries: 0 }
  for (const { workspace_id, customer_key, operation, error } of calls.toReversed()) {
    const lane = JSON.stringify([workspace_id, customer_key, operation])
    if (failed.get(lane) === true) {
      tries.retries += 1
    } else {
      tries.first_attempts += 1
      if (error === null) tries.first_attempts_taken += 1
    }
    failed.set(lane, error !== null)
  }
  return tries
}

/** By the nearest rank. */
function percentilesOf(durations: number[]) {
  const sorted = durations.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
  return { count: sorted.length, p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99) }
}
