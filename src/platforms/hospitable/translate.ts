import { Value } from '@sinclair/typebox/value'
import {
  type Change,
  cancelled,
  type Moment,
  merge,
  notPushed,
  type PlaceFields,
  remove,
  type StayGuest,
  type StaysChange,
  stays,
  upsertPlace
} from '../../model/change.ts'
import { firstText, instantMs, joinName } from '../fields.ts'
import { type TranslateContext, type Translation, unknownStatus } from '../platform.ts'
import {
  type Property,
  type PropertyDeletedEvent,
  type PropertyEvent,
  type PropertyMergedEvent,
  type Reservation,
  type ReservationEvent,
  ReservationFacts,
  triggersOf
} from './events.ts'
import { categoryOf, standingOf } from './status.ts'

/** A local date is over everywhere this long after its midnight in UTC. */
const DAY_OVER_EVERYWHERE_MS = 36 * 3_600_000

export function reservationTold(event: ReservationEvent, context: TranslateContext): Translation {
  const reservation = completed(event.data, context.facts)
  const version = reservationVersion(event, context)
  const booking = bookingTold(event, reservation, version, context)
  if (booking === undefined) return unknownStatus(categoryOf(reservation) ?? null)
  return [...placesTold(reservation, version), booking]
}

export function propertyTold(event: PropertyEvent, context: TranslateContext): Translation {
  return [placeTold(event.data, eventVersion(event, context))]
}

export function propertyDeleted(event: PropertyDeletedEvent, context: TranslateContext): Translation {
  return [remove('place', String(event.data.id), eventVersion(event, context))]
}

/** No `property.deleted` follows for the old one. */
export function propertyMerged(event: PropertyMergedEvent, context: TranslateContext): Translation {
  const { previous_id, new_id } = event.data
  return [merge('place', String(previous_id), String(new_id), eventVersion(event, context))]
}

function bookingTold(
  event: ReservationEvent,
  reservation: Reservation,
  version: number,
  context: TranslateContext
): StaysChange | undefined {
  const id = String(reservation.id)
  const category = categoryOf(reservation)
  const standing = standingOf(category)
  if (category === undefined || standing === undefined) return undefined
  if (standing === 'cancelled') {
    const because = firstText(reservation.reservation_status?.current?.sub_category) ?? category
    return cancelled(id, version, because)
  }
  if (reservation.stay_type === 'owner_stay') return notPushed(id, version, 'owner stay')
  if (standing === 'tentative' && context.connection.tentative !== 'push')
    return notPushed(id, version, 'request')
  if (endedBeforeConnecting(event, reservation, context)) {
    return notPushed(id, version, 'ended before it was connected')
  }
  const guest = guestTold(reservation)
  const name = firstText(textOf(reservation.platform_id), guest.name)
  return stays(id, version, [
    {
      id,
      ...(name !== undefined && { name }),
      places: [...new Set((reservation.properties ?? []).map(property => String(property.id)))],
      guest,
      start: momentTold(reservation.check_in, reservation.arrival_date),
      end: momentTold(reservation.check_out, reservation.departure_date)
    }
  ])
}

/** Old bookings are told again when an account is connected; those that are over must not come back to life. */
function endedBeforeConnecting(
  event: ReservationEvent,
  reservation: Reservation,
  context: TranslateContext
): boolean {
  if (!triggersOf(event).includes('historic_reservation')) return false
  const date = dateTold(reservation.departure_date)
  const overMs =
    instantMs(reservation.check_out) ??
    (date === undefined ? undefined : Date.parse(`${date}T00:00:00Z`) + DAY_OVER_EVERYWHERE_MS)
  return overMs !== undefined && overMs < eventVersion(event, context)
}

function guestTold({ guest }: Reservation): StayGuest {
  return {
    id: textOf(guest?.id),
    name: joinName(guest?.first_name, guest?.last_name),
    email: firstText(guest?.email),
    phone: firstText(...(guest?.phone_numbers ?? []))
  }
}

function placesTold(reservation: Reservation, version: number): Change[] {
  return (reservation.properties ?? []).map(property => placeTold(property, version))
}

/** The property's `timezone` is an offset of the day and no zone: it is left out. */
function placeTold(property: Property, version: number): Change {
  const coordinates = coordinatesTold(property)
  const fields: PlaceFields = {
    name: firstText(property.name, property.public_name),
    checkInTime: hourTold(property['check-in'], property.check_in, property.checkin),
    checkOutTime: hourTold(property['check-out'], property.check_out, property.checkout),
    address: firstText(property.address?.display),
    ...coordinates
  }
  return upsertPlace(String(property.id), version, fields)
}

function coordinatesTold({ address }: Property): Pick<PlaceFields, 'latitude' | 'longitude'> {
  const latitude = numberWithin(90, address?.coordinates?.latitude)
  const longitude = numberWithin(180, address?.coordinates?.longitude)
  return latitude === undefined || longitude === undefined ? {} : { latitude, longitude }
}

function numberWithin(limit: number, value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Math.abs(number) <= limit ? number : undefined
}

function hourTold(...candidates: unknown[]): string | undefined {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?$/.exec(firstText(...candidates) ?? '')
  return match === null ? undefined : `${match[1]?.padStart(2, '0')}:${match[2]}`
}

function momentTold(instant: unknown, day: unknown): Moment | null {
  if (typeof instant === 'string' && instantMs(instant) !== undefined) return { instant }
  const date = dateTold(day)
  return date === undefined ? null : { date }
}

function dateTold(day: unknown): string | undefined {
  const date = /^\d{4}-\d{2}-\d{2}/.exec(String(day))?.[0]
  return date === undefined || Number.isNaN(Date.parse(date)) ? undefined : date
}

function textOf(id: string | number | null | undefined): string | undefined {
  return firstText(String(id ?? ''))
}

/** The event first: it is signed. What the integration's scopes withheld from it comes from the API. */
function completed(reservation: Reservation, facts: unknown): Reservation {
  if (!Value.Check(ReservationFacts, facts)) return reservation
  return {
    ...reservation,
    guest: reservation.guest ?? facts.guest,
    properties: reservation.properties?.length ? reservation.properties : facts.properties
  }
}

function reservationVersion(event: ReservationEvent, context: TranslateContext): number {
  const changes = (event.data.reservation_status?.history ?? [])
    .map(change => instantMs(change.changed_at))
    .filter(ms => ms !== undefined)
  return (
    instantMs(event.created) ?? (changes.length > 0 ? Math.max(...changes) : eventVersion(event, context))
  )
}

function eventVersion(event: { created?: string | null }, { delivery }: TranslateContext): number {
  return instantMs(event.created) ?? delivery.receivedAt
}
