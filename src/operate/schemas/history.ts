import { type Static, Type } from '@sinclair/typebox'
import { operations } from '../../model/call.ts'
import { closed, oneOf } from '../../openapi/shapes.ts'
import { Count, Instant, orNull, Text } from './parts.ts'

/** What the history keeps, as it is told wherever it stands: calls to Seam, and changes of resources. */

/** How far Seam has followed a resource. */
export const resourceStates = ['synced', 'waiting', 'held', 'refused', 'gone'] as const

export const callFields = {
  id: Text('Id of the call.'),
  operation: oneOf(operations, 'What was called.'),
  workspace: Text('Id of the workspace in the settings.'),
  customer_key: Text('Whose resources it carried.'),
  at: Instant('When it was sent.'),
  duration_ms: Count('How long it took.'),
  status: orNull(Type.Integer({ description: 'Seam’s status; null where there was no answer.' })),
  seam_request_id: orNull(Text('Seam’s id of the request, for its support.')),
  error: orNull(Text('Why it failed; null where it did not.'))
}
export const MadeCall = closed('MadeCall', 'A call to Seam.', callFields)
export type MadeCall = Static<typeof MadeCall>

export const changeFields = {
  workspace: Text('Id of the workspace in the settings.'),
  customer_key: Text('Whose it is.'),
  kind: Text('What it is, such as reservation.'),
  key: Text('Its key at Seam.'),
  booking: orNull(Text('The booking that it belongs to.')),
  at: Instant('When it was taken in.'),
  version: orNull(Instant('The platform’s clock.')),
  outcome: oneOf(
    ['changed', 'unchanged', 'stale', 'held'],
    'changed: Seam hears of it. unchanged: nothing new. stale: something newer was known. held: something is missing.'
  ),
  revision: orNull(
    Type.Integer({ description: 'The relay’s count of its changes; null where nothing changed.' })
  ),
  note: orNull(Text('Why it is held, or what else there is to say.'))
}

export const aCall: MadeCall = {
  id: '0197e1a2bbbb000000a1b2c3d4',
  operation: 'push_data',
  workspace: 'default',
  customer_key: 'lakeside-homes',
  at: '2027-06-20T08:15:31.500Z',
  duration_ms: 180,
  status: 200,
  seam_request_id: 'b7c1f3f0-6d1e-4a53-9a3c-2f8e2d9a7c11',
  error: null
}

export const aChange = {
  workspace: 'default',
  customer_key: 'lakeside-homes',
  kind: 'reservation',
  key: 'lakeside:48211',
  booking: 'lakeside:48211',
  at: '2027-06-20T08:15:30.110Z',
  version: '2027-06-20T08:15:29.000Z',
  outcome: 'changed' as const,
  revision: 12,
  note: null
}
