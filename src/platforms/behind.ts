import { askAgainFirst, type PlatformApi } from './api.ts'

type Both = readonly [told: unknown, read: unknown]

/** What an event says of a booking beside what was read for it, in one spelling; undefined where one of them does not tell it. */
export interface Compared {
  /** Where the booking stands; `cancelled` where it is over. */
  standing: Both
  /** Days, rooms and the like. */
  others: Both[]
  /** The event's clock, ms since 1970. */
  toldAt?: number | undefined
  /** When the booking last changed, as the answer says itself. */
  changedAt?: number | undefined
  /**
   * By so much an event's clock may be later than the change that it tells of: 0 where it is the booking's own. Left out where an older
   * answer alone says nothing.
   */
  lateMs?: number
  /** Whether the booking was just made: nothing is older, and its first push waits for no clock. */
  isNew?: boolean
}

/** An event that has a clock of its own goes out by then, as far as anyone can tell. */
export const LATE_EVENT_MS = 60_000

/**
 * An answer that is from before what its event tells of: it is asked for again, until that has been done often enough, and then
 * believed. @throws RelayError RELAY_PLATFORM_REFUSED (retryable), so that nothing else waits
 */
export function askAgainWhileBehind(api: PlatformApi, title: string, compared: Compared): void {
  if (isBehind(compared)) askAgainFirst(api, `${title} answers as things were before its webhook`)
}

/**
 * Whether an answer does not know of what its event tells. One that was changed later than the event knows more than it, whatever
 * else it says: it tells of a second change. Where both say that the booking is over, no code must live on for what else they say.
 */
export function isBehind({ standing, others, toldAt, changedAt, lateMs, isNew }: Compared): boolean {
  if (standing.every(each => each === 'cancelled')) return false
  const differs = [standing, ...others].some(
    ([told, read]) => told !== undefined && read !== undefined && told !== read
  )
  if (toldAt === undefined || changedAt === undefined) return differs
  if (differs) return changedAt <= toldAt
  return lateMs !== undefined && isNew !== true && changedAt < toldAt - lateMs
}
