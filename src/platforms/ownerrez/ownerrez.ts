/**
 * OwnerRez, API v2 webhooks.
 *
 * Sources, state of 2026-11:
 * - "API Webhooks", https://www.ownerrez.com/support/articles/api-webhooks: user and password of the OAuth application
 * - ownerrez/orez-zapier (the vendor's own: guests, categories), mrnwosu/OwnerRezToAirtable (actions, entities, statuses,
 *   door codes) and other public code for what arrives
 *
 * Assumed, and not confirmed by any document: that a guest event inlines the guest as the API gives it; that property
 * events exist and inline likewise; how kinds of holds are spelled; that one booking tells its door codes when asked as
 * for a list; that deliveries of subscriptions made through `/v2/webhooksubscriptions` carry the same credentials;
 * that what is not found may be too new, so that it is asked for again before it is gone.
 *
 * Webhooks exist for OAuth applications only. An answer has to come within about two seconds, so nothing is read before
 * it. A redirect loses the event without a word: the address has to be the final one.
 */
import { Type } from '@sinclair/typebox'
import { Setting } from '../fields.ts'
import { definePlatform, on, peekObject } from '../platform.ts'
import { idOf } from '../told.ts'
import { basicAuth } from '../verify.ts'
import { EntityEvent, readEvents } from './events.ts'
import { hydration, readPlace } from './hydrate.ts'
import { samples } from './samples.ts'
import { standIn } from './stand-in.ts'
import { statuses } from './status.ts'
import {
  bookingDeleted,
  bookingTold,
  guestDeleted,
  guestTold,
  propertyDeleted,
  propertyTold
} from './translate.ts'

export const ownerrez = definePlatform({
  name: 'ownerrez',
  title: 'OwnerRez',
  verification: basicAuth(),
  secrets: Type.Object({
    username: Setting('As typed into the OAuth application'),
    password: Type.String({ minLength: 1 })
  }),
  api: Type.Object({
    username: Setting('E-mail of the account'),
    token: Setting('Personal access token'),
    user_id: Type.Optional(
      Type.String({ examples: ['340000001'], description: 'Refuses webhooks of other accounts' })
    ),
    endpoint: Type.Optional(Type.String({ description: 'instead of https://api.ownerrez.com' }))
  }),
  preferredCode: 'platform',
  mediaTypes: ['text/plain', 'application/octet-stream'],
  // A number in 2022, a UUID today.
  deliveryId: incoming => idOf(peekObject(incoming)?.id),
  isOwn(incoming, connection) {
    const ours = connection.api?.user_id
    const told = idOf(peekObject(incoming)?.user_id)
    return ours === undefined || told === undefined || told === ours
  },
  readEvents,
  hydration,
  readPlace,
  events: {
    'booking.entity_create': on(EntityEvent, bookingTold),
    'booking.entity_update': on(EntityEvent, bookingTold),
    'booking.entity_delete': on(EntityEvent, bookingDeleted),
    'guest.entity_create': on(EntityEvent, guestTold),
    'guest.entity_update': on(EntityEvent, guestTold),
    'guest.entity_delete': on(EntityEvent, guestDeleted),
    'property.entity_create': on(EntityEvent, propertyTold),
    'property.entity_update': on(EntityEvent, propertyTold),
    'property.entity_delete': on(EntityEvent, propertyDeleted)
  },
  ignored: {
    webhook_test: 'test delivery',
    application_authorization_revoked: 'the account took its access back; what is known of its bookings stays'
  },
  statuses,
  samples,
  standIn
})
