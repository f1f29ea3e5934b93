import { MINUTE_MS } from '../model/durations.ts'
import type { ConnectionTally } from '../store/tallies.ts'
import type { OperateRoom } from './operate.ts'
import { floorTo } from './tally.ts'

/** What was not counted yet is counted by whoever asks, as far as that is little. */
const MOST_UNCOUNTED_MS = 10 * MINUTE_MS

export interface Uncounted {
  /** Up to when everything was counted, ms since 1970. */
  until: number
  /** What happened since, each with the beginning of its minute. */
  fresh: (ConnectionTally & { at: number })[]
}

/** The minutes that are not in the tallies yet. @param connectionIds whose deliveries count */
export async function uncounted({ tallies, now }: OperateRoom, connectionIds: string[]): Promise<Uncounted> {
  const at = now()
  const until = (await tallies.countedUntil()) ?? floorTo(at - MOST_UNCOUNTED_MS, MINUTE_MS) + MINUTE_MS
  const end = Math.min(at + 1, until + MOST_UNCOUNTED_MS)
  const fresh: Uncounted['fresh'] = []
  for (let minute = until; minute < end; minute += MINUTE_MS) {
    const happened = await tallies.happened(minute, minute + MINUTE_MS, connectionIds)
    fresh.push(...happened.map(each => ({ ...each, at: minute })))
  }
  return { until, fresh }
}
