import { type Static, Type } from '@sinclair/typebox'
import { RelayError } from '../../errors.ts'
import type { Delivery } from '../../model/delivery.ts'
import { lowerText, Told } from '../fields.ts'
import { misfit } from '../misfit.ts'
import { type PlatformEvent, readObject, unreadable } from '../platform.ts'
import { told } from '../told.ts'

/** Ids are positive integers; some fields spell them as text. Digits only, since an id becomes part of an address. */
const HostawayId = Type.Union([
  Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  Type.String({ pattern: '^[1-9][0-9]{0,18}$' })
])

/**
 * The reservation, the same in a webhook and in the API. Never `reservationId`: that is the channel's. Numbers may come as
 * text and texts as numbers; a cancellation needs nothing but the id and the status.
 */
export const Reservation = Type.Object({
  id: HostawayId,
  status: Type.String({ minLength: 1 }),
  listingMapId: Told,
  listingName: Told,
  confirmationCode: Told,
  guestName: Told,
  guestFirstName: Told,
  guestLastName: Told,
  guestEmail: Told,
  phone: Told,
  arrivalDate: Told,
  departureDate: Told,
  isDatesUnspecified: Told,
  checkInTime: Told,
  checkOutTime: Told,
  doorCode: Told,
  reservationUnit: Told,
  latestActivityOn: Told,
  updatedOn: Told
})
export type Reservation = Static<typeof Reservation>

/** All that must be told where the reservation is read again; without that, the whole of `data` has to be a {@link Reservation}. */
export const ReservationEvent = Type.Object({ data: Type.Object({ id: HostawayId }) })
export type ReservationEvent = Static<typeof ReservationEvent>

/** @throws RelayError RELAY_EVENT_INVALID, naming the field and not its value */
export function asReservation(entity: unknown): Reservation {
  const wrong = misfit(Reservation, entity, 'the whole')
  if (wrong !== undefined) throw new RelayError('RELAY_EVENT_INVALID', `reservation: ${wrong}`)
  return entity as Reservation
}

/** An id in one spelling; undefined where there is none, for which 0 and '' stand too. */
export function idOf(value: unknown): string | undefined {
  const text = told(value) ?? ''
  return /^[1-9]\d{0,18}$/.test(text) ? text : undefined
}

/** An hour of the day as `HH:mm`. Documented are 0 to 23; anything else tells no hour. */
export function hourOf(value: unknown): string | null | undefined {
  const hour = told(value)
  if (hour === null || hour === undefined) return hour
  return /^(?:1?\d|2[0-3])$/.test(hour) ? `${hour.padStart(2, '0')}:00` : undefined
}

/** Both envelopes: `data` at the top, or one level down in `payload`. */
function envelopeOf(body: Record<string, unknown>): Record<string, unknown> {
  const { data, payload } = body
  const inner = typeof payload === 'object' && payload !== null ? payload : {}
  return data === undefined ? { ...body, ...inner } : body
}

/** The account that the body names. */
export function accountOf(body: Record<string, unknown> | undefined): string | undefined {
  return body && (told(envelopeOf(body).accountId) ?? undefined)
}

/** Names that the documentation writes as prose, after the spaces have become dots. */
const prose = new Map([
  ['new.reservation', 'reservation.created'],
  ['new.message.received', 'message.received']
])

export function readEvents(delivery: Delivery): PlatformEvent[] {
  const payload = envelopeOf(readObject(delivery))
  if (payload.data === 'test') return [{ type: 'test', payload }]
  const name = lowerText(payload.event)?.replace(/\s+/g, '.')
  if (name === undefined) throw unreadable('the body names no event')
  return [{ type: prose.get(name) ?? name, payload }]
}
