export interface BackoffSchedule {
  firstMs: number
  maxMs: number
}

/**
 * Delay before the next attempt: doubling, within ±20 % so that a crowd does not come back as one.
 * @param attempt attempts made so far, from 1
 * @param random in [0, 1)
 * @param retryAfterMs what the other side asked for; a longer one wins and is kept in full
 * @returns milliseconds
 */
export function backoffMs(
  schedule: BackoffSchedule,
  attempt: number,
  random: number,
  retryAfterMs = 0
): number {
  const planned = Math.min(schedule.firstMs * 2 ** Math.min(attempt - 1, 40), schedule.maxMs)
  return Math.max(Math.round(planned * (0.8 + 0.4 * random)), retryAfterMs)
}

/** Many attempts over about a day and a half: longer than any platform's own outage should last. */
const DELIVERY_BACKOFF: BackoffSchedule = { firstMs: 1_000, maxMs: 3_600_000 }
const MOST_ATTEMPTS = 45

/**
 * Retry or give up? The one place that decides it for a delivery.
 * @param attempt attempts made so far, from 1
 * @returns milliseconds until the next attempt, or undefined: a dead letter
 */
export function retryInMs(
  error: { mayPass: boolean; retryAfterMs: number | undefined },
  attempt: number,
  random: number
): number | undefined {
  if (!error.mayPass || attempt >= MOST_ATTEMPTS) return undefined
  return backoffMs(DELIVERY_BACKOFF, attempt, random, error.retryAfterMs)
}
