import { type Static, Type } from '@sinclair/typebox'
import type { Delivery } from '../../model/delivery.ts'
import { firstText, Id, instantMs, Told } from '../fields.ts'
import { type PlatformEvent, readObject, unreadable } from '../platform.ts'
import { idOf, membersOf } from '../told.ts'

const Guest = {
  fullName: Told,
  firstName: Told,
  lastName: Told,
  email: Told,
  emails: Told,
  phone: Told,
  phones: Told,
  lastUpdatedAt: Told
}

const Listing = {
  nickname: Told,
  title: Told,
  timezone: Told,
  defaultCheckInTime: Told,
  defaultCheckOutTime: Told,
  address: Told,
  lastUpdatedAt: Told
}

/**
 * A reservation as v2 events (`reservationId`, `unitId`), legacy events and the API (`_id`, `listingId`) write it.
 * Source of the v2 names: public consumers; Guesty's page shows them in part only.
 */
const Reservation = {
  status: Told,
  listingId: Told,
  unitId: Told,
  source: Told,
  confirmationCode: Told,
  checkIn: Told,
  checkOut: Told,
  checkInDateLocalized: Told,
  checkOutDateLocalized: Told,
  plannedArrival: Told,
  plannedDeparture: Told,
  keyCode: Told,
  notes: Told,
  guestId: Told,
  guest: Told,
  listing: Told,
  lastUpdatedAt: Told
}

const envelope = { id: Id, publishedAt: Told }

export const ReservationEvent = Type.Object({ ...envelope, entity: Type.Object(Reservation) })
export const GuestEvent = Type.Object({ ...envelope, entity: Type.Object(Guest) })
export const ListingEvent = Type.Object({ ...envelope, entity: Type.Object(Listing) })
export const GoneEvent = Type.Object(envelope)

export type ReservationPayload = Static<typeof ReservationEvent>
export type GuestPayload = Static<typeof GuestEvent>
export type ListingPayload = Static<typeof ListingEvent>
export type GonePayload = Static<typeof GoneEvent>

/**
 * One delivery is one event. The envelopes differ (`data`, or the noun itself, or the noun inside `data`), so they are
 * levelled here; `publishedAt` is documented without its place and is looked for wherever it may be.
 */
export function readEvents(delivery: Pick<Delivery, 'body'>): PlatformEvent[] {
  const body = readObject(delivery)
  const type = firstText(body.event)
  if (type === undefined) throw unreadable('the body names no event')
  const noun = /^(?:reservation|guest|listing)/i.exec(type)?.[0].toLowerCase()
  if (noun === undefined) return [{ type, payload: body }]
  const data = membersOf(body.data)
  const entity = membersOf(body[noun] ?? data[noun] ?? body.data)
  const clocks = [membersOf(body.meta).publishedAt, body.publishedAt, data.publishedAt, entity.publishedAt]
  return [
    {
      type,
      payload: {
        id: idOf(entity[`${noun}Id`], entity._id, entity.id, body[`${noun}Id`]),
        publishedAt: clocks.find(clock => instantMs(clock) !== undefined),
        entity
      }
    }
  ]
}
