import { type TProperties, type TSchema, Type } from '@sinclair/typebox'
import { closed } from '../../openapi/shapes.ts'

/** What schemas of questions, actions and answers are put together from. */

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
