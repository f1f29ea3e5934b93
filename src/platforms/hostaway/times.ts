import { instantMs } from '../fields.ts'

/**
 * When a record became what it is, on Hostaway's clock: the later of `latestActivityOn` and `updatedOn`, since neither
 * is documented to move with every change. Written in UTC to the second; a mere day is no clock.
 *
 * A body without either counts from its receipt. That can be wrong in one way only: sent again late, it hides a change
 * that was made and told in between, until the next event. To let such bodies lose against those with a clock would be
 * worse, as a cancellation may come as a short body. Where the reservation is read again the question does not arise:
 * the API tells the clock, or else what it tells is as new as the receipt.
 */
export function clockOf(record: { latestActivityOn?: unknown; updatedOn?: unknown }): number | undefined {
  const told = [record.latestActivityOn, record.updatedOn].map(utcMs).filter(ms => ms !== undefined)
  return told.length === 0 ? undefined : Math.max(...told)
}

function utcMs(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  return instantMs(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? `${text.replace(' ', 'T')}Z` : text)
}
