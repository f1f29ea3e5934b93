import { OptionalKind, type TSchema } from '@sinclair/typebox'
import { Value, type ValueError, ValueErrorType } from '@sinclair/typebox/value'
import { RelayError } from '../../errors.ts'
import { brokenTexts } from '../../model/broken-text.ts'
import { type StandardEvent, Status, schemas } from './events.ts'
import { brokenRule } from './rules.ts'

/**
 * Anything → one of the relay's own events.
 * @throws RelayError RELAY_EVENT_INVALID, one sentence that names the place and what may stand there, but no value
 */
export function readStandardEvent(value: unknown): StandardEvent {
  const type = typeOf(value)
  const schema = schemas[type]
  const [error] = Value.Errors(schema, value)
  if (error !== undefined) throw invalid(`${type}: ${sentence(innermost(error))}`)
  const event = emptyAsNull(schema, value) as StandardEvent
  const broken = brokenRule(event)
  if (broken !== undefined) throw invalid(`${type}: ${broken}`)
  return event
}

/**
 * Where a system tells its own events, no text of theirs may become another one: two ids would be one.
 * @param counts by its path, whether a text may not be broken; none may unless told
 * @throws RelayError RELAY_EVENT_INVALID, as {@link readStandardEvent}
 */
export function refuseBrokenText(value: unknown, counts: (path: string[]) => boolean = () => true): void {
  const broken = brokenTexts(value).find(({ path }) => counts(path))
  if (broken !== undefined) throw invalid(`${shownPath(`/${broken.path.join('/')}`)} ${broken.message}`)
}

/** Whether something is written as a status is, be it a known one or not. */
export function isStatusWord(value: unknown): boolean {
  return Value.Check(Status, value)
}

/** Members that may be null are null where they are told as an empty text; below them the same. */
function emptyAsNull(schema: TSchema, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) {
    return value === '' && schema[OptionalKind] ? null : value
  }
  const { properties, items } = schema.anyOf?.[0] ?? schema
  if (items) return (value as unknown[]).map(each => emptyAsNull(items, each))
  if (!properties) return value
  const members = Object.entries(value).map(([name, told]) => [name, emptyAsNull(properties[name], told)])
  return Object.fromEntries(members)
}

function typeOf(value: unknown): StandardEvent['type'] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('an event must be an object with type, timestamp and data')
  }
  const type = 'type' in value ? value.type : undefined
  if (typeof type === 'string' && Object.hasOwn(schemas, type)) return type as StandardEvent['type']
  throw invalid(`/type must be one of ${Object.keys(schemas).join(', ')}`)
}

/** Behind a member that may be null stands the schema that the sender meant to meet. */
function innermost(error: ValueError): ValueError {
  const inside = error.schema[OptionalKind] ? error.errors.flatMap(variant => [...variant]) : []
  const [first] = inside
  return first === undefined ? error : innermost(first)
}

function sentence(error: ValueError): string {
  const path = shownPath(error.path)
  const { description } = error.schema
  if (error.type === ValueErrorType.ObjectRequiredProperty)
    return `${path} is missing; it must be ${description}`
  if (error.type !== ValueErrorType.ObjectAdditionalProperties) return `${path} must be ${description}`
  const allowed = Object.keys(error.schema.properties ?? {})
  if (allowed.length === 0) return `${path} is not allowed; metadata must be ${description}`
  const name = error.path.slice(error.path.lastIndexOf('/') + 1)
  const meant = allowed.find(each => letters(each) === letters(name))
  const hint = meant === undefined ? '' : ` (write ${meant})`
  return `${path} is not known${hint}; allowed here are ${allowed.join(', ')}`
}

function letters(name: string): string {
  return name.replace(/[^a-z]/gi, '').toLowerCase()
}

/** Names of members are the sender's own words: whatever could be a value in the wrong place is not repeated. */
function shownPath(path: string): string {
  return path.replace(/[^/]+/g, name => (/^(\d{1,4}|[a-z_][\w-]{0,39})$/i.test(name) ? name : '…'))
}

function invalid(message: string): RelayError {
  return new RelayError('RELAY_EVENT_INVALID', message)
}
