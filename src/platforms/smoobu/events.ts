import { type Static, Type } from '@sinclair/typebox'
import type { Delivery } from '../../model/delivery.ts'
import { firstText, Id, instantMs } from '../fields.ts'
import { type PlatformEvent, readObject, unreadable } from '../platform.ts'
import type { Members } from '../told.ts'

/** All that must be told: whether a deletion carries more than the id is not known. */
export const ReservationEvent = Type.Object({ data: Type.Object({ id: Id }) })
export type ReservationEvent = Static<typeof ReservationEvent>

export const reservationEvents = [
  'newReservation',
  'updateReservation',
  'cancelReservation',
  'deleteReservation'
]

export function readEvents(delivery: Pick<Delivery, 'body'>): PlatformEvent[] {
  const payload = readObject(delivery)
  const action = firstText(payload.action)
  if (action === undefined) throw unreadable('the body names no `action`')
  return [{ type: action, payload }]
}

/** Names are written with hyphens, and in webhooks some in camel case: `modified-at` and `modifiedAt`. */
export function memberOf(reservation: Members, name: string): unknown {
  const camel = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  return reservation[name] ?? reservation[camel]
}

/** When the reservation became what it is; one that was never changed has the time it was made. */
export function clockOf(reservation: Members): number | undefined {
  return modifiedOf(reservation) ?? clockNamed('created-at', reservation)
}

/** When it was last changed, where that is told. */
export function modifiedOf(reservation: Members): number | undefined {
  return clockNamed('modified-at', reservation)
}

/**
 * Written to the minute, in a zone that is not told. It is read as UTC, and so can be compared with others of its kind
 * and with nothing else.
 */
function clockNamed(name: string, reservation: Members): number | undefined {
  const text = firstText(memberOf(reservation, name))?.replace(' ', 'T') ?? ''
  return instantMs(text) ?? instantMs(`${text}Z`)
}
