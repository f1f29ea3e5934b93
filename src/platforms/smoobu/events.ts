import { type Static, Type } from '@sinclair/typebox'
import type { Delivery } from '../../model/delivery.ts'
import { firstText, Id, instantMs } from '../fields.ts'
import { type PlatformEvent, readObject, unreadable } from '../platform.ts'
import { idOf, type Members, membersOf } from '../told.ts'

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

const clocks = ['modified-at', 'created-at']
const parts = [
  ...['id', 'type', 'arrival', 'departure', 'check-in', 'check-out', 'apartment'],
  ...['reference-id', 'guest-name', 'email', 'phone', 'is-blocked-booking']
]

/**
 * What is read of a reservation: what is told of it, under the names with hyphens. In webhooks some are in camel case:
 * `modified-at` and `modifiedAt`.
 */
export function reservationOf(told: Members): Members {
  const members = [...parts, ...clocks].map(name => {
    const camel = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
    return [name, told[name] ?? told[camel] ?? told[name]] as const
  })
  return Object.fromEntries(members.filter(([, value]) => value !== undefined))
}

export function apartmentOf(reservation: Members): string | undefined {
  return idOf(membersOf(reservation.apartment).id)
}

/** Whether `reservation` leaves something out that `other` tells, its clocks aside. */
export function lacks(reservation: Members, other: Members): boolean {
  return parts.some(name => other[name] !== undefined && reservation[name] === undefined)
}

/** When the reservation became what it is; one that was never changed has the time it was made. */
export function clockOf(reservation: Members): number | undefined {
  return modifiedOf(reservation) ?? madeOf(reservation)
}

/** When it was last changed, where that is told. */
export function modifiedOf(reservation: Members): number | undefined {
  return clockNamed('modified-at', reservation)
}

export function madeOf(reservation: Members): number | undefined {
  return clockNamed('created-at', reservation)
}

/** Whether what was read is older than the webhook: then the API has not caught up yet. */
export function isOlder(read: Members, webhook: Members): boolean {
  const [there, here] = [modifiedOf(read), modifiedOf(webhook)]
  return there !== undefined && here !== undefined && there < here
}

/**
 * Written to the minute, in a zone that is not told. It is read as UTC, and so can be compared with others of its kind
 * and with nothing else.
 */
function clockNamed(name: string, reservation: Members): number | undefined {
  const text = firstText(reservation[name])?.replace(' ', 'T') ?? ''
  return instantMs(text) ?? instantMs(`${text}Z`)
}
