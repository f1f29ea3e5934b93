/**
 * Guesty, Open API v1; webhooks come through Svix. Read in November 2026:
 * - Webhooks: Reservations, Guests, Listings, Calendar, https://open-api-docs.guesty.com/docs/webhooks-reservations ff.
 * - Reservation webhooks migration, https://open-api-docs.guesty.com/docs/reservation-webhooks-migration-guide
 * - Verifying payloads, https://docs.svix.com/receiving/verifying-payloads/how-manual
 *
 * Left open by them: where `publishedAt` stands in a v2 event; whether `unitId` is the unit or its parent; how an owner's
 * stay is marked; what `listing.removed` carries beside the id. The secret of a subscription comes from
 * `GET /v1/webhooks-v2/secret?url=…`, a little after it was made, and is another one when it is made again.
 */
import { Type } from '@sinclair/typebox'
import { firstText, Setting } from '../fields.ts'
import { definePlatform, on, peekObject } from '../platform.ts'
import { standardWebhooks } from '../standard-webhooks.ts'
import { membersOf } from '../told.ts'
import { GoneEvent, GuestEvent, ListingEvent, ReservationEvent, readEvents } from './events.ts'
import { hydration } from './hydrate.ts'
import { ignoredEvents } from './ignored.ts'
import { samples } from './samples.ts'
import { standIn } from './stand-in.ts'
import { statuses } from './status.ts'
import { guestDeleted, guestTold, listingRemoved, listingTold, reservationTold } from './translate.ts'

export const guesty = definePlatform({
  name: 'guesty',
  title: 'Guesty',
  verification: standardWebhooks({ prefixes: ['svix', 'webhook'] }),
  secrets: Type.Object({
    signing_secret: Setting('whsec_… of the webhook subscription')
  }),
  api: Type.Object({
    client_id: Setting('Open API application'),
    client_secret: Type.String({ minLength: 1 }),
    endpoint: Type.Optional(Type.String({ description: 'instead of https://open-api.guesty.com' }))
  }),
  preferredCode: 'platform',
  deliveryId: incoming =>
    firstText(
      incoming.headers['svix-id'],
      incoming.headers['webhook-id'],
      membersOf(peekObject(incoming)?.meta).eventId
    ),
  readEvents,
  hydration,
  events: {
    'reservation.created.v2': on(ReservationEvent, reservationTold),
    'reservation.updated.v2': on(ReservationEvent, reservationTold),
    'reservation.new': on(ReservationEvent, reservationTold),
    'reservation.updated': on(ReservationEvent, reservationTold),
    reservation_update_shortlist: on(ReservationEvent, reservationTold),
    'guest.created': on(GuestEvent, guestTold),
    'guest.updated': on(GuestEvent, guestTold),
    'guest.deleted': on(GoneEvent, guestDeleted),
    'listing.new': on(ListingEvent, listingTold),
    'listing.updated': on(ListingEvent, listingTold),
    'listing.removed': on(GoneEvent, listingRemoved)
  },
  ignored: ignoredEvents,
  statuses,
  samples,
  standIn
})
