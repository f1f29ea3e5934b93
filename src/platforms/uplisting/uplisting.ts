/**
 * Uplisting, Connect API webhooks.
 *
 * Sources, state of 2026-11: the front page of "Uplisting API [Public]" on Postman (limits), PipedreamHQ/pipedream (the
 * payloads of bookings, hooks, the API key), and public notes that quote the invite-only reference (events, five seconds
 * to answer, order by `timestamp`).
 *
 * Assumed, and not confirmed by any document: that nothing is signed; every status but `confirmed`; what events of
 * properties carry; the attributes of a property beside its name; that a multi-unit is what a guest gets a door of. How
 * owner blocks look is not known.
 *
 * Five failures in a row take a hook away, so nothing is refused because of its content. The address carries a token,
 * which is all the proof there is, and the event, which the body does not name.
 */
import { Type } from '@sinclair/typebox'
import { Setting } from '../fields.ts'
import { definePlatform, on } from '../platform.ts'
import { sharedToken } from '../verify.ts'
import { BookingEvent, PropertyEvent, RemovedEvent, readEvents } from './events.ts'
import { hydration, readPlace } from './hydrate.ts'
import { samples } from './samples.ts'
import { standIn } from './stand-in.ts'
import { statuses } from './status.ts'
import { bookingRemoved, bookingTold, propertyRemoved, propertyTold } from './translate.ts'

export const uplisting = definePlatform({
  name: 'uplisting',
  title: 'Uplisting',
  verification: sharedToken(),
  secrets: Type.Object({
    token: Setting('Long random last part of the webhook addresses; a list where each event has its own')
  }),
  api: Type.Object({
    api_key: Type.String({ minLength: 1 }),
    endpoint: Type.Optional(Type.String({ description: 'instead of https://connect.uplisting.io' }))
  }),
  preferredCode: 'none',
  mediaTypes: ['text/plain', 'application/octet-stream'],
  readEvents,
  hydration,
  readPlace,
  events: {
    booking_created: on(BookingEvent, bookingTold),
    booking_updated: on(BookingEvent, bookingTold),
    booking_removed: on(RemovedEvent, bookingRemoved),
    property_created: on(PropertyEvent, propertyTold),
    property_updated: on(PropertyEvent, propertyTold),
    property_removed: on(RemovedEvent, propertyRemoved)
  },
  ignored: {},
  statuses,
  samples,
  standIn
})
