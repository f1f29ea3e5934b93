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
}

/**
 * An answer that is from before what its event tells of: it is asked for again, until that has been done often enough, and then
 * believed. @throws RELAY_PLATFORM_REFUSED (retryable), so that nothing else waits
 */
export function askAgainWhileBehind(api: PlatformApi, title: string, compared: Compared): void {
  if (isBehind(compared)) askAgainFirst(api, `${title} answers as things were before its webhook`)
}

/**
 * Whether an answer does not know of what its event tells. One that was changed later than the event knows more than it, whatever
 * it says: it tells of a second change. That an answer is older than its event says nothing by itself, as many an event tells of
 * something that moves no clock. Where one of them has no clock, what differs may as well be an event that is late, which must
 * not wait: only an answer that is against an end, or would open a door against its event, is asked for again. Where both say that
 * the booking is over, no code must live on for what else they say.
 */
export function isBehind({ standing, others, toldAt, changedAt }: Compared): boolean {
  const [told, read] = standing
  if (told === 'cancelled' && read === 'cancelled') return false
  const isAgainstEnd = told === 'cancelled'
  if (toldAt === undefined || changedAt === undefined)
    return isAgainstEnd || (differ(standing) && read === 'pushed')
  return changedAt <= toldAt && (isAgainstEnd || [standing, ...others].some(differ))
}

function differ([told, read]: Both): boolean {
  return told !== undefined && read !== undefined && told !== read
}
