import { createHash } from 'node:crypto'
import { unreadable } from '../platform.ts'
import type { Attendee, Booking } from './events.ts'

/**
 * Which bookings an event speaks of, in the relay's sense: what is made, moved and cancelled as one.
 *
 * Without seats that is the `uid`. With seats (`seatsPerTimeSlot`) one `uid` is a slot that many people share, each
 * event names only the people it is about (a new seat: the new attendee; a cancelled seat: the one who leaves; the
 * host's cancellation: everybody), and nobody's leaving ends the slot. So every attendee is a booking of its own,
 * `<uid>_<hash of the e-mail>`. This rests on what the sender's source does and no page promises: attendees of a slot
 * have different e-mails, and an event never lists people whom it does not concern, except those a moved attendee joins.
 */
export interface Party {
  bookingId: string
  attendee: Attendee | undefined
  /** Whether the answers of the booking form are this attendee's. */
  answered: boolean
}

export function partiesOf(booking: Booking): Party[] {
  const attendees = booking.attendees ?? []
  if (!hasSeats(booking)) return [{ bookingId: booking.uid, attendee: attendees[0], answered: true }]
  const parties = new Map<string, Party>()
  for (const attendee of attendees) {
    const bookingId = seatId(booking.uid, attendee)
    if (!parties.has(bookingId)) {
      parties.set(bookingId, { bookingId, attendee, answered: attendees.length === 1 })
    }
  }
  return [...parties.values()]
}

/** The bookings that are over because of a reschedule; none where the host moved a whole slot, which keeps its `uid`. */
export function replacedBy(booking: Booking): string[] {
  const { uid, rescheduleUid, attendees, rescheduledBy } = booking
  if (!rescheduleUid || rescheduleUid === uid) return []
  if (!hasSeats(booking)) return [rescheduleUid]
  const listed = attendees ?? []
  // An attendee who moves is listed together with those in the new slot, who may have kept a seat in the old one.
  const mover = listed.filter(attendee => typeof rescheduledBy === 'string' && isOf(attendee, rescheduledBy))
  const moved = mover.length > 0 ? mover : listed
  return [...new Set(moved.map(attendee => seatId(rescheduleUid, attendee)))]
}

/** The bookings that a cancellation or refusal ends. Where seats are not told of (a host asks to reschedule), both readings. */
export function endedBy(booking: Booking): string[] {
  const { uid, seatsPerTimeSlot, attendees } = booking
  const seats = (attendees ?? []).filter(identityOf).map(attendee => seatId(uid, attendee))
  if (seatsPerTimeSlot === undefined) return [...new Set([uid, ...seats])]
  return partiesOf(booking).map(party => party.bookingId)
}

export function hasSeats(booking: Booking): boolean {
  return typeof booking.seatsPerTimeSlot === 'number' && booking.seatsPerTimeSlot > 0
}

/** Twelve hex digits that stand for an address; the address itself belongs in no key. */
export function addressHash(email: string): string {
  return createHash('sha256').update(email.trim().toLowerCase()).digest('hex').slice(0, 12)
}

function seatId(uid: string, attendee: Attendee): string {
  const identity = identityOf(attendee)
  if (identity === undefined) throw unreadable('an attendee of an event with seats has no e-mail')
  return `${uid}_${addressHash(identity)}`
}

function identityOf(attendee: Attendee): string | undefined {
  return attendee.email?.trim() || undefined
}

function isOf(attendee: Attendee, email: string): boolean {
  return identityOf(attendee)?.toLowerCase() === email.trim().toLowerCase()
}
