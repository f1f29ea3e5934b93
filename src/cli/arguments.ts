import { InvalidArgumentError } from 'commander'
import { Temporal } from 'temporal-polyfill'
import { type Scope, scopes } from '../model/caller.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/durations.ts'
import type { DeliveryFilter } from './operator/deliveries.ts'

/** How words of the command line are read. Each throws InvalidArgumentError that says what to give. */

const unitMs: Record<string, number> = { s: 1000, m: MINUTE_MS, min: MINUTE_MS, h: HOUR_MS, d: DAY_MS }

/** @param otherwise what else may be given @returns ms since 1970 */
export function instant(text: string, otherwise = ''): number {
  try {
    return Temporal.Instant.from(text).epochMilliseconds
  } catch {
    throw new InvalidArgumentError(`Give a time such as 2027-01-10T10:00:00Z${otherwise}.`)
  }
}

/** How long ago, such as `30m`, `2h` and `3d`, or an instant. @returns ISO 8601 */
export function instantOrAge(text: string): string {
  const [, count, unit = ''] = /^(\d{1,6})(s|m|min|h|d)$/.exec(text) ?? []
  const ms = unitMs[unit]
  const at =
    ms === undefined ? instant(text, ', or how long ago, such as 2h or 3d') : Date.now() - Number(count) * ms
  return new Date(at).toISOString()
}

/** `90d`, a date in UTC, or an instant. @returns ms since 1970 */
export function expiry(text: string): number {
  const [, days] = /^(\d{1,5})d$/.exec(text) ?? []
  if (days !== undefined) return Date.now() + Number(days) * DAY_MS
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text)
  return instant(isDate ? `${text}T00:00:00Z` : text, ', a date, or a number of days such as 90d')
}

export function scopeList(text: string): Scope[] {
  const named = text.split(',').map(each => each.trim())
  const unknown = named.find(each => !isScope(each))
  if (unknown !== undefined) throw new InvalidArgumentError(`Give some of ${scopes.join(', ')}.`)
  return named.filter(isScope)
}

function isScope(text: string): text is Scope {
  return (scopes as readonly string[]).includes(text)
}

export function pair(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('Give a name, =, and a value.')
  return { ...before, [name]: value }
}

export function header(text: string, before: Record<string, string> = {}): Record<string, string> {
  const given = Object.entries(pair(text)).map(([name, value]) => [name.toLowerCase(), value])
  return { ...before, ...Object.fromEntries(given) }
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return text => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : -1
    if (value >= least && value <= most) return value
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`)
  }
}

/** Of all options those that choose deliveries. */
export function filterIn(options: DeliveryFilter): DeliveryFilter {
  const { connection, state, type, booking, text, since, until } = options
  const given = Object.entries({ connection, state, type, booking, text, since, until })
  return Object.fromEntries(given.filter(([, value]) => value !== undefined))
}
