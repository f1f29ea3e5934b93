import { type Static, Type } from '@sinclair/typebox'
import { closed, oneOf } from '../../openapi/shapes.ts'
import { action, question } from './operation.ts'
import { Instant, orNull, Param, page, paging, query, reveal, Text, Words } from './parts.ts'

const of = oneOf(
  ['connection', 'customer', 'workspace'],
  'connection: what it sends is taken in, and not translated. customer, workspace: what Seam should hold is worked out, and not sent.'
)

export const PauseReport = closed('Pause', 'What rests on purpose, until somebody resumes it.', {
  id: Text('Id of the pause.'),
  of,
  connection: orNull(
    Text('Id of the connection; @callers for the calls of internal services. Null where it is none.')
  ),
  workspace: orNull(Text('Id of the workspace in the settings; null where a connection is paused.')),
  customer_key: orNull(Text('The customer’s key; null where all of a workspace or a connection is paused.')),
  reason: orNull(Text('Why, in the words of whoever paused it.')),
  since: Instant('Since when.'),
  by: Text('Name of the key of whoever paused it.')
})
export type PauseReport = Static<typeof PauseReport>

/** Beside what may rest. */
export const paused = {
  paused: Type.Union([PauseReport, Type.Null()], {
    description: 'What lets it rest: its own pause, or that of its workspace; null where it does not.'
  })
}

const aPause: PauseReport = {
  id: '0197e1a2b3c4000000a1b2c3d4',
  of: 'connection',
  connection: 'lakeside',
  workspace: null,
  customer_key: null,
  reason: 'The platform sends last year again; asked them to stop.',
  since: '2027-06-20T08:15:30.000Z',
  by: 'on call'
}

export const NewPause = closed('NewPause', 'What is to rest.', {
  of,
  connection: Type.Optional(Words('Id of the connection, where one is to be paused; or @callers.')),
  workspace: Type.Optional(Words('Id of the workspace, where one is to be paused, or a customer of it.')),
  customer_key: Type.Optional(Words('The customer’s key, where one is to be paused.')),
  reason: Type.Optional(Words('Why, for colleagues. Shown to all operators: nobody’s name or number.', 500))
})
export type NewPause = Static<typeof NewPause>

export const pauseOperation = action({
  operationId: 'pause',
  summary: 'Pause',
  description:
    'Lets a connection, a customer or a workspace rest. Nothing is lost: requests are verified, stored and answered as ever, and what is under way comes to its end. What rests already goes on resting, for the reason it had.',
  body: { ...NewPause, examples: [{ of: 'connection', connection: 'lakeside', reason: aPause.reason }] },
  status: 201,
  says: PauseReport,
  what: 'It rests.',
  examples: { pause: { value: aPause } }
})

export const listPauses = question({
  operationId: 'listPauses',
  summary: 'List pauses',
  description: 'Everything that rests on purpose, in the order in which that began.',
  querystring: query({ ...paging, ...reveal }),
  says: page('PausePage', 'Pauses, in order.', PauseReport),
  what: 'A page.',
  examples: { page: { value: { data: [aPause], next_cursor: null } } }
})

export const resumeOperation = action({
  operationId: 'resume',
  summary: 'Resume',
  description: 'Ends a pause. What has waited goes on at once, in its order.',
  params: Type.Object({ id: Param('Id of the pause.', '0197e1a2b3c4000000a1b2c3d4') }),
  status: 204,
  what: 'It goes on.'
})
