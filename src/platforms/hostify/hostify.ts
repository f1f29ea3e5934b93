/**
 * Hostify: webhooks v2, which come through Amazon SNS, and the API.
 *
 * Sources:
 * - Hostify help centre, "Webhooks" (article 11850305): the types, the topic, the confirmation
 * - a copy of the Hostify API documentation in a public repository: registration, `auth`, reservations, listings, statuses
 * - payloads in the tests of public consumers: the three messages of a reservation, code 8
 * - Amazon SNS developer guide: see ../sns.ts
 *
 * What they leave open, and what is done here:
 * - No listing message was ever seen: the id is looked for in several places, and the listing is read.
 * - Whether `auth` is in every message, and always a list: a text or a list of one is taken, and where the connection has
 *   an `auth`, a message without it is refused (and kept).
 * - What the API calls the objects beside a reservation; one that is missing is read by its id.
 * - `updated_at` tells no zone, so a reservation has no clock: of two readings the later wins. Whether what is on was taken
 *   up again after its cancellation is judged as if it were UTC, once the API has been asked often enough.
 * - What each status means for access is a reading of its name.
 * - No message tells that a reservation or a listing was deleted. The API's 404 does for a reservation, after some tries,
 *   as it may be too new; a listing that is not found stays a place.
 * - Limits of the API's rate are not told.
 */
import { Type } from '@sinclair/typebox'
import { firstText, Setting } from '../fields.ts'
import { definePlatform, ignored, on, peekObject } from '../platform.ts'
import { snsMediaTypes, snsSecrets } from '../sns.ts'
import { SubscriptionConfirmation } from '../sns-subscription.ts'
import { AddressToken } from '../verify.ts'
import { ListingEvent, ReservationEvent, readEvents } from './events.ts'
import { hydration, readPlace } from './hydrate.ts'
import { samples } from './samples.ts'
import { standIn } from './stand-in.ts'
import { statuses } from './status.ts'
import { listingChanged, reservationTold } from './translate.ts'
import { hostifyVerification } from './verification.ts'

const reservation = on(ReservationEvent, reservationTold)
const listing = on(ListingEvent, listingChanged)

export const hostify = definePlatform({
  name: 'hostify',
  title: 'Hostify',
  verification: hostifyVerification(),
  secrets: Type.Object({
    ...snsSecrets,
    auth: Type.Optional(
      Setting('As given when the webhook was made; messages of other accounts do not have it')
    ),
    token: Type.Optional(AddressToken)
  }),
  api: Type.Object({
    api_key: Type.String({ minLength: 1 }),
    custom_fields: Type.Optional(
      Type.String({
        pattern: '^(true|false)$',
        description: 'true reads custom fields too; together with preferred_code: platform',
        examples: ['false']
      })
    ),
    endpoint: Type.Optional(Type.String({ description: 'Origin in place of https://api-rms.hostify.com' }))
  }),
  // `lock_pin` may be a code that Seam made; a custom field is a wish only where the host says so.
  preferredCode: 'none',
  mediaTypes: snsMediaTypes,
  deliveryId: incoming => firstText(peekObject(incoming)?.MessageId),
  readEvents,
  hydration,
  readPlace,
  events: {
    new_reservation: reservation,
    update_reservation: reservation,
    move_reservation: reservation,
    create_listing: listing,
    update_listing: listing,
    create_update_listing: listing,
    SubscriptionConfirmation: on(SubscriptionConfirmation, () => ignored('the subscription is confirmed'))
  },
  ignored: {
    message_new: 'a message changes no stay',
    listing_photo_processed: 'a picture changes no listing that matters here',
    UnsubscribeConfirmation: 'the subscription has ended: nothing more comes until the webhook is made again'
  },
  statuses,
  samples,
  standIn
})
