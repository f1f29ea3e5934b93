import { createHash } from 'node:crypto'
import { firstText, lowerText } from '../fields.ts'
import { unreadable } from '../platform.ts'
import { idOf, type Members } from '../told.ts'
import { attendeesOf, type Booking } from './events.ts'

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
  attendee: Members | undefined
  /** Whether the answers of the booking form are this attendee's. */
  answered: boolean
}

/** @throws RelayError where an event with seats lists people of whom none can be told from the others */
export function partiesOf(booking: Booking): Party[] {
  const attendees = attendeesOf(booking)
  if (!hasSeats(booking)) return [{ bookingId: booking.uid, attendee: attendees[0], answered: true }]
  const parties = new Map<string, Party>()
  for (const attendee of attendees) {
    for (const bookingId of seatsOf(booking.uid, [attendee])) {
      if (!parties.has(bookingId)) {
        parties.set(bookingId, { bookingId, attendee, answered: attendees.length === 1 })
      }
    }
  }
  if (parties.size === 0 && listsAnything(booking.attendees)) {
    throw unreadable('no attendee of an event with seats has an e-mail')
  }
  return [...parties.values()]
}

/**
 * The bookings that are over because of a reschedule; none where the host moved a whole slot, which keeps its `uid`. Seats
 * may be switched on and off, and not every event tells of them: where none are told of, both readings.
 */
export function replacedBy(booking: Booking): string[] {
  const { uid, rescheduledBy } = booking
  const replaced = firstText(booking.rescheduleUid)
  if (replaced === undefined || replaced === uid) return []
  const listed = attendeesOf(booking)
  // An attendee who moves is listed together with those in the new slot, who may have kept a seat in the old one.
  const mover = listed.filter(attendee => typeof rescheduledBy === 'string' && isOf(attendee, rescheduledBy))
  const seats = seatsOf(replaced, mover.length > 0 ? mover : listed)
  return hasSeats(booking) ? seats : [replaced, ...seats]
}

/** The bookings that a cancellation or refusal ends. Where no seats are told of, both readings, as with a reschedule. */
export function endedBy(booking: Booking): string[] {
  if (hasSeats(booking)) return partiesOf(booking).map(party => party.bookingId)
  return [booking.uid, ...seatsOf(booking.uid, attendeesOf(booking))]
}

export function hasSeats({ seatsPerTimeSlot }: Booking): boolean {
  return Number(idOf(seatsPerTimeSlot)) > 0
}

/** Twelve hex digits that stand for an address; the address itself belongs in no key. */
export function addressHash(email: string): string {
  return createHash('sha256').update(email.trim().toLowerCase()).digest('hex').slice(0, 12)
}

/** One for each person; none for those without an e-mail, who cannot be told from each other. */
function seatsOf(uid: string, attendees: (Members | undefined)[]): string[] {
  const emails = attendees.flatMap(attendee => firstText(attendee?.email) ?? [])
  return [...new Set(emails.map(email => `${uid}_${addressHash(email)}`))]
}

function isOf(attendee: Members | undefined, email: string): boolean {
  return lowerText(attendee?.email) === email.trim().toLowerCase()
}

function listsAnything(attendees: unknown): boolean {
  return (
    attendees !== undefined && attendees !== null && !(Array.isArray(attendees) && attendees.length === 0)
  )
}
