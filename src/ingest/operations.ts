import { Type } from '@sinclair/typebox'
import { answer, EXAMPLE_ID, headers, problem, tooLong, unparsed } from '../openapi/answer.ts'

/** What the addresses for webhooks take and answer. They describe: what a platform sends is for its adapter to judge. */

const Received = Type.Object(
  {
    received: Type.Literal(true),
    delivery_id: Type.String({ description: 'Id of the delivery, for GET /deliveries/{id}.' }),
    duplicate: Type.Optional(
      Type.Literal(true, {
        description: 'A delivery with the platform’s id is there already; nothing was done.'
      })
    )
  },
  { title: 'Received', description: 'The delivery is on disk.' }
)

const params = {
  platform: Type.String({ description: 'The platform’s name.', examples: ['standard'] }),
  connectionId: Type.String({
    description: 'Id of the connection in the connections file.',
    examples: ['demo-standard']
  })
}

/** Any bytes: what is no JSON is kept too, if it proves itself. */
const body = {
  content: {
    'application/json': {
      schema: Type.Unsafe<unknown>({
        description:
          'What the platform sends, of any content type that it uses; verified byte by byte before it is read.',
        'x-examples': {
          event: {
            summary: 'An event of the relay’s own format',
            value: { type: 'test.ping', timestamp: '2027-06-20T08:15:30Z' }
          }
        }
      })
    }
  }
}

const retryAfter = { headers: { 'Retry-After': headers.retryAfter } }

const response = {
  200: answer(Received, 'The delivery is on disk, or was before.', {
    examples: {
      first: { value: { received: true, delivery_id: EXAMPLE_ID } },
      repeated: { value: { received: true, delivery_id: EXAMPLE_ID, duplicate: true } }
    }
  }),
  400: problem(400, ['RELAY_BAD_REQUEST']),
  401: problem(401, ['RELAY_UNAUTHORIZED'], { headers: { 'WWW-Authenticate': headers.wwwAuthenticate } }),
  404: problem(404, ['RELAY_NOT_FOUND']),
  405: problem(405, ['RELAY_METHOD_NOT_ALLOWED'], { headers: { Allow: headers.allow } }),
  413: problem(413, ['RELAY_BODY_TOO_LARGE']),
  415: problem(415, ['RELAY_MEDIA_TYPE']),
  429: problem(429, ['RELAY_BUSY'], retryAfter),
  503: problem(503, ['RELAY_STORE_UNAVAILABLE', 'RELAY_OVERLOADED', 'RELAY_INTERNAL'], retryAfter),
  ...tooLong,
  ...unparsed
}

const ofWebhooks = { tags: ['Webhooks'], security: [], body, response }

export const webhookOperation = {
  ...ofWebhooks,
  operationId: 'receiveWebhook',
  summary: 'Take in a webhook',
  description:
    'Where a platform sends. Answered 200 once the delivery is on disk; what it means comes out later. Repeat after anything else than 200.',
  params: Type.Object(params)
}

export const webhookWithTokenOperation = {
  ...ofWebhooks,
  operationId: 'receiveWebhookWithToken',
  summary: 'Take in a webhook of a platform that cannot sign',
  description: 'The same for platforms that prove themselves by a token in the address.',
  params: Type.Object({
    ...params,
    token: Type.String({ description: 'The agreed token.', examples: ['demo-only-token'] })
  })
}
