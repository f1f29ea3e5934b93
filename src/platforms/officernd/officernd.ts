/**
 * OfficeRnD Flex: webhooks and API v2.
 *
 * Sources, as of 2026-11: "Webhooks" and "Bookings" (https://developer.officernd.com); the vendor's own
 * github.com/officernd/webhooks-demo (signature) and officernd/officernd-flex-extension-example (time window, region);
 * github.com/Skrapion/n8n-nodes-officernd and lukaszbros/officeRnd2Unify (events, tokens, lists); public consumers of
 * API v2 (names in a v2 booking, scopes).
 *
 * - The signature covers the body and then the time: the reverse of Calendly and Stripe.
 * - A webhook carries the whole booking; the member, the company and the resource are ids, and are read where the
 *   connection has an `api`. There is no event for resources.
 * - `event` is the delivery's id. `modifiedAt` of the record orders what is told, for a removal the time of the event.
 * - Which host answers depends on the organization's region, so the organization is asked first.
 * - A recurring booking is one record, whose occurrences nobody tells: it is not pushed.
 *
 * Left open, since no real delivery of a booking was seen: whether records have the names of API v1 (`team`,
 * `resourceId`, `summary`, `canceled`, `start.dateTime`) or of v2 (`company`, `resource`, `title`, `isCancelled`,
 * `start`), both are read; whether a cancellation is an update, a removal or both (each is one); whether and how long a
 * failed webhook is repeated, and whether it is signed afresh then (`tolerance_seconds` widens the window).
 */
import { Type } from '@sinclair/typebox'
import { firstText, Setting } from '../fields.ts'
import { definePlatform, on, peekObject } from '../platform.ts'
import { TOLERANCE_SETTING, timedHmac, toleranceSetting } from '../timed-hmac.ts'
import { BookingEvent, PersonEvent, readEvents } from './events.ts'
import { hydration, readPlace } from './hydrate.ts'
import { samples } from './samples.ts'
import { standIn } from './stand-in.ts'
import { bookingRemoved, bookingTold, personRemoved, personTold } from './translate.ts'

/** Of the vendor's example 60 seconds and none in the future, which allows no clock to be wrong. */
const TOLERANCE_SECONDS = 300

export const officernd = definePlatform({
  name: 'officernd',
  title: 'OfficeRnD',
  verification: timedHmac({
    header: 'officernd-signature',
    members: ['signature', 'v1'],
    first: 'body',
    toleranceSeconds: TOLERANCE_SECONDS
  }),
  secrets: Type.Object(
    {
      signing_secret: Setting('The secret that OfficeRnD made for the webhook'),
      [TOLERANCE_SETTING]: Type.Optional(toleranceSetting(TOLERANCE_SECONDS))
    },
    { additionalProperties: false }
  ),
  api: Type.Object({
    client_id: Type.String({ minLength: 1 }),
    client_secret: Type.String({ minLength: 1 }),
    organization: Type.String({
      pattern: '^[\\w-]+$',
      examples: ['quay-studios'],
      description: 'The organization’s name in addresses'
    }),
    scope: Type.Optional(Setting('In place of the scopes that reading needs')),
    endpoint: Type.Optional(Type.String({ description: 'instead of OfficeRnD’s own hosts' }))
  }),
  preferredCode: 'none',
  deliveryId: incoming => firstText(peekObject(incoming)?.event),
  readEvents,
  hydration,
  readPlace,
  events: {
    'booking.created': on(BookingEvent, bookingTold),
    'booking.updated': on(BookingEvent, bookingTold),
    'booking.removed': on(BookingEvent, bookingRemoved),
    'member.created': on(PersonEvent, personTold),
    'member.updated': on(PersonEvent, personTold),
    'member.removed': on(PersonEvent, personRemoved),
    'company.created': on(PersonEvent, personTold),
    'company.updated': on(PersonEvent, personTold),
    'company.removed': on(PersonEvent, personRemoved)
  },
  ignored: {
    'membership.*': 'a membership is not a booking',
    'contract.*': 'a contract is not a booking',
    'pass.*': 'a pass is not a booking',
    'occupancyslot.*': 'an occupancy slot is not a booking',
    'fee.*': 'about money',
    'paymentdetails.*': 'about money',
    'integration.removed':
      'the integration was cut at OfficeRnD; make its webhooks again if that was no intention'
  },
  statuses: {
    standings: new Map(),
    beside:
      'OfficeRnD has flags instead of words: `canceled` (`isCanceled`, `isCancelled`) deletes the stay; `recurrence` is not pushed; `tentative` (`isTentative`) holds it back unless `tentative: push`; any other booking is pushed.'
  },
  samples,
  standIn
})
