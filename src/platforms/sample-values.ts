import { createHash } from 'node:crypto'
import { Temporal } from 'temporal-polyfill'
import type { SampleBooking, Samples } from './samples.ts'

/** What made-up ids are made of: the same words always give the same bytes, and so the same id. */
export function hashOf(words: string): Buffer {
  return createHash('sha256').update(words).digest()
}

/** So many hex digits for these words. */
export function hexOf(words: string, digits: number): string {
  return hashOf(words).toString('hex').slice(0, digits)
}

/** @param version the digit that tells how the platform makes its own */
export function uuidOf(words: string, version: 4 | 5 = 4): string {
  const hex = hexOf(words, 32)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${version}${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}

/** A GUID that tells no version. */
export function guidOf(words: string): string {
  return hexOf(words, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** A number below 2⁴⁰ for these words. */
export function madeUpNumber(words: string): number {
  return hashOf(words).readUIntBE(0, 5) + 1
}

/** For platforms whose ids are numbers: a number stays, any other text becomes one. */
export function numberOf(text: string): number {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : madeUpNumber(text)
}

/** As {@link numberOf}, for platforms that write some of their ids as text: digits stay, however many. */
export function digitsOf(text: string): string {
  return /^[1-9]\d*$/.test(text) ? text : String(hashOf(text).readUIntBE(0, 6))
}

/** The ids of a booking where ids are numbers and a booking has one room. */
export function numberedStay(booking: SampleBooking): ReturnType<Samples['ids']> {
  const place = booking.rooms[0]?.place
  return { stays: place ? [{ id: `${numberOf(booking.id)}`, place: `${numberOf(place)}` }] : [] }
}

/**
 * Another text for every state of a booking, for platforms where a reschedule makes a new id. A way back to earlier
 * dates is another state too.
 */
export function stateOf(booking: SampleBooking): string {
  const { id, updatedAt, arrival, departure, checkIn, checkOut, rooms } = booking
  return JSON.stringify([id, updatedAt, arrival, departure, checkIn, checkOut, rooms[0]?.place ?? null])
}

/** The rooms that a booking had and has no more. */
export function roomsGone(before: SampleBooking | undefined, after: SampleBooking): SampleBooking['rooms'] {
  return (before?.rooms ?? []).filter(({ id }) => after.rooms.every(room => room.id !== id))
}

export function namesOf({ name }: SampleBooking['guest']): { first: string; last: string } {
  const [first = '', ...rest] = name.split(' ')
  return { first, last: rest.join(' ') }
}

/** When a booking begins and ends, ms since 1970. */
export function spanOf(booking: SampleBooking): { start: number; end: number } {
  const { arrival, departure, checkIn, checkOut, timeZone } = booking
  const at = (local: string) => Temporal.PlainDateTime.from(local).toZonedDateTime(timeZone).epochMilliseconds
  return { start: at(`${arrival}T${checkIn}`), end: at(`${departure}T${checkOut}`) }
}

/** `2027-03-26T15:00:00+01:00`: the offset is that of the day and changes with the clocks. */
export function withOffset(ms: number, timeZone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone)
  return local.toString({ timeZoneName: 'never' })
}

/** `2027-03-26T14:00:00Z`, where a platform's clock has whole seconds. */
export function wholeSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** `2027-03-26 14:00:00`, in UTC. */
export function spacedSeconds(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

/** What is alike in bookings of a holiday home that somebody makes now: they begin and end so many days later. */
export function comingStay(
  now: number,
  from: number,
  to: number
): Omit<SampleBooking, 'id' | 'rooms' | 'guest' | 'timeZone'> {
  const day = (days: number) => new Date(now + days * 86_400_000).toISOString().slice(0, 10)
  return {
    status: 'confirmed',
    arrival: day(from),
    departure: day(to),
    checkIn: '15:00',
    checkOut: '11:00',
    code: null,
    updatedAt: now
  }
}

/** An hour and a half in a studio, for platforms of appointments and rooms by the hour. */
export const ninetyMinutes: SampleBooking = {
  id: 'b1',
  status: 'confirmed',
  rooms: [],
  guest: { id: 'g1', name: 'Zoë Lindqvist', email: 'zoe.lindqvist@example.com', phone: '+46855501470' },
  arrival: '2027-02-15',
  departure: '2027-02-15',
  checkIn: '14:00',
  checkOut: '15:30',
  timeZone: 'Europe/Stockholm',
  code: '481920',
  updatedAt: 0
}

/** Three nights in a hotel, in one of which clocks go forward. */
export const threeNights: SampleBooking = {
  id: 'b1',
  status: 'confirmed',
  rooms: [],
  guest: { id: '1', name: 'Zoë Lindqvist', email: 'zoe.lindqvist@example.com', phone: '+46 8 555 01 47' },
  arrival: '2027-03-26',
  departure: '2027-03-29',
  checkIn: '15:00',
  checkOut: '11:00',
  timeZone: 'Europe/Stockholm',
  code: null,
  updatedAt: 0
}
