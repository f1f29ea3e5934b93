import {
  cancelled,
  type Moment,
  notPushed,
  type Stay,
  type StayGuest,
  type StaysChange,
  stays
} from '../../model/change.ts'
import type { Connection } from '../../model/connection.ts'
import { usablePhone } from '../../model/contact.ts'
import { firstText, instantMs } from '../fields.ts'
import { ignored, type TranslateContext, type Translation, unknownStatus, unreadable } from '../platform.ts'
import { guestByEmail } from '../told.ts'
import { answerLabelled, answerTo, type Booking, type BookingEvent } from './events.ts'
import { placesOf, placeTold } from './places.ts'
import { addressHash, endedBy, hasSeats, type Party, partiesOf, replacedBy } from './seats.ts'
import { standings } from './status.ts'

/** Created, rescheduled or paid: what it means is in `status`. A request that the host accepts comes as created. */
export function bookingTold(event: BookingEvent, { connection }: TranslateContext): Translation {
  const { payload: booking } = event
  const status = firstText(booking.status)
  const word = status?.toUpperCase() ?? ''
  switch (standings.get(word)) {
    case 'pushed':
      return told(event, version => [
        ...replacedBy(booking).map(id => replaced(id, booking, version)),
        ...staysOf(booking, version, connection)
      ])
    case 'tentative': {
      const because = word.toLowerCase().replace('_', ' ')
      return told(event, version => awaitingOf(booking, version, connection, because))
    }
    case 'cancelled':
      return word === 'REJECTED' ? bookingRejected(event) : bookingCancelled(event)
    default:
      // Only a text is a status; anything else in its place could be about a person.
      return unknownStatus(status?.slice(0, 40) ?? null)
  }
}

/** Longer than any webhook is late, and any of those that cross. */
const LATE_MS = 180 * 86_400_000

/** Nobody books under a `uid` again that was replaced: what is told of it later is late. A seat in its slot may be taken again. */
function replaced(id: string, { rescheduleUid }: Booking, version: number): StaysChange {
  return cancelled(id, id === rescheduleUid ? version + LATE_MS : version, 'rescheduled')
}

/**
 * The host has not said yes. With `rescheduleUid` it is a wish to move an accepted booking (issue #21169), and the
 * accepted one stays as it is until a later event replaces or cancels it.
 */
export function bookingRequested(event: BookingEvent, { connection }: TranslateContext): Translation {
  return told(event, version => awaitingOf(event.payload, version, connection, 'pending'))
}

/** By either side; also a host's "please choose another time" (`requestReschedule`), which ends access all the same. */
export function bookingCancelled(event: BookingEvent): Translation {
  return told(event, version => endedBy(event.payload).map(id => cancelled(id, version)))
}

export function bookingRejected(event: BookingEvent): Translation {
  return told(event, version => endedBy(event.payload).map(id => cancelled(id, version, 'rejected')))
}

/** What an event says of its bookings, and beside it of its event type, unless all of them are off and stay nowhere. */
function told(event: BookingEvent, ofBookings: (version: number) => StaysChange[]): Translation {
  const version = instantMs(event.createdAt)
  if (version === undefined) throw unreadable('createdAt is not an instant')
  const changes = ofBookings(version)
  if (changes.length === 0) return ignored('an event with seats that names no attendee')
  return changes.every(change => change.cancelled)
    ? changes
    : [...changes, ...placeTold(event.payload, version)]
}

function awaitingOf(
  booking: Booking,
  version: number,
  connection: Connection,
  status: string
): StaysChange[] {
  if (connection.tentative === 'push') return staysOf(booking, version, connection)
  return partiesOf(booking).map(({ bookingId }) => notPushed(bookingId, version, status))
}

function staysOf(booking: Booking, version: number, connection: Connection): StaysChange[] {
  return partiesOf(booking).map(party =>
    stays(party.bookingId, version, [stayOf(booking, party, connection)])
  )
}

function stayOf(booking: Booking, party: Party, connection: Connection): Stay {
  return {
    id: party.bookingId,
    name: firstText(booking.title),
    places: placesOf(booking),
    guest: guestOf(booking, party, connection),
    start: momentOf(booking.startTime),
    end: momentOf(booking.endTime),
    preferredCode: party.answered ? codeOf(booking, connection.preferredCodeField) : undefined
  }
}

/** Whoever books by phone alone gets an address made of the number; nothing sent there arrives. */
const madeUpAddress = /@sms\.cal\.com$/i

/** Where nobody is named, the stay keeps whom it has: no code must end by that. */
function guestOf(
  booking: Booking,
  { attendee, answered }: Party,
  connection: Connection
): StayGuest | undefined {
  if (attendee === undefined) return undefined
  const email = firstText(attendee.email)
  const answers = answered ? booking.responses : undefined
  const phones = [
    attendee.phoneNumber,
    answerTo('attendeePhoneNumber', answers),
    answerTo('smsReminderNumber', answers),
    // In an event with seats this may be the number of whoever came first.
    hasSeats(booking) ? undefined : booking.smsReminderNumber
  ]
  const usable = phones.find(each => usablePhone(firstText(each), connection.country))
  const phone = firstText(usable, ...phones)
  const name = firstText(attendee.name)
  if (email === undefined || !madeUpAddress.test(email)) return guestByEmail({ name, email, phone })
  return { id: `phone_${addressHash(email)}`, name, email: null, phone }
}

function momentOf(time: unknown): Moment | null {
  return typeof time === 'string' && instantMs(time) !== undefined ? { instant: time } : null
}

function codeOf(booking: Booking, question: string | undefined): string | undefined {
  if (question === undefined) return undefined
  const forms = [booking.userFieldsResponses, booking.responses]
  const answer = answerTo(question, ...forms) ?? answerLabelled(question, ...forms)
  return firstText(typeof answer === 'number' ? String(answer) : answer)
}
