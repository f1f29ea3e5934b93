import { type TProperties, type TSchema, Type } from '@sinclair/typebox'
import {
  answer,
  type Example,
  headers,
  otherMethods,
  problem,
  tooLong,
  unparsed
} from '../../openapi/answer.ts'
import { closed } from '../../openapi/shapes.ts'

/** What the questions of operators have in common. */

export const Instant = (description: string) => Type.String({ format: 'date-time', description })

export function orNull<S extends TSchema>(schema: S) {
  const { description, ...rest } = schema
  return Type.Union([rest as S, Type.Null()], { ...(description !== undefined && { description }) })
}

export const Text = (description: string) => Type.String({ description })
export const Count = (description: string) => Type.Integer({ minimum: 0, description })

/** PostgreSQL keeps no text that has this character. */
const NO_NUL = '^[^\\u0000]*$'

/** A text to filter by. */
export const Words = (description: string, maxLength = 255) =>
  Type.String({ minLength: 1, maxLength, pattern: NO_NUL, description })

export const Param = (description: string, example: string) =>
  Type.String({ minLength: 1, pattern: NO_NUL, description, examples: [example] })

export const reveal = {
  reveal: Type.Optional(
    Type.Boolean({
      description:
        'true: people’s data is shown as it is. Asks for the scope admin, and is written into the audit log.'
    })
  )
}

export const times = {
  since: Type.Optional(Instant('At or after.')),
  until: Type.Optional(Instant('Before.'))
}

const MOST_LISTED = 200

export const paging = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MOST_LISTED,
      default: 50,
      description: 'How many at most.'
    })
  ),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 4096,
      description: 'next_cursor of the page before; with the same filters.'
    })
  )
}

export interface Paged {
  limit: number
  cursor?: string
}

export interface Timed {
  since?: string
  until?: string
}

export interface Reveals {
  reveal?: boolean
}

export function query<P extends TProperties>(properties: P) {
  return Type.Object(properties)
}

export function page<S extends TSchema>(title: string, description: string, item: S) {
  return closed(title, description, {
    data: Type.Array(item, { description: 'The page.' }),
    next_cursor: orNull(
      Text(
        'Where the next page begins; null where nothing more is to come. A page that a filter leaves few or none of may still have a next one.'
      )
    )
  })
}

const refusals = {
  400: problem(400, ['RELAY_BAD_REQUEST']),
  401: problem(401, ['RELAY_KEY_UNKNOWN'], { headers: { 'WWW-Authenticate': headers.wwwAuthenticate } }),
  403: problem(403, ['RELAY_KEY_FORBIDDEN']),
  503: problem(503, ['RELAY_STORE_UNAVAILABLE'], { headers: { 'Retry-After': headers.retryAfter } }),
  ...otherMethods,
  ...unparsed
}

interface Told<S extends TSchema> {
  operationId: string
  summary: string
  description: string
  params?: TSchema
  querystring?: TSchema
  says: S
  what: string
  examples: Record<string, Example>
}

interface Done<S extends TSchema> extends Omit<Told<S>, 'says' | 'examples'> {
  body?: TSchema
  status: 200 | 201 | 202 | 204
  /** Without them, the answer is empty. */
  says?: S
  examples?: Record<string, Example>
}

/** An action and its answers. @param done `params` where it is done to one thing, which may not be there */
export function action<S extends TSchema>({ body, ...done }: Done<S>) {
  const { response, ...described } = operation(done)
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

/** A question and its answers. @param told `params` where it is of one thing, which may not be there */
export function question<S extends TSchema>(told: Told<S>) {
  return operation({ ...told, status: 200 })
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
}: Omit<Done<S>, 'body'>) {
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
