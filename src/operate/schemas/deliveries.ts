import { type Static, Type } from '@sinclair/typebox'
import { closed, oneOf } from '../../openapi/shapes.ts'
import { aCall, aChange, changeFields, MadeCall, resourceStates } from './history.ts'
import { question } from './operation.ts'
import { Count, Instant, orNull, Param, page, paging, query, reveal, Text, times, Words } from './parts.ts'
import { requestFields } from './request.ts'

export const deliveryStates = ['received', 'held', 'translated', 'ignored', 'dead'] as const

const ListedEvent = closed('ListedEvent', 'One thing that a delivery said.', {
  type: Text('The platform’s name of it.'),
  outcome: oneOf(['translated', 'ignored', 'held', 'dead'], 'What became of it.'),
  reason: orNull(Text('Why, where it was not translated.')),
  code: orNull(Text('The relay’s code of the error.'))
})

const listed = {
  id: Text('Id of the delivery.'),
  connection: Text('Id of the connection; @callers for calls of internal services.'),
  platform: Text('Name of the platform; seam for calls of internal services.'),
  platform_id: orNull(Text('The platform’s own id of the delivery, by which a repeat is known.')),
  received_at: Instant('When it came.'),
  state: oneOf(deliveryStates, 'How far it has come.'),
  attempts: Count('How often it was worked on.'),
  due_at: orNull(Instant('When it is worked on next; null where it is not waiting.')),
  done_at: orNull(Instant('When it came to its end.')),
  events: Type.Array(ListedEvent, { description: 'What it said; the first 20.' }),
  event_count: Count('How many things it said.'),
  error: orNull(Text('What keeps it from being worked on.')),
  replayable: Type.Boolean({ description: 'Whether its body is still there, so that it can run again.' })
}

export const ListedDelivery = closed('ListedDelivery', 'A stored request.', listed)
export type ListedDelivery = Static<typeof ListedDelivery>

const DeliveryChange = closed('DeliveryChange', 'What the delivery did to one resource.', {
  ...changeFields,
  event: Count('Which of its events said it, from 0.'),
  state: orNull(
    oneOf(
      resourceStates,
      'How far Seam has followed the resource by now; null where nothing is known of it any more.'
    )
  ),
  warnings: Type.Array(Type.String(), { description: 'What Seam does not get of it by now, and why.' }),
  calls: Type.Array(MadeCall, { description: 'The newest calls that carried this, oldest first.' })
})

export const WholeDelivery = closed('WholeDelivery', 'A stored request and what became of it.', {
  ...listed,
  ...requestFields,
  facts: closed('KeptFacts', 'What was read from the platform’s API for it.', {
    known: Type.Boolean({ description: 'Whether anything was.' }),
    value: Type.Unknown({ description: 'What was read, with people masked unless asked to reveal.' })
  }),
  changes: Type.Array(DeliveryChange, {
    description: 'What it said about each resource, in order; the first 200.'
  }),
  more_changes: Type.Boolean({ description: 'Whether there are more than those.' })
})
export type WholeDelivery = Static<typeof WholeDelivery>

const aDelivery: ListedDelivery = {
  id: '0197e1a2b3c4000000a1b2c3d4',
  connection: 'lakeside',
  platform: 'hospitable',
  platform_id: 'evt_1',
  received_at: '2027-06-20T08:15:30.000Z',
  state: 'translated',
  attempts: 1,
  due_at: null,
  done_at: '2027-06-20T08:15:30.120Z',
  events: [{ type: 'reservation.created', outcome: 'translated', reason: null, code: null }],
  event_count: 1,
  error: null,
  replayable: true
}

export const deliveryFilter = {
  connection: Type.Optional(Words('Id of the connection; @callers for calls of internal services.')),
  state: Type.Optional(oneOf(deliveryStates, 'How far it has come.')),
  type: Type.Optional(
    Words(
      'The platform’s name of an event; of deliveries that have been worked on, as before nobody knows it.'
    )
  ),
  booking: Type.Optional(Words('A booking, or a stay of it: the key at Seam, or the platform’s id.')),
  text: Type.Optional(Words('How the id begins, the relay’s or the platform’s.')),
  ...times
}

export const listDeliveries = question({
  operationId: 'listDeliveries',
  summary: 'List deliveries',
  description:
    'Stored webhooks and calls, newest first. Of a booking they are found for as long as the history is kept. Together with booking or text, the newest 5000 that these name are looked through.',
  querystring: query({ ...deliveryFilter, ...paging, ...reveal }),
  says: page('DeliveryPage', 'Deliveries, newest first.', ListedDelivery),
  what: 'A page.',
  examples: { page: { value: { data: [aDelivery], next_cursor: null } } }
})

export const readDelivery = question({
  operationId: 'readDelivery',
  summary: 'Read a delivery',
  description:
    'All that is kept of one request: headers, how it proved itself, what it said, what that changed, and the calls to Seam.',
  params: Type.Object({ id: Param('Id of the delivery.', aDelivery.id) }),
  querystring: query(reveal),
  says: WholeDelivery,
  what: 'What is kept.',
  examples: {
    masked: {
      value: {
        ...aDelivery,
        headers: { 'content-type': 'application/json' },
        query: {},
        verification: { accepted: true, by: 'user name and password (HTTP Basic)', evidence: [] },
        body: { bytes: 640, kept: true, masked: { guest: { name: 'A…' } }, text: null, base64: null },
        facts: { known: false, value: null },
        changes: [{ ...aChange, event: 0, state: 'synced', warnings: [], calls: [aCall] }],
        more_changes: false
      }
    }
  }
})
