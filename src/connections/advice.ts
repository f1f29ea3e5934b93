import type { TSchema } from '@sinclair/typebox'
import { type ValueError, ValueErrorType } from '@sinclair/typebox/value'
import { suggestion } from '../config/nearest.ts'
import { zoneNamed } from '../model/time.ts'

/** What does not fit a schema, as a sentence that says what to do. Quotes names and never a value. */
export function advice({ type, schema, path, value }: ValueError): string {
  const hint =
    spelling(schema, value) ??
    (schema.description === undefined ? '' : `; ${withoutCapital(schema.description)}`)
  switch (type) {
    case ValueErrorType.ObjectRequiredProperty:
      return `is missing${hint}`
    case ValueErrorType.ObjectAdditionalProperties:
      return `is not known here${suggestion(`${steps(path).at(-1)}`, Object.keys(schema.properties))}`
    case ValueErrorType.ObjectMinProperties:
      return `needs at least ${schema.minProperties} of ${Object.keys(schema.properties).join(', ')}`
    case ValueErrorType.Object:
      return `must be a mapping${hint}`
    case ValueErrorType.Array:
      return `must be a list${hint}`
    case ValueErrorType.ArrayMinItems:
      return 'is an empty list; give at least one value'
    case ValueErrorType.Union:
      return `does not fit${choice(schema.anyOf, value) ?? hint}`
    default:
      return `does not fit${hint || (schema.pattern === undefined ? '; give text that is not empty' : `; it must match ${schema.pattern}`)}`
  }
}

/** As the rest of a sentence; names such as IANA and AccessToken keep theirs. */
function withoutCapital(text: string): string {
  return text.replace(/^[A-Z](?=[a-z-]* )/, letter => letter.toLowerCase())
}

function spelling({ format }: TSchema, value: unknown): string | undefined {
  const zone = format === 'iana-time-zone' && typeof value === 'string' ? zoneNamed(value) : undefined
  return zone === undefined ? undefined : `; write ${zone}, as the IANA database does`
}

function choice(options: { const?: unknown }[], value: unknown): string | undefined {
  if (options.some(option => option.const === undefined)) return undefined
  return suggestion(
    String(value),
    options.map(option => String(option.const))
  )
}

/** A JSON pointer (RFC 6901) as names. */
export function steps(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}
