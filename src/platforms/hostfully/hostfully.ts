/**
 * Hostfully: webhooks and API 3.3.
 *
 * Sources:
 * - https://dev.hostfully.com/reference/webhooks-1 (updated October 2026): events, fields, encodings, https only
 * - Hostfully changelog, August 2025 (causes of PROPERTY_AVAILABILITY_UPDATED) and March 2025 (access events)
 * - clients in public repositories: addresses of the API, leads, properties, statuses
 *
 * Requests are not signed and carry ids only, so the address holds a token, the agency is compared, and every lead and
 * property is read again: nothing is done because a webhook says so, not even a cancellation.
 *
 * What is left open, and what is done here:
 * - Retries and time-outs are not told; there is no id and no clock in a webhook. Bursts are read again each time.
 * - The form of `…ZonedDateTime`: see times.ts. A property's zone and position are taken where they are told.
 * - Statuses come from how public code reads the documentation, and longer forms of them may exist: see status.ts.
 * - Whether UNIT_CHANGED and PROPERTY_AVAILABILITY_UPDATED name a lead: they are read where they do.
 * - Where pin codes can be read: they are ignored, and no code is wished for.
 * - One client budgets 1000 calls, in which time is not known.
 */
import { Type } from '@sinclair/typebox'
import { Setting } from '../fields.ts'
import { definePlatform, on } from '../platform.ts'
import { AddressToken, sharedToken } from '../verify.ts'
import { agencyOf, CalendarEvent, isOurs, LeadEvent, PropertyEvent, readEvents } from './events.ts'
import { hydration, readPlace } from './hydrate.ts'
import { ignoredEvents } from './ignored.ts'
import { samples } from './samples.ts'
import { standIn } from './stand-in.ts'
import { statuses } from './status.ts'
import { leadTold, propertyTold } from './translate.ts'

const lead = on(LeadEvent, leadTold)
const calendar = on(CalendarEvent, leadTold)
const property = on(PropertyEvent, propertyTold)

export const hostfully = definePlatform({
  name: 'hostfully',
  title: 'Hostfully',
  verification: sharedToken(),
  secrets: Type.Object({
    token: AddressToken,
    agency_uid: Type.Optional(
      Setting('The agency’s id; webhooks of any other are refused', ['942d0000-0000-4000-8000-00000000a001'])
    )
  }),
  api: Type.Object({
    api_key: Type.String({ minLength: 1 }),
    endpoint: Type.Optional(Type.String({ description: 'Origin in place of https://api.hostfully.com' }))
  }),
  preferredCode: 'none',
  mediaTypes: ['application/x-www-form-urlencoded'],
  isOwn: (incoming, connection) => isOurs(agencyOf(incoming), connection),
  readEvents,
  hydration,
  readPlace,
  events: {
    NEW_INQUIRY: lead,
    NEW_HOLD: lead,
    NEW_BOOKING_REQUEST: lead,
    NEW_BOOKING: lead,
    BOOKING_UPDATED: lead,
    BOOKING_CANCELLED: lead,
    LEAD_DATES_CHANGED: lead,
    LEAD_PROPERTY_CHANGED: lead,
    LEAD_SOFT_DELETED: lead,
    HOLD_CANCELLED: lead,
    UNIT_CHANGED: calendar,
    PROPERTY_AVAILABILITY_UPDATED: calendar,
    NEW_PROPERTY: property,
    UPDATED_PROPERTY: property,
    DELETED_PROPERTY: property,
    ACTIVATED_PROPERTY: property,
    DEACTIVATED_PROPERTY: property
  },
  ignored: ignoredEvents,
  statuses,
  samples,
  standIn
})
