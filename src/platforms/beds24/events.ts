import { type Static, Type } from '@sinclair/typebox'
import type { Connection } from '../../model/connection.ts'
import type { Delivery, Incoming } from '../../model/delivery.ts'
import { firstText, Maybe } from '../fields.ts'
import { type PlatformEvent, readJson, unreadable } from '../platform.ts'
import { entriesOf, idOf, membersOf } from '../told.ts'

/** Ids are numbers; digits only, since they become part of addresses. */
const BookingId = Type.Union([
  Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  Type.String({ pattern: '^[1-9][0-9]{0,18}$' })
])

/** Whoever reads a member judges its type: one odd field spoils nothing. */
export const BookingEvent = Type.Object({
  timeStamp: Maybe(Type.Unknown()),
  booking: Type.Object({ id: BookingId }),
  infoItems: Maybe(Type.Unknown())
})
export type BookingEvent = Static<typeof BookingEvent>

/**
 * One event for each entry. What kind of message it is stands nowhere: a booking is there or not. Invoices, messages, and
 * the card data that a host may have sent along stay behind.
 */
export function readEvents(delivery: Delivery): PlatformEvent[] {
  const entries = bodyOf(delivery)
  if (entries === undefined) throw unreadable('the body is not JSON, or neither an object nor a list')
  return entries.length === 0 ? [{ type: 'empty', payload: {} }] : entries.map(eventOf)
}

function eventOf(entry: unknown): PlatformEvent {
  const { timeStamp, booking, infoItems, action } = membersOf(entry)
  if (typeof booking === 'object' && booking !== null) {
    return { type: 'booking', payload: { timeStamp, booking, infoItems } }
  }
  return { type: firstText(action) ?? 'unreadable', payload: {} }
}

/** False where an entry names a property that is not among those of the connection. */
export function isOwn(incoming: Incoming, connection: Connection): boolean {
  const ours = connection.api?.property_id?.split(',').map(id => id.trim())
  const told = entriesOf(bodyOf(incoming)).map(({ booking, propId }) =>
    idOf(membersOf(booking).propertyId, propId)
  )
  return ours === undefined || told.every(id => id === undefined || ours.includes(id))
}

/** One object, or a list of them; undefined where it is neither. */
function bodyOf(incoming: { body: Uint8Array }): unknown[] | undefined {
  try {
    const parsed = readJson(incoming)
    return typeof parsed === 'object' && parsed !== null ? [parsed].flat() : undefined
  } catch {
    return undefined
  }
}
