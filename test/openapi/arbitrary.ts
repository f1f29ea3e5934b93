import fc, { type Arbitrary } from 'fast-check'
import { type Operation, resolved, type Schema } from './described.ts'

/** Requests as openapi/relay.yaml describes them, and requests that go wrong in one way or another. */

export interface Request {
  method: string
  path: string
  query: string
  headers: Record<string, string>
  body: string | Uint8Array | undefined
}

/** Few, so that they meet again. */
const words = ['a', 'b', 'lakeside', 'cabin', 'r1', 'demo-standard', 'demo-hostaway:1', 'Europe/Berlin']
const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...words) },
  { weight: 1, arbitrary: fc.string() }
)

/** What nobody asked for. */
const junk: Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    0,
    -1,
    1e300,
    true,
    [],
    {},
    [[]],
    'x'.repeat(3_000),
    '\u0000',
    '\ud800'
  ),
  fc.constantFrom<unknown>(
    '2027-02-30T10:00:00Z',
    '2027-01-01',
    { _errors: ['x'] },
    { __proto__: null, constructor: 1 }
  )
)

/** Whatever a schema of the document allows. */
function allowed(schema: Schema): Arbitrary<unknown> {
  const {
    type,
    enum: choices,
    anyOf,
    items,
    properties,
    required,
    ...rest
  } = resolved(schema) as {
    type?: string
    enum?: unknown[]
    anyOf?: Schema[]
    items?: Schema
    properties?: Record<string, Schema>
    required?: string[]
  } & Schema
  if ('const' in rest) return fc.constant(rest.const)
  if (choices !== undefined) return fc.constantFrom(...choices)
  if (anyOf !== undefined) return fc.oneof(...anyOf.map(allowed))
  if (type === 'array')
    return fc.array(allowed(items ?? {}), { minLength: Number(rest.minItems ?? 0), maxLength: 3 })
  if (type === 'object') {
    const members = Object.entries(properties ?? {}).map(([name, member]) => [name, allowed(member)])
    const known = fc.record(Object.fromEntries(members), {
      requiredKeys: (required as never[] | undefined) ?? []
    })
    if (typeof rest.additionalProperties !== 'object') return known
    return fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), allowed(rest.additionalProperties as Schema), {
      maxKeys: 3
    })
  }
  if (type === 'integer')
    return fc.integer({
      min: Number(rest.minimum ?? rest.exclusiveMinimum ?? -10),
      max: Number(rest.maximum ?? 2e12)
    })
  if (type === 'number')
    return fc.double({ min: Number(rest.minimum ?? -200), max: Number(rest.maximum ?? 200), noNaN: true })
  if (type === 'boolean') return fc.boolean()
  if (type === 'null') return fc.constant(null)
  return type === 'string' ? text(rest) : junk
}

function text({ format, pattern, minLength = 0, maxLength = 40 }: Schema): Arbitrary<string> {
  if (format === 'date-time') {
    const year = {
      min: new Date('2026-01-01T00:00:00Z'),
      max: new Date('2028-01-01T00:00:00Z'),
      noInvalidDate: true
    }
    return fc
      .tuple(fc.date(year), fc.constantFrom('Z', '+02:00'))
      .map(([date, zone]) => `${date.toISOString().slice(0, 19)}${zone}`)
  }
  if (format === 'date') return fc.constantFrom('2027-02-01', '2027-02-04', '2027-12-31')
  if (pattern !== undefined) return fc.stringMatching(new RegExp(String(pattern)))
  return word.filter(
    each => each.length >= Number(minLength) && each.length <= Math.max(Number(maxLength), 20)
  )
}

/** A body with something wrong in one place: gone, more, twice, or something else. */
function spoiled(body: Arbitrary<unknown>): Arbitrary<unknown> {
  return fc
    .tuple(body, fc.nat(), fc.constantFrom('gone', 'more', 'twice', 'other'), junk, word)
    .map(([value, at, how, other, name]) => {
      const copy = structuredClone(value)
      const holders = [...holdersIn(copy)]
      const holder = holders[at % Math.max(holders.length, 1)]
      if (holder === undefined) return other
      const names = Object.keys(holder)
      const member = names[at % Math.max(names.length, 1)]
      if (Array.isArray(holder)) {
        if (how === 'gone') holder.pop()
        else holder.push(how === 'twice' ? structuredClone(holder[0] ?? other) : other)
      } else if (how === 'gone' && member !== undefined) delete holder[member]
      else holder[how === 'more' || member === undefined ? name : member] = other
      return copy
    })
}

/** Every object and list within a value. */
function* holdersIn(value: unknown): Generator<Record<string, unknown> | unknown[]> {
  if (typeof value !== 'object' || value === null) return
  yield value as Record<string, unknown>
  for (const member of Object.values(value)) yield* holdersIn(member)
}

const unreadable = fc.oneof(
  fc.constantFrom<string | Uint8Array>(
    '',
    '{',
    '[1,]',
    'null',
    '{"__proto__":1}',
    '"',
    '\ufeff{}',
    '{"a":1}}'
  ),
  fc.uint8Array({ maxLength: 50 }),
  fc.constant('['.repeat(5_000))
)

