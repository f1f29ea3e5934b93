import type { Moment } from '../../model/change.ts'
import type { Delivery } from '../../model/delivery.ts'
import { firstText, instantMs } from '../fields.ts'

export type Members = Record<string, unknown>

/** The members of an object; none of anything else, so that reading on needs no questions. */
export function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {}
}

/** The first candidate that can be an id: a text, or a number written as one. */
export function idOf(...candidates: unknown[]): string | undefined {
  return firstText(...candidates.map(asText))
}

/** The first text; `null` where one of the candidates says that there is none; `undefined` where nothing is said. */
export function firstTold(...candidates: unknown[]): string | null | undefined {
  const text = firstText(...candidates.map(asText))
  if (text !== undefined) return text
  return candidates.some(saysNone) ? null : undefined
}

function asText(value: unknown): unknown {
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
}

function saysNone(value: unknown): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '')
}

/** `9:30`, `09:30` or `09:30:00` as `HH:mm`; undefined where it is no time of day. */
export function timeOfDay(value: unknown): string | undefined {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?$/.exec(firstText(value) ?? '')
  return match === null ? undefined : `${match[1]?.padStart(2, '0')}:${match[2]}`
}

function localDate(value: unknown): string | undefined {
  const date = /^\d{4}-\d{2}-\d{2}/.exec(firstText(value) ?? '')?.[0]
  const midnight = instantMs(`${date}T00:00:00Z`)
  // 2026-02-30 parses as the second of March.
  const exists = midnight !== undefined && new Date(midnight).toISOString().slice(0, 10) === date
  return exists ? date : undefined
}

/**
 * When a stay starts or ends. An hour that was planned with the guest wins over the UTC instant, which can keep the
 * listing's old default hour after somebody changed it by hand; a date alone waits for the place's hours. The zone is
 * left to the place, where settings can overrule it. The UTC instant is never cut to a date: far from Greenwich that is
 * another day.
 */
export function momentOf(localized: unknown, planned: unknown, utc: unknown): Moment | null {
  const date = localDate(localized)
  const time = timeOfDay(planned)
  if (date !== undefined && time !== undefined) return { date, time }
  const instant = instantMs(utc)
  if (instant !== undefined) return { instant: new Date(instant).toISOString() }
  return date === undefined ? null : { date }
}

/**
 * The version of a statement, ms since 1970: the latest time at which Guesty says it was true.
 *
 * A v2 event names `publishedAt`, and what it points at is read afterwards. So the content is never older than
 * `publishedAt`, and may be newer; then its own `lastUpdatedAt` is later and counts. With `publishedAt` alone, a late
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
