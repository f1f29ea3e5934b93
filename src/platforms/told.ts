import type { Moment, StayGuest } from '../model/change.ts'
import { usablePhone } from '../model/contact.ts'
import { isMembers, type Members } from '../model/members.ts'
import { usableTime } from '../model/time.ts'
import { firstText, lowerText } from './fields.ts'

// What a platform may or may not have told is read without trusting any type.
export { isMembers, type Members }

/** The members of an object; none of anything else, so that reading on needs no questions. */
export function membersOf(value: unknown): Members {
  return isMembers(value) ? value : {}
}

/** The objects in a list; none of anything else. */
export function entriesOf(value: unknown): Members[] {
  return Array.isArray(value) ? value.map(membersOf) : []
}

/** The text of the member with that name; undefined where no name is given. */
export function textNamed(name: string | undefined, members: Members): string | undefined {
  return name !== undefined && Object.hasOwn(members, name) ? firstText(members[name]) : undefined
}

/**
 * The first candidate that can be an id: a text, or a whole number as one. A number that is too large has lost digits in
 * parsing, so that two ids could look alike: it is none.
 */
export function idOf(...candidates: unknown[]): string | undefined {
  return firstText(...candidates.map(each => (Number.isSafeInteger(each) ? String(each) : each)))
}

/** The first text, or number as one; null where one of the candidates says that there is none; undefined where nothing is said. */
export function told(...candidates: unknown[]): string | null | undefined {
  return firstText(...candidates.map(asText)) ?? (candidates.some(saysNone) ? null : undefined)
}

/** A guest without an id of whom all is empty is no other one: what is empty was not told, as after their data was deleted. */
export function unlessEmpty(guest: StayGuest): StayGuest {
  const { id, name, email, phone } = guest
  return firstText(id, name, email, phone) === undefined ? {} : guest
}

/**
 * As {@link unlessEmpty}, where the e-mail alone tells guests apart: what leaves it out does not say whether it is still the one who
 * was named before.
 */
export function guestByEmail(guest: StayGuest): StayGuest {
  const told = unlessEmpty(guest)
  return 'email' in told && told.email === undefined ? { ...told, unidentified: true } : told
}

/**
 * The only place of a stay, by the first id; none where one of the candidates says that there is none; undefined where nothing is told, or
 * nothing that can be read.
 */
export function placeNamed(...candidates: unknown[]): string[] | undefined {
  const id = idOf(...candidates)
  if (id !== undefined) return [id]
  return candidates.some(saysNone) ? [] : undefined
}

/** As {@link told}, and the first that can be a number where there are several: what is written for "none" hides no other one. */
export function phoneTold(country: string | undefined, ...numbers: unknown[]): string | null | undefined {
  return told(
    numbers.find(each => usablePhone(told(each), country) !== undefined),
    ...numbers
  )
}

/** Booleans may come as number or text. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 1 || value === '1' || value === 'true'
}

/** As {@link isTrue}, whatever the case of the text and the white space around it: a door would open for what is off. */
export function isTrueInAnyCase(value: unknown): boolean {
  return isTrue(value) || isTrue(lowerText(value))
}

/** Whether a flag says anything, be it yes or no: null does not. An empty text is how PHP writes a no. */
export function isFlag(value: unknown): boolean {
  const isNo =
    value === false || value === 0 || value === '' || ['0', 'false'].includes(lowerText(value) ?? '')
  return isNo || isTrueInAnyCase(value)
}

function asText(value: unknown): unknown {
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : value
}

/** Whether there is none by what the platform writes: null, or a text with nothing in it. */
export function saysNone(value: unknown): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '')
}

/** A day that exists, from a text that begins with it; an hour behind it is left away. */
export function localDate(value: unknown): string | undefined {
  const date = /^\d{4}-\d\d-\d\d(?!\d)/.exec(firstText(value) ?? '')?.[0] ?? ''
  const midnight = new Date(`${date}T00:00:00Z`)
  // 2026-02-30 parses as the second of March.
  return Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== date ? undefined : date
}

/** The day, and the hour where one is told; null where no day is. */
export function localMoment(date: unknown, time?: unknown): Moment | null {
  const day = localDate(date)
  const hour = usableTime(firstText(time))
  if (day === undefined) return null
  return hour === undefined ? { date: day } : { date: day, time: hour }
}

/** Hours and minutes, as a place has them. */
export function placeHour(value: unknown): string | undefined {
  return usableTime(firstText(value))?.slice(0, 5)
}

/** Both or none, for half of a position is none. */
export function positionOf(
  latitude: unknown,
  longitude: unknown
): { latitude: number; longitude: number } | undefined {
  const [north, east] = [degrees(latitude, 90), degrees(longitude, 180)]
  return north === undefined || east === undefined ? undefined : { latitude: north, longitude: east }
}

function degrees(value: unknown, limit: number): number | undefined {
  const text = told(value)
  return text && Math.abs(Number(text)) <= limit ? Number(text) : undefined
}
