import type { Moment } from '../../model/change.ts'
import type { StayMembers } from './events.ts'

/** `null` where neither an instant nor a date is told. */
export interface Span {
  start: Moment | null
  end: Moment | null
}

/** From when to when a unit is booked: its own day goes before the booking's, and so do its hour and its zone. */
export function spanOf(unit: StayMembers, booking: StayMembers): Span {
  const zone = unit.time_zone ?? booking.time_zone
  const checkIn = unit.check_in_time ?? booking.check_in_time
  const checkOut = unit.check_out_time ?? booking.check_out_time
  return {
    start:
      momentOf(unit.starts_at, unit.arrival_date, checkIn, zone) ??
      momentOf(booking.starts_at, booking.arrival_date, checkIn, zone),
    end:
      momentOf(unit.ends_at, unit.departure_date, checkOut, zone) ??
      momentOf(booking.ends_at, booking.departure_date, checkOut, zone)
  }
}

type Told = string | null | undefined

function momentOf(instant: Told, date: Told, time: Told, timeZone: Told): Moment | null {
  if (instant) return { instant }
  if (date) return { date, ...(time && { time }), ...(timeZone && { timeZone }) }
  return null
}
