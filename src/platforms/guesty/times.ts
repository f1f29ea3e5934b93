import type { Moment } from '../../model/change.ts'
import type { Delivery } from '../../model/delivery.ts'
import { firstText, instantMs } from '../fields.ts'
import { localDate, placeHour } from '../told.ts'

/**
 * When a stay starts or ends. An hour that was planned with the guest wins over the UTC instant, which can keep the
 * listing's old default hour after somebody changed it by hand; where no zone is known, it says nothing, and the instant
 * counts. A date alone waits for the place's hours. The zone is left to the place, where settings can overrule it. The
 * UTC instant is never cut to a date: far from Greenwich that is another day.
 */
export function momentOf(localized: unknown, planned: unknown, utc: unknown): Moment | null {
  const date = localDate(localized)
  const time = placeHour(planned)
  const ms = instantMs(utc)
  const instant = ms === undefined ? undefined : new Date(ms).toISOString()
  if (date !== undefined && time !== undefined) {
    return { date, time, ...(instant !== undefined && { orInstant: instant }) }
  }
  if (instant !== undefined) return { instant }
  return date === undefined ? null : { date }
}

/**
 * The version of a statement, ms since 1970: the latest time at which Guesty says it was true.
 *
 * A v2 event names `publishedAt`, and what it points at is read afterwards. So the content is not older than
 * `publishedAt`, unless the API is behind, and may be newer; then its own `lastUpdatedAt` is later and counts. With `publishedAt` alone, a late
 * event that read the newest state would lose to an earlier reading of a middle one, for good if the newest state's own
 * event is lost. A time later than the content never comes out of this: both lie before the reading, and whatever
 * changes after the reading is updated and published after it.
 *
 * Without either, the time of sending: its whole second, for a cancellation must not lose to a change in the same
 * second. It moves when Svix sends again, so it is the last resort.
 */
export function versionOf(told: unknown[], delivery: Pick<Delivery, 'headers' | 'receivedAt'>): number {
  const times = told.map(instantMs).filter(time => time !== undefined)
  if (times.length > 0) return Math.max(...times)
  const seconds = firstText(delivery.headers['svix-timestamp'], delivery.headers['webhook-timestamp']) ?? ''
  return /^\d{1,12}$/.test(seconds) ? Number(seconds) * 1000 + 999 : delivery.receivedAt
}
