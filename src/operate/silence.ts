import { DAY_MS, HOUR_MS } from '../model/durations.ts'

/** Two weeks have two of each night and each weekend. */
export const LEARNT_FROM_MS = 14 * DAY_MS
/** Fewer hours in which anything came tell nothing of when it comes. */
const LEAST_HOURS = 20
/** And in a shorter time there was no night to learn from. */
const LEAST_SPAN_MS = 3 * DAY_MS

/**
 * How long a connection may be silent without anything being wrong: half as long again as it was at most.
 * @param hours in which anything came, oldest first @returns undefined where they tell too little
 */
export function expectedSilenceMs(hours: number[]): number | undefined {
  const [first, last] = [hours[0], hours.at(-1)]
  if (first === undefined || last === undefined) return undefined
  if (hours.length < LEAST_HOURS || last - first < LEAST_SPAN_MS) return undefined
  // From one hour with something to the next there are at most so many without.
  const longest = hours.reduce((gap, hour, at) => Math.max(gap, hour - (hours[at - 1] ?? hour)), HOUR_MS)
  return (longest * 3) / 2
}
