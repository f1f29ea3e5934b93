import { type Static, Type } from '@sinclair/typebox'
import { closed, oneOf } from '../../openapi/shapes.ts'
import { action, question } from './operation.ts'
import { Count, Instant, orNull, Param, page, paging, query, reveal, Text, Words } from './parts.ts'
import { paused } from './pauses.ts'

const some = ' Counted up to 1000.'

export const CustomerReport = closed('CustomerReport', 'A customer, and what is to be sent of it.', {
  workspace: Text('Id of the workspace in the settings.'),
  customer_key: Text('Who.'),
  connections: Type.Array(Type.String(), { description: 'Ids of the connections that send for it.' }),
  waiting: Count(`Resources that are to be sent.${some}`),
  held: Count(`Stays that wait for what is missing.${some}`),
  refused: Count(`Resources that Seam refused.${some}`),
  due_at: orNull(Instant('When it is to be sent; null where nothing is, or where it is being sent.')),
  due_for_seconds: Count('For how long that has been; 0 where it is not yet.'),
  not_before: orNull(Instant('After a failure: when it is tried again.')),
  sending: Type.Boolean({ description: 'Whether it is being sent.' }),
  failures: Count('Failures one after the other.'),
  error: orNull(Text('The last one.')),
  offboarding: Type.Boolean({
    description: 'Whether Seam has yet to be told that the customer was offboarded.'
  }),
  offboarded: Type.Boolean({ description: 'Whether the customer was ever taken off.' }),
  ...paused
})
export type CustomerReport = Static<typeof CustomerReport>

const aCustomer: CustomerReport = {
  workspace: 'default',
  customer_key: 'lakeside-homes',
  connections: ['lakeside'],
  waiting: 3,
  held: 1,
  refused: 0,
  due_at: '2027-06-20T08:15:31.000Z',
  due_for_seconds: 42,
  not_before: '2027-06-20T08:16:31.000Z',
  sending: false,
  failures: 2,
  error: 'Seam did not answer within 20000 ms',
  offboarding: false,
  offboarded: false,
  paused: null
}

export const listCustomers = question({
  operationId: 'listCustomers',
  summary: 'List customers',
  description:
    'By workspace and key; those that are due by how long they have been. Each has one lane towards Seam, which this describes.',
  querystring: query({
    workspace: Type.Optional(Words('Id of the workspace.')),
    state: Type.Optional(
      oneOf(
        ['due', 'failing', 'leaving', 'paused'],
        'due: to be sent by now. failing: the last call failed. leaving: to be taken off at Seam. paused: rests, or its workspace does; such a one is not due.'
      )
    ),
    prefix: Type.Optional(Words('How the key begins.')),
    ...paging,
    ...reveal
  }),
  says: page('CustomerPage', 'Customers, in order.', CustomerReport),
  what: 'A page.',
  examples: { page: { value: { data: [aCustomer], next_cursor: null } } }
})

const params = Type.Object({
  workspace: Param('Id of the workspace in the settings.', 'default'),
  customer: Param('The customer’s key.', 'lakeside-homes')
})

export const readCustomer = question({
  operationId: 'readCustomer',
  summary: 'Read a customer',
  description: 'One customer, and what is to be sent of it.',
  params,
  querystring: query(reveal),
  says: CustomerReport,
  what: 'What is known.',
  examples: { customer: { value: aCustomer } }
})

const PushAgain = closed('PushAgain', 'What is to be sent again.', {
  resources: Count('How many resources Seam should hold.')
})
export type PushAgain = Static<typeof PushAgain>

export const pushAgainOperation = action({
  operationId: 'pushAgain',
  summary: 'Push a customer again',
  description:
    'Everything that Seam should hold of the customer is sent once more, also what Seam has refused: for when somebody has changed Seam behind the relay’s back. What is paused, or has to wait, is sent when that is over.',
  params,
  status: 202,
  says: PushAgain,
  what: 'It is to be sent.',
  examples: { started: { value: { resources: 412 } } }
})

const WorkspaceReport = closed('WorkspaceReport', 'A Seam workspace, and whether anything is sent there.', {
  id: Text('Its id in the settings.'),
  known: Type.Boolean({ description: 'Whether it is in the settings.' }),
  state: oneOf(
    ['works', 'waits', 'stopped'],
    'works: calls go through. waits: Seam asked to wait, or is in trouble. stopped: Seam refuses the key or the address.'
  ),
  until: orNull(Instant('When it is tried again.')),
  reason: orNull(Text('What Seam said.')),
  failures: Count('Refusals one after the other.'),
  due: Count(`Customers with something to be sent by now.${some}`),
  due_for_seconds: Count('For how long the oldest of them has been.'),
  ...paused
})
export type WorkspaceReport = Static<typeof WorkspaceReport>

export const listWorkspaces = question({
  operationId: 'listWorkspaces',
  summary: 'List workspaces',
  description: 'Every Seam workspace, and what keeps anything from being sent there.',
  querystring: query(reveal),
  says: closed('Workspaces', 'All of them.', {
    data: Type.Array(WorkspaceReport, { description: 'By id.' })
  }),
  what: 'All of them.',
  examples: {
    stopped: {
      value: {
        data: [
          {
            id: 'default',
            known: true,
            state: 'stopped',
            until: '2027-06-20T08:20:00.000Z',
            reason: 'Seam refused the API key (status 401)',
            failures: 3,
            due: 2,
            due_for_seconds: 240,
            paused: null
          }
        ]
      }
    }
  }
})
