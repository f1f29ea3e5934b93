import { type Static, Type } from '@sinclair/typebox'
import { kindNames } from '../../model/kind.ts'
import { closed, oneOf } from '../../openapi/shapes.ts'
import { deliveryStates } from './deliveries.ts'
import { aCall, aChange, callFields, changeFields, resourceStates } from './history.ts'
import { question } from './operation.ts'
import { Instant, orNull, Param, page, paging, query, reveal, Text, Words } from './parts.ts'

const State = oneOf(
  resourceStates,
  'synced: Seam has it as it should be. waiting: it is to be sent. held: something is missing. refused: Seam said no. gone: Seam should not hold it, and does not.'
)

const listed = {
  workspace: Text('Id of the workspace in the settings.'),
  customer_key: Text('Whose it is.'),
  kind: oneOf(kindNames, 'What it is.'),
  key: Text('Its key at Seam.'),
  connection: Text('Id of the connection that sent it; @callers where a service pushed it.'),
  booking: orNull(Text('The booking that it belongs to.')),
  state: State,
  reason: orNull(Text('Why it is held or was refused.')),
  refused_at: orNull(Instant('When Seam refused it.')),
  warnings: Type.Array(Type.String(), { description: 'What Seam does not get of it, and why.' }),
  starts_at: orNull(Instant('Of a stay that is not over: when it begins.')),
  updated_at: Instant('When it was last written here.'),
  revision: Type.Integer({ description: 'The relay’s count of its changes.' }),
  synced_revision: Type.Integer({ description: 'The one that Seam has agreed to.' })
}

export const ListedResource = closed('ListedResource', 'What Seam should hold, and how far that is.', listed)
export type ListedResource = Static<typeof ListedResource>

const ToldField = closed('ToldField', 'A field that was given, and by whom.', {
  field: Text('The relay’s name of it.'),
  version: orNull(Instant('The platform’s clock.')),
  delivery: Text('Id of the delivery that gave it.'),
  known: Type.Boolean({
    description: 'Whether that is still kept; there never was one where the place was read from the platform.'
  })
})

const ResourceName = closed('ResourceName', 'A resource by its name.', {
  workspace: listed.workspace,
  customer_key: listed.customer_key,
  kind: listed.kind,
  key: listed.key
})

const WholeResource = closed('WholeResource', 'All that is known of one resource.', {
  ...listed,
  fields: Type.Unknown({
    description: 'What Seam should hold, in the words of push_data, with people masked; null: nothing.'
  }),
  told: Type.Array(ToldField, {
    description: 'Which delivery gave which of its fields, without the values.'
  }),
  names: Type.Array(ResourceName, { description: 'Of a stay: the places and the guest that it names.' }),
  named_by: Type.Array(ResourceName, {
    description: 'Of a place or a guest: stays that name it; the first 50.'
  }),
  siblings: Type.Array(ResourceName, { description: 'Other stays of the same booking; the first 50.' })
})
export type WholeResource = Static<typeof WholeResource>

const resourceParams = {
  workspace: Param('Id of the workspace in the settings.', 'default'),
  customer: Param('The customer’s key.', 'lakeside-homes'),
  kind: Param('What it is.', 'reservation'),
  key: Param('Its key at Seam.', 'lakeside:48211')
}

const aResource: ListedResource = {
  workspace: 'default',
  customer_key: 'lakeside-homes',
  kind: 'reservation',
  key: 'lakeside:48211',
  connection: 'lakeside',
  booking: 'lakeside:48211',
  state: 'synced',
  reason: null,
  refused_at: null,
  warnings: [],
  starts_at: '2027-07-01T14:00:00.000Z',
  updated_at: '2027-06-20T08:15:30.110Z',
  revision: 12,
  synced_revision: 12
}

const aName = {
  workspace: 'default',
  customer_key: 'lakeside-homes',
  kind: 'guest' as const,
  key: 'lakeside:g7'
}

export const listResources = question({
  operationId: 'listResources',
  summary: 'List resources',
  description:
    'What Seam should hold, in the order of workspace, customer, kind and key; with a prefix in the order of keys.',
  querystring: query({
    workspace: Type.Optional(Words('Id of the workspace; all of those in the settings by default.')),
    customer: Type.Optional(Words('The customer’s key.')),
    kind: Type.Optional(oneOf(kindNames, 'What they are.')),
    state: Type.Optional(State),
    prefix: Type.Optional(Words('How the key begins.')),
    ...paging,
    ...reveal
  }),
  says: page('ResourcePage', 'Resources, in order.', ListedResource),
  what: 'A page.',
  examples: { page: { value: { data: [aResource], next_cursor: null } } }
})

export const readResource = question({
  operationId: 'readResource',
  summary: 'Read a resource',
  description: 'What Seam should hold of one resource, who said what about it, and what it belongs to.',
  params: Type.Object(resourceParams),
  querystring: query(reveal),
  says: WholeResource,
  what: 'What is known.',
  examples: {
    stay: {
      value: {
        ...aResource,
        fields: { reservation_key: 'lakeside:48211', name: 'A…', guest_key: 'lakeside:g7' },
        told: [
          {
            field: 'start',
            version: '2027-06-20T08:15:29.000Z',
            delivery: '0197e1a2b3c4000000a1b2c3d4',
            known: true
          }
        ],
        names: [aName],
        named_by: [],
        siblings: []
      }
    }
  }
})

const LifeDelivery = closed('LifeDelivery', 'The delivery that was about it.', {
  id: Text('Id of the delivery.'),
  known: Type.Boolean({ description: 'Whether it is still kept.' }),
  connection: orNull(Text('Id of the connection.')),
  platform: orNull(Text('Name of the platform.')),
  received_at: orNull(Instant('When it came.')),
  state: orNull(oneOf(deliveryStates, 'How far it has come.')),
  event: orNull(Text('The platform’s name of the event.'))
})

const { workspace: _workspace, customer_key: _customer, kind: _kind, key: _key, ...changed } = changeFields
const LifeTold = closed('LifeTold', 'A delivery was about it.', {
  type: Type.Literal('told'),
  ...changed,
  delivery: LifeDelivery
})
const LifeSent = closed('LifeSent', 'A call to Seam carried it.', {
  type: Type.Literal('sent'),
  ...callFields,
  revision: Type.Integer({ description: 'As which of its changes.' })
})
export type LifeTold = Static<typeof LifeTold>
export type LifeSent = Static<typeof LifeSent>

const { workspace: _w, customer_key: _c, kind: _k, key: _y, ...aToldChange } = aChange

export const readLife = question({
  operationId: 'readLife',
  summary: 'Read the history of a resource',
  description:
    'What happened to one resource, in order: the deliveries that were about it, with what that changed, and the calls that carried it, with what Seam said. Also of what is gone, for as long as the history is kept.',
  params: Type.Object(resourceParams),
  querystring: query({ ...paging, ...reveal }),
  says: page('Life', 'What happened, oldest first.', Type.Union([LifeTold, LifeSent])),
  what: 'A page.',
  examples: {
    life: {
      value: {
        data: [
          {
            type: 'told',
            ...aToldChange,
            delivery: {
              id: '0197e1a2b3c4000000a1b2c3d4',
              known: true,
              connection: 'lakeside',
              platform: 'hospitable',
              received_at: '2027-06-20T08:15:30.000Z',
              state: 'translated',
              event: 'reservation.created'
            }
          },
          { type: 'sent', ...aCall, revision: 12 }
        ],
        next_cursor: null
      }
    }
  }
})
