import { type Static, Type } from '@sinclair/typebox'
import { operations } from '../../model/call.ts'
import { closed, oneOf } from '../../openapi/shapes.ts'

/** What became of a delivery. Nothing in it tells of a person: keys, times, states, and what Seam and the relay said. */

export type DeliveryReport = Static<typeof DeliveryReport>

const Instant = (description: string) => Type.String({ format: 'date-time', description })

const DeliveryEvent = closed('DeliveryEvent', 'What the delivery said, one thing at a time.', {
  type: Type.String({
    description: 'The platform’s name of the event; push_data or delete_data for a call.'
  }),
  outcome: oneOf(['translated', 'ignored', 'held', 'dead'], 'What became of it.'),
  reason: Type.Optional(Type.String({ description: 'Why it was ignored, is held or is dead.' })),
  code: Type.Optional(Type.String({ description: 'The relay’s code of the error.' })),
  drift: Type.Optional(
    oneOf(
      ['unknown_event', 'unknown_status', 'invalid_event'],
      'How it differs from what the relay knows of the platform.'
    )
  )
})

const SeamCall = closed('SeamCall', 'One call to Seam.', {
  operation: oneOf(operations, 'What was called.'),
  at: Instant('When it was sent.'),
  status: Type.Union([Type.Integer(), Type.Null()], {
    description: 'Seam’s status; null where there was no answer.'
  }),
  seam_request_id: Type.Union([Type.String(), Type.Null()], {
    description: 'Seam’s id of the request, for its support.'
  }),
  error: Type.Union([Type.String(), Type.Null()], { description: 'Why it failed; null where it did not.' })
})

const DeliveredResource = closed(
  'DeliveredResource',
  'What became of one resource that the delivery was about.',
  {
    list: Type.String({ description: 'Name of its list in push_data.' }),
    key: Type.String({ description: 'Its key at Seam.' }),
    customer_key: Type.String({ description: 'Whose it is.' }),
    outcome: oneOf(
      ['waiting', 'delivered', 'refused', 'superseded', 'unchanged', 'held'],
      'delivered: Seam has it. waiting: it is on its way. refused: Seam said no. superseded: something newer was known. unchanged: it said nothing new. held: something is missing.'
    ),
    revision: Type.Union([Type.Integer(), Type.Null()], {
      description: 'The relay’s count of its changes; null where nothing changed.'
    }),
    reason: Type.Optional(Type.String({ description: 'Why it was refused or is held.' })),
    warnings: Type.Array(Type.String(), {
      description:
        'What Seam does not get of it as it is known by now, and why: an e-mail address, a phone number or a code that was left out. In words, without the value.'
    }),
    calls: Type.Array(SeamCall, { description: 'The calls that carried it, oldest first.' })
  }
)

const OffboardedCustomer = closed('OffboardedCustomer', 'A customer that the call takes off.', {
  customer_key: Type.String({ description: 'Who.' }),
  outcome: oneOf(
    ['waiting', 'offboarded'],
    'offboarded: Seam has been told. waiting: not yet, or Seam said no and is asked again.'
  ),
  calls: Type.Array(SeamCall, { description: 'The calls to Seam about it since, oldest first.' })
})

export const DeliveryReport = closed('DeliveryReport', 'What became of a delivery.', {
  id: Type.String({ description: 'Id of the delivery.' }),
  received_at: Instant('When it came in.'),
  state: oneOf(
    ['received', 'held', 'translated', 'ignored', 'dead'],
    'received: on disk. held: something is missing. translated: it goes to Seam. ignored: not needed by Seam. dead: unreadable, kept for a replay.'
  ),
  operation: Type.Optional(oneOf(operations, 'Of a call: which.')),
  customer_keys: Type.Array(Type.String(), { description: 'The customers that it was about.' }),
  events: Type.Array(DeliveryEvent, { description: 'What it said.' }),
  resources: Type.Array(DeliveredResource, { description: 'What became of each resource.' }),
  customers: Type.Optional(
    Type.Array(OffboardedCustomer, { description: 'Of a call that takes customers off: each of them.' })
  ),
  error: Type.Optional(Type.String({ description: 'What keeps it from being worked on.' }))
})
