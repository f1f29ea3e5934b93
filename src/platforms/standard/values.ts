import { Kind, type SchemaOptions, type Static, type TSchema, Type, TypeRegistry } from '@sinclair/typebox'
import { usableZone } from '../../model/time.ts'

/**
 * The values our own event format is made of. Every description completes the sentence "… must be <description>", which
 * is what a sender reads after a mistake.
 */
export const Id = Type.Union(
  [
    Type.String({
      maxLength: 200,
      pattern: '^[^\\s\\u0000-\\u001f](?:[^\\u0000-\\u001f]*[^\\s\\u0000-\\u001f])?$'
    }),
    Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
  ],
  { description: 'a text of 1 to 200 characters without white space around it, or a whole number' }
)

/** No U+0000: PostgreSQL cannot hold it. */
export const Text = Type.String({
  maxLength: 500,
  pattern: '^[^\\u0000]*$',
  description: 'a text of at most 500 characters'
})

export const LocalDate = checkedText('StandardLocalDate', isRealDate, {
  format: 'date',
  description: 'a date that exists, written 2026-08-01'
})

export const LocalTime = Type.String({
  pattern: '^([01]\\d|2[0-3]):[0-5]\\d$',
  description: 'a time of day from 00:00 to 23:59, written 15:00'
})

export const Instant = checkedText('StandardInstant', isInstant, {
  format: 'date-time',
  description: 'an instant with its zone, written 2026-08-01T15:00:00Z or 2026-08-01T15:00:00+02:00'
})

const ZONE_PATTERN = '^[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*)*$'

export const TimeZone = checkedText('StandardTimeZone', isTimeZone, {
  pattern: ZONE_PATTERN,
  description: 'an IANA time zone such as Europe/Berlin'
})

/** The bounds are 1973 and 2286: a number of seconds or of microseconds falls outside them. */
export const Clock = Type.Union([Instant, Type.Integer({ minimum: 1e11, maximum: 1e13 - 1 })], {
  description: 'an instant with its zone, written 2026-08-01T15:00:00Z, or whole milliseconds since 1970'
})

export const Metadata = Type.Record(
  Type.String({ pattern: '^[^.\\u0000]{1,40}$' }),
  Type.Union([Text, Type.Boolean()], { description: 'a text of at most 500 characters, or true or false' }),
  {
    maxProperties: 50,
    additionalProperties: false,
    description: 'an object of at most 50 names, each of 1 to 40 characters and without a period'
  }
)

/** A member that may be missing, null, or an empty text, which is null once it is read. */
export function Maybe<S extends TSchema>(schema: S, description: string) {
  const told = Type.Union([schema, Type.Null(), Type.Literal('')], { description })
  return Type.Optional(Type.Unsafe<Static<S> | null>(told))
}

/** The relay's version: milliseconds since 1970. */
export function clockMs(clock: string | number): number {
  return typeof clock === 'number' ? clock : Date.parse(clock)
}

/** A text whose form no pattern can tell. `kind` is a name in TypeBox's registry, which the whole process shares. */
function checkedText(kind: string, holds: (text: string) => boolean, options: SchemaOptions) {
  TypeRegistry.Set(kind, (_schema, value) => typeof value === 'string' && holds(value))
  return Type.Unsafe<string>({ ...options, [Kind]: kind, type: 'string' })
}

function isRealDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const ms = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}

function isInstant(text: string): boolean {
  const time = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/
  return text.charAt(10) === 'T' && isRealDate(text.slice(0, 10)) && time.test(text.slice(11))
}

/** Small letters do not fit the published pattern, although the name would be understood. */
function isTimeZone(text: string): boolean {
  return new RegExp(ZONE_PATTERN).test(text) && usableZone(text) !== undefined
}
