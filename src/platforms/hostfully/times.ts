import type { Moment } from '../../model/change.ts'
import { usableTime, usableZone } from '../../model/time.ts'
import { firstText } from '../fields.ts'
import { localDate } from '../told.ts'

interface Written {
  date: string
  time: string
  /** `+02:00` or `Z`. */
  offset: string | undefined
  zone: string | undefined
}

const form =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(?:\.\d+)?)? ?(Z|[+-]\d\d(?::?\d\d)?)?(?:\[([\w/+-]+)\]| ([A-Za-z]+\/[\w/+-]+))?$/

function read(value: unknown): Written | undefined {
  const [, day, minutes, seconds = '00', offset, bracketed, named] = form.exec(firstText(value) ?? '') ?? []
  const date = localDate(day)
  const time = usableTime(`${minutes}:${seconds}`)
  if (date === undefined || time === undefined) return undefined
  return { date, time, offset: offset && normal(offset), zone: usableZone(bracketed ?? named) }
}

/** `-07`, `-0700` and `-07:00` are one. */
function normal(offset: string): string {
  const [, hours, minutes = '00'] = /^([+-]\d\d):?(\d\d)?$/.exec(offset) ?? []
  return hours === undefined ? 'Z' : `${hours}:${minutes}`
}

/**
 * When a stay begins or ends. The form of the zoned time is not documented, whether it ends with an offset, a zone in
 * brackets, or both; where it cannot be read, the local time waits for the zone of the place. Without a time, the day
 * waits for the hours too.
 */
export function momentOf(zoned: unknown, local: unknown): Moment | null {
  const first = read(zoned)
  if (first?.offset !== undefined)
    return { instant: `${first.date}T${first.time.padEnd(8, ':00')}${first.offset}` }
  const { date, time, zone } = first ?? read(local) ?? {}
  if (date !== undefined)
    return zone === undefined
      ? { date, ...(time && { time }) }
      : { date, ...(time && { time }), timeZone: zone }
  const day = localDate(local) ?? localDate(zoned)
  return day === undefined ? null : { date: day }
}

/**
 * The zone of the place, where a zoned time names one. One that reads another hour than the local time is written in a
 * zone of its own, such as UTC, and tells nothing of the place.
 */
export function zoneOf(zoned: unknown, local: unknown): string | undefined {
  const { date, time, zone } = read(zoned) ?? {}
  const there = read(local)
  return date === there?.date && time === there?.time ? zone : undefined
}

/** `YYYY-MM-DDTHH:MM:SS` without a zone, in UTC as its name says; a blank may stand for the T. */
export function utcMs(value: unknown): number | undefined {
  const text = firstText(value)
  const written = read(text)
  if (text === undefined || written === undefined) return undefined
  const fraction = /\.\d+/.exec(text)?.[0] ?? ''
  const ms = Date.parse(`${written.date}T${written.time.padEnd(8, ':00')}${fraction}${written.offset ?? 'Z'}`)
  return Number.isNaN(ms) ? undefined : ms
}
