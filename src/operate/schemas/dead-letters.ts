import { type Static, Type } from '@sinclair/typebox'
import { kindNames } from '../../model/kind.ts'
import { closed, oneOf } from '../../openapi/shapes.ts'
import { aJob, JobReport } from './jobs.ts'
import { action, question } from './operation.ts'
import { Count, Instant, orNull, query, reveal, Text, Words } from './parts.ts'
import { ids } from './replays.ts'

const of = oneOf(
  ['dead', 'held', 'refused'],
  'dead: deliveries that cannot be used. held: deliveries that wait for a setting. refused: resources that Seam refused.'
)

export const DeadLetters = closed('DeadLetters', 'What does not go on by itself, for one cause.', {
  of,
  connection: orNull(Text('Of deliveries: id of the connection.')),
  kind: orNull(oneOf(kindNames, 'Of resources: what they are.')),
  cause: Text('Why, in the words of the latest.'),
  code: orNull(Text('The relay’s code of the error, where it has one.')),
  count: Count('How many.'),
  first_at: Instant('When the first of them came, or was refused.'),
  last_at: Instant('When the last.'),
  last_delivery: orNull(Text('Of deliveries: id of the last one.')),
  group: Text(
    'What to revive all of them by. Groups that read the same with people masked have the same one.'
  )
})
export type DeadLetters = Static<typeof DeadLetters>

export const listDeadLetters = question({
  operationId: 'listDeadLetters',
  summary: 'Group dead letters by cause',
  description:
    'Deliveries that are dead or held, and resources that Seam refused, by cause; the latest first. Each state has at most 200 causes; of held deliveries the newest 2000 are looked at.',
  querystring: query(reveal),
  says: closed('DeadLetterGroups', 'By cause.', {
    data: Type.Array(DeadLetters, { description: 'The latest first.' })
  }),
  what: 'By cause.',
  examples: {
    groups: {
      value: {
        data: [
          {
            of: 'dead',
            connection: 'lakeside',
            kind: null,
            cause: 'reservation.created: /id: Expected string',
            code: 'RELAY_EVENT_INVALID',
            count: 4,
            first_at: '2027-06-19T22:15:30.000Z',
            last_at: '2027-06-20T08:15:30.000Z',
            last_delivery: '0197e1a2b3c4000000a1b2c3d4',
            group: 'Xq2b7Zk1w9Qe'
          }
        ]
      }
    }
  }
})

export const NewRevival = closed(
  'NewRevival',
  'What gets another try; all given filters must match, and with nothing but `of` it is all of them.',
  {
    of,
    group: Type.Optional(Words('Of one group of GET /api/v1/dead-letters.', 64)),
    connection: Type.Optional(Words('Of deliveries: id of the connection.')),
    ids: Type.Optional(ids),
    kind: Type.Optional(oneOf(kindNames, 'Of resources: what they are.')),
    resource: Type.Optional(
      closed('RefusedResource', 'Of resources: one of them.', {
        workspace: Words('Id of the workspace in the settings.'),
        customer_key: Words('Whose it is.'),
        kind: oneOf(kindNames, 'What it is.'),
        key: Words('Its key at Seam.')
      })
    )
  }
)
export type NewRevival = Static<typeof NewRevival>

export const reviveDeadLetters = action({
  operationId: 'reviveDeadLetters',
  summary: 'Revive dead letters',
  description:
    'Deliveries that are dead or held run again, and resources that Seam refused are sent to it again: those that there are by now, a handful at a time. What fails again is a dead letter again.',
  body: { ...NewRevival, examples: [{ of: 'dead', group: 'Xq2b7Zk1w9Qe' }] },
  status: 202,
  says: JobReport,
  what: 'It has begun; GET /api/v1/jobs/{id} says how far it has come.',
  examples: {
    job: {
      value: {
        ...aJob,
        kind: 'revive',
        filter: { of: 'dead', group: 'Xq2b7Zk1w9Qe' },
        total: 4,
        done: 0,
        rate_per_second: null,
        estimated_end_at: null
      }
    }
  }
})
