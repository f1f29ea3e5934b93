import { type Static, Type } from '@sinclair/typebox'
import type { Delivery } from '../../model/delivery.ts'
import { firstText, Id, instantMs, Told } from '../fields.ts'
import { type PlatformEvent, readJson, unreadable } from '../platform.ts'
import { membersOf } from '../told.ts'

export const BookingEvent = Type.Object({
  action: Told,
  booking: Type.Object({
    id: Id,
    /** `Booking`, or `ClosedPeriod`. */
    type: Told,
    /** `EnquiryOnly`, among others. */
    booking_type: Told,
    status: Told,
    /** Local days, written as midnight without a zone. */
    date_arrival: Told,
    date_departure: Told,
    date_created: Told,
    property_id: Told,
    property_name: Told,
    room_types: Told,
    /** The channel's own code. */
    source_text: Told
  }),
  guest: Told
})
export type BookingEvent = Static<typeof BookingEvent>

/** All carry the whole booking; a change of status comes as `booking_change` and under its own name. */
export const bookingEvents = [
  'booking_new_any_status',
  'booking_new_status_booked',
  'booking_change',
  'booking_status_change_booked',
  'booking_status_change_tentative',
  'booking_status_change_open',
  'booking_status_change_declined'
]

/** When a booking was made, ms since 1970, where an event tells of it as new. */
export function madeAt(type: string, { booking }: BookingEvent): number | undefined {
  return type.startsWith('booking_new_') ? instantMs(booking.date_created) : undefined
}

/** The webhook's own word for the status; an event of a refusal needs none. */
export function statusTold({ booking, action }: BookingEvent): string | undefined {
  const named = /_(booked|tentative|open|declined)$/.exec(firstText(action) ?? '')?.[1]
  return named === 'declined' ? named : (firstText(booking.status) ?? named)
}

/** What an event is taken for that names none, neither in its body nor in its address. */
const unnamed = 'booking_change'

/**
 * The documented webhook is an object; public code that keeps what it received unwraps a list. One event each, so that
 * one of them that cannot be read does not spoil the others.
 */
export function readEvents(delivery: Pick<Delivery, 'body' | 'query'>): PlatformEvent[] {
  const body = readJson(delivery)
  const payloads = Array.isArray(body) ? body : [body]
  if (payloads.length === 0) throw unreadable('the body is an empty list')
  return payloads.map(payload => ({
    // Each subscription has an address of its own, which may tell the event as well.
    type: firstText(membersOf(payload).action, delivery.query.event?.[0]) ?? unnamed,
    payload
  }))
}
