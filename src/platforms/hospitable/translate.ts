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
import type { Connection } from '../../model/connection.ts'
import { firstText, instantMs, joinName } from '../fields.ts'
import { ignored, type TranslateContext, type Translation, unknownStatus } from '../platform.ts'
import { entriesOf, idOf, isMembers, type Members, membersOf, phoneTold } from '../told.ts'
import {
  type Property,
  type PropertyDeletedEvent,
  type PropertyEvent,
  type PropertyMergedEvent,
  propertiesOf,
  type Reservation,
  type ReservationEvent,
  triggersOf
} from './events.ts'
import { categoryOf, isPushed, standingOf } from './status.ts'

/** A local date is over everywhere this long after its midnight in UTC. */
const DAY_OVER_EVERYWHERE_MS = 36 * 3_600_000
/** The clock has whole seconds: what it leaves free below them. */
const REST_OF_SECOND_MS = 999

export function reservationTold(event: ReservationEvent, context: TranslateContext): Translation {
  const reservation = completed(event.data, context.facts)
  // A word of Hospitable's own, with which it says nothing: there is nothing to wait for.
  if (categoryOf(reservation) === 'unknown') return ignored('Hospitable does not know the status')
  const booking = bookingTold(event, reservation, reservationVersion(event, context), context)
  if (booking === undefined) return unknownStatus(categoryOf(reservation) ?? null)
  // A booking that stays nowhere says nothing of its property: it may be the last one of a property that is gone.
  if (booking.stays.length === 0) return [booking]
  return [...placesTold(reservation, eventVersion(event, context)), booking]
}

export function propertyTold(event: PropertyEvent, context: TranslateContext): Translation {
  return [placeTold(event.data, eventVersion(event, context))]
}

export function propertyDeleted(event: PropertyDeletedEvent, context: TranslateContext): Translation {
  const rest = isWholeSecond(event.created) ? REST_OF_SECOND_MS : 0
  return [remove('place', String(event.data.id), eventVersion(event, context) + rest)]
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
  if (!isPushed(reservation, context.connection)) {
    return notPushed(id, version, reservation.stay_type === 'owner_stay' ? 'owner stay' : 'request')
  }
  if (endedBeforeConnecting(event, reservation, context)) {
    return notPushed(id, version, 'ended before it was connected')
  }
  const guest = guestTold(reservation, context.connection)
  const name = idOf(reservation.platform_id) ?? guest?.name
  return stays(id, version, [
    {
      id,
      ...(name !== undefined && { name }),
      places: placesOf(reservation),
      guest,
      start: momentTold(reservation.check_in, reservation.arrival_date),
      end: momentTold(reservation.check_out, reservation.departure_date)
    }
  ])
}

function placesOf(reservation: Reservation): string[] | undefined {
  const properties = propertiesOf(reservation)
  return properties && [...new Set(properties.map(({ id }) => String(id)))]
}

/**
 * Old bookings are told again when an account is connected; those that are over must not come back to life. `created` may
 * be of then or of now.
 */
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
  return overMs !== undefined && overMs < Math.max(eventVersion(event, context), context.delivery.receivedAt)
}

/** Undefined where nothing is told of who it is, as without the scope for guests. */
function guestTold({ guest }: Reservation, { country }: Connection): StayGuest | undefined {
  if (guest !== null && !isMembers(guest)) return undefined
  const { id, first_name, last_name, email, phone_numbers } = membersOf(guest)
  return {
    id: idOf(id),
    name: joinName(first_name, last_name),
    email: firstText(email),
    phone: phoneTold(country, ...[phone_numbers].flat()) ?? undefined
  }
}

function placesTold(reservation: Reservation, version: number): Change[] {
  return (propertiesOf(reservation) ?? []).map(property => placeTold(property, version))
}

/** The property's `timezone` is an offset of the day and no zone: it is left out. */
function placeTold(property: Property, version: number): Change {
  const address = membersOf(property.address)
  const fields: PlaceFields = {
    name: firstText(property.name, property.public_name),
    checkInTime: hourTold(property['check-in'], property.check_in, property.checkin),
    checkOutTime: hourTold(property['check-out'], property.check_out, property.checkout),
    address: firstText(address.display),
    ...coordinatesTold(membersOf(address.coordinates))
  }
  return upsertPlace(String(property.id), version, fields)
}

function coordinatesTold(coordinates: Members): Pick<PlaceFields, 'latitude' | 'longitude'> {
  const latitude = numberWithin(90, coordinates.latitude)
  const longitude = numberWithin(180, coordinates.longitude)
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
  const date = /^\d{4}-\d{2}-\d{2}/.exec(firstText(day) ?? '')?.[0]
  return date === undefined || Number.isNaN(Date.parse(date)) ? undefined : date
}

/** The event first: it is signed. What the integration's scopes withheld from it comes from the API. */
function completed(reservation: Reservation, facts: unknown): Reservation {
  const { guest, properties } = membersOf(facts)
  return {
    ...reservation,
    guest: isMembers(reservation.guest) ? reservation.guest : (guest ?? reservation.guest),
    properties: propertiesOf(reservation)?.length
      ? reservation.properties
      : (properties ?? reservation.properties)
  }
}

function reservationVersion(
  { created, data }: ReservationEvent,
  { event, delivery }: TranslateContext
): number {
  const changes = entriesOf(data.reservation_status?.history)
    .map(change => instantMs(change.changed_at))
    .filter(ms => ms !== undefined)
  const changedAt = changes.length === 0 ? undefined : Math.max(...changes)
  const createdAt = instantMs(created)
  if (createdAt === undefined) return changedAt ?? delivery.receivedAt
  if (!isWholeSecond(created)) return createdAt
  // A cancellation wins a tie, also over an event that tells its history.
  if (changedAt === undefined && standingOf(categoryOf(data)) === 'cancelled')
    return createdAt + REST_OF_SECOND_MS
  // A creation is never the later one, whatever history each tells.
  if (event.type === 'reservation.created') return createdAt
  return createdAt + (changedAt === undefined ? 1 : placeInSecond(createdAt - changedAt))
}

/** Two changes of one second follow the last change of status that each tells. @param ageMs how long before the event that was */
function placeInSecond(ageMs: number): number {
  return Math.max(REST_OF_SECOND_MS - Math.max(Math.ceil(ageMs / 1_000), 0), 1)
}

function isWholeSecond(created: unknown): boolean {
  return instantMs(created) !== undefined && !String(created).includes('.')
}

function eventVersion({ created }: { created?: unknown }, { delivery }: TranslateContext): number {
  return instantMs(created) ?? delivery.receivedAt
}
