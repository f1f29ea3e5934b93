/**
 * Beds24: booking webhooks of API v2, which its maker calls Alpha.
 *
 * Sources, state of 2026:
 * - https://beds24.com/api/v2/apiV2.yaml: payload and custom header of the webhook, bookings, properties, accounts, tokens,
 *   credits; a copy in jverneuer/beds24-mcp
 * - https://wiki.beds24.com, Category:Webhooks, property notification URL, inventory webhook
 * - a delivery as a list, seen in public code only
 *
 * What they leave open, and what is done here:
 * - One object or a list of them: both are taken, each entry by itself.
 * - Nobody signs the body. Where the connection has an `api` the booking is read again, and what is told there counts; the
 *   body fills what a token without personal data is not shown.
 * - The API leaves out cancelled bookings unless asked for them, and by its description past ones too. So a booking that is
 *   not returned is not taken for deleted, and the body counts.
 * - There is no id of a delivery, and `modifiedTime` has whole seconds, in which two changes could look alike: no delivery
 *   is dropped as a repeat of another.
 * - No message was found for a booking that is deleted outright, and none for changes that leave room and dates alone.
 * - The order is that of `modifiedTime`, else of `timeStamp`.
 * - Version one of the webhook is a GET with its facts in the address, which this relay does not take.
 */
import { Type } from '@sinclair/typebox'
import { Setting } from '../fields.ts'
import { headerOrToken, headerOrTokenSecrets } from '../header-or-token.ts'
import { definePlatform, on, unreadable } from '../platform.ts'
import { BookingEvent, isOwn, readEvents } from './events.ts'
import { hydration } from './hydrate.ts'
import { readPlace } from './places.ts'
import { samples } from './samples.ts'
import { standIn } from './stand-in.ts'
import { statuses } from './status.ts'
import { bookingTold } from './translate.ts'

export const beds24 = definePlatform({
  name: 'beds24',
  title: 'Beds24',
  verification: headerOrToken(),
  secrets: headerOrTokenSecrets({
    header: 'Name of the custom header, such as X-Door-Token',
    value: 'What the custom header holds'
  }),
  api: Type.Object({
    refresh_token: Setting(
      'Refresh token with read access to bookings, bookings-personal, properties, accounts'
    ),
    property_id: Type.Optional(
      Setting('Refuses every other property; several are separated by commas', ['224410'])
    ),
    endpoint: Type.Optional(Setting('Origin in place of https://api.beds24.com'))
  }),
  preferredCode: 'none',
  mediaTypes: ['text/plain', 'application/octet-stream', 'application/x-www-form-urlencoded'],
  isOwn,
  readEvents,
  hydration,
  readPlace,
  events: {
    booking: on(BookingEvent, bookingTold),
    unreadable: on(Type.Unknown(), () => {
      throw unreadable('an entry of the body holds no booking')
    })
  },
  ignored: {
    empty: 'the message holds no bookings',
    // Every price that changes is told; the API grants 100 credits in five minutes.
    SYNC_ROOM: 'prices or availability changed; rooms are read again once a day'
  },
  statuses,
  samples,
  standIn
})
