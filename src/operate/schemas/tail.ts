import { Type } from '@sinclair/typebox'
import { headers, otherMethods, problem, text, unparsed } from '../../openapi/answer.ts'
import { query, Words } from './parts.ts'
import { aRejection } from './rejected.ts'

const example = ['id: 1813479330000', 'event: rejected', `data: ${JSON.stringify(aRejection)}`, '', ''].join(
  '\n'
)

export const tailOperation = {
  tags: ['Operators'],
  security: [{ operator: [] }],
  operationId: 'tail',
  summary: 'See what happens, as it happens',
  description: `Server-sent events, people masked: with \`Accept: text/event-stream\` for as long as the connection is open, otherwise what has happened since Last-Event-ID, ending with the id to ask with next.


- \`delivery\`: a delivery came, or its state has changed; as in GET /api/v1/deliveries
- \`attempt\`: a call to Seam; as in GET /api/v1/attempts
- \`rejected\`: a request that was not taken in; as in GET /api/v1/rejected
- \`cut\`: more happens than is shown; the sorts of which there was more

A line that begins with a colon only keeps the connection open. Whoever begins again with Last-Event-ID is shown the newest of what happened meanwhile, an hour back at most; an event may come twice, and has the same data then.`,
  querystring: query({
    connection: Type.Optional(Words('Of this connection alone; calls to Seam are shown of its customer.'))
  }),
  headers: Type.Object({
    'Last-Event-ID': Type.Optional(
      Type.String({ maxLength: 64, description: 'The id of the last event that was read.' })
    )
  }),
  response: {
    200: text('text/event-stream', 'Events.', example),
    400: problem(400, ['RELAY_BAD_REQUEST']),
    401: problem(401, ['RELAY_KEY_UNKNOWN'], { headers: { 'WWW-Authenticate': headers.wwwAuthenticate } }),
    403: problem(403, ['RELAY_KEY_FORBIDDEN']),
    429: problem(429, ['RELAY_TAILS_TAKEN'], { headers: { 'Retry-After': headers.retryAfter } }),
    503: problem(503, ['RELAY_DRAINING', 'RELAY_STORE_UNAVAILABLE'], {
      headers: { 'Retry-After': headers.retryAfter }
    }),
    ...otherMethods,
    ...unparsed
  }
}
