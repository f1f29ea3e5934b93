import { createHash } from 'node:crypto'
import { type Static, Type } from '@sinclair/typebox'
import type { Connection } from '../../model/connection.ts'
import type { Delivery, Incoming } from '../../model/delivery.ts'
import { firstText } from '../fields.ts'
import { type PlatformEvent, peekObject, readObject, unreadable } from '../platform.ts'
import { idOf } from '../told.ts'

/** Events whose reservation is read; `guest/assigned` and the like say that another person is in a room. */
export const reservationEvents = [
  'reservation/created',
  'reservation/status_changed',
  'reservation/dates_changed',
  'reservation/accommodation_type_changed',
  'reservation/accommodation_changed',
  'reservation/accommodation_removed',
  'guest/assigned',
  'guest/removed',
  'guest/accommodation_changed'
]

export const guestEvents = ['guest/created', 'guest/details_changed']

const Ref = Type.String({ minLength: 1 })

/** An event in one spelling, whatever the case of its members was. */
const told = {
  property: Ref,
  /** Seconds since 1970, with microseconds. */
  timestamp: Type.Optional(Type.Number())
}
export const ReservationEvent = Type.Object({
  ...told,
  reservation: Ref,
  guest: Type.Optional(Ref),
  /** Told where it is what changed. */
  status: Type.Optional(Type.String())
})
export const GuestEvent = Type.Object({ ...told, guest: Ref })
export type ReservationEvent = Static<typeof ReservationEvent>
export type GuestEvent = Static<typeof GuestEvent>

/** Objects of which no event concerns us, `allotmenBlock` as it is misspelt. */
const families = new Map([
  ['housekeeping', 'housekeeping/*'],
  ['night_audit', 'night_audit/*'],
  ['allotmentblock', 'allotmentBlock/*'],
  ['allotmenblock', 'allotmentBlock/*'],
  ['api_queue_task', 'api_queue_task/*'],
  ['accounting', 'accounting/*'],
  ['fiscal_document', 'fiscal_document/*']
])

export function readEvents(delivery: Delivery): PlatformEvent[] {
  const body = readObject(delivery)
  const members = anyCase(body)
  const event = firstText(members.get('event'))
  if (event === undefined) throw unreadable('the body names no event')
  const [object = ''] = event.toLowerCase().split('/')
  const payload = {
    property: propertyOf(members, delivery.body),
    timestamp: secondsOf(members.get('timestamp')),
    reservation: idOf(members.get('reservationid')) ?? bookingOf(idOf(members.get('subreservationid'))),
    guest: idOf(members.get('guestid')),
    status: firstText(members.get('status'))
  }
  return [{ type: families.get(object) ?? event, payload: withoutUndefined(payload) }]
}

/**
 * `guest/accommodation_changed` is documented with a sub-reservation alone. The first one's id is the reservation's own,
 * the others' have a number behind it.
 */
function bookingOf(subReservation: string | undefined): string | undefined {
  return subReservation?.replace(/-\d+$/, '')
}

/** False where the body names a property that is not among those of the connection. */
export function isOwn(incoming: Incoming, connection: Connection): boolean {
  const ours = connection.api?.property_id?.split(',').map(id => id.trim())
  const body = peekObject(incoming)
  const property = body && propertyOf(anyCase(body), incoming.body)
  return ours === undefined || property === undefined || ours.includes(property)
}

/**
 * Cloudbeds gives none: a hash of what happened, to what, and when to the microsecond, which a retry repeats. Undefined
 * where one of them is missing, for then two events could look alike.
 */
export function deliveryId(incoming: Incoming): string | undefined {
  const body = peekObject(incoming)
  if (body === undefined) return undefined
  const members = anyCase(body)
  const event = firstText(members.get('event'))
  const property = propertyOf(members, incoming.body)
  const timestamp = secondsOf(members.get('timestamp')) && rawNumber(incoming.body, 'timestamp')
  const named = ['reservationid', 'subreservationid', 'guestid', 'roomid', 'roomblockid']
    .flatMap(name => idOf(members.get(name)) ?? [])
    .join('/')
  if (event === undefined || property === undefined || timestamp === undefined || named === '')
    return undefined
  return createHash('sha256').update([event, property, named, timestamp].join('|')).digest('hex')
}

/** By lower-cased name: `reservationID` in some events is `reservationId` in others. The first of two spellings counts. */
function anyCase(body: Record<string, unknown>): Map<string, unknown> {
  const members = new Map<string, unknown>()
  for (const [name, value] of Object.entries(body)) {
    const key = name.toLowerCase()
    if (!members.has(key)) members.set(key, value)
  }
  return members
}

/** The text form, since ids of 16 digits and more may not survive as numbers; else the digits as they were written. */
function propertyOf(members: Map<string, unknown>, body: Uint8Array): string | undefined {
  const number = members.get('propertyid')
  const id = idOf(members.get('propertyid_str')) ?? idOf(number)
  return id === undefined && typeof number === 'number' ? rawNumber(body, 'propertyid') : id
}

/** A number's own digits: parsing may lose some of them. */
function rawNumber(body: Uint8Array, name: string): string | undefined {
  return new RegExp(`"${name}"\\s*:\\s*"?(\\d[\\d.]*)`, 'i').exec(Buffer.from(body).toString())?.[1]
}

/** From here on a number may be milliseconds, and is no time in seconds that anyone lives to see. */
const NO_SECONDS = 1e11

function secondsOf(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof seconds === 'number' && seconds > 0 && seconds < NO_SECONDS ? seconds : undefined
}

function withoutUndefined(payload: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined))
}
