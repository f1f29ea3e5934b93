import type { PlaceFields } from '../../model/change.ts'
import { usableTime, usableZone } from '../../model/time.ts'
import { firstText, joinAddress } from '../fields.ts'
import { type Members, membersOf, positionOf } from '../told.ts'
import { idOf } from './values.ts'

/** What is read of a listing. Not `timezone_offset`, which knows no daylight saving. */
export const listingMembers = [
  'id',
  'parent_id',
  'master_calendar',
  'name',
  'nickname',
  'street',
  'city',
  'state',
  'zipcode',
  'country',
  'lat',
  'lng',
  'timezone',
  'checkin_start',
  'checkout'
]

/**
 * The unit itself. A channel has copies of a listing with ids of their own: the parent is the unit, or the one whose
 * calendar is the master.
 */
export function unitOf(reservation: Members, listing: Members): string | undefined {
  const { listing_id, parent_listing_id } = reservation
  return idOf(parent_listing_id, listing.parent_id, isMaster(listing) && listing.id, listing_id, listing.id)
}

/** Whether the listing is a channel's copy of another. */
export function isCopy(listing: Members): boolean {
  const parent = idOf(listing.parent_id)
  return parent !== undefined && parent !== idOf(listing.id)
}

function isMaster(listing: Members): boolean {
  return listing.master_calendar === true || idOf(listing.master_calendar) === '1'
}

/** A listing that is not listed (any more) is still a unit with a door, so `is_listed` is not asked. */
export function placeFields(listing: Members): PlaceFields {
  const { street, city, state, zipcode, country } = listing
  return {
    name: firstText(listing.nickname, listing.name),
    timeZone: usableZone(firstText(listing.timezone)),
    checkInTime: hour(listing.checkin_start),
    checkOutTime: hour(listing.checkout),
    address: joinAddress(street, city, state, zipcode, country),
    ...positionOf(listing.lat, listing.lng)
  }
}

/** `25:00` and `flexible` are written for "any": they tell that there is no hour. */
function hour(value: unknown): string | null | undefined {
  return value === undefined ? undefined : (usableTime(firstText(value)) ?? null)
}

/** A listing inside a message, of which at most the nickname is known. */
export function listingTold(message: Members): Members {
  const { data } = message
  const { listing } = membersOf(data)
  return { ...membersOf(data), ...membersOf(listing) }
}
