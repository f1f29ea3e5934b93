import { cancelled, notPushed, type StayGuest, type StaysChange, stays } from '../../model/change.ts'
import { cancellationClock, type Dated, foundClock, notFoundClock, readingClock, refused } from '../api.ts'
import { firstText, instantMs } from '../fields.ts'
import { type TranslateContext, type Translation, unknownStatus } from '../platform.ts'
import {
  entriesOf,
  idOf,
  isTrueInAnyCase,
  localMoment,
  type Members,
  membersOf,
  told,
  unlessEmpty
} from '../told.ts'
import { type BookingEvent, madeAt, statusTold } from './events.ts'
import type { Facts } from './hydrate.ts'
import { codeOf, type Rooms, roomsOf } from './rooms.ts'
import { standingOf } from './status.ts'

/**
 * Any event of a booking: they all carry the whole of it, and a change of status comes under two names. What was read
 * again is believed first; it is never older than the webhook.
 */
export function bookingTold(event: BookingEvent, context: TranslateContext): Translation {
  const { connection } = context
  const facts = (context.facts ?? undefined) as Facts | undefined
  const { booking } = event
  const id = String(booking.id)
  if (facts !== undefined && 'gone' in facts) return [notFound(event, facts, context)]
  if (facts !== undefined && 'refused' in facts) throw refused(facts.refused)
  const read = facts?.booking
  const version = facts ? readClock(facts, context) : unreadClock(event, context)
  const endedAt = facts && clockOf(facts.booking) === undefined ? endClock(facts, context) : version
  const readRooms = entriesOf(read?.rooms).filter(room => idOf(room.room_type_id) !== undefined)
  const namedRooms = entriesOf(booking.room_types)
  const property = idOf(read?.property_id, booking.property_id)
  // Only the webhook names the property, which may be another by now.
  const propertyNamed = property === idOf(booking.property_id) ? booking.property_name : undefined
  const rooms = roomsOf(
    {
      property: property ?? booking.property_id,
      propertyName: firstText(read?.property_name, propertyNamed),
      // A reading knows the rooms by their ids; only the webhook names them.
      rooms:
        readRooms.length > 0 ? readRooms.map(room => ({ ...nameIn(namedRooms, room), ...room })) : namedRooms,
      roomTypes: facts?.roomTypes ?? 0
    },
    version,
    connection
  )
  return changesOf(event, read, { id, version, endedAt, rooms }, context)
}

/** Where bookings are read, what was not read must outdo no reading: it is as old as the booking. */
function unreadClock(booking: BookingEvent, context: TranslateContext): number {
  const made = context.connection.api === undefined ? undefined : madeBefore(booking, context)
  return made ?? context.delivery.receivedAt
}

/** When a new booking was made; not after it was told, whatever the two clocks say. */
function madeBefore(booking: BookingEvent, { event, delivery }: TranslateContext): number | undefined {
  const made = madeAt(event.type, booking)
  return made === undefined ? undefined : Math.min(made, delivery.receivedAt)
}

/**
 * A new booking comes under several events at once, and the API may not have caught up with the first of them: it is
 * filed before the time the booking was made, so that the reading of another one counts. Any other is over, or not known for
 * the moment: it is over until it changes or is found again an hour later.
 */
function notFound(booking: BookingEvent, facts: Dated, context: TranslateContext): StaysChange {
  const id = String(booking.booking.id)
  if (standingOf(statusTold(booking)) === 'cancelled') return cancelled(id, endClock(facts, context), 'gone')
  const made = madeBefore(booking, context)
  const readAt = readingClock(facts, context.delivery.receivedAt)
  if (made === undefined) return notPushed(id, notFoundClock(readAt), 'not found')
  // A reading may tell that moment to the second only.
  return notPushed(id, Math.floor(made / 1_000) * 1_000 - 1, 'not found')
}

function nameIn(named: Members[], room: Members): Members {
  const same = named.find(each => idOf(each.room_type_id) === idOf(room.room_type_id))
  return same === undefined ? {} : { name: same.name }
}

/**
 * When the booking last changed, as far as that is certain, else when it was read. No change is later than its reading,
 * whatever the two clocks say: where the booking is gone, only when that was read is known.
 */
function readClock(facts: Extract<Facts, { booking: Members }>, { delivery }: TranslateContext): number {
  const readAt = readingClock(facts, delivery.receivedAt)
  return foundClock(Math.min(clockOf(facts.booking) ?? readAt, readAt), readAt)
}

/** When it was read that the booking is over. */
function endClock(facts: Dated, { delivery }: TranslateContext): number {
  return cancellationClock(facts, delivery.receivedAt)
}

/**
 * `updated_at` does not move when a door code is written; then the later delivery counts. Without a zone it says too little:
 * the account's local time may be hours off, and goes back by one when summer ends.
 */
function clockOf({ updated_at, canceled_at }: Members): number | undefined {
  const updatedAt = instantMs(updated_at)
  return updatedAt && Math.max(updatedAt, instantMs(canceled_at) ?? updatedAt)
}

/** A booking that stays nowhere says nothing of its rooms. */
function changesOf(
  event: BookingEvent,
  read: Members | undefined,
  { id, version, endedAt, rooms }: { id: string; version: number; endedAt: number; rooms: Rooms },
  { connection }: TranslateContext
): Translation {
  const { booking } = event
  const status = read === undefined ? statusTold(event) : firstText(read.status)
  const standing = standingOf(status)
  if (isTrueInAnyCase(read?.is_deleted)) return [cancelled(id, endedAt, 'deleted')]
  if (status === undefined || standing === undefined) return unknownStatus(status ?? null)
  if (standing === 'cancelled') return [cancelled(id, endedAt, status)]
  // An enquiry becomes a booking under the same id, and a repeat still calls it one; what is closed stays closed.
  const former = read === undefined ? booking.booking_type : undefined
  const types = [read?.type, read?.booking_type, booking.type, former].map(type => firstText(type))
  if (types.includes('ClosedPeriod')) return [notPushed(id, version, 'closed period')]
  if (standing === 'inquiry' || types.includes('EnquiryOnly')) return [notPushed(id, version, 'enquiry')]
  if (standing === 'tentative' && connection.tentative === 'hold') {
    return [...rooms.told, notPushed(id, version, status)]
  }
  const guest = guestOf(membersOf(event.guest), membersOf(read?.guest))
  return [
    ...rooms.told,
    stays(id, version, [
      {
        id,
        name: firstText(read?.source_text, booking.source_text, guest.name),
        places: rooms.places,
        guest,
        start: localMoment(read?.arrival) ?? localMoment(booking.date_arrival),
        end: localMoment(read?.departure) ?? localMoment(booking.date_departure),
        preferredCode: read && codeOf(read)
      }
    ])
  ]
}

/**
 * Only the webhook tells the guest's id. It is not put on a guest who was read later and shares neither name nor e-mail
 * with the one it belongs to: the booking has another guest by then.
 */
function guestOf(webhook: Members, read: Members): StayGuest {
  const known = [firstText(read.name), firstText(read.email)].filter(text => text !== undefined)
  const theirs = [firstText(webhook.name), firstText(webhook.email)]
  const same = known.length === 0 || known.some(text => theirs.includes(text))
  const here = same ? webhook : {}
  return unlessEmpty({
    id: idOf(here.uid),
    name: firstText(read.name, here.name),
    email: told(read.email, here.email),
    phone: told(read.phone, read.phone_number, here.phone_number, here.phone)
  })
}
