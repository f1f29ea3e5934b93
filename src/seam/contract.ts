import { readFileSync } from 'node:fs'
import { Ajv, type ErrorObject, type SchemaValidateFunction, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { parse } from 'yaml'
import { ajvCode } from '../model/ajv-code.ts'
import type { BodyProblem } from '../model/body-problem.ts'
import type { Operation } from '../model/call.ts'
import { isWrittenInstant, isZoneName, leavesTheYears, zoneNamed } from '../model/time.ts'

/**
 * Seam's contract as validators, compiled from openapi/seam as Seam publishes it.
 * Nothing is coerced, nothing is filled in, and unknown fields are refused at every level: Seam's published schemas
 * drop them silently, and what is dropped silently is a guest without a code.
 */

/**
 * `documented`: what the OpenAPI documents say. `published`: also what the validation schemas in `@seamapi/types` add:
 * no white space around keys, at most 50 metadata names of 40 characters without a period, instants with `Z` only.
 * `strict`: also what Seam says nothing about and does nothing with: white space around what only refers to a key, and
 * time zones that nobody knows or that are spelled otherwise, and places that are not on the earth; instants may have an
 * offset, as in the newest of those schemas.
 * `stripping`: as documented, and unknown fields are taken out of the body instead of being refused. An instant whose
 * offset leads beyond the year 9999 could not be passed on, so it is none. Both of these: keys of at most 500 characters.
 */
export type ContractRules = 'documented' | 'published' | 'strict' | 'stripping'

export interface PushData {
  customer_key: string
  [list: string]: unknown
}

export type DeleteData = Record<string, string[]>

export type Entry = Record<string, unknown>

interface Schema {
  type?: string
  properties?: Record<string, Schema>
  items?: Schema
  additionalProperties?: Schema | false
  oneOf?: Schema[]
  nullable?: boolean
  minimum?: number
  exclusiveMinimum?: boolean
  minLength?: number
  format?: string
  [keyword: string]: unknown
}

/** Of a field that the documents do not name. */
export const UNKNOWN_FIELD = 'is not a field that Seam knows'

/** More says nothing new, and a megabyte of wrong entries would be answered with many. */
const MAX_PROBLEMS = 200
const MAX_METADATA_NAMES = 50
/** Seam names no limit; PostgreSQL's indexes take some 2,700 bytes, of several keys together. */
const MAX_KEY_LENGTH = 500
const MAX_METADATA_NAME_LENGTH = 40

const textRules = [
  ['trimmed', 'must not begin or end with white space', (text: string) => text === text.trim()],
  ['notBlank', 'must not be empty or only white space', (text: string) => text.trim() !== ''],
  [
    'keySized',
    `must have at most ${MAX_KEY_LENGTH} characters`,
    (text: string) => text.length <= MAX_KEY_LENGTH
  ],
  // With Ajv's own `date-time` beside it, which knows the days of a month and takes more spellings than Seam does.
  [
    'utcInstant',
    'must be an instant in UTC such as 2026-07-01T14:00:00Z',
    (text: string) => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:[0-5]\d(?:\.\d+)?Z$/.test(text)
  ],
  [
    'instant',
    'must be an instant with Z or an offset, such as 2026-07-01T14:00:00Z',
    (text: string) => isWrittenInstant(text)
  ],
  [
    'withinYears',
    'must lie in the years 0000 to 9999 once it is in UTC',
    (text: string) => !leavesTheYears(text)
  ]
] as const

/** Ajv's way to let a rule say more than one thing. */
const knownZone: SchemaValidateFunction = (_on: boolean, text: string) => {
  if (isZoneName(text)) return true
  const meant = zoneNamed(text)
  const message =
    meant === undefined
      ? 'must be the IANA name of a time zone, such as Europe/Berlin'
      : `must be spelled as in the IANA database; write ${meant}`
  knownZone.errors = [{ message }]
  return false
}

function ajvWith(options: { removeAdditional?: boolean }): Ajv {
  const ajv = new Ajv({
    allErrors: true,
    strict: true,
    coerceTypes: false,
    useDefaults: false,
    code: ajvCode,
    ...options
  })
  formats.default(ajv)
  for (const [keyword, message, holds] of textRules) {
    ajv.addKeyword({
      keyword,
      type: 'string',
      schemaType: 'boolean',
      validate: (_on: boolean, text: string) => holds(text),
      error: { message }
    })
  }
  ajv.addKeyword({ keyword: 'knownZone', type: 'string', schemaType: 'boolean', validate: knownZone })
  ajv.addKeyword({
    keyword: 'metadataNames',
    type: 'object',
    schemaType: 'boolean',
    validate: (_on: boolean, metadata: object) => {
      const names = Object.keys(metadata)
      return (
        names.length <= MAX_METADATA_NAMES &&
        names.every(name => name.length <= MAX_METADATA_NAME_LENGTH && !name.includes('.'))
      )
    },
    error: {
      message: `must have at most ${MAX_METADATA_NAMES} names of at most ${MAX_METADATA_NAME_LENGTH} characters without a period`
    }
  })
  return ajv
}

const ajv = ajvWith({})
/** Takes out what stands where nothing more is allowed. */
const strippingAjv = ajvWith({ removeAdditional: true })

const compiled = new Map<string, ValidateFunction>()

/** Compiled when first asked for, which takes a third of a second; a relay that sends to Seam itself never asks. */
function validatorOf(operation: Operation, rules: ContractRules): ValidateFunction {
  const name = `${operation} ${rules}`
  const engine = rules === 'stripping' ? strippingAjv : ajv
  const validate = compiled.get(name) ?? engine.compile(mend(schemaOf(operation), rulesOf(operation, rules)))
  compiled.set(name, validate)
  return validate
}

/** @param name of the member that the schema is for, or whose list it is for the entries of */
type AddRules = (schema: Schema, name: string) => Schema

function rulesOf(operation: Operation, rules: ContractRules): AddRules {
  if (rules === 'documented') return schema => schema
  if (rules === 'stripping') return strippingRules
  if (rules === 'strict') return strictRules
  return operation === 'push_data' ? publishedPushRules : publishedDeleteRules
}

/** @returns what Seam would refuse in a body of push_data; undefined where it is right */
export function checkPushData(body: unknown, rules: ContractRules = 'documented'): BodyProblem[] | undefined {
  return problemsOf(validatorOf('push_data', rules), body)
}

/** @returns what Seam would refuse in a body of delete_data; undefined where it is right */
export function checkDeleteData(
  body: unknown,
  rules: ContractRules = 'documented'
): BodyProblem[] | undefined {
  return problemsOf(validatorOf('delete_data', rules), body)
}

function problemsOf(validate: ValidateFunction, body: unknown): BodyProblem[] | undefined {
  if (validate(body)) return undefined
  const errors = validate.errors as ErrorObject[]
  // What each branch of a oneOf says is summed up by the oneOf itself.
  const outermost = errors.filter(error => !error.schemaPath.includes('/oneOf/'))
  return outermost.slice(0, MAX_PROBLEMS).map(problemOf)
}

function problemOf(error: ErrorObject): BodyProblem {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  switch (error.keyword) {
    case 'required':
      return { path: [...path, error.params.missingProperty], message: 'is required' }
    case 'additionalProperties':
      return { path: [...path, error.params.additionalProperty], message: UNKNOWN_FIELD }
    case 'minLength':
      return { path, message: 'must not be empty' }
    case 'pattern':
      // The documents have one, that of the hours of a place.
      return { path, message: 'must be a time such as 15:00 or 15:00:00' }
    case 'oneOf':
      return { path, message: 'must be a string of at most 500 characters, a boolean or null' }
    default:
      return { path, message: String(error.message) }
  }
}

function schemaOf(operation: Operation): Schema {
  const address = new URL(`../../openapi/seam/${operation}.yaml`, import.meta.url)
  const { paths } = parse(readFileSync(address, 'utf8'))
  return paths[`/customers/${operation}`].post.requestBody.content['application/json'].schema
}

/**
 * A copy that Ajv takes, in which nothing unknown is allowed. Three things in the documents are OpenAPI 3.0 and no JSON
 * Schema: a boolean `exclusiveMinimum`, `nullable` beside `oneOf`, and keywords beginning with `x-`.
 */
function mend(schema: Schema, addRules: AddRules, name = ''): Schema {
  const { exclusiveMinimum, minimum, nullable, oneOf, properties, items, additionalProperties, ...rest } =
    schema
  const mendAll = (members: Record<string, Schema>) =>
    Object.fromEntries(Object.entries(members).map(([each, member]) => [each, mend(member, addRules, each)]))
  const withNull = (branch: Schema) => (branch.type === 'string' ? { ...branch, nullable } : branch)
  const mended = {
    ...rest,
    ...(exclusiveMinimum === true ? { exclusiveMinimum: minimum } : { minimum }),
    ...(oneOf === undefined ? { nullable } : { oneOf: oneOf.map(withNull) }),
    properties: properties && mendAll(properties),
    items: items && mend(items, addRules, name),
    additionalProperties:
      schema.type === 'object'
        ? additionalProperties
          ? mend(additionalProperties, addRules)
          : false
        : undefined
  }
  const kept = Object.entries(mended).filter(
    ([keyword, value]) => value !== undefined && !keyword.startsWith('x-')
  )
  return addRules(Object.fromEntries(kept), name)
}

function publishedPushRules(schema: Schema): Schema {
  // The keys that name something of their own are exactly those with a minimum length; references are plain strings.
  if (schema.minLength !== undefined) return { ...schema, trimmed: true }
  if (schema.format === 'date-time') return { ...schema, utcInstant: true }
  if (typeof schema.additionalProperties === 'object') return { ...schema, metadataNames: true }
  return schema
}

function publishedDeleteRules(schema: Schema): Schema {
  return schema.type === 'string' ? { ...schema, notBlank: true } : schema
}

function strippingRules(schema: Schema, name: string): Schema {
  if (isKey(schema, name)) {
    // Nobody is called so, and the relay keeps under that name what it knows of nobody's.
    return { ...schema, keySized: true, ...(name.startsWith('customer_') && { notBlank: true }) }
  }
  return schema.format === 'date-time' ? { ...schema, withinYears: true } : schema
}

/** Degrees from the middle, either way. */
const farthest: Record<string, number> = { latitude: 90, longitude: 180 }

function strictRules(schema: Schema, name: string): Schema {
  if (schema.format === 'date-time') {
    const { format: _format, ...rest } = schema
    return { ...rest, instant: true, withinYears: true }
  }
  if (typeof schema.additionalProperties === 'object') return { ...schema, metadataNames: true }
  const most = schema.type === 'number' ? farthest[name] : undefined
  if (most !== undefined) return { ...schema, minimum: -most, maximum: most }
  if (schema.type !== 'string') return schema
  if (name === 'time_zone') return { ...schema, knownZone: true }
  return isKey(schema, name) ? { ...schema, minLength: 1, trimmed: true, keySized: true } : schema
}

/** @param name of a member that holds a key, or several */
function isKey(schema: Schema, name: string): boolean {
  return schema.type === 'string' && /_keys?$/.test(name)
}
