import { type Static, Type } from '@sinclair/typebox'
import { closed, oneOf } from '../../openapi/shapes.ts'
import { question } from './operation.ts'
import { Count, Instant, query, Text } from './parts.ts'

/** Over which times anything is counted. */
export const spans = ['1h', '24h', '7d'] as const
export type Over = (typeof spans)[number]

const Bucket = closed('CountBucket', 'What happened within one span.', {
  at: Instant('When the span begins.'),
  received: Count('Deliveries that came.'),
  translated: Count('Deliveries that were taken in.'),
  ignored: Count('Deliveries that were ignored.'),
  dead: Count('Deliveries that could not be used.'),
  rejected: Type.Record(Type.String(), Type.Integer(), {
    description: 'Requests that were not taken in, by cause.'
  }),
  calls: Type.Record(Type.String(), Type.Integer(), {
    description: 'Calls to Seam by status; 0 where there was no answer.'
  })
})

export const CountsOverTime = closed('CountsOverTime', 'What happened over time.', {
  over: oneOf(spans, 'Over which time.'),
  span_seconds: Count('Length of each span.'),
  counted_until: Instant('Everything before was counted; later spans still grow.'),
  spans: Type.Array(Bucket, { description: 'Oldest first, and none left out.' })
})
export type CountsOverTime = Static<typeof CountsOverTime>

export const readCounts = question({
  operationId: 'readCounts',
  summary: 'Count what happened over time',
  description:
    'Of 1 h by the minute, of 24 h by a quarter of an hour, of 7 d by the hour. A delivery that came to an end twice, as after a replay, counts twice.',
  querystring: query({ over: Type.Optional(oneOf(spans, 'Over which time; 1h by default.')) }),
  says: CountsOverTime,
  what: 'The counts.',
  examples: {
    hour: {
      value: {
        over: '1h',
        span_seconds: 60,
        counted_until: '2027-06-20T08:14:00.000Z',
        spans: [
          {
            at: '2027-06-20T08:15:00.000Z',
            received: 12,
            translated: 11,
            ignored: 1,
            dead: 0,
            rejected: { signature_wrong: 1 },
            calls: { '200': 7, '429': 1 }
          }
        ]
      }
    }
  }
})

const Me = closed('Me', 'Who asks.', {
  name: Text('The key’s name.'),
  may: oneOf(['read', 'operate', 'admin'], 'What that one may; each may what the one before it may.')
})

export const readMe = question({
  operationId: 'readMe',
  summary: 'Ask who you are',
  description: 'Whose token this is, and what it allows.',
  says: Me,
  what: 'Who.',
  examples: { admin: { value: { name: 'RELAY_ADMIN_TOKEN', may: 'admin' } } }
})
