import { Value } from '@sinclair/typebox/value'
import {
  type ApiResponse,
  goneOnceAsked,
  type PlatformApi,
  refused,
  refusedForNow,
  type TokenSource,
  wanted
} from '../api.ts'
import { askAgainWhileBehind } from '../behind.ts'
import { firstText, instantMs } from '../fields.ts'
import { clientCredentials } from '../oauth.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import { idOf, localDate, type Members, membersOf, told } from '../told.ts'
import { ReservationEvent, type ReservationPayload } from './events.ts'
import { standingOf } from './status.ts'

/** What is stored beside a delivery; `null` for an event that needed no reading. */
export type Facts =
  | { gone: true }
  | {
      reservation: Members
      /** Only where the reservation did not say enough of it. */
      listing?: Members
      /** Only where the reservation had none: from Reservations v3, `null` where it says that there is none. */
      keyCode?: string | null
    }

const origin = 'https://open-api.guesty.com'

/** Guesty gives five tokens a day and answers an ended one with 403 as well as 401. */
const token = clientCredentials({
  origin,
  path: '/oauth2/token',
  clientId: 'client_id',
  clientSecret: 'client_secret',
  extra: { scope: 'open-api' },
  renewOn: [403],
  renewalsApartMs: 6 * 3_600_000,
  defaultLifeMs: 86_400_000
})

/** The same token once it has worked: a 403 then means a missing permission, and no renewal must be spent on it. */
const provenToken: TokenSource = { ...token, renewOn: [] }

/** What is not asked for may be missing, `status` too, which has made cancelled stays look live. */
const reservationFields = [
  '_id status source listingId confirmationCode lastUpdatedAt',
  'checkIn checkOut checkInDateLocalized checkOutDateLocalized plannedArrival plannedDeparture',
  'guestId guest._id guest.fullName guest.firstName guest.lastName guest.email guest.phone keyCode notes.keyCode',
  'listing._id listing.nickname listing.title listing.timezone',
  'listing.defaultCheckInTime listing.defaultCheckOutTime listing.address'
].join(' ')

const listingFields = '_id nickname title timezone defaultCheckInTime defaultCheckOutTime address'

const reservationEvents = [
  'reservation.created.v2',
  'reservation.updated.v2',
  'reservation.new',
  'reservation.updated',
  'reservation_update_shortlist'
]

export const hydration: Hydration = {
  wants: needOf,
  async read(events, api) {
    const get = readerOf(api)
    const facts: (Facts | null)[] = []
    for (const event of events) {
      const payload = needOf(event) === 'no' ? undefined : payloadOf(event)
      facts.push(payload === undefined ? null : await readReservation(payload, get, api))
    }
    return facts
  }
}

function needOf(event: PlatformEvent): 'must' | 'may' | 'no' {
  const payload = payloadOf(event)
  if (payload === undefined) return 'no'
  const { entity, publishedAt } = payload
  if (standingOf(entity.status) === 'cancelled') {
    // All is said, unless it is not said when: then the reading tells the time, and whether it still holds.
    return [publishedAt, entity.lastUpdatedAt].some(clock => instantMs(clock) !== undefined) ? 'no' : 'may'
  }
  return !event.type.endsWith('.v2') && isFull(entity) ? 'no' : 'must'
}

function payloadOf(event: PlatformEvent): ReservationPayload | undefined {
  if (!reservationEvents.includes(event.type) || !Value.Check(ReservationEvent, event.payload))
    return undefined
  return event.payload
}

/** Whether a legacy event says all that a stay is made of; the shortlist says only what changed. */
function isFull(entity: ReservationPayload['entity']): boolean {
  const guest = membersOf(entity.guest)
  return (
    firstText(entity.status) !== undefined &&
    idOf(entity.listingId, membersOf(entity.listing)._id) !== undefined &&
    firstText(entity.checkInDateLocalized, entity.checkIn) !== undefined &&
    firstText(entity.checkOutDateLocalized, entity.checkOut) !== undefined &&
    firstText(guest.fullName, guest.firstName, guest.lastName, guest.email) !== undefined
  )
}

