/**
 * Lodgify, v1 webhooks with the header `ms-signature`.
 *
 * Sources, state of 2026-11:
 * - "Webhooks" and "Webhook objects", https://docs.lodgify.com/reference/webhooks: subscribing, the signature, retries
 * - public code for what they leave open: PipedreamHQ/pipedream (payloads), MikeRobGIT/lodgify-mcp (events, statuses, the
 *   v2 booking), MahCelestine/lodgify-ttlock-sync (bodies that are lists, closed periods, enquiries, key codes)
 *
 * Assumed, and not confirmed by any document: that the signature is hex, in whichever case; that a change of status
 * fires two events; that `Canceled` occurs; that `EnquiryOnly` gives no access whatever the status; that
 * `/v2/reservations/bookings/{id}` is the address of a booking, and that 404 there means that it is gone, or not there yet
 * where it is new.
 *
 * Webhooks have neither an id nor a clock. Up to ten repeats of one look like new ones, so the booking is read again
 * where credentials exist; otherwise what came last counts. Whether `updated_at` of what is read tells its zone is left open.
 */
import { Type } from '@sinclair/typebox'
import { Setting } from '../fields.ts'
import { definePlatform, on } from '../platform.ts'
import { hmac, type Verification } from '../verify.ts'
import { BookingEvent, bookingEvents, readEvents } from './events.ts'
import { hydration, readPlace } from './hydrate.ts'
import { samples } from './samples.ts'
import { standIn } from './stand-in.ts'
import { statuses } from './status.ts'
import { bookingTold } from './translate.ts'

const HEADER = 'ms-signature'

const signature = hmac({ header: HEADER, algorithm: 'sha256', encoding: 'hex' })

/** `sha256=<hex>`: whatever stands before the first `=` names the algorithm, in either case. */
const verification: Verification = {
  ...signature,
  verify(incoming, secrets) {
    const sent = incoming.headers[HEADER]
    const headers =
      sent === undefined ? incoming.headers : { ...incoming.headers, [HEADER]: sent.replace(/^[^=]*=/, '') }
    return signature.verify({ ...incoming, headers }, secrets)
  },
  sign(body, secrets, at) {
    const { headers = {} } = signature.sign(body, secrets, at)
    return { headers: { [HEADER]: `sha256=${headers[HEADER]}` } }
  }
}

const booking = on(BookingEvent, bookingTold)

export const lodgify = definePlatform({
  name: 'lodgify',
  title: 'Lodgify',
  verification,
  secrets: Type.Object({
    signing_secret: Setting('What the subscription answered when it was made; one for each subscription')
  }),
  api: Type.Object({
    api_key: Setting('Settings → Public API'),
    endpoint: Type.Optional(Type.String({ description: 'instead of https://api.lodgify.com' }))
  }),
  preferredCode: 'platform',
  // A refused request counts as a failure of the hook, and hooks that fail are removed.
  mediaTypes: ['text/plain', 'application/octet-stream'],
  readEvents,
  hydration,
  readPlace,
  events: Object.fromEntries(bookingEvents.map(type => [type, booking])),
  ignored: {
    availability_change: 'bookings come as events of their own',
    rate_change: 'prices give no access',
    guest_message_received: 'a message gives no access'
  },
  statuses,
  samples,
  standIn
})
