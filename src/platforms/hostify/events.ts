import { type Static, Type } from '@sinclair/typebox'
import { type Delivery, parseJson } from '../../model/delivery.ts'
import { trimmed } from '../../model/trimmed.ts'
import { firstText, Maybe } from '../fields.ts'
import { type PlatformEvent, unreadable } from '../platform.ts'
import { readEnvelope } from '../sns.ts'
import { isMembers, membersOf } from '../told.ts'
import { idOf } from './values.ts'

/** Becomes a part of an address. */
const HostifyId = Type.Union([Type.Integer({ minimum: 1 }), Type.String({ pattern: '^[\\w-]{1,64}$' })])

/**
 * The three shapes of a reservation's message have the id in common: `new_reservation` has the rest under `data`,
 * `update_reservation` what changed beside it, `move_reservation` next to nothing.
 */
export const ReservationEvent = Type.Object({
  message: Type.Object({
    reservation_id: HostifyId,
    status_code: Maybe(Type.Union([Type.String(), Type.Number()])),
    data: Type.Optional(Type.Unknown())
  }),
  /** Amazon's time of sending, ms since 1970. */
  sentAt: Type.Number()
})
export type ReservationEvent = Static<typeof ReservationEvent>

/** Nobody has shown one: the id may stand at the top or in `data`. */
export const ListingEvent = Type.Object({ message: Type.Object({}), sentAt: Type.Number() })
export type ListingEvent = Static<typeof ListingEvent>

export const reservationEvents = ['new_reservation', 'update_reservation', 'move_reservation'] as const
export const listingEvents = ['create_listing', 'update_listing', 'create_update_listing'] as const

export function listingIdOf({ message }: ListingEvent): string | undefined {
  const { listing_id, id, data } = message as Record<string, unknown>
  return idOf(listing_id, membersOf(membersOf(data).listing).id, membersOf(data).id, id)
}

/** Code 8, which updates carry as a text: cancelled. Seen in public code. */
export function isCancelled(code: unknown): boolean {
  return idOf(code) === '8'
}

/** One envelope is one event. What Hostify says in it is JSON once more, as a text. */
export function readEvents(delivery: Delivery): PlatformEvent[] {
  const { Type: type, Message, Timestamp, TopicArn, Token, SubscribeURL } = readEnvelope(delivery)
  if (type !== 'Notification') return [{ type, payload: { TopicArn, Token, SubscribeURL } }]
  const message = messageIn(Message)
  if (message === undefined) throw unreadable('the message in the envelope is not a JSON object')
  const name = firstText(message.action, message.notification_type, message.type)
  if (name === undefined) throw unreadable('the message names no action')
  return [{ type: name, payload: { message, sentAt: Date.parse(Timestamp) } }]
}

/** The object inside the envelope's `Message`; undefined where it is none. */
export function messageIn(text: unknown): Record<string, unknown> | undefined {
  try {
    const message = trimmed(parseJson(Buffer.from(String(text))))
    return isMembers(message) ? message : undefined
  } catch {
    return undefined
  }
}
