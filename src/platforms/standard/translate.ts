import {
  type Change,
  cancelled,
  type GuestFields,
  notPushed,
  type PlaceFields,
  remove,
  type Stay,
  type StayGuest,
  stays,
  upsertGuest,
  upsertPlace
} from '../../model/change.ts'
import type { Connection } from '../../model/connection.ts'
import { firstText, joinName } from '../fields.ts'
import { ignored, type Translation, unknownStatus } from '../platform.ts'
import {
  type Guest,
  type Listing,
  type Reservation,
  type StandardEvent,
  type StayMembers,
  standings
} from './events.ts'
import { spanOf } from './span.ts'
import { clockMs } from './values.ts'

/** One of the relay's own events, already read by `readStandardEvent` → what it means. */
export function translateStandardEvent(
  event: StandardEvent,
  connection: Pick<Connection, 'tentative'>
): Translation {
  switch (event.type) {
    case 'reservation.created':
    case 'reservation.updated':
      return reservationTold(event.data, event.timestamp, event.data.status ?? 'confirmed', connection)
    case 'reservation.cancelled':
      return reservationTold(event.data, event.timestamp, 'cancelled', connection)
    case 'guest.created':
    case 'guest.updated':
      return [
        upsertGuest(String(event.data.id), versionOf(event.data, event.timestamp), guestFields(event.data))
      ]
    case 'guest.deleted':
      return [remove('guest', String(event.data.id), versionOf(event.data, event.timestamp))]
    case 'listing.created':
    case 'listing.updated':
      return [listingTold(event.data, event.timestamp)]
    case 'listing.deleted':
      return [remove('place', String(event.data.id), versionOf(event.data, event.timestamp))]
    case 'test.ping':
      return ignored('test delivery')
  }
}

function reservationTold(
  data: Reservation,
  timestamp: string | number,
  status: string,
  connection: Pick<Connection, 'tentative'>
): Translation {
  const standing = standings.get(status)
  if (standing === undefined) return unknownStatus(status)
  const id = String(data.id)
  const version = versionOf(data, timestamp)
  // A booking that stays nowhere says nothing of its listing: it may be the last one of a listing that is gone.
  if (standing === 'cancelled') return [cancelled(id, version, status)]
  if (standing !== 'pushed' && standing !== 'tentative') return [notPushed(id, version, status)]
  const listings = [data, ...(data.units ?? [])].flatMap(({ listing }) => (listing ? [listing] : []))
  const told: Change[] = listings.map(listing => listingTold(listing, version))
  return standing === 'tentative' && connection.tentative === 'hold'
    ? [...told, notPushed(id, version, status)]
    : [...told, stays(id, version, staysOf(id, data))]
}

function staysOf(id: string, booking: Reservation): Stay[] {
  if (!booking.units) return [stayOf(id, booking, booking)]
  return booking.units.map(unit => stayOf(`${id}_${unit.id}`, unit, booking))
}

/** A reservation is told whole, so what it leaves out is not there; a unit takes from the booking what it leaves out. */
function stayOf(id: string, unit: StayMembers, booking: StayMembers): Stay {
  const said = { ...booking, ...unit }
  return {
    id,
    name: textOf(said.name ?? null),
    places: placesOf(unit) ?? placesOf(booking) ?? [],
    guest: said.guest ? guestOf(said.guest) : null,
    ...spanOf(unit, booking),
    preferredCode: textOf(said.preferred_code ?? null),
    metadata: said.metadata ?? {}
  }
}

/** Undefined where nothing is said of places, empty where it is said that none is assigned. */
function placesOf(members: StayMembers): string[] | undefined {
  const { listing_id: one, listing_ids: several, listing } = members
  if (several) return [...new Set(several.map(String))]
  if (listing) return [String(listing.id)]
  if (one !== undefined && one !== null) return [String(one)]
  return one === null || several === null || listing === null ? [] : undefined
}

function guestOf(guest: NonNullable<StayMembers['guest']>): StayGuest {
  return {
    ...(tells(guest.id) && { id: String(guest.id) }),
    ...guestFields(guest),
    ...(tells(guest.updated_at) && { version: clockMs(guest.updated_at) })
  }
}

function guestFields(guest: Omit<Guest, 'id'>): GuestFields {
  return {
    name: firstText(guest.name) ?? joinName(guest.first_name, guest.last_name),
    email: textOf(guest.email),
    phone: textOf(guest.phone)
  }
}

function listingTold(listing: Listing, timestamp: string | number): Change {
  const fields: PlaceFields = {
    name: textOf(listing.name),
    timeZone: listing.time_zone,
    checkInTime: listing.check_in_time,
    checkOutTime: listing.check_out_time,
    address: textOf(listing.address),
    latitude: listing.latitude,
    longitude: listing.longitude,
    durationMinutes: listing.duration_minutes
  }
  return upsertPlace(String(listing.id), versionOf(listing, timestamp), fields)
}

function versionOf(data: { updated_at?: string | number | null }, timestamp: string | number): number {
  return clockMs(data.updated_at ?? timestamp)
}

/** White space alone says that there is none, as an empty text does. */
function textOf<T extends string | null | undefined>(text: T) {
  return typeof text === 'string' ? (firstText(text) ?? null) : text
}

function tells<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null
}
