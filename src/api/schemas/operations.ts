import { Type } from '@sinclair/typebox'
import type { FastifySchema } from 'fastify'
import {
  answer,
  EXAMPLE_ID,
  type Header,
  headers,
  otherMethods,
  problem,
  tooLong,
  unparsed
} from '../../openapi/answer.ts'
import { DeleteData, DeleteDataQuery } from './delete-data.ts'
import { DeliveryReport } from './delivery.ts'
import { SeamError, SeamOk } from './envelope.ts'
import { EventsBody, EventsQuery, EventsReply } from './events.ts'
import { deleted, heard, invalid, posted, pushed, refused, reported, taken } from './examples.ts'
import { PushData } from './push-data.ts'

/**
 * What each operation for callers takes and answers, as its route declares it. They describe: what is wrong with a body is
 * said by the routes themselves in Seam's words, so they go with {@link describesOnly}.
 */

/** Fastify's validation, which would speak in its own words and know nothing of a caller's key. */
export const describesOnly = () => () => true

const callHeaders = Type.Object({
  'Relay-Version': Type.Optional(
    Type.String({
      pattern: '^\\d{1,15}$',
      description:
        'Your own clock, in milliseconds since 1970: what is older than what is known loses. Without it, the time of receipt counts. At most 24 hours ahead.'
    })
  ),
  Prefer: Type.Optional(
    Type.String({
      description:
        'wait=10: answer when Seam has it or says no, at the latest after so many seconds; more than 60 counts as 60. What cannot be read is passed over.'
    })
  ),
  'Idempotency-Key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description:
        'Printable characters of your own. The same call with the same key within 24 hours is answered again and done once.'
    })
  )
})

const always: Record<string, Header> = { 'seam-request-id': headers.seamRequestId }
/** Of what was taken in, whatever Seam says of it then. */
const onDisk = {
  ...always,
  'Relay-Delivery': headers.relayDelivery,
  'Preference-Applied': headers.preferenceApplied
}
const later = { ...always, 'Retry-After': headers.retryAfter }

const notTaken = answer(
  SeamError,
  'Not taken in, as something is wrong with it; or, with Prefer, Seam refused it. A problem document where the request is not HTTP, as with a content-length that is too small.',
  { headers: onDisk, examples: invalid }
)

const callAnswers = {
  200: answer(
    SeamOk,
    'On disk; with Prefer, also in Seam, unless the time was up before. A stay that is held, and what is older than what is known, is waited for no longer than until that is found out: GET /deliveries/{id} tells of it.',
    { headers: onDisk, examples: taken }
  ),
  400: {
    ...notTaken,
    content: { ...notTaken.content, ...problem(400, ['RELAY_BAD_REQUEST']).content }
  },
  401: answer(SeamError, 'No key, or one that is not or no longer known.', {
    headers: { ...always, 'WWW-Authenticate': headers.wwwAuthenticate },
    examples: refused(
      'unauthorized',
      'The API key is missing, not known, expired or revoked: send Authorization: Bearer seam_relay_…'
    )
  }),
  403: answer(SeamError, 'The key may not do this, or not for this customer.', {
    headers: always,
    examples: refused(
      'forbidden',
      'This API key lacks the scope push; make one that has it with "seam-relay keys create"'
    )
  }),
  405: answer(SeamError, 'This address takes other methods.', {
    headers: { ...always, Allow: headers.allow },
    examples: refused('method_not_allowed', 'This call takes POST')
  }),
  409: answer(
    SeamError,
    'A call with this idempotency key is being worked on; or, with Prefer, Seam’s refusal.',
    {
      headers: { ...later, ...onDisk },
      examples: refused(
        'idempotency_key_in_use',
        'A call with this Idempotency-Key is under way; repeat it to learn what comes of it'
      )
    }
  ),
  413: answer(SeamError, 'The body is larger than RELAY_MAX_BODY_BYTES; or, with Prefer, Seam’s refusal.', {
    headers: onDisk,
    examples: refused('payload_too_large', 'The body is larger than 1048576 bytes; split it')
  }),
  422: answer(SeamError, 'This idempotency key was used for another call; or, with Prefer, Seam’s refusal.', {
    headers: onDisk,
    examples: refused(
      'idempotency_key_reused',
      'This Idempotency-Key came with another call before; take a new key'
    )
  }),
  '4xx': answer(SeamError, 'With Prefer: what Seam refused it with, in its own status and words.', {
    headers: onDisk,
    examples: refused('space_not_found', 'There is no such space.')
  }),
  503: answer(SeamError, 'Nothing was taken in: the store cannot commit, or too much waits for it.', {
    headers: later,
    examples: refused('service_unavailable', 'The relay could not store it; repeat after Retry-After')
  }),
  ...unparsed
}

