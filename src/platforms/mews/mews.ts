/**
 * Mews, General Webhooks and Integration Webhooks; entities from the Connector API.
 *
 * Sources: the documentation repository MewsSystems/open-api-docs, folder connector-api: events/wh-general.md,
 * events/wh-faq.md, events/wh-integration.md, operations/reservations.md (2023-06-06), customers.md, resources.md,
 * companionships.md, services.md, configuration.md, resourceaccesstokens.md, guidelines/responses.md and pagination.md.
 *
 * What they leave open, and what is done here:
 * - Neither a delivery id nor a time is sent. The same body is legitimate again minutes later, because it holds ids
 *   only, so repeats are read again and no delivery is ever dropped for its body.
 * - The query parameter with the token is named only in a picture (`Token`).
 * - No order is promised: the entity's own `UpdatedUtc` decides.
 * - An id that Mews does not return belongs to another property, or may not be read; it is not a deletion.
 * - A latitude and longitude that were exchanged can be told only where one of them leaves its range.
 */
import { Type } from '@sinclair/typebox'
import { Setting } from '../fields.ts'
import { definePlatform, on, unreadable } from '../platform.ts'
import { sharedToken } from '../verify.ts'
import { EntityEvent } from './events.ts'
import { hydration } from './hydrate.ts'
import { isOwn, readEvents } from './read-events.ts'
import { samples } from './samples.ts'
import { standIn } from './stand-in.ts'
import { statuses } from './status.ts'
import { customerUpdated, reservationUpdated, resourceUpdated } from './translate.ts'

const integrationState = 'it reports the state of the integration, not of a booking'

export const mews = definePlatform({
  name: 'mews',
  title: 'Mews',
  verification: sharedToken({ query: 'Token' }),
  secrets: Type.Object({
    token: Setting('Agreed with Mews support; it is in the webhook address')
  }),
  api: Type.Object({
    client_token: Setting('ClientToken of the partner application'),
    access_token: Setting('AccessToken of the property'),
    client: Type.Optional(Setting('Name and version sent to Mews; Seam Relay by default')),
    endpoint: Type.Optional(Type.String({ description: 'origin; https://api.mews-demo.com for the demo' })),
    enterprise_id: Type.Optional(
      Setting('Refuses messages of every other property', ['5d1f6c1e-93a2-4f0e-8b4a-b2aa00c0ffee'])
    ),
    integration_id: Type.Optional(
      Setting('Refuses messages of every other integration', ['c41b8a0d-6c55-4a4e-9a0e-b2aa00c0ffef'])
    ),
    pin_codes: Type.Optional(
      Type.String({
        pattern: '^(true|false)$',
        description: 'true reads the PIN codes that Mews holds; together with preferred_code: platform',
        examples: ['false']
      })
    )
  }),
  preferredCode: 'none',
  isOwn,
  readEvents,
  hydration,
  events: {
    ServiceOrderUpdated: on(EntityEvent, reservationUpdated),
    CustomerAdded: on(EntityEvent, customerUpdated),
    CustomerUpdated: on(EntityEvent, customerUpdated),
    ResourceUpdated: on(EntityEvent, resourceUpdated),
    unreadable: on(Type.Unknown(), () => {
      throw unreadable('an entry of Events has no Discriminator')
    })
  },
  ignored: {
    empty: 'the message holds no events',
    ResourceBlockUpdated: 'blocks of a room are not stays',
    MessageAdded: 'messages are not stays',
    PaymentUpdated: 'payments change no stay',
    IntegrationCreated: integrationState,
    IntegrationEnabled: integrationState,
    IntegrationDisabled: integrationState,
    IntegrationCanceled: integrationState,
    IntegrationReinstated: integrationState,
    IntegrationDeleted: integrationState,
    IntegrationApiKeyCreated: 'the new key has to be set as access_token in the connection’s api'
  },
  statuses,
  samples,
  standIn
})
