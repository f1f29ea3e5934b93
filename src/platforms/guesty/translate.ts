import {
  type Change,
  cancelled,
  type GuestFields,
  notPushed,
  type PlaceFields,
  remove,
  type StayGuest,
  stays,
  upsertGuest,
  upsertPlace
} from '../../model/change.ts'
import type { Connection } from '../../model/connection.ts'
import { usableZone } from '../../model/time.ts'
import { notLongAfter } from '../api.ts'
import { firstText, instantMs, joinName } from '../fields.ts'
import { type TranslateContext, type Translation, unknownStatus } from '../platform.ts'
import { idOf, type Members, membersOf, phoneTold, placeHour, positionOf, told } from '../told.ts'
import type { GonePayload, GuestPayload, ListingPayload, ReservationPayload } from './events.ts'
import type { Facts } from './hydrate.ts'
import { isOwnerStay, standingOf } from './status.ts'
import { momentOf, versionOf } from './times.ts'

/** Any of the reservation events: they differ in what they carry, and what is missing has been read. */
export function reservationTold(payload: ReservationPayload, context: TranslateContext): Translation {
  const { connection, delivery } = context
  const facts = (context.facts ?? undefined) as Facts | undefined
  const { entity, publishedAt } = payload
  const bookingId = String(payload.id)
  if (facts !== undefined && 'gone' in facts) {
    return [cancelled(bookingId, versionOf([publishedAt, entity.lastUpdatedAt], delivery), 'gone')]
  }

  const reservation = { ...entity, ...facts?.reservation }
  // What was read has a clock of its own, so the status of an event must never stand beside it.
  const status = firstText(facts === undefined ? entity.status : facts.reservation.status)
  const standing = standingOf(status)
  const toldAt = versionOf([publishedAt, entity.lastUpdatedAt, reservation.lastUpdatedAt], delivery)
  // A cancellation is told by its status and not read, and no answer that is behind may outdo it.
  const isOnByReading = firstText(entity.status) === undefined && standing !== 'cancelled'
  const version = isOnByReading ? notLongAfter(instantMs(facts?.reservation.lastUpdatedAt), toldAt) : toldAt

  if (status === undefined || standing === undefined) return unknownStatus(status)
  // A booking that stays nowhere says nothing of its listing: it may be the last one of a listing that is gone.
  if (standing === 'cancelled') return [cancelled(bookingId, version, status)]
  if (standing === 'inquiry') return [notPushed(bookingId, version, 'inquiry')]
  if (isOwnerStay(reservation.source)) return [notPushed(bookingId, version, 'owner stay')]
  if (standing === 'tentative' && connection.tentative === 'hold') {
    return [notPushed(bookingId, version, status)]
  }
  const listing = { ...membersOf(reservation.listing), ...facts?.listing }
  const place = idOf(reservation.listingId, listing._id, reservation.unitId)
  const guest = guestOf(reservation, connection)
  return [
    ...placeTold(place, version, listing),
    stays(bookingId, version, [
      {
        id: bookingId,
        name: joinName(reservation.confirmationCode, guest?.name),
        places: place === undefined ? [] : [place],
        guest,
        start: momentOf(reservation.checkInDateLocalized, reservation.plannedArrival, reservation.checkIn),
        end: momentOf(reservation.checkOutDateLocalized, reservation.plannedDeparture, reservation.checkOut),
        preferredCode: codeOf(reservation, facts)
      }
    ])
  ]
}

/** The event carries the whole guest. */
export function guestTold({ id, publishedAt, entity }: GuestPayload, context: TranslateContext): Translation {
  const version = versionOf([publishedAt, entity.lastUpdatedAt], context.delivery)
  return [upsertGuest(String(id), version, guestFields(entity, context.connection), true)]
}

export function guestDeleted({ id, publishedAt }: GonePayload, context: TranslateContext): Translation {
  return [remove('guest', String(id), versionOf([publishedAt], context.delivery))]
}

/** A listing that is no longer active keeps its facts: stays that are booked in it go on. */
export function listingTold(payload: ListingPayload, context: TranslateContext): Translation {
  const { id, publishedAt, entity } = payload
  const version = versionOf([publishedAt, entity.lastUpdatedAt], context.delivery)
  return [upsertPlace(String(id), version, placeFields(entity))]
}

export function listingRemoved({ id, publishedAt }: GonePayload, context: TranslateContext): Translation {
  return [remove('place', String(id), versionOf([publishedAt], context.delivery))]
}

function placeTold(place: string | undefined, version: number, listing: Members): Change[] {
  const fields = placeFields(listing)
  const id = idOf(listing._id, place)
  return id !== undefined && Object.values(fields).some(value => value !== undefined)
    ? [upsertPlace(id, version, fields)]
    : []
}

/** Every listing has these; an empty one is a part that was not shown, not a fact that was taken back. */
function placeFields(listing: Members): PlaceFields {
  const { full, lat, lng } = membersOf(listing.address)
  return {
    name: firstText(listing.nickname, listing.title),
    timeZone: usableZone(firstText(listing.timezone)),
    checkInTime: placeHour(listing.defaultCheckInTime),
    checkOutTime: placeHour(listing.defaultCheckOutTime),
    address: firstText(full),
    ...positionOf(lat, lng)
  }
}

/** A reservation that was read may be of the newer model, whose code only Reservations v3 shows: that there is none, that one says too. */
function codeOf(
  reservation: Members,
  facts: Exclude<Facts, { gone: true }> | undefined
): string | null | undefined {
  const code = told(reservation.keyCode, membersOf(reservation.notes).keyCode)
  return facts === undefined ? code : (code ?? facts.keyCode)
}

/** Undefined where nothing is told of who it is: what an answer does not show is not taken away. */
function guestOf(reservation: Members, connection: Connection): StayGuest | null | undefined {
  const guest = membersOf(reservation.guest)
  const id = idOf(reservation.guestId, guest._id)
  const fields = guestFields(guest, connection)
  if (firstText(id, fields.name, fields.email, fields.phone) !== undefined) return { id, ...fields }
  return reservation.guest === null || reservation.guestId === null ? null : undefined
}

function guestFields(guest: Members, { country }: Connection): GuestFields {
  return {
    name: firstText(guest.fullName) ?? joinName(guest.firstName, guest.lastName),
    email: told(guest.email, ...listOf(guest.emails)),
    phone: phoneTold(country, guest.phone, ...listOf(guest.phones))
  }
}

function listOf(several: unknown): unknown[] {
  return Array.isArray(several) ? several : []
}
