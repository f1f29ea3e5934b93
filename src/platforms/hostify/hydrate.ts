import { Value } from '@sinclair/typebox/value'
import type { RelayError } from '../../errors.ts'
import type { PlaceFields } from '../../model/change.ts'
import {
  askAgainFirst,
  askAgainOfCancelled,
  type Dated,
  dated,
  goneOnceAsked,
  type PlatformApi,
  refusedForNow,
  unavailable,
  wanted
} from '../api.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import { needStatus, only, readEntity } from '../read-entity.ts'
import { confirmationIn, confirmSubscription } from '../sns-subscription.ts'
import { type Members, membersOf } from '../told.ts'
import {
  isCancelled,
  ListingEvent,
  listingEvents,
  listingIdOf,
  ReservationEvent,
  reservationEvents
} from './events.ts'
import { listingMembers, placeFields } from './places.ts'
import { isContradicted, standingOf } from './status.ts'
import { idOf } from './values.ts'

const origin = 'https://api-rms.hostify.com'

/** What is known of a reservation; members that the API left out are null. */
export type ReservationFacts = (
  | { gone: true }
  | { reservation: Members; guest: Members | null; listing: Members | null; customFields: unknown }
) &
  Dated

export type ListingFacts = { gone: true } | { listing: Members }

const reservationMembers = [
  'id',
  'listing_id',
  'parent_listing_id',
  'guest_id',
  'status',
  'status_code',
  'confirmation_code',
  'checkIn',
  'checkOut',
  'planned_arrival',
  'planned_departure',
  'updated_at'
]
const guestMembers = ['id', 'name', 'email', 'phone']

/**
 * What a message tells is different for each action and never the whole, so a reservation is always read again. Only an
 * update that says "cancelled" can do without, so that no outage delays the end of a door code.
 */
export const hydration: Hydration = {
  wants(event) {
    if (confirmationIn(event) !== undefined) return 'open'
    const reservation = reservationIn(event)
    if (reservation !== undefined) return isCancelled(reservation.message.status_code) ? 'may' : 'must'
    return listingIn(event) === undefined ? 'no' : 'may'
  },
  read: (events, api) => Promise.all(events.map(event => readFacts(event, api)))
}

export async function readPlace(id: string, api: PlatformApi): Promise<PlaceFields | undefined> {
  const listing = await readNoun(api, 'listing', id)
  return listing === null ? undefined : placeFields(listing)
}

function reservationIn({ type, payload }: PlatformEvent): ReservationEvent | undefined {
  const isOne = reservationEvents.some(name => name === type) && Value.Check(ReservationEvent, payload)
  return isOne ? payload : undefined
}

function listingIn({ type, payload }: PlatformEvent): string | undefined {
  const isOne = listingEvents.some(name => name === type) && Value.Check(ListingEvent, payload)
  return isOne ? listingIdOf(payload) : undefined
}

/** Null for an event that names nothing, which is refused later. */
async function readFacts(event: PlatformEvent, api: PlatformApi): Promise<unknown> {
  const subscription = confirmationIn(event)
  if (subscription !== undefined) return confirmSubscription(subscription, api)
  const reservation = reservationIn(event)
  if (reservation !== undefined) return dated(api, readAt => readReservation(reservation, api, readAt))
  const listingId = listingIn(event)
  if (listingId === undefined) return null
  const listing = await readNoun(api, 'listing', listingId)
  if (listing === null) return goneOnceAsked(api, 'Hostify does not know a listing that it named')
  return { listing: only(listingMembers, listing) }
}

async function readReservation(
  event: ReservationEvent,
  api: PlatformApi,
  readAt: number
): Promise<ReservationFacts> {
  const { message } = event
  const id = String(message.reservation_id)
  const path = `/reservations/${encodeURIComponent(id)}`
  const body = await get(api, path, { include_related_objects: '1' })
  if (body === null && isCancelled(message.status_code)) return { gone: true }
  if (body === null) return goneOnceAsked(api, 'Hostify does not know a reservation that is on')
  const reservation = entityIn(body, 'reservation')
  const { status, status_code } = reservation
  if (idOf(reservation.id) !== id) throw unexpected(path)
  needStatus('Hostify', 'reservation', idOf(status, status_code))
  if (isContradicted(event, reservation)) {
    askAgainFirst(api, 'Hostify says that a reservation is on which its webhook says is cancelled')
  }
  if (standingOf(status, status_code) !== 'cancelled') await askAgainOfCancelled(api, id, readAt)
  const guest = await wanted(api, () => readGuest(reservation, body, api))
  const customFields = await wanted(api, () => readCustomFields(id, api))
  const listing = membersOf(body.listing ?? reservation.listing)
  return {
    reservation: only(reservationMembers, reservation),
    guest: guest ? only(guestMembers, guest) : null,
    listing: idOf(listing.id) === undefined ? null : only(listingMembers, listing),
    customFields: customFields ?? reservation.custom_fields ?? body.custom_fields ?? null
  }
}

/** The guest beside the reservation, else by their id: what related objects are called is not documented. */
async function readGuest(reservation: Members, body: Members, api: PlatformApi): Promise<Members | null> {
  const guest = membersOf(body.guest ?? reservation.guest)
  if (Object.keys(guest).length > 0) return guest
  const id = idOf(reservation.guest_id)
  return id === undefined ? null : readNoun(api, 'guest', id)
}

/** One more request for each reservation, so only where the connection asks for it. */
async function readCustomFields(id: string, api: PlatformApi): Promise<unknown> {
  if (api.settings.custom_fields !== 'true') return undefined
  const body = await get(api, `/reservations/custom_fields/${encodeURIComponent(id)}`)
  return body?.custom_fields
}

async function readNoun(api: PlatformApi, noun: 'guest' | 'listing', id: string): Promise<Members | null> {
  const path = `/${noun}s/${encodeURIComponent(id)}`
  const body = await get(api, path)
  if (body === null) return null
  const entity = entityIn(body, noun)
  if (idOf(entity.id) !== id) throw unexpected(path)
  return entity
}

/** The entity under its noun, as all replies seem to have it; or the body itself. */
function entityIn(body: Members, noun: string): Members {
  return body[noun] === undefined ? body : membersOf(body[noun])
}

/** The body of a reply; null where the entity is gone. */
async function get(
  api: PlatformApi,
  path: string,
  query: Record<string, string> = {}
): Promise<Members | null> {
  const headers = { 'x-api-key': `${api.settings.api_key}` }
  const body = await readEntity(api, 'Hostify', { method: 'GET', origin, path, query, headers })
  if (body?.success === false) {
    // Which may pass; and nothing else waits for it, as it may be about this one alone.
    throw refusedForNow(`Hostify answered no success to GET ${path}`)
  }
  return body ?? null
}

function unexpected(path: string): RelayError {
  return unavailable(`Hostify answered something else than was asked for to GET ${path}`)
}
