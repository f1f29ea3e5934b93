import { type Static, Type } from '@sinclair/typebox'
import type { Delivery } from '../../model/delivery.ts'
import { lowerText } from '../fields.ts'
import { type PlatformEvent, readObject, unreadable } from '../platform.ts'
import { idOf, type Members, membersOf } from '../told.ts'

/** `entity` is inlined on create and update, absent on delete, and was absent altogether in earlier years. */
export const EntityEvent = Type.Object({
  entity_id: Type.String({ minLength: 1 }),
  entity: Type.Optional(Type.Unknown())
})
export type EntityEvent = Static<typeof EntityEvent>

/** Entities that are told and read; `list` is where the API keeps them. */
export const lists: Record<string, string> = {
  booking: 'bookings',
  guest: 'guests',
  property: 'properties'
}

/** One delivery is one event, known by its entity's kind and the action: `booking.entity_update`. */
export function readEvents(delivery: Pick<Delivery, 'body'>): PlatformEvent[] {
  const body = readObject(delivery)
  const action = lowerText(body.action)
  const kind = lowerText(body.entity_type)
  if (action === undefined) throw unreadable('the body names no `action`')
  if (!action.startsWith('entity_')) return [{ type: action, payload: body }]
  if (kind === undefined) throw unreadable('the body names no `entity_type`')
  const id = idOf(body.entity_id, membersOf(body.entity).id)
  return [{ type: `${kind}.${action}`, payload: { ...body, entity_id: id } }]
}

/** What the event tells of its entity; undefined where it tells nothing but the id. */
export function entityOf({ entity }: EntityEvent): Members | undefined {
  const members = membersOf(entity)
  return Object.keys(members).some(name => name !== 'id') ? members : undefined
}

/**
 * The guest or the property of a booking: its id, and what the booking tells of it. Half of that may be from a webhook
 * and half from a reading; what was told of another one is not put on this one.
 */
export function namedIn(id: unknown, told: unknown): { id: string | undefined; part: Members } {
  const part = membersOf(told)
  const own = idOf(part.id)
  const named = idOf(id) ?? own
  return { id: named, part: own === undefined || own === named ? part : {} }
}
