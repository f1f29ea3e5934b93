/**
 * apaleo: webhooks, Booking API v1 and Inventory API v1.
 *
 * Sources, state of 2026:
 * - "Webhook", https://apaleo.dev/guides/webhook: overview, event types, best practices (no signature; HTTPS, three
 *   sender addresses, credentials or a token in the address; a health check while subscribing)
 * - the definitions of the Booking and Inventory APIs, client copies in apaleo/oss-traces
 * - topics with a capital and `?token=`: apaleo/slack; an empty health check, repeats for up to 24 hours, booking events
 *   without a property: guestgraph/connector-apaleo, public code only
 *
 * What they leave open, and what is done here:
 * - Whether credentials in the address arrive as a Basic header (assumed). A token is taken in the path and as `?token=`.
 * - Whether a health check always has a body, and of which type: without one it is one too, also as text.
 * - Nothing binds the body, and it holds only an id: all but deletions is read again, and that is believed. Cancellations
 *   and no-shows that cannot be read are believed as deletions are, as of their `timestamp`.
 * - Whether an event can come before its reservation is to be read (assumed): not found is asked for again, and ends nothing.
 * - Events come in any order: the reservation's `modified` decides, and within two seconds of it, or without it, the
 *   event's `timestamp`; the later of that and of the receipt where it tells of an end and the reservation is gone by then.
 * - `propertyId` is missing or empty on events of the account; then only the property of a reservation that is read is
 *   compared.
 * - What a header `x-apaleo-signature` in public code would mean is not documented, and it is not looked at.
 */
import { Type } from '@sinclair/typebox'
import { firstText, Setting } from '../fields.ts'
import { definePlatform, on, peekObject } from '../platform.ts'
import { eitherConfigured } from '../several.ts'
import { basicAuth, sharedToken } from '../verify.ts'
import { EntityEvent, isOwn, readEvents, reservationTypes } from './events.ts'
import { hydration } from './hydrate.ts'
import { readPlace } from './places.ts'
import { samples } from './samples.ts'
import { standIn } from './stand-in.ts'
import { statuses } from './status.ts'
import { reservationDeleted, reservationTold, unitDeleted, unitTold } from './translate.ts'

export const apaleo = definePlatform({
  name: 'apaleo',
  title: 'apaleo',
  verification: eitherConfigured(sharedToken({ query: 'token' }), basicAuth()),
  secrets: Type.Object(
    {
      token: Type.Optional(Setting('Long random last part of the webhook address, or its ?token=')),
      username: Type.Optional(Setting('In the address: https://<username>:<password>@…')),
      password: Type.Optional(Setting('In the address, behind the username'))
    },
    { minProperties: 1, additionalProperties: false }
  ),
  api: Type.Object({
    client_id: Setting('Client of a custom app, with reservations.read and units.read, properties.read'),
    client_secret: Setting('Its secret'),
    account_id: Type.Optional(Setting('Refuses every other account', ['HRBR'])),
    property_id: Type.Optional(
      Setting('Only these properties, separated by commas; others are ignored', ['HBR'])
    ),
    endpoint: Type.Optional(Setting('Origin in place of https://api.apaleo.com and identity.apaleo.com'))
  }),
  preferredCode: 'none',
  mediaTypes: ['text/plain', 'application/octet-stream'],
  deliveryId: incoming => firstText(peekObject(incoming)?.id),
  isOwn,
  readEvents,
  hydration,
  readPlace,
  events: {
    ...Object.fromEntries(reservationTypes.map(type => [type, on(EntityEvent, reservationTold)])),
    'reservation/deleted': on(EntityEvent, reservationDeleted),
    'unit/created': on(EntityEvent, unitTold),
    'unit/changed': on(EntityEvent, unitTold),
    'unit/deleted': on(EntityEvent, unitDeleted)
  },
  ignored: {
    'system/healthcheck': 'test delivery',
    'reservation/payment-account-set': 'payment changes no stay',
    'reservation/payment-account-removed': 'payment changes no stay',
    'booking/*': 'each reservation of a booking has events of its own',
    'block/*': 'a block of rooms is nobody’s stay',
    'maintenance/*': 'maintenance is nobody’s stay',
    'unitgroup/*': 'a group of units is not a place; each unit is',
    'property/*': 'zone and address of its units are read again once a day',
    'account/*': 'it reports the state of the account, not of a booking'
  },
  statuses,
  samples,
  standIn
})
