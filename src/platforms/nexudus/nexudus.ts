/**
 * Nexudus: webhooks made in its settings or through its API, and the REST API.
 *
 * Sources, as of 2026-11: "Verifying webhooks" (https://help.nexudus.com); REST reference, sys/webhooks and
 * spaces/bookings (https://learn.nexudus.com); the vendor's generated reference of entities,
 * github.com/Nexudus-Ltd/nexudus-coworking-skills (webhooks, bookings, cancelledbookings, resources);
 * github.com/PSandro/kong-nexudus-webhook-hmac and other public consumers.
 *
 * - No webhook says what happened: one action of one location is one webhook, and each gets an address of its own,
 *   `?event=<action>`. A wrong address would turn deletions into bookings.
 * - Bookings are whole but for the member's e-mail, which is read where the connection has an `api`.
 * - Times are UTC. `FromTimeLocal` and `ToTimeLocal` look like it and are not.
 * - No id tells deliveries apart. `UpdatedOn`, in whole seconds, orders them; within one the creation is the first, and the
 *   deletion wins.
 * - There is no event for resources: they are read.
 *
 * Left open: whether a body is an array, as the documentation signs it, one object or `{ Records }` (all are read);
 * whether names beyond ASCII are signed as they are sent (see `signature.ts`); whether a cancellation is told as
 * BookingDelete (assumed), as BookingUpdate with `IsCancelled` (understood, seen in public code) or both; whether the
 * deletion of a series is told booking by booking. Notifications to marketplace applications, which name their type and
 * not whether it was a deletion, are not understood.
 */
import { Type } from '@sinclair/typebox'
import { Setting } from '../fields.ts'
import { definePlatform, on } from '../platform.ts'
import { readEvents } from './actions.ts'
import { BookingRecord, CoworkerRecord, DeskRecord } from './events.ts'
import { hydration, readPlace } from './hydrate.ts'
import { samples } from './samples.ts'
import { hookSignature } from './signature.ts'
import { standIn } from './stand-in.ts'
import {
  bookingDeleted,
  bookingTold,
  coworkerDeleted,
  coworkerTold,
  deskDeleted,
  deskTold
} from './translate.ts'

export const nexudus = definePlatform({
  name: 'nexudus',
  title: 'Nexudus',
  verification: hookSignature(),
  secrets: Type.Object(
    {
      signing_secret: Setting(
        'The shared secret of the business; without one Nexudus signs nothing and all is refused'
      )
    },
    { additionalProperties: false }
  ),
  api: Type.Object({
    username: Setting('A user of Nexudus that may read members and resources'),
    password: Type.String({ minLength: 1 }),
    endpoint: Type.Optional(Type.String({ description: 'instead of https://spaces.nexudus.com' }))
  }),
  preferredCode: 'none',
  readEvents,
  hydration,
  readPlace,
  events: {
    BookingCreate: on(BookingRecord, bookingTold),
    BookingUpdate: on(BookingRecord, bookingTold),
    BookingDelete: on(BookingRecord, bookingDeleted),
    CoworkerCreate: on(CoworkerRecord, coworkerTold),
    CoworkerUpdate: on(CoworkerRecord, coworkerTold),
    CoworkerDelete: on(CoworkerRecord, coworkerDeleted),
    FloorPlanDeskCreate: on(DeskRecord, deskTold),
    FloorPlanDeskUpdate: on(DeskRecord, deskTold),
    FloorPlanDeskDelete: on(DeskRecord, deskDeleted)
  },
  ignored: {
    BusinessUpdate: 'bookings are given in UTC, so the zone of a location is not needed',
    VisitorRegistered: 'a visitor is not the guest of a booking',
    VisitorNotification: 'a visitor is not the guest of a booking',
    VisitorCheckedin: 'a visitor is not the guest of a booking',
    VisitorDeleted: 'a visitor is not the guest of a booking',
    CoworkerContractCreate: 'a membership is not a booking',
    CoworkerContractUpdate: 'a membership is not a booking',
    CoworkerContractDelete: 'a membership is not a booking',
    Checkin: 'who came does not change who may enter',
    marketplace: 'a notification to a marketplace application; make webhooks in Settings → Integrations'
  },
  statuses: {
    standings: new Map(),
    beside:
      'Nexudus has flags instead of words: `IsCancelled` deletes the stay; `Tentative` holds it back unless `tentative: push`; a booking of no member is a block and not pushed; any other is pushed.'
  },
  samples,
  standIn
})
