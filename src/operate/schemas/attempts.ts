import { type Static, Type } from '@sinclair/typebox'
import { closed } from '../../openapi/shapes.ts'
import { aCall, callFields, MadeCall } from './history.ts'
import { question } from './operation.ts'
import { Param, page, paging, query, reveal, Text, times, Words } from './parts.ts'

const WholeCall = closed('WholeCall', 'A call to Seam with what it carried.', {
  ...callFields,
  resources: Type.Array(
    closed('CarriedResource', 'A resource in a call.', {
      kind: Text('What it is.'),
      key: Text('Its key at Seam.'),
      revision: Type.Integer({ description: 'As which of its changes.' })
    }),
    { description: 'What it carried; the first 200.' }
  )
})
export type WholeCall = Static<typeof WholeCall>

export const listAttempts = question({
  operationId: 'listAttempts',
  summary: 'List calls to Seam',
  description: 'Every call that was made, newest first.',
  querystring: query({
    workspace: Type.Optional(Words('Id of the workspace; needed with customer.')),
    customer: Type.Optional(Words('The customer’s key.')),
    failed: Type.Optional(
      Type.Boolean({ description: 'true: only calls that failed; false: only calls that Seam took.' })
    ),
    ...times,
    ...paging,
    ...reveal
  }),
  says: page('CallPage', 'Calls, newest first.', MadeCall),
  what: 'A page.',
  examples: { page: { value: { data: [aCall], next_cursor: null } } }
})

export const readAttempt = question({
  operationId: 'readAttempt',
  summary: 'Read a call to Seam',
  description: 'One call, what it carried, and what Seam said.',
  params: Type.Object({ id: Param('Id of the call.', aCall.id) }),
  querystring: query(reveal),
  says: WholeCall,
  what: 'What is known.',
  examples: {
    call: {
      value: { ...aCall, resources: [{ kind: 'reservation', key: 'lakeside:48211', revision: 12 }] }
    }
  }
})
