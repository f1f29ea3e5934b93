import type { TSchema } from '@sinclair/typebox'
import {
  answer,
  type Example,
  headers,
  otherMethods,
  problem,
  tooLong,
  unparsed
} from '../../openapi/answer.ts'

const refusals = {
  400: problem(400, ['RELAY_BAD_REQUEST']),
  401: problem(401, ['RELAY_KEY_UNKNOWN'], { headers: { 'WWW-Authenticate': headers.wwwAuthenticate } }),
  403: problem(403, ['RELAY_KEY_FORBIDDEN']),
  503: problem(503, ['RELAY_STORE_UNAVAILABLE'], { headers: { 'Retry-After': headers.retryAfter } }),
  ...otherMethods,
  ...unparsed
}

interface QuestionSpec<S extends TSchema> {
  operationId: string
  summary: string
  description: string
  params?: TSchema
  querystring?: TSchema
  says: S
  what: string
  examples: Record<string, Example>
}

interface ActionSpec<S extends TSchema> extends Omit<QuestionSpec<S>, 'says' | 'examples'> {
  body?: TSchema
  status: 200 | 201 | 202 | 204
  /** Without them, the answer is empty. */
  says?: S
  examples?: Record<string, Example>
}

/** An action and its answers. @param spec with `params` where it is done to one thing, which may not be there */
export function action<S extends TSchema>({ body, ...spec }: ActionSpec<S>) {
  const { response, ...described } = operation(spec)
  return {
    ...described,
    ...(body !== undefined && { body }),
    response: {
      ...response,
      413: problem(413, ['RELAY_BODY_TOO_LARGE']),
      415: problem(415, ['RELAY_MEDIA_TYPE'])
    }
  }
}

/** A question and its answers. @param spec with `params` where it is of one thing, which may not be there */
export function question<S extends TSchema>(spec: QuestionSpec<S>) {
  return operation({ ...spec, status: 200 })
}

/** What operators ask and what they do have in common. */
function operation<S extends TSchema>({
  status,
  says,
  what,
  examples = {},
  params,
  querystring,
  ...named
}: Omit<ActionSpec<S>, 'body'>) {
  return {
    tags: ['Operators'],
    security: [{ operator: [] }],
    ...named,
    ...(params !== undefined && { params }),
    ...(querystring !== undefined && { querystring }),
    response: {
      [status]: says === undefined ? { description: what, type: 'null' } : answer(says, what, { examples }),
      ...refusals,
      ...(params !== undefined && { 404: problem(404, ['RELAY_NOT_FOUND']), ...tooLong })
    }
  }
}
