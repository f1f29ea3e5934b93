import { RelayError } from '../../errors.ts'
import {
  type Change,
  cancelled,
  notPushed,
  remove,
  type StayGuest,
  type StaysChange,
  stays,
  upsertPlace
} from '../../model/change.ts'
import type { Connection } from '../../model/connection.ts'
import { usableEmail, usablePhone } from '../../model/contact.ts'
import { notLongAfter } from '../api.ts'
import { firstText, instantMs, joinName } from '../fields.ts'
import { type Ignored, ignored, type TranslateContext, type Translation, unknownStatus } from '../platform.ts'
import { idOf, type Members, membersOf, told } from '../told.ts'
import { type EntityEvent, isServed, isTellingEnd, leavings, timestampOf } from './events.ts'
import type { ReservationFacts, UnitFacts } from './hydrate.ts'
import { endOf, isSpan, partsOf, startOf, tellsLeaving } from './parts.ts'
import { standingOf } from './status.ts'

/** Something happened to a reservation; what it is now was read. */
export function reservationTold(event: EntityEvent, context: TranslateContext): Translation {
  if (!isServed(event, context.connection)) return notServed
  const id = String(event.data.entityId)
  const toldAt = clockOf(event, context)
  if (context.facts === undefined && isTellingEnd(context.event.type, event)) return [cancelled(id, toldAt)]
  const facts = factsOf<ReservationFacts>(context)
  if ('gone' in facts) return notFound(id, toldAt, context)
  const { reservation } = facts
  if (!isServed({ propertyId: membersOf(reservation.property).id }, context.connection)) return notServed
  // Of answers whose `modified` has not moved, the cancellation or the one that was received later counts.
  const version = notLongAfter(instantMs(reservation.modified), toldAt)
  const booking = bookingTold(id, version, reservation, context.connection)
  if ('ignored' in booking) return booking
  // A booking that stays nowhere says nothing of its units: it may be the last one of a unit that is gone.
  return booking.stays.length === 0 ? [booking] : [...placesTold(reservation, version), booking]
}

/**
 * A deletion has an event of its own, behind all others of the reservation. Where no event tells of an end, apaleo may not know it
 * yet, or for the moment; and what is read later counts as of `modified`, so nothing is told that could outdo it.
 */
function notFound(id: string, toldAt: number, { event, delivery }: TranslateContext): Translation {
  if (!leavings.includes(event.type)) return ignored('apaleo does not know the reservation: its stay is kept')
  // The event may be older than what was read before; nothing is later than a reading that finds nothing.
  return [cancelled(id, Math.max(toldAt, delivery.receivedAt), 'deleted')]
}

/** Told with the id alone: what is deleted is answered with 404. */
export function reservationDeleted(event: EntityEvent, context: TranslateContext): Translation {
  if (!isServed(event, context.connection)) return notServed
  return [cancelled(String(event.data.entityId), clockOf(event, context), 'deleted')]
}

export function unitTold(event: EntityEvent, context: TranslateContext): Translation {
  if (!isServed(event, context.connection)) return notServed
  const id = String(event.data.entityId)
  const version = clockOf(event, context)
  const facts = factsOf<UnitFacts>(context)
  // Every stay in it would end with its place, so only an event of its deletion ends that.
  if ('gone' in facts) return ignored('apaleo does not know the unit: its place is kept')
  return [upsertPlace(id, version, facts.place)]
}

export function unitDeleted(event: EntityEvent, context: TranslateContext): Translation {
  if (!isServed(event, context.connection)) return notServed
  return [remove('place', String(event.data.entityId), clockOf(event, context))]
}

const notServed = ignored('its property is not among those of the connection')

function clockOf(event: EntityEvent, { delivery }: TranslateContext): number {
  return timestampOf(event) ?? delivery.receivedAt
}

function factsOf<T extends object>({ facts, event }: TranslateContext): T {
  if (typeof facts === 'object' && facts !== null) return facts as T
  throw new RelayError(
    'RELAY_HYDRATION_NOT_CONFIGURED',
    `${event.type} carries only an id, and nothing was read for it`
  )
}

function bookingTold(
  id: string,
  version: number,
  reservation: Members,
  connection: Connection
): StaysChange | Ignored {
  const status = `${firstText(reservation.status)}`.toLowerCase()
  switch (standingOf(status)) {
    case undefined:
      return unknownStatus(reservation.status)
    case 'cancelled':
      return cancelled(id, version, status)
    case 'no access':
      // Where it is not told when, whoever has left gets in no more. Whoever left before the booked start has no stay left; one that
      // ends before it starts would be kept back.
      if (!tellsLeaving(reservation) || !isSpan(startOf(reservation), endOf(reservation)))
        return notPushed(id, version, status)
  }
  const guest = guestOf(id, reservation, connection)
  const name = joinName(id, membersOf(reservation.primaryGuest).lastName)
  return stays(
    id,
    version,
    partsOf(reservation).map(({ suffix, unit, start, end }) => ({
      id: `${id}${suffix}`,
      name,
      places: unit === undefined ? [] : [unit],
      guest,
      start: start === undefined ? null : { instant: start },
      end: end === undefined ? null : { instant: end }
    }))
  )
}

/**
 * Guests have no id: the e-mail tells them apart, else each reservation has its own, so that another name is never
 * another guest. Where nothing is told of anybody, the stay keeps its guest.
 */
function guestOf(id: string, { primaryGuest, booker }: Members, { country }: Connection): StayGuest {
  const [guest, other] = [membersOf(primaryGuest), membersOf(booker)]
  const name = firstText(nameOf(guest), nameOf(other))
  const people = reachedBy(guest, other, country)
  const emails = people.map(({ email }) => told(email))
  const phones = people.map(({ phone }) => told(phone))
  // What is written for "none" must not hide what is good.
  const email = told(emails.find(isUsableEmail), ...emails)
  const phone = told(
    phones.find(each => isUsablePhone(each, country)),
    ...phones
  )
  if (!name && !email && !phone) return {}
  return { id: isUsableEmail(email) ? null : `${id}:primary`, name, email, phone }
}

/**
 * By whose e-mail and phone the guest is reached: their own, and the booker's where they have neither or are the booker by name. An e-mail
 * that were lent to somebody else with a phone of their own would make two people one, and give the booker the other's number and code.
 */
function reachedBy(guest: Members, booker: Members, country: string | undefined): Members[] {
  const isReachable = isUsableEmail(told(guest.email)) || isUsablePhone(told(guest.phone), country)
  const [name, bookedBy] = [guest, booker].map(each => nameOf(each)?.toLowerCase())
  return !isReachable || name === undefined || name === bookedBy ? [guest, booker] : [guest]
}

function nameOf({ firstName, lastName }: Members): string | undefined {
  return joinName(firstName, lastName)
}

function isUsableEmail(email: string | null | undefined): boolean {
  return usableEmail(email) !== undefined
}

function isUsablePhone(phone: string | null | undefined, country: string | undefined): boolean {
  return usablePhone(phone, country) !== undefined
}

function placesTold(reservation: Members, version: number): Change[] {
  const units = [reservation.unit, ...[reservation.assignedUnits].flat().map(each => membersOf(each).unit)]
  const names = new Map<string, string>()
  for (const unit of units.map(membersOf)) {
    const [id, name] = [idOf(unit.id), firstText(unit.name)]
    if (id !== undefined && name !== undefined) names.set(id, name)
  }
  return [...names].map(([id, name]) => upsertPlace(id, version, { name }))
}
