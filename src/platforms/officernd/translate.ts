import {
  type Change,
  cancelled,
  type Moment,
  notPushed,
  remove,
  type StayGuest,
  stays,
  type UpsertPlace,
  upsertGuest,
  upsertPlace
} from '../../model/change.ts'
import type { Connection } from '../../model/connection.ts'
import { usableZone } from '../../model/time.ts'
import { firstText, instantMs } from '../fields.ts'
import type { TranslateContext, Translation } from '../platform.ts'
import { localDate, type Members, membersOf, placeNamed, saysNone, textNamed, told } from '../told.ts'
import { type Booking, type BookingEvent, bookerOf, type PersonEvent, refOf, standingOf } from './events.ts'
import type { Facts } from './hydrate.ts'

/** Made or changed; a cancellation may be such a change. */
export function bookingTold(event: BookingEvent, context: TranslateContext): Translation {
  const { object: booking } = event
  const { connection, facts } = context
  const version = versionOf(event, context)
  const id = booking._id
  const places = placeTold(booking, version)
  const standing = standingOf(booking)
  // A booking that stays nowhere says nothing of its resource.
  if (standing === 'off') return [cancelled(id, version)]
  if (standing === 'recurring') {
    return [...places, notPushed(id, version, 'recurring, and its occurrences are not given')]
  }
  if (standing === 'tentative' && connection.tentative === 'hold') {
    return [...places, notPushed(id, version, 'tentative')]
  }
  const guest = guestOf(booking, facts)
  return [
    ...places,
    stays(id, version, [
      {
        id,
        name: firstText(booking.summary, booking.title, guest?.name),
        places: placesOf(booking),
        guest,
        start: momentOf(booking.start, booking),
        end: momentOf(booking.end, booking),
        preferredCode: codeOf(facts, connection)
      }
    ])
  ]
}

export function bookingRemoved(event: BookingEvent, context: TranslateContext): Change[] {
  return [cancelled(event.object._id, removedAt(event, context))]
}

/** A member, or a company that books for itself. Whoever is no longer active keeps the bookings that stand. */
export function personTold(event: PersonEvent, context: TranslateContext): Change[] {
  return [upsertGuest(event.object._id, versionOf(event, context), fieldsOf(event.object))]
}

export function personRemoved(event: PersonEvent, context: TranslateContext): Change[] {
  return [remove('guest', event.object._id, removedAt(event, context))]
}

interface Clocks {
  createdAt?: unknown
  object: { modifiedAt?: unknown }
}

function versionOf({ createdAt, object }: Clocks, { delivery }: TranslateContext): number {
  return instantMs(object.modifiedAt) ?? instantMs(createdAt) ?? delivery.receivedAt
}

/** What is removed may carry the clock of its last change, which is older than its removal. */
function removedAt(event: Clocks, context: TranslateContext): number {
  return Math.max(versionOf(event, context), instantMs(event.createdAt) ?? 0)
}

function placesOf({ resourceId, resource }: Booking): string[] | undefined {
  const id = refOf(resourceId, resource)
  return id === undefined ? placeNamed(resourceId, resource) : [id]
}

/** There is no event for resources; a booking tells the zone. */
function placeTold(booking: Booking, version: number): UpsertPlace[] {
  const timeZone = usableZone(firstText(booking.timezone))
  return timeZone === undefined
    ? []
    : (placesOf(booking) ?? []).map(id => upsertPlace(id, version, { timeZone }))
}

const localTime = /^(\d{4}-\d\d-\d\d)[T ]((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)(?:\.\d+)?$/

/**
 * `{ dateTime }`, or the text itself; for whole days `{ date }`. Without an offset it is a time in the booking's zone. The
 * minutes of `serviceSlots` are for cleaning.
 */
function momentOf(value: unknown, { timezone }: Booking): Moment | null {
  const text = firstText(membersOf(value).dateTime, value)
  const ms = instantMs(text)
  if (ms !== undefined) return { instant: new Date(ms).toISOString() }
  const [, day = membersOf(value).date, time] = localTime.exec(text ?? '') ?? []
  const date = localDate(day)
  if (date === undefined) return null
  const timeZone = usableZone(firstText(timezone))
  return { date, ...(time !== undefined && { time }), ...(timeZone !== undefined && { timeZone }) }
}

/**
 * What was read has a clock of its own, so that a member's event and a booking's never argue. Undefined where nobody is named and
 * nothing says that there is nobody: the stay keeps whom it has.
 */
function guestOf(booking: Booking, facts: unknown): StayGuest | null | undefined {
  const booker = bookerOf(booking)
  if (booker === undefined) return saysNone(booking.member) ? null : undefined
  const person = personIn(facts)
  const version = instantMs(person?.modifiedAt)
  return {
    id: booker.id,
    ...(person !== undefined && fieldsOf(person)),
    ...(version !== undefined && { version })
  }
}

function personIn(facts: unknown): Members | undefined {
  const read = facts as Facts | undefined
  return read !== undefined && 'person' in read ? read.person : undefined
}

function fieldsOf({ name, email, phone }: Members) {
  return { name: firstText(name), email: told(email), phone: told(phone) }
}

/** A custom property of the member. */
function codeOf(facts: unknown, { preferredCodeField }: Connection): string | undefined {
  return textNamed(preferredCodeField, membersOf(personIn(facts)?.codes))
}
