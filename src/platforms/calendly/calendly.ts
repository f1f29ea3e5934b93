/**
 * Calendly, webhook subscriptions of API v2.
 *
 * Sources, as of 2026-11: "Webhook signatures", "Receive data from scheduled events in real time with webhook
 * subscriptions" and "Webhook payload" (https://developer.calendly.com); the OpenAPI description copied in
 * github.com/typedin/laravel-calendly; github.com/api-evangelist/calendly.
 *
 * - One invitee is one booking: several invitees share a `scheduled_event` where it is a group event.
 * - A reschedule is a new invitee. `old_invitee` of the new one and `new_invitee` of the old one name each other; there is
 *   no event "updated".
 * - No id tells deliveries apart. `updated_at` of the invitee orders them.
 * - After 24 hours of failed repeats the subscription is disabled, so whatever is signed right is answered 2xx.
 *
 * Left open: whether a repeat carries a fresh time (taken as such; where it does not, `tolerance_seconds` widens the
 * window of three minutes); which half of a reschedule comes first (either will do); the names in the newer families
 * `meeting_recap.*` and `contact.*`; whether the host's cancellation of a group event tells of each invitee (assumed);
 * whether an event that is not found was deleted or is too new (it is asked for again before it is gone).
 */
import { Type } from '@sinclair/typebox'
import { Setting } from '../fields.ts'
import { definePlatform, on, type PlatformEvent, readObject, unreadable } from '../platform.ts'
import { TOLERANCE_SETTING, timedHmac, toleranceSetting } from '../timed-hmac.ts'
import { InviteeEvent } from './events.ts'
import { hydration, readEventType } from './hydrate.ts'
import { samples } from './samples.ts'
import { standIn } from './stand-in.ts'
import { statuses } from './status.ts'
import { inviteeCancelled, inviteeCreated } from './translate.ts'

/** From the sample code of the documentation. */
const TOLERANCE_SECONDS = 180

export const calendly = definePlatform({
  name: 'calendly',
  title: 'Calendly',
  verification: timedHmac({
    header: 'calendly-webhook-signature',
    members: ['v1'],
    first: 'time',
    toleranceSeconds: TOLERANCE_SECONDS
  }),
  secrets: Type.Object(
    {
      signing_secret: Setting('The signing_key of the webhook subscription, or of the OAuth application'),
      [TOLERANCE_SETTING]: Type.Optional(toleranceSetting(TOLERANCE_SECONDS))
    },
    { additionalProperties: false }
  ),
  api: Type.Object({
    token: Setting('Personal access token'),
    endpoint: Type.Optional(Type.String({ description: 'instead of https://api.calendly.com' }))
  }),
  preferredCode: 'none',
  readEvents,
  hydration,
  readPlace: readEventType,
  events: {
    'invitee.created': on(InviteeEvent, inviteeCreated),
    'invitee.canceled': on(InviteeEvent, inviteeCancelled)
  },
  ignored: {
    'invitee_no_show.created': 'who came does not change who may enter',
    'invitee_no_show.deleted': 'who came does not change who may enter',
    'routing_form_submission.created': 'a form without a booking',
    'meeting_recap.*': 'about what was said in a meeting',
    'contact.*': 'about an address book'
  },
  statuses,
  samples,
  standIn
})

/** One event, its payload the whole body. The members of the newer families are not listed anywhere. */
function readEvents(delivery: { body: Uint8Array }): PlatformEvent[] {
  const body = readObject(delivery)
  if (typeof body.event !== 'string') throw unreadable('the body names no event')
  const family = /^(?:meeting_recap|contact)(?=\.)/.exec(body.event)?.[0]
  return [{ type: family === undefined ? body.event : `${family}.*`, payload: body }]
}
