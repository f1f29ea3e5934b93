import { type PlaceFields, type UpsertPlace, upsertPlace } from '../../model/change.ts'
import { usableZone } from '../../model/time.ts'
import { firstText, joinName } from '../fields.ts'
import { told } from '../told.ts'
import { hourOf, idOf, type Reservation } from './events.ts'
import type { ReservationFacts } from './hydrate.ts'
import { clockOf } from './times.ts'
import { unitRows } from './units.ts'

/** What is read of a listing. Not its `doorSecurityCode`: that is the building's, no guest's. */
export const listingMembers = [
  'name',
  'internalListingName',
  'address',
  'lat',
  'lng',
  'timeZoneName',
  'checkInTimeStart',
  'checkOutTime',
  'latestActivityOn',
  'updatedOn'
] as const
export type Listing = Partial<Record<(typeof listingMembers)[number], unknown>>

export const unitMembers = ['id', 'name', 'unitNumber'] as const
export type ListingUnit = Partial<Record<(typeof unitMembers)[number], unknown>>

/**
 * What is told of the places of a booking: its listing, or the units it names, which have the zone and the hours of
 * their listing. A listing that was read counts by its own clock; its name in a reservation by the reservation's.
 */
export function placesTold(
  reservation: Reservation,
  facts: ReservationFacts | undefined,
  at: { version: number; receivedAt: number }
): UpsertPlace[] {
  // Its name in the reservation must not take the place of its own for good because it could not be read.
  if (facts !== undefined && facts.listing === undefined) return []
  const listing = facts?.listing ?? null
  const units = unitRows(reservation)
  if (units.length === 0) {
    const id = idOf(reservation.listingMapId)
    if (id === undefined) return []
    if (listing !== null) return [upsertPlace(id, clockOf(listing) ?? at.receivedAt, listingFields(listing))]
    const name = firstText(reservation.listingName)
    return name === undefined ? [] : [upsertPlace(id, at.version, { name })]
  }
  if (listing === null) return []
  return [...new Set(units.flatMap(unit => unit.place ?? []))].map(id => {
    const unit = facts?.units.find(unit => idOf(unit.id) === id)
    return upsertPlace(id, clockOf(listing) ?? at.receivedAt, {
      ...listingFields(listing),
      name: unit && unitName(unit)
    })
  })
}

export function listingFields(listing: Listing): PlaceFields {
  return {
    name: firstText(listing.name, listing.internalListingName),
    // Every listing is somewhere: without its zone all of its stays would begin hours too late or too early.
    timeZone: usableZone(firstText(listing.timeZoneName)),
    checkInTime: hourOf(listing.checkInTimeStart),
    checkOutTime: hourOf(listing.checkOutTime),
    address: told(listing.address),
    latitude: degrees(listing.lat, 90),
    longitude: degrees(listing.lng, 180)
  }
}

/** Names of units repeat within a house ("Apartment"); the number does not. */
export function unitName(unit: ListingUnit): string | undefined {
  const name = told(unit.name)
  const number = told(unit.unitNumber)
  return name && number && name.includes(number) ? name : joinName(name, number)
}

function degrees(value: unknown, limit: number): number | null | undefined {
  const text = told(value)
  if (text === null || text === undefined) return text
  return Math.abs(Number(text)) <= limit ? Number(text) : undefined
}
