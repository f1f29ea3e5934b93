import { type Static, Type } from '@sinclair/typebox'
import type { Delivery } from '../../model/delivery.ts'
import { Id, lowerText, Maybe, Told } from '../fields.ts'
import { type PlatformEvent, readObject } from '../platform.ts'
import { localDate, type Members, membersOf, told } from '../told.ts'

export const BookingEvent = Type.Object({
  id: Id,
  status: Told,
  /** Local days, and hours with seconds. */
  check_in: Told,
  check_out: Told,
  arrival_time: Told,
  departure_time: Told,
  property_id: Told,
  property_name: Told,
  /** Misspelt so by the platform; both spellings are read. */
  mutli_unit_id: Told,
  mutli_unit_name: Told,
  multi_unit_id: Told,
  multi_unit_name: Told,
  /** The channel's own code. */
  external_reservation_id: Told,
  guest_name: Told,
  preferred_guest_name: Told,
  guest_email: Told,
  guest_phone: Told,
  timestamp: Told
})
export type BookingEvent = Static<typeof BookingEvent>

export const RemovedEvent = Type.Object({ id: Id, timestamp: Told })
export type RemovedEvent = Static<typeof RemovedEvent>

export const PropertyEvent = Type.Object({ id: Id, name: Maybe(Type.String()), timestamp: Told })
export type PropertyEvent = Static<typeof PropertyEvent>

/**
 * One request is one event, and only the address tells which: `?event=booking_removed`. A body that looks like a removal
 * is one wherever it came, so that one address used for several events ends no stay too late.
 */
export function readEvents(delivery: Pick<Delivery, 'body' | 'query'>): PlatformEvent[] {
  const body = readObject(delivery)
  // An envelope of this kind stands in public code and in no document.
  const inner = membersOf(body.data)
  const payload = body.id === undefined && inner.id !== undefined ? inner : body
  const named = lowerText(delivery.query.event?.[0], body.event)?.replaceAll('.', '_')
  const addressed = named ?? (isProperty(payload) ? 'property_updated' : 'booking_updated')
  const type = isOfProperty(addressed) && hasDays(payload) ? 'booking_updated' : addressed
  const isChange = type === 'booking_created' || type === 'booking_updated'
  return [{ type: isChange && isRemoval(payload) ? 'booking_removed' : type, payload }]
}

function isOfProperty(event: string): boolean {
  return event === 'property_created' || event === 'property_updated' || event === 'property_removed'
}

/** A removal gives a reason, and has neither a status nor a guest. */
function isRemoval({ reason, status, guest_name, guest_email }: Members): boolean {
  return Boolean(told(reason)) && ![status, guest_name, guest_email].some(each => told(each))
}

function isProperty(payload: Members): boolean {
  return !hasDays(payload) && Boolean(told(payload.name))
}

/** No property has any: a booking that came to the address of a property's event is a booking all the same. */
function hasDays({ check_in }: Members): boolean {
  return localDate(check_in) !== undefined
}
