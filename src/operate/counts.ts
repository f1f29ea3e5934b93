import { MINUTE_MS } from '../model/durations.ts'
import type { TallyAt } from '../store/tallies.ts'
import type { Ask } from './ask.ts'
import type { OperateRoom } from './operate.ts'
import { type CountsOverTime, type Over, readCounts, readMe } from './schemas/counts.ts'
import { instant } from './shown.ts'
import { floorTo, sendersOf } from './tally.ts'
import { uncounted } from './uncounted.ts'

/** Minutes in a span, and spans. */
const shapes: Record<Over, { minutes: number; count: number }> = {
  '1h': { minutes: 1, count: 60 },
  '24h': { minutes: 15, count: 96 },
  '7d': { minutes: 60, count: 168 }
}

/** GET /api/v1/counts and /api/v1/me */
export function counts(ask: Ask, room: OperateRoom): void {
  ask<unknown, { over?: Over }>('/api/v1/counts', readCounts, ({ query }) => over(query.over ?? '1h', room))
  ask('/api/v1/me', readMe, async ({ operator: { name, may } }) => ({ name, may }))
}

async function over(time: Over, room: OperateRoom): Promise<CountsOverTime> {
  const { tallies, connections, now } = room
  const { minutes, count } = shapes[time]
  const spanMs = minutes * MINUTE_MS
  const at = now()
  const last = floorTo(at, spanMs)
  const first = last - (count - 1) * spanMs
  const counted = await tallies.since(first, minutes)
  const { until, fresh } = await uncounted(room, sendersOf(connections))
  const bySpan = Map.groupBy<number, TallyAt>([...counted, ...fresh], each => floorTo(each.at, spanMs))
  return {
    over: time,
    span_seconds: spanMs / 1000,
    counted_until: instant(until),
    spans: Array.from({ length: count }, (_, place) => {
      const begins = first + place * spanMs
      return spanOf(begins, bySpan.get(begins) ?? [])
    })
  }
}

function spanOf(at: number, tallies: TallyAt[]): CountsOverTime['spans'][number] {
  const sum = (what: string) =>
    tallies.reduce((total, each) => total + (each.what === what ? each.count : 0), 0)
  const under = (prefix: string) => {
    const names = tallies.map(each => each.what).filter(what => what.startsWith(prefix))
    return Object.fromEntries([...new Set(names)].sort().map(what => [what.slice(prefix.length), sum(what)]))
  }
  return {
    at: instant(at),
    received: sum('received'),
    translated: sum('translated'),
    ignored: sum('ignored'),
    dead: sum('dead'),
    rejected: under('rejected '),
    calls: under('call ')
  }
}