type Get = (path: string, query: Record<string, string>, bearer: TokenSource) => Promise<ApiResponse>

/** Asks every question once. */
function readerOf(api: PlatformApi): Get {
  const answers = new Map<string, ApiResponse>()
  return async (path, query, bearer) => {
    const question = `${path}?${new URLSearchParams(query)}`
    const answer =
      answers.get(question) ?? (await api.request({ method: 'GET', origin, path, query, bearer }))
    answers.set(question, answer)
    return answer
  }
}

async function readReservation(
  { id, entity, publishedAt }: ReservationPayload,
  get: Get,
  api: PlatformApi
): Promise<Facts> {
  const path = `/v1/reservations/${encodeURIComponent(id)}`
  const { status, body } = await get(path, { fields: reservationFields }, token)
  if (status === 404 && isOn(entity))
    return goneOnceAsked(api, 'Guesty does not know a reservation that is on')
  if (status === 404 || status === 410) return { gone: true }
  const reservation = membersOf(body)
  // Without a status nothing is said of the booking, and an event that is late must not say it in its place.
  const isOther = idOf(reservation._id, id) !== String(id)
  if (status !== 200 || isOther || firstText(reservation.status) === undefined) {
    throw (status === 200 ? refusedForNow : refused)(`Guesty answered ${status} and no reservation`)
  }
  const standing = standingOf(reservation.status)
  askAgainWhileBehind(api, 'Guesty', {
    standing: [standingOf(entity.status), standing],
    others: [
      [localDate(entity.checkInDateLocalized), localDate(reservation.checkInDateLocalized)],
      [localDate(entity.checkOutDateLocalized), localDate(reservation.checkOutDateLocalized)]
    ],
    toldAt: instantMs(publishedAt) ?? instantMs(entity.lastUpdatedAt),
    changedAt: instantMs(reservation.lastUpdatedAt)
  })
  if (standing !== 'pushed' && standing !== 'tentative') return { reservation }
  const listing = await wanted(api, () => readListing({ ...entity, ...reservation }, get))
  const keyCode = await wanted(api, () => readKeyCode(String(id), reservation, get))
  return {
    reservation,
    ...(listing !== undefined && { listing }),
    ...(keyCode !== undefined && { keyCode })
  }
}

/** Cancellations are told by a status. What an event says is on may only be too new for the API to know. */
function isOn({ status }: ReservationPayload['entity']): boolean {
  const standing = standingOf(status)
  return standing !== 'cancelled' && standing !== 'inquiry'
}

async function readListing(reservation: Members, get: Get): Promise<Members | undefined> {
  const known = membersOf(reservation.listing)
  const id = idOf(reservation.listingId, known._id, reservation.unitId)
  const hoursTold = known.defaultCheckInTime !== undefined && known.defaultCheckOutTime !== undefined
  if (id === undefined || (firstText(known.timezone) !== undefined && hoursTold)) return undefined
  const answer = await get(`/v1/listings/${encodeURIComponent(id)}`, { fields: listingFields }, provenToken)
  // Settings, or an event of the listing, may still tell what this does not.
  return answer.status === 200 ? membersOf(answer.body) : undefined
}

/**
 * Reservations of the newer model keep the code in `notes.keyCode`, which only Reservations v3 shows. It leaves `notes`
 * out, and knows nothing of some channel bookings: neither says that a code was taken back.
 */
async function readKeyCode(id: string, reservation: Members, get: Get): Promise<string | null | undefined> {
  if (idOf(reservation.keyCode, membersOf(reservation.notes).keyCode) !== undefined) return undefined
  const answer = await get('/v1/reservations-v3', { 'reservationIds[]': id }, provenToken)
  if (answer.status !== 200) return undefined
  const found = [answer.body].flat().map(membersOf)
  const same = found.find(each => [each._id, each.reservationId, each.id].some(own => idOf(own) === id))
  return told(membersOf(same?.notes).keyCode)
}
