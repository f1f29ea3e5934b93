import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { RelayError } from '../../errors.ts'
import type { PlaceFields } from '../../model/change.ts'
import { askAgainFirst, type PlatformApi, refused, refusedForNow, unavailable, wanted } from '../api.ts'
import { askAgainWhileBehind, type Compared } from '../behind.ts'
import { firstText } from '../fields.ts'
import { clientCredentials } from '../oauth.ts'
import type { PlatformEvent } from '../platform.ts'
import { needStatus, only } from '../read-entity.ts'
import { isMembers, localDate, type Members } from '../told.ts'
import { idOf, Reservation, ReservationEvent } from './events.ts'
import {
  type Listing,
  type ListingUnit,
  listingFields,
  listingMembers,
  unitMembers,
  unitName
} from './places.ts'
import { standingOf } from './status.ts'
import { clockOf } from './times.ts'

const origin = 'https://api.hostaway.com'

/**
 * Valid for 24 months, from one second after it was issued, as documented; other tokens are answered 403. A request
 * that comes within that second is refused and repeated later with the token that was kept.
 */
const accessToken = clientCredentials({
  origin,
  path: '/v1/accessTokens',
  clientId: 'account_id',
  clientSecret: 'api_key',
  extra: { scope: 'general' },
  renewOn: [403],
  defaultLifeMs: 24 * 30 * 86_400_000
})

/** What is known of one reservation and its listing; null where Hostaway does not have it (any more). */
export interface ReservationFacts {
  reservation: Members | null
  /** Left out where it could not be read, or no stay needs it. */
  listing?: Listing | null
  /** Those that the booking names. */
  units: ListingUnit[]
}

/** Facts for each event; null for one that names no reservation, which its schema refuses later. */
export function readReservations(
  events: PlatformEvent[],
  api: PlatformApi
): Promise<(ReservationFacts | null)[]> {
  return Promise.all(
    events.map(async ({ type, payload }) => {
      if (!Value.Check(ReservationEvent, payload)) return null
      const facts = await readReservation(String(payload.data.id), api)
      if (facts.reservation !== null)
        askAgainWhileBehind(api, 'Hostaway', comparedTo(payload.data, facts.reservation))
      else if (type === 'reservation.created') throw notYetThere()
      else if (isOn(payload.data)) askAgainFirst(api, 'Hostaway does not know a reservation that is on')
      return facts
    })
  )
}

/** Both are the same object, as it was at two times; what a webhook carries of it is not promised. */
function comparedTo(told: Members, read: Members): Compared {
  return {
    standing: [standingOf(String(told.status)), standingOf(String(read.status))],
    others: [
      [localDate(told.arrivalDate), localDate(read.arrivalDate)],
      [localDate(told.departureDate), localDate(read.departureDate)],
      [idOf(told.listingMapId), idOf(read.listingMapId)]
    ],
    toldAt: clockOf(told),
    changedAt: clockOf(read)
  }
}

/** As far as its webhook tells, which may tell no more than an id. */
function isOn({ status }: Members): boolean {
  return standingOf(String(status)) !== 'cancelled'
}

/** Told before it can be read, as far as anyone can tell: it is asked for again, and nobody else has to wait for that. */
function notYetThere(): RelayError {
  const message = 'Hostaway does not have the reservation that it says was made'
  return refusedForNow(message)
}

async function readReservation(id: string, api: PlatformApi): Promise<ReservationFacts> {
  const path = `/v1/reservations/${id}`
  // Without includeResources the list of units comes empty, as if the booking had none.
  const reservation = await readOne(api, path, id, { includeResources: '1' })
  if (reservation === null) return { reservation, listing: null, units: [] }
  needStatus('Hostaway', 'reservation', firstText(reservation.status))
  // Card data, the building's codes and pictures by the hundred are not kept with a delivery.
  const kept = only(Object.keys(Reservation.properties), reservation)
  const standing = standingOf(String(reservation.status))
  // What is not to be a stay needs no place.
  const mayStay = standing === 'pushed' || standing === 'tentative'
  const places = mayStay ? await wanted(api, () => readPlaces(reservation, api)) : undefined
  return { reservation: kept, units: [], ...places }
}

async function readPlaces(
  reservation: Members,
  api: PlatformApi
): Promise<Pick<ReservationFacts, 'listing' | 'units'>> {
  const listingId = idOf(reservation.listingMapId)
  const listing = listingId === undefined ? null : await readOne(api, `/v1/listings/${listingId}`, listingId)
  const named = entitiesOf(reservation.reservationUnit).flatMap(unit => idOf(unit.listingUnitId) ?? [])
  let units = entitiesOf(listing?.listingUnits)
  if (listing !== null && named.some(id => !units.some(unit => idOf(unit.id) === id))) {
    units = entitiesOf(await wanted(api, () => readResult(api, `/v1/listingUnits/${listingId}`)))
  }
  return {
    listing: listing && only(listingMembers, listing),
    units: units.filter(unit => named.some(id => id === idOf(unit.id))).map(unit => only(unitMembers, unit))
  }
}

const LISTINGS_AT_ONCE = 100
/** More than any account has: no list is read for ever. */
const MOST_LISTINGS = 10_000

/**
 * A listing, or a unit with the zone and the hours of its listing, which only the list of all can tell. What is in neither is not
 * taken for gone: a listing may leave its units out.
 */
export async function readPlace(id: string, api: PlatformApi): Promise<PlaceFields> {
  const listing = await readOne(api, `/v1/listings/${id}`, id)
  if (listing !== null) return listingFields(listing)
  for (let offset = 0; offset < MOST_LISTINGS; offset += LISTINGS_AT_ONCE) {
    const page = { limit: String(LISTINGS_AT_ONCE), offset: String(offset) }
    const listings = entitiesOf(await readResult(api, '/v1/listings', page))
    for (const each of listings) {
      const unit = entitiesOf(each.listingUnits).find(known => idOf(known.id) === id)
      if (unit !== undefined) return { ...listingFields(each), name: unitName(unit) }
    }
    if (listings.length < LISTINGS_AT_ONCE) break
  }
  return {}
}

function entitiesOf(list: unknown): Members[] {
  return Array.isArray(list) ? list.filter(isMembers) : []
}

/** The entity with that id. @throws RelayError as {@link readResult}, also where another entity is answered */
async function readOne(
  api: PlatformApi,
  path: string,
  id: string,
  query: Record<string, string> = {}
): Promise<Members | null> {
  const result = await readResult(api, path, query)
  if (result === null) return null
  if (!isMembers(result) || idOf(result.id) !== id) {
    throw unexpected(path, 'something else than was asked for')
  }
  return result
}

const Reply = Type.Object({ result: Type.Unknown() })

/** What stands in `result`; null where it is gone. */
async function readResult(api: PlatformApi, path: string, query: Record<string, string> = {}) {
  const { status, body } = await api.request({ method: 'GET', origin, path, query, bearer: accessToken })
  if (status === 404 || status === 410) return null
  if (status >= 300) {
    throw refused(`Hostaway answered ${status} to GET ${path}`)
  }
  if (!Value.Check(Reply, body) || body.result === null) throw unexpected(path, 'no result')
  return body.result
}

function unexpected(path: string, what: string): RelayError {
  return unavailable(`Hostaway answered ${what} to GET ${path}`)
}
