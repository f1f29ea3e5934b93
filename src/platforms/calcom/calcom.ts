/**
 * Cal.com. Its webhooks carry the whole booking, so nothing is hydrated.
 *
 * Sources, as of 2026-11: "Webhooks" (https://cal.com/docs/developing/guides/automation/webhooks); the sender itself,
 * github.com/calcom/cal.com, packages/features/webhooks (payload version 2021-10-20) and packages/features/bookings;
 * issues #1551, #10631, #11849, #21169, #28044 and #28543 there.
 *
 * - A reschedule is a new `uid`; `rescheduleUid` names the one it replaces.
 * - No id tells deliveries apart, and nothing is repeated. `createdAt`, stamped when a webhook is sent, orders them;
 *   `iCalSequence` is missing from some events and orders nothing.
 * - A webhook without a secret is sent with the words `no-secret-provided` as its signature, which is malformed here.
 * - A custom payload template can make any body; one that is not the default JSON becomes a dead letter.
 * - Accepting or cancelling a recurring series tells of one of its bookings only; the others stay as they were.
 *
 * Left open: other payload versions than 2021-10-20; whether a wished reschedule names `rescheduleUid` again once the
 * host accepts it. Where it does not, the old booking keeps its access, although Cal.com has freed its slot.
 */
import { Type } from '@sinclair/typebox'
import { Setting } from '../fields.ts'
import { definePlatform, on, type PlatformEvent, readObject, unreadable } from '../platform.ts'
import { hmac } from '../verify.ts'
import { AccessEvent, BookingEvent } from './events.ts'
import { samples } from './samples.ts'
import { statuses } from './status.ts'
import { bookingCancelled, bookingRejected, bookingRequested, bookingTold } from './translate.ts'

export const calcom = definePlatform({
  name: 'calcom',
  title: 'Cal.com',
  verification: hmac({ header: 'x-cal-signature-256', algorithm: 'sha256', encoding: 'hex' }),
  secrets: Type.Object(
    {
      signing_secret: Setting(
        'The secret set on the webhook; without one Cal.com signs nothing and all is refused'
      )
    },
    { additionalProperties: false }
  ),
  preferredCode: 'none',
  mediaTypes: ['application/x-www-form-urlencoded', 'text/plain'],
  readEvents,
  events: {
    BOOKING_CREATED: on(AccessEvent, bookingTold),
    BOOKING_RESCHEDULED: on(AccessEvent, bookingTold),
    BOOKING_PAID: on(AccessEvent, bookingTold),
    BOOKING_REQUESTED: on(AccessEvent, bookingRequested),
    BOOKING_CANCELLED: on(BookingEvent, bookingCancelled),
    BOOKING_REJECTED: on(BookingEvent, bookingRejected)
  },
  ignored: {
    PING: 'test delivery',
    BOOKING_PAYMENT_INITIATED: 'the payment has only begun',
    BOOKING_NO_SHOW_UPDATED: 'who came does not change who may enter',
    MEETING_STARTED: 'the clock says the same',
    MEETING_ENDED: 'the clock says the same',
    AFTER_HOSTS_CAL_VIDEO_NO_SHOW: 'about a video call',
    AFTER_GUESTS_CAL_VIDEO_NO_SHOW: 'about a video call',
    RECORDING_READY: 'about a video call',
    RECORDING_TRANSCRIPTION_GENERATED: 'about a video call',
    INSTANT_MEETING: 'about a video call',
    OOO_CREATED: 'about a host’s absence',
    FORM_SUBMITTED: 'a form without a booking',
    FORM_SUBMITTED_NO_EVENT: 'a form without a booking',
    ROUTING_FORM_FALLBACK_HIT: 'a form without a booking',
    WRONG_ASSIGNMENT_REPORT: 'about the choice of a host',
    DELEGATION_CREDENTIAL_ERROR: 'about a host’s calendar'
  },
  statuses,
  samples
})

/** One event, its payload the whole body: what orders it stands outside `payload`, and old timer events have no `payload`. */
function readEvents(delivery: { body: Uint8Array }): PlatformEvent[] {
  const body = readObject(delivery)
  if (typeof body.triggerEvent !== 'string') throw unreadable('the body names no triggerEvent')
  return [{ type: body.triggerEvent, payload: body }]
}
