import { Temporal } from 'temporal-polyfill'
import type { SampleBooking } from '../../src/platforms/samples.ts'

/** Of accounts that do not say where they are. */
const TIME_ZONE = 'Europe/Berlin'
const MINUTE_MS = 60_000
/** The first step lies so far back that the last one is not in the future. */
const STORY_MS = 30 * MINUTE_MS

export type AdaStep = 'booked' | 'later' | 'muchLater' | 'otherRoom' | 'lateCheckIn' | 'cancelled'

/** What is true of the demo's two bookings at one account, step by step, a minute apart on the platform's clock. */
export interface Bookings {
  ada: Record<AdaStep, SampleBooking>
  grace: { booked: SampleBooking }
}

/**
 * @param account name of the account: to Seam two guests with one e-mail are one person, so everybody's is another
 * @param number of the account, for the same reason
 * @param now ms since 1970
 * @param timeZone where it all happens; some platforms tell no zone, and then it is the connection's
 */
export function bookingsOf(account: string, number: number, now: number, timeZone = TIME_ZONE): Bookings {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDate()
  const day = (days: number) => today.add({ days }).toString()
  const at = (step: number) => now - STORY_MS + step * MINUTE_MS
  const common = {
    status: 'confirmed' as const,
    checkIn: '15:00',
    checkOut: '11:00',
    timeZone,
    code: '4711'
  }

  const booked: SampleBooking = {
    ...common,
    id: 'b1',
    rooms: [{ id: 'r1', place: '101' }],
    guest: {
      id: 'g1',
      name: 'Ada Lovelace',
      email: `ada@${account}.example.com`,
      phone: phoneNumber(2 * number)
    },
    arrival: day(30),
    departure: day(34),
    updatedAt: at(0)
  }
  const later: SampleBooking = { ...booked, arrival: day(31), updatedAt: at(1) }
  const muchLater: SampleBooking = { ...later, arrival: day(32), departure: day(37), updatedAt: at(2) }
  const otherRoom: SampleBooking = { ...muchLater, rooms: [{ id: 'r1', place: '102' }], updatedAt: at(4) }
  const lateCheckIn: SampleBooking = { ...otherRoom, checkIn: '18:00', updatedAt: at(5) }
  const cancelled: SampleBooking = { ...lateCheckIn, status: 'cancelled', updatedAt: at(6) }
  const grace: SampleBooking = {
    ...common,
    id: 'b2',
    rooms: [{ id: 'r1', place: '103' }],
    guest: {
      id: 'g2',
      name: 'Grace Hopper',
      email: `grace@${account}.example.com`,
      phone: phoneNumber(2 * number + 1)
    },
    arrival: day(40),
    departure: day(44),
    updatedAt: at(3)
  }
  return {
    ada: { booked, later, muchLater, otherRoom, lateCheckIn, cancelled },
    grace: { booked: grace }
  }
}

/** Of those that are kept for fiction. */
function phoneNumber(number: number): string {
  return `+121255501${String(number % 100).padStart(2, '0')}`
}

/** A booking's stay as the two instants that Seam must hold, ms since 1970. */
export function instantsOf(booking: SampleBooking): { startsAt: number; endsAt: number } {
  const { arrival, departure, checkIn, checkOut, timeZone } = booking
  const instant = (date: string, time: string) =>
    Temporal.PlainDateTime.from(`${date}T${time}`).toZonedDateTime(timeZone).epochMilliseconds
  return { startsAt: instant(arrival, checkIn), endsAt: instant(departure, checkOut) }
}
