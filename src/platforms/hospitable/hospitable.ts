/**
 * Hospitable, Public API v2 webhooks.
 *
 * Sources: developer.hospitable.com, pages "Webhooks" and "Enums & Statuses", and its schema "Hospitable API V2
 * Webhooks" (as of mid-2025).
 *
 * - The signature covers the compact JSON as sent; the example on the page shows a space that was never signed.
 * - Whether webhooks of a host's own account (key: base64 of the owner's e-mail) are signed at all is told both ways.
 *   A connection may therefore have a token in its address, beside the signing secret or instead of it. Whoever knows
 *   the e-mail knows that key, so for host accounts the token, and `allow_from: [38.80.170.0/24]`, are worth having.
 * - `id` is a ULID on the page and a UUID in the schema; here it is a text that a retry repeats.
 * - There is no cancellation event: a cancelled booking is a `reservation.changed`.
 * - Open: how a disconnected account's bookings end; limits of the API's rate; how often a secret can be rotated.
 */
import { Type } from '@sinclair/typebox'
import { Setting } from '../fields.ts'
import { definePlatform, on, peekObject, readObject, unreadable } from '../platform.ts'
import { everyConfigured } from '../several.ts'
import { isMembers } from '../told.ts'
import { AddressToken, hmac, sharedToken } from '../verify.ts'
import {
  PropertyDeletedEvent,
  PropertyEvent,
  PropertyMergedEvent,
  ReservationEvent,
  triggersOf
} from './events.ts'
import { hydration, standIn } from './hydrate.ts'
import { samples } from './samples.ts'
import { statuses } from './status.ts'
import { propertyDeleted, propertyMerged, propertyTold, reservationTold } from './translate.ts'

export const hospitable = definePlatform({
  name: 'hospitable',
  title: 'Hospitable',
  verification: everyConfigured(
    hmac({ header: 'signature', algorithm: 'sha256', encoding: 'hex', optionalPrefix: 'sha256=' }),
    sharedToken()
  ),
  secrets: Type.Object(
    {
      signing_secret: Type.Optional(
        Setting('Secret of the partner portal; for a host’s own account the owner’s e-mail in base64')
      ),
      token: Type.Optional(AddressToken)
    },
    { minProperties: 1, additionalProperties: false }
  ),
  api: Type.Object({
    token: Setting('Personal access token with reservation:read and property:read'),
    endpoint: Type.Optional(Setting('Origin in place of https://public.api.hospitable.com'))
  }),
  preferredCode: 'none',
  deliveryId(incoming) {
    const id = unwrapped(peekObject(incoming) ?? {}).id
    return typeof id === 'string' && id !== '' ? id : undefined
  },
  readEvents(delivery) {
    const event = unwrapped(readObject(delivery))
    if (typeof event.action !== 'string') throw unreadable('the body names no `action`')
    const type = triggersOf(event).includes('test') ? 'test' : event.action
    return [{ type, payload: event }]
  },
  hydration,
  events: {
    'reservation.created': on(ReservationEvent, reservationTold),
    'reservation.changed': on(ReservationEvent, reservationTold),
    'property.created': on(PropertyEvent, propertyTold),
    'property.changed': on(PropertyEvent, propertyTold),
    'property.deleted': on(PropertyDeletedEvent, propertyDeleted),
    'property.merged': on(PropertyMergedEvent, propertyMerged)
  },
  ignored: {
    test: 'test delivery',
    'message.created': 'messages do not change a stay',
    'review.created': 'reviews do not change a stay',
    'integration.disconnected': 'the account took its access back; what is known of its bookings stays'
  },
  statuses,
  samples,
  standIn
})

/** Some forwarders put the event into a `body`; the platform itself does not. */
function unwrapped(object: Record<string, unknown>): Record<string, unknown> {
  const { action, body } = object
  return action === undefined && isMembers(body) ? body : object
}
