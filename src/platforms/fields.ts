import { type TSchema, Type } from '@sinclair/typebox'

/** A member that may be missing or null; platforms rarely keep the two apart. */
export function Maybe<S extends TSchema>(schema: S) {
  return Type.Optional(Type.Union([schema, Type.Null()]))
}

/** An id that some platforms write as a number. None is so long; what is could not be indexed. */
export const Id = Type.Union([Type.String({ minLength: 1, maxLength: 500 }), Type.Number()])

/** Read with care where it is used; its absence or another type is no reason to refuse the event. */
export const Told = Type.Optional(Type.Unknown())

/** A setting of a connection, with what people are told of it. */
export function Setting(description: string, examples?: string[]) {
  return Type.String({ minLength: 1, description, ...(examples && { examples }) })
}

/** One of some words, in the settings of a connection. */
export function oneOf<const Names extends readonly string[]>(names: Names, description: string) {
  return Type.Union(
    names.map(name => Type.Literal(name as Names[number])),
    { description }
  )
}

/** First text that is more than white space, trimmed. */
export function firstText(...candidates: unknown[]): string | undefined {
  for (const candidate of candidates) {
    if (typeof candidate === 'string' && candidate.trim() !== '') return candidate.trim()
  }
  return undefined
}

/** {@link firstText} in small letters: a word that is taken in any case. */
export function lowerText(...candidates: unknown[]): string | undefined {
  return firstText(...candidates)?.toLowerCase()
}

/** {@link lowerText} with underscores, however its parts are put apart: `Checked-in` and `checked in` are `checked_in`. */
export function snakeText(candidate: unknown): string | undefined {
  return lowerText(candidate)?.replaceAll(/[\s-]+/g, '_')
}

/** Given and family name as one; undefined where neither is told. */
export function joinName(...parts: unknown[]): string | undefined {
  const told = parts.filter((part): part is string => typeof part === 'string' && part.trim() !== '')
  return told.length === 0 ? undefined : told.map(part => part.trim()).join(' ')
}

/** What stands together in an address, such as a postcode, which may come as a number, and its town. */
export function joinLine(...parts: unknown[]): string | undefined {
  return joinName(...parts.map(part => (Number.isFinite(part) ? String(part) : part)))
}

/** The parts of an address as one line; undefined where none is told. */
export function joinAddress(...parts: unknown[]): string | undefined {
  return firstText(parts.flatMap(part => joinLine(part) ?? []).join(', '))
}

const isoWithZone = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/i

/** ISO 8601 with a zone, as ms since 1970; undefined where it is anything else. */
export function instantMs(value: unknown): number | undefined {
  if (typeof value !== 'string' || !isoWithZone.test(value)) return undefined
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? undefined : ms
}
