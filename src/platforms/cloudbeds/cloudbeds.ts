/**
 * Cloudbeds: webhooks v1 and PMS API v1.3.
 *
 * Sources, state of 2026:
 * - "Webhooks", https://developers.cloudbeds.com/docs/webhooks-1: events, envelope, retries (five, a minute apart; an
 *   answer must come within two seconds), no order, duplicates
 * - the specification pms-v1.3 in https://github.com/cloudbeds/openapi-specs: getReservation, getGuest, getRooms,
 *   getHotels, getHotelDetails
 * - the pair `authHeaderName` and `authHeaderValue` of postWebhook: tangle-network/agent-integrations, public code only
 *
 * What they leave open, and what is done here:
 * - Whether every account may choose a header. Where not, a connection has a token in its address.
 * - Neither binds the body, and the body holds only ids: all but a deletion is read again, and only that is believed.
 * - Events have no id. One is made of the event, the property, what it names, and its `timestamp` to the microsecond.
 * - `dateModified` is the property's local time, in a form that is told in two ways, so a reservation has no clock: of two
 *   readings the later wins. Names in it may be older, and count as of the event's `timestamp`, as those of guests do.
 * - What is not found may be too new, unless the event tells that it is over: it is asked for again before it is gone.
 *   So it is where the event tells that it is over and the API that it is on, before the API is believed.
 * - A failed call answers 200 with `success: false`; that something is not there is told by its message alone (assumed).
 * - Ids are unique within a property only, so the property stands before each of them.
 * - The content type of a delivery is assumed; a body that is JSON is taken under other names too.
 */
import { Type } from '@sinclair/typebox'
import { Setting } from '../fields.ts'
import { headerOrToken, headerOrTokenSecrets } from '../header-or-token.ts'
import { definePlatform, on } from '../platform.ts'
import {
  deliveryId,
  GuestEvent,
  guestEvents,
  isOwn,
  ReservationEvent,
  readEvents,
  reservationEvents
} from './events.ts'
import { hydration } from './hydrate.ts'
import { ignoredEvents } from './ignored.ts'
import { readPlace } from './places.ts'
import { samples } from './samples.ts'
import { standIn } from './stand-in.ts'
import { statuses } from './status.ts'
import { customFieldsChanged, guestTold, reservationDeleted, reservationTold } from './translate.ts'

export const cloudbeds = definePlatform({
  name: 'cloudbeds',
  title: 'Cloudbeds',
  verification: headerOrToken(),
  secrets: headerOrTokenSecrets({
    header: 'authHeaderName of the subscription',
    value: 'authHeaderValue of the subscription'
  }),
  api: Type.Object({
    api_key: Setting('API key of the property, with read access to reservations, guests, rooms and hotels'),
    property_id: Type.Optional(
      Setting('Refuses every other property; several are separated by commas', ['700123'])
    ),
    endpoint: Type.Optional(Setting('Origin in place of https://api.cloudbeds.com'))
  }),
  preferredCode: 'none',
  mediaTypes: ['text/plain', 'application/octet-stream', 'application/x-www-form-urlencoded'],
  deliveryId,
  isOwn,
  readEvents,
  hydration,
  readPlace,
  events: {
    ...Object.fromEntries(reservationEvents.map(type => [type, on(ReservationEvent, reservationTold)])),
    'reservation/custom_fields_changed': on(ReservationEvent, customFieldsChanged),
    'reservation/deleted': on(ReservationEvent, reservationDeleted),
    ...Object.fromEntries(guestEvents.map(type => [type, on(GuestEvent, guestTold)]))
  },
  ignored: ignoredEvents,
  statuses,
  samples,
  standIn
})
