import { Temporal } from 'temporal-polyfill'
import type { Moment } from './change.ts'
import { heldReasons } from './held-reasons.ts'

/** What turns a local date into an instant: from the booking, else the place, else the connection. */
export interface LocalRules {
  timeZone: string | undefined
  /** `HH:mm` or `HH:mm:ss`. */
  time: string | undefined
}

export type Instant = { ms: number } | { missing: string }

const noTime = { 'check-in': heldReasons.noCheckInTime, 'check-out': heldReasons.noCheckOutTime }

/**
 * A moment as an instant. Gaps and overlaps of daylight saving: Temporal's `compatible` (the later time in a gap, the
 * earlier one in an overlap).
 * @param what for the reason
 */
export function instantOf(moment: Moment, rules: LocalRules, what: keyof typeof noTime): Instant {
  if ('instant' in moment) {
    const ms = msOf(moment.instant)
    return ms === undefined || isBeyond(ms) ? { missing: `the ${what} time cannot be read` } : { ms }
  }
  const timeZone = usableZone(moment.timeZone) ?? rules.timeZone
  if (timeZone === undefined) {
    if (moment.orInstant !== undefined) return instantOf({ instant: moment.orInstant }, rules, what)
    return { missing: heldReasons.noTimeZone }
  }
  const time = usableTime(moment.time) ?? rules.time
  if (time === undefined) return { missing: noTime[what] }
  const ms = localMs(moment.date, time, timeZone)
  return ms === undefined || isBeyond(ms) ? { missing: `the ${what} date cannot be read` } : { ms }
}

function localMs(date: string, time: string, timeZone: string): number | undefined {
  try {
    const local = Temporal.PlainDate.from(date).toPlainDateTime(Temporal.PlainTime.from(time))
    return local.toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds
  } catch {
    return undefined
  }
}

function msOf(instant: string): number | undefined {
  try {
    return Temporal.Instant.from(instant).epochMilliseconds
  } catch {
    return undefined
  }
}

/** Whether its offset leads an instant out of the years that Seam takes. */
export function leavesTheYears(instant: string): boolean {
  if (!/^(?:0000|9999)-/.test(instant)) return false
  const ms = msOf(instant)
  return ms !== undefined && isBeyond(ms)
}

/** Whether it lies beyond the years 0000 to 9999: in UTC, Seam takes no others. */
function isBeyond(ms: number): boolean {
  return seamInstant(ms).length !== '9999-12-31T23:59:59Z'.length
}

/** As Seam wants it: UTC with `Z`, to the second. */
export function seamInstant(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}

const zones = new Map<string, string | undefined>()

/** The zone's name as the IANA database writes it, where it is one in whatever case, else undefined. */
export function usableZone(name: string | null | undefined): string | undefined {
  return name ? zoneNamed(name) : undefined
}

/** Whether a text is a zone's name as the IANA database writes it, because Seam gets it as it is. */
export function isZoneName(text: string): boolean {
  return zoneNamed(text) === text
}

/** The zone that a text names in whatever case; undefined for offsets: they know no daylight saving. */
export function zoneNamed(text: string): string | undefined {
  if (!/^[A-Za-z]/.test(text)) return undefined
  if (zones.has(text)) return zones.get(text)
  const zone = resolved(text)
  // Names come from outside; the memory of them stays bounded.
  if (zones.size < 1000) zones.set(text, zone)
  return zone
}

function resolved(name: string): string | undefined {
  try {
    // Unlike Intl, it spells an alias, such as US/Eastern, instead of telling what it is one of.
    return new Temporal.ZonedDateTime(0n, name).timeZoneId
  } catch {
    return undefined
  }
}

/** `HH:mm` or `HH:mm:ss` where the text is a wall time, else undefined. `24:00` is none. */
export function usableTime(text: string | null | undefined): string | undefined {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text?.trim() ?? '')
  if (match === null) return undefined
  const [, hours = '', minutes = '', seconds] = match
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds ?? 0) > 59) return undefined
  const short = `${hours.padStart(2, '0')}:${minutes}`
  return seconds === undefined || seconds === '00' ? short : `${short}:${seconds}`
}

/** `YYYY-MM-DDTHH:mm:ss`, a fraction, `Z` or an offset. */
const WRITTEN_INSTANT =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3])(?::[0-5]\d){2}(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/** Whether a text is an instant of RFC 3339, on a day that there is. */
export function isWrittenInstant(text: string): boolean {
  if (!WRITTEN_INSTANT.test(text)) return false
  const day = Number(text.slice(8, 10))
  // Every month has so many; and day 0 of the next one is the last of this.
  if (day <= 28) return true
  return day <= new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate()
}