const ofSeam = { tags: ['Seam'], security: [{ key: [] }], headers: callHeaders, response: callAnswers }

const pushData = {
  ...ofSeam,
  operationId: 'pushData',
  summary: 'Add places, people and stays of a customer, or bring them up to date',
  description:
    'Seam’s push_data. Resources are added or updated by their keys; what is not named stays as it is. Asks for the scope push.',
  body: { content: { 'application/json': { schema: { ...PushData, 'x-examples': pushed } } } }
}

const deleteData = {
  ...ofSeam,
  operationId: 'deleteData',
  summary: 'Take away what is named by its key',
  description:
    'Seam’s delete_data. A stay that is taken away loses its code and does not come back by an older push. Asks for the scope delete.',
  body: { content: { 'application/json': { schema: { ...DeleteData, 'x-examples': deleted } } } }
}

const deleteDataByQuery = {
  ...ofSeam,
  operationId: 'deleteDataByQuery',
  summary: 'Take away what is named by its key, with the keys in the query',
  description:
    'Seam’s delete_data as newer SDKs call it. One parameter for each key; a comma is part of a key; an empty value is an empty list. The query may have 64 KiB.',
  querystring: DeleteDataQuery
}

/** By method and call. */
export const callOperations: Record<string, FastifySchema> = {
  'POST push_data': pushData,
  'POST delete_data': deleteData,
  'DELETE delete_data': deleteDataByQuery
}

export const getDeliveryOperation = {
  tags: ['Deliveries'],
  security: [{ key: [] }],
  operationId: 'getDelivery',
  summary: 'Ask what became of a delivery',
  description:
    'Of a call, an event or a webhook. A key that is limited to customers sees what it sent itself, and what is about its customers alone. Asks for the scope read.',
  params: Type.Object({
    id: Type.String({
      description: 'As an answer named it: Relay-Delivery, or delivery_id.',
      examples: [EXAMPLE_ID]
    })
  }),
  response: {
    200: answer(DeliveryReport, 'What is known of it by now.', { examples: reported }),
    400: problem(400, ['RELAY_BAD_REQUEST']),
    401: problem(401, ['RELAY_KEY_UNKNOWN'], { headers: { 'WWW-Authenticate': headers.wwwAuthenticate } }),
    403: problem(403, ['RELAY_KEY_FORBIDDEN']),
    404: problem(404, ['RELAY_NOT_FOUND']),
    503: problem(503, ['RELAY_STORE_UNAVAILABLE'], { headers: { 'Retry-After': headers.retryAfter } }),
    ...otherMethods,
    ...tooLong,
    ...unparsed
  }
}

export const postEventsOperation = {
  tags: ['Events'],
  security: [{ key: [] }],
  operationId: 'postEvents',
  summary: 'Tell of reservations, guests and listings',
  description:
    'Events of the relay’s own format, one or a list. Each event of a list is judged for itself. Asks for the scope push.',
  querystring: EventsQuery,
  body: { content: { 'application/json': { schema: { ...EventsBody, 'x-examples': posted } } } },
  response: {
    200: answer(EventsReply, 'On disk; of a list, what is not refused.', { examples: heard }),
    400: problem(400, ['RELAY_EVENT_INVALID', 'RELAY_BAD_REQUEST']),
    401: problem(401, ['RELAY_KEY_UNKNOWN'], { headers: { 'WWW-Authenticate': headers.wwwAuthenticate } }),
    403: problem(403, ['RELAY_KEY_FORBIDDEN']),
    413: problem(413, ['RELAY_BODY_TOO_LARGE']),
    415: problem(415, ['RELAY_MEDIA_TYPE']),
    503: problem(503, ['RELAY_OVERLOADED', 'RELAY_STORE_UNAVAILABLE', 'RELAY_INTERNAL'], {
      headers: { 'Retry-After': headers.retryAfter }
    }),
    ...otherMethods,
    ...unparsed
  }
}
