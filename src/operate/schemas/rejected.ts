import { type Static, Type } from '@sinclair/typebox'
import type { RejectionCause } from '../../model/rejection.ts'
import { closed } from '../../openapi/shapes.ts'
import { CauseCount } from './connections.ts'
import { action, question } from './operation.ts'
import { Count, Instant, orNull, Param, page, paging, query, reveal, Text, Words } from './parts.ts'
import { requestFields } from './request.ts'

/** For the dashboard, which knows the relay by its answers; another release may give other causes too. */
export type { RejectionCause }

const listed = {
  id: Text('Id of the request.'),
  connection: Text('Id of the connection.'),
  platform: Text('Name of the platform.'),
  received_at: Instant('When it came.'),
  cause: Text('Why it was not taken in; docs/errors.md lists the causes.'),
  remote_address: orNull(Text('Who sent it.')),
  bytes: Count('Length of its body.')
}

const ListedRejection = closed('ListedRejection', 'A request that was not taken in.', listed)
export type ListedRejection = Static<typeof ListedRejection>

const WholeRejection = closed('WholeRejection', 'A request that was not taken in, as it was kept.', {
  ...listed,
  ...requestFields
})
export type WholeRejection = Static<typeof WholeRejection>

const CountedCause = closed('RejectionCause', 'How often requests were refused for one cause.', {
  connection: Text('Id of the connection; (unknown) where the address named none.'),
  cause: Text('Why.'),
  count: Count('How often, ever.'),
  last_at: Instant('When last.')
})
export type CountedCause = Static<typeof CountedCause>

export const aRejection: ListedRejection = {
  id: '0197e1a2b3c4000000a1b2c3d4',
  connection: 'lakeside',
  platform: 'hospitable',
  received_at: '2027-06-20T08:15:30.000Z',
  cause: 'credentials_wrong' satisfies RejectionCause,
  remote_address: '203.0.113.7',
  bytes: 640
}

export const listRejected = question({
  operationId: 'listRejected',
  summary: 'List rejected requests',
  description:
    'The newest requests that were not taken in, newest first. For each connection as many are kept as RELAY_REJECTED_KEPT says; the others are counted.',
  querystring: query({
    connection: Type.Optional(Words('Id of the connection.')),
    cause: Type.Optional(Words('Why they were refused.')),
    ...paging,
    ...reveal
  }),
  says: page('RejectionPage', 'Rejected requests, newest first.', ListedRejection),
  what: 'A page.',
  examples: { page: { value: { data: [aRejection], next_cursor: null } } }
})

export const readRejected = question({
  operationId: 'readRejected',
  summary: 'Read a rejected request',
  description: 'All that is kept of one request that was not taken in.',
  params: Type.Object({ id: Param('Id of the request.', aRejection.id) }),
  querystring: query(reveal),
  says: WholeRejection,
  what: 'What is kept.',
  examples: {
    masked: {
      value: {
        ...aRejection,
        headers: {},
        query: {},
        verification: { accepted: false, by: 'user name and password (HTTP Basic)', evidence: [] },
        body: { bytes: 640, kept: true, masked: { guest: { name: 'A…' } }, text: null, base64: null }
      }
    }
  }
})

export const listRejectionCauses = question({
  operationId: 'listRejectionCauses',
  summary: 'Count rejected requests by cause',
  description:
    'How often the requests of each connection were refused, by cause. GET /api/v1/counts has them over time.',
  says: closed('RejectionCauses', 'Causes by connection.', {
    data: Type.Array(CountedCause, { description: 'By connection and cause.' })
  }),
  what: 'All of them.',
  examples: {
    causes: {
      value: {
        data: [
          {
            connection: 'lakeside',
            cause: aRejection.cause,
            count: 12,
            last_at: '2027-06-20T08:15:30.000Z'
          }
        ]
      }
    }
  }
})

const Retake = closed('Retake', 'What is to be judged again.', {
  connection: Words('Id of the connection.')
})
export type Retake = Static<typeof Retake>

const Retaken = closed('Retaken', 'What became of the kept requests.', {
  taken: Count('Requests that were taken in.'),
  still_refused: Type.Array(CauseCount, { description: 'The others, by cause.' })
})
export type Retaken = Static<typeof Retaken>

export const retakeOperation = action({
  operationId: 'retake',
  summary: 'Take rejected requests in again',
  description:
    'Judges the kept requests of a connection again, by today’s settings and the time at which they came, and takes in those that pass: for when a secret was wrong and has been corrected.',
  body: { ...Retake, examples: [{ connection: 'lakeside' }] },
  status: 200,
  says: Retaken,
  what: 'They were judged.',
  examples: {
    retaken: { value: { taken: 12, still_refused: [{ cause: aRejection.cause, count: 2 }] } }
  }
})
