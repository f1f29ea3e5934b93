import { type Static, Type } from '@sinclair/typebox'
import { kindNames } from '../../model/kind.ts'
import { closed, oneOf } from '../../openapi/shapes.ts'
import { Count, Instant, orNull, query, question, reveal, Text } from './parts.ts'

export const DeadLetters = closed('DeadLetters', 'What does not go on by itself, for one cause.', {
  of: oneOf(
    ['dead', 'held', 'refused'],
    'dead: deliveries that cannot be used. held: deliveries that wait for a setting. refused: resources that Seam refused.'
  ),
  connection: orNull(Text('Of deliveries: id of the connection.')),
  kind: orNull(oneOf(kindNames, 'Of resources: what they are.')),
  cause: Text('Why; its beginning where it is long.'),
  code: orNull(Text('The relay’s code of the error, where it has one.')),
  count: Count('How many.'),
  first_at: Instant('When the first of them came, or was refused.'),
  last_at: Instant('When the last.'),
  last_delivery: orNull(Text('Of deliveries: id of the last one.'))
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
            last_delivery: '0197e1a2b3c4000000a1b2c3d4'
          }
        ]
      }
    }
  }
})
