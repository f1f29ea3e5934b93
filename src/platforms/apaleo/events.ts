import { type Static, Type } from '@sinclair/typebox'
import type { Connection } from '../../model/connection.ts'
import type { Delivery, Incoming } from '../../model/delivery.ts'
import { firstText, Id, lowerText } from '../fields.ts'
import { type PlatformEvent, peekObject, readObject, unreadable } from '../platform.ts'
import { told } from '../told.ts'

/** Events whose reservation is read. It is `canceled` with one l here, and `cancelled` with two in blocks. */
export const reservationTypes = [
  'created',
  'amended',
  'changed',
  'checked-in',
  'checked-out',
  'check-in-reverted',
  'set-to-no-show',
  'unit-assigned',
  'unit-unassigned',
  'canceled',
  'picked-up-from-block'
].map(type => `reservation/${type}`)

/** Of these, those that speak of the reservation's end. */
export const endings: readonly string[] = ['reservation/canceled', 'reservation/set-to-no-show']

/**
 * Whether the event says all there is to say: that the reservation is over, and when. As of then it ends nothing that
 * was taken up again since.
 */
export function isTellingEnd(type: string, payload: { timestamp?: unknown }): boolean {
  return endings.includes(type) && timestampOf(payload) !== undefined
}

/** Those after which nobody is, or will be, in its unit. */
export const leavings: readonly string[] = [...endings, 'reservation/checked-out']

export const EntityEvent = Type.Object({
  data: Type.Object({ entityId: Id }),
  propertyId: Type.Optional(Type.Unknown()),
  timestamp: Type.Optional(Type.Unknown())
})
export type EntityEvent = Static<typeof EntityEvent>

/** The event's own clock, milliseconds since 1970; undefined where it has none. */
export function timestampOf({ timestamp }: { timestamp?: unknown }): number | undefined {
  const ms = Number(told(timestamp))
  return ms > 0 && ms < Number.MAX_SAFE_INTEGER ? Math.floor(ms) : undefined
}

/** Topics of which no event concerns a stay, whatever its type. */
const families = ['booking', 'block', 'maintenance', 'unitgroup', 'property', 'account']

/** `topic` is written with a capital here and without one there. */
export function readEvents(delivery: Delivery): PlatformEvent[] {
  if (isEmpty(delivery.body)) return [{ type: 'system/healthcheck', payload: {} }]
  const payload = readObject(delivery)
  const topic = lowerText(payload.topic)
  const type = lowerText(payload.type)
  if (topic === undefined || type === undefined) throw unreadable('the body names no topic and type')
  return [{ type: families.includes(topic) ? `${topic}/*` : `${topic}/${type}`, payload }]
}

function isEmpty(body: Uint8Array): boolean {
  return body.every(byte => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d))
}

/** False where the body names another account. */
export function isOwn(incoming: Incoming, connection: Connection): boolean {
  const ours = connection.api?.account_id
  const named = firstText(peekObject(incoming)?.accountId)
  return ours === undefined || named === undefined || named.toLowerCase() === ours.toLowerCase()
}

/** Whether the connection wants the property of an event or reservation: a whole account’s subscription tells of all. */
export function isServed({ propertyId }: { propertyId?: unknown }, { api }: Connection): boolean {
  const wanted = api?.property_id?.split(',').map(id => id.trim().toLowerCase())
  const named = firstText(propertyId)
  return wanted === undefined || named === undefined || wanted.includes(named.toLowerCase())
}