function bodyFor({ requestBody }: Operation): Arbitrary<string | Uint8Array | undefined> {
  const media = requestBody?.content['application/json']
  if (media === undefined) {
    return fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: unreadable })
  }
  const examples = [
    ...Object.values(media.examples ?? {}).map(({ value }) => value),
    ...(media.example === undefined ? [] : [media.example])
  ]
  const right = fc.oneof(allowed(media.schema), fc.constantFrom(...examples))
  return fc.oneof(
    { weight: 5, arbitrary: right.map(asJson) },
    { weight: 5, arbitrary: spoiled(right).map(asJson) },
    { weight: 1, arbitrary: unreadable }
  )
}

const asJson = (value: unknown) => JSON.stringify(value) ?? ''

/** A header value may hold any of these; Node refuses the others before they are sent. */
const headerText = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map(code => String.fromCharCode(code)),
  maxLength: 300
})

function headersFor({ parameters, security }: Operation, keys: string[]): Arbitrary<Record<string, string>> {
  const described = parameters.filter(each => each.in === 'header')
  const named = Object.fromEntries(
    described.map(({ name, schema }) => [
      name.toLowerCase(),
      fc.oneof(
        allowed(schema).map(String).filter(isHeader),
        headerText,
        fc.constantFrom('wait=0', '0', '1', '"k"', 'k', '')
      )
    ])
  )
  const bearer = fc.constantFrom(...keys).map(key => `Bearer ${key}`)
  const more = {
    'content-type': fc.oneof(
      { weight: 12, arbitrary: fc.constant('application/json') },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          'application/json; charset=utf-8',
          'text/plain',
          'application/x+json',
          'json',
          ';'
        )
      },
      { weight: 1, arbitrary: headerText }
    ),
    authorization: fc.oneof(
      { weight: security.length > 0 ? 12 : 1, arbitrary: bearer },
      { weight: 1, arbitrary: headerText }
    ),
    accept: headerText,
    'content-encoding': fc.constantFrom('gzip', 'identity', 'x')
  }
  return fc.record({ ...more, ...named }, { requiredKeys: [] }).chain(some =>
    // Mostly there, as a request without them says the same each time.
    fc
      .tuple(fc.nat(9), bearer)
      .map(
        ([chance, authorization]): Record<string, string> =>
          chance > 0 ? { authorization, 'content-type': 'application/json', ...without(some, chance) } : some
      )
  )
}

function isHeader(value: string): boolean {
  return /^[\x20-\x7e]*$/.test(value)
}

/** Headers that stop everything else only now and then. */
function without(headers: Record<string, string>, chance: number): Record<string, string> {
  const { authorization: _key, 'content-encoding': _encoding, 'content-type': _type, ...others } = headers
  return chance > 2 ? others : { ...headers }
}

function pathFor({ path, parameters }: Operation, ids: () => string[]): Arbitrary<string> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => `${name}`)
  const values = names.map(name => {
    const example = String(parameters.find(each => each.in === 'path' && each.name === name)?.example)
    return fc.oneof(
      { weight: 3, arbitrary: fc.nat().map(at => [example, ...ids()][at % (ids().length + 1)] ?? example) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(...words, 'x'.repeat(600), '%', '..', '\u0000', ' ').map(encode)
      },
      { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 10 }).map(encode) }
    )
  })
  return fc
    .tuple(...values)
    .map(chosen =>
      names.reduce((filled, name, at) => filled.replace(`{${name}}`, () => `${chosen[at]}`), path)
    )
}

/** Percent-encoded; what is no text at all stays as a percent sign alone, which no server can decode. */
function encode(value: string): string {
  if (!value.isWellFormed()) return '%'
  return encodeURIComponent(value).replace(/^\.{1,2}$/, '%2E')
}

function queryFor({ parameters }: Operation): Arbitrary<string> {
  const described = parameters.filter(each => each.in === 'query')
  const named = described.map(({ name, schema }) =>
    fc.option(allowed(schema), { nil: undefined, freq: 3 }).map(value => pairs(name, value))
  )
  const right = fc.tuple(...named).map(each => each.filter(one => one !== '').join('&'))
  const wrong = fc.constantFrom(
    '?',
    '%',
    'a=%ZZ',
    '__proto__=1',
    'space_keys',
    'space_keys=&space_keys=',
    'customer_key=a',
    '%00=1',
    '&&='
  )
  return fc.oneof(
    { weight: described.length > 0 ? 6 : 1, arbitrary: right },
    { weight: 1, arbitrary: wrong },
    { weight: 1, arbitrary: fc.webQueryParameters() }
  )
}

function pairs(name: string, value: unknown): string {
  const values = (Array.isArray(value) ? value : [value]).filter(each => each !== undefined).map(String)
  if (Array.isArray(value) && values.length === 0) return `${name}=`
  return values
    .filter(each => each.isWellFormed())
    .map(each => `${name}=${encodeURIComponent(each)}`)
    .join('&')
}

/** @param keys secrets that the relay knows or not @param ids of deliveries that there are by now */
export function requestsFor(operation: Operation, keys: string[], ids: () => string[]): Arbitrary<Request> {
  return fc.record({
    method: fc.constant(operation.method),
    path: pathFor(operation, ids),
    query: queryFor(operation),
    headers: headersFor(operation, keys),
    body: bodyFor(operation)
  })
}
