import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { kindNames, kinds } from '../../src/model/kind.ts'
import { type ContractRules, checkDeleteData, checkPushData } from '../../src/seam/contract.ts'
import { invalidInput, validationErrors } from '../../src/seam/invalid-input.ts'

interface Schema {
  type: string
  properties?: Record<string, Schema>
  items?: Schema
  required?: string[]
  format?: string
  pattern?: string
  minLength?: number
  additionalProperties?: unknown
}

/** The documents read by the test itself: a second reading, independent of the compiled one. */
function documented(operation: string): Schema {
  const file = new URL(`../../openapi/seam/${operation}.yaml`, import.meta.url)
  return parse(readFileSync(file, 'utf8')).paths[`/customers/${operation}`].post.requestBody.content[
    'application/json'
  ].schema
}

const pushSchema = documented('push_data')
const deleteSchema = documented('delete_data')

/** A value with every field a schema names. */
function full(schema: Schema): unknown {
  if (schema.type === 'object') {
    if (schema.additionalProperties !== undefined) return { note: 'x', vip: true, gone: null }
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([name, member]) => [name, full(member)])
    )
  }
  if (schema.type === 'array') return schema.items === undefined ? [] : [full(schema.items)]
  if (schema.type === 'integer') return 45
  if (schema.type === 'number') return 52.5
  if (schema.format === 'date-time') return '2026-07-01T14:00:00Z'
  return schema.pattern === undefined ? 'text' : '15:00'
}

function entryOf(list: string): Schema {
  return pushSchema.properties?.[list]?.items as Schema
}

function body(list: string, entry: Record<string, unknown>): Record<string, unknown> {
  return { customer_key: 'acme', [list]: [entry] }
}

const reservation = (fields: Record<string, unknown>) =>
  body('reservations', { reservation_key: 'r1', ...fields })
const space = (fields: Record<string, unknown>) =>
  body('spaces', { space_key: 's1', name: 'Loft', ...fields })

function refused(t: Test, value: unknown, path: string, rules: ContractRules = 'documented'): void {
  const problems = checkPushData(value, rules) ?? []
  t.ok(
    problems.some(problem => problem.path.join('.') === path),
    `${path} is refused`
  )
}

t.test('every field that the documents name is taken, all at once', async t => {
  for (const rules of ['documented', 'published'] as const) {
    t.equal(checkPushData(full(pushSchema), rules), undefined)
    t.equal(checkDeleteData(full(deleteSchema), rules), undefined)
  }
})

t.test('the least there can be is taken', async t => {
  t.equal(checkPushData({ customer_key: 'acme' }), undefined)
  t.equal(checkDeleteData({}), undefined)
  t.equal(checkPushData(reservation({})), undefined)
})

t.test('a body of 2,000 reservations is taken', async t => {
  const reservations = Array.from({ length: 2000 }, (_, n) => ({
    reservation_key: `r${n}`,
    guest_key: `g${n}`,
    space_keys: [`s${n}`],
    starts_at: '2026-07-01T14:00:00Z',
    ends_at: '2026-07-02T10:00:00Z'
  }))
  t.equal(checkPushData({ customer_key: 'acme', reservations }, 'published'), undefined)
})

t.test('every required field is missed where it is missing, in every list', async t => {
  refused(t, {}, 'customer_key')
  for (const kind of kindNames) {
    const { list } = kinds[kind]
    const entry = entryOf(list)
    for (const name of entry.required ?? []) {
      const { [name]: _left, ...rest } = full(entry) as Record<string, unknown>
      refused(t, body(list, rest), `${list}.0.${name}`)
    }
  }
})

t.test('the table of kinds and the documents name the same lists and keys', async t => {
  const lists = Object.keys(pushSchema.properties ?? {}).filter(name => name !== 'customer_key')
  t.same(new Set(lists), new Set(kindNames.map(kind => kinds[kind].list)))
  const deleteLists = Object.keys(deleteSchema.properties ?? {}).filter(name => name !== 'customer_keys')
  t.same(new Set(deleteLists), new Set(kindNames.flatMap(kind => kinds[kind].deleteList ?? [])))
  for (const kind of kindNames) {
    t.ok(entryOf(kinds[kind].list).required?.includes(kinds[kind].keyField), kind)
  }
})

t.test('an unknown field is refused at every level', async t => {
  refused(t, { customer_key: 'acme', reservation: [] }, 'reservation')
  for (const kind of kindNames) {
    const { list } = kinds[kind]
    const entry = full(entryOf(list)) as Record<string, unknown>
    refused(t, body(list, { ...entry, colour: 'red' }), `${list}.0.colour`)
  }
  refused(t, space({ customer_data: { city: 'Bern' } }), 'spaces.0.customer_data.city')
  refused(t, space({ geolocation: { latitude: 1, longitude: 2, height: 3 } }), 'spaces.0.geolocation.height')
  refused(t, reservation({ property_listing_keys: ['p'] }), 'reservations.0.property_listing_keys')
  refused(t, reservation({ site_keys: ['p'] }), 'reservations.0.site_keys')
  t.match(checkDeleteData({ customer_key: 'acme' }), [
    { path: ['customer_key'], message: 'is not a field that Seam knows' }
  ])
  t.match(checkDeleteData({ site_keys: ['x'] }), [{ path: ['site_keys'] }])
})

t.test('what Prism refuses with the mended document is refused here too', async t => {
  refused(t, { customer_key: '' }, 'customer_key')
  refused(t, body('reservations', {}), 'reservations.0.reservation_key')
  refused(t, body('guests', { guest_key: 'g1' }), 'guests.0.name')
  refused(t, reservation({ starts_at: 'tomorrow' }), 'reservations.0.starts_at')
  refused(t, reservation({ starts_at: '2026-07-01' }), 'reservations.0.starts_at')
  refused(t, reservation({ starts_at: '2026-07-01T14:00:00' }), 'reservations.0.starts_at')
  refused(t, reservation({ starts_at: '2026-02-30T14:00:00Z' }), 'reservations.0.starts_at')
  refused(t, reservation({ starts_at: null }), 'reservations.0.starts_at')
  refused(t, reservation({ custom_metadata: { floor: 1 } }), 'reservations.0.custom_metadata.floor')
  refused(
    t,
    reservation({ custom_metadata: { note: 'x'.repeat(501) } }),
    'reservations.0.custom_metadata.note'
  )
  refused(t, space({ duration_minutes: 0 }), 'spaces.0.duration_minutes')
  refused(t, space({ duration_minutes: 1.5 }), 'spaces.0.duration_minutes')
  refused(
    t,
    space({ customer_data: { default_checkin_time: '3pm' } }),
    'spaces.0.customer_data.default_checkin_time'
  )
  refused(t, space({ geolocation: { latitude: 1 } }), 'spaces.0.geolocation.longitude')
})

t.test('nothing is coerced and nothing is filled in', async t => {
  refused(t, { customer_key: 123 }, 'customer_key')
  refused(t, reservation({ space_keys: 's1' }), 'reservations.0.space_keys')
  refused(t, space({ name: null }), 'spaces.0.name')
  refused(t, { customer_key: 'acme', spaces: {} }, 'spaces')
  for (const value of [null, [], 'text', 1, undefined]) {
    t.match(checkPushData(value), [{ path: [], message: 'must be object' }])
    t.match(checkDeleteData(value), [{ path: [], message: 'must be object' }])
  }
  const given = reservation({ custom_metadata: { vip: true, gone: null } })
  const copy = structuredClone(given)
  t.equal(checkPushData(given), undefined)
  t.same(given, copy)
})

t.test('metadata takes a string of 500 characters, a boolean and null', async t => {
  const custom_metadata = { note: 'x'.repeat(500), vip: false, gone: null }
  t.equal(checkPushData(reservation({ custom_metadata }), 'published'), undefined)
  refused(t, reservation({ custom_metadata: { list: [] } }), 'reservations.0.custom_metadata.list')
  t.same(checkPushData(reservation({ custom_metadata: { floor: 1 } })), [
    {
      path: ['reservations', '0', 'custom_metadata', 'floor'],
      message: 'must be a string of at most 500 characters, a boolean or null'
    }
  ])
})

t.test('what the documents leave open, they leave open', async t => {
  const taken = [
    reservation({ starts_at: '2026-07-01T14:00:00+02:00' }),
    reservation({ starts_at: '2026-07-02T14:00:00Z', ends_at: '2026-07-01T14:00:00Z' }),
    reservation({ guest_key: 'unknown', space_keys: [''] }),
    { customer_key: ' acme ' },
    { customer_key: 'acme', guests: [1, 2].map(() => ({ guest_key: 'g1', name: 'Same' })) },
    body('staff_members', { staff_member_key: '', name: 'Kim' }),
    body('guests', { guest_key: 'g1', name: 'Kim', email_address: 'no address', phone_number: '12' })
  ]
  for (const each of taken) t.equal(checkPushData(each), undefined)
  t.equal(checkDeleteData({ guest_keys: ['', ' '] }), undefined)
})

t.test('the published rules refuse white space around keys of resources, not around references', async t => {
  for (const key of [' r1', 'r1 ', '\tr1', ' ']) {
    refused(t, body('reservations', { reservation_key: key }), 'reservations.0.reservation_key', 'published')
    refused(t, { customer_key: key }, 'customer_key', 'published')
    refused(t, space({ parent_site_key: key }), 'spaces.0.parent_site_key', 'published')
  }
  t.equal(checkPushData(reservation({ guest_key: ' g1', space_keys: ['s 1 '] }), 'published'), undefined)
  t.equal(checkPushData(body('reservations', { reservation_key: 'a b' }), 'published'), undefined)
})

t.test('the published rules take instants in UTC with a capital Z only', async t => {
  for (const starts_at of [
    '2026-07-01T14:00:00+02:00',
    '2026-07-01t14:00:00Z',
    '2026-07-01T14:00:00z',
    '2026-07-01 14:00:00Z',
    '2016-12-31T23:59:60Z',
    '2026-07-01T14:00Z'
  ]) {
    refused(t, reservation({ starts_at }), 'reservations.0.starts_at', 'published')
  }
  t.equal(checkPushData(reservation({ starts_at: '2026-07-01T14:00:00.250Z' }), 'published'), undefined)
})

t.test('the published rules limit the names of metadata', async t => {
  const names = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`n${n}`, 'x']))
  const check = (custom_metadata: unknown) => checkPushData(reservation({ custom_metadata }), 'published')
  t.equal(check(names(50)), undefined)
  t.match(check(names(51)), [{ path: ['reservations', '0', 'custom_metadata'] }])
  t.equal(check({ ['n'.repeat(40)]: 'x' }), undefined)
  t.match(check({ ['n'.repeat(41)]: 'x' }), [{ message: /40 characters/ }])
  t.match(check({ 'a.b': 'x' }), [{ message: /period/ }])
  t.equal(checkPushData(reservation({ custom_metadata: { 'a.b': 'x' } })), undefined)
  const listing = { property_listing_key: 'p1', name: 'Loft', custom_metadata: { 'a.b': 'x' } }
  t.match(checkPushData(body('property_listings', listing), 'published'), [
    { path: ['property_listings', '0', 'custom_metadata'] }
  ])
})

t.test('the published rules refuse blank keys in deletions', async t => {
  for (const key of ['', '  ']) {
    t.match(checkDeleteData({ guest_keys: ['g1', key] }, 'published'), [{ path: ['guest_keys', '1'] }])
  }
  t.equal(checkDeleteData({ guest_keys: [' g1 '] }, 'published'), undefined)
})

t.test('problems name the place, unescaped, and never quote a value', async t => {
  const secret = 'kim@example.com'
  const problems = checkPushData({
    customer_key: 'acme',
    guests: [{ guest_key: 1, name: [secret], email_address: { a: secret } }],
    reservations: [{ reservation_key: 'r1', custom_metadata: { 'a/b~c': 1 }, starts_at: secret }]
  })
  t.notMatch(JSON.stringify(problems), secret)
  t.match(
    problems?.map(({ path }) => path),
    [
      ['guests', '0', 'email_address'],
      ['guests', '0', 'guest_key'],
      ['guests', '0', 'name'],
      ['reservations', '0', 'custom_metadata', 'a/b~c'],
      ['reservations', '0', 'starts_at']
    ]
  )
})

t.test('a body that is wrong all over is answered with a bounded list', async t => {
  const spaces = Array.from({ length: 1000 }, () => 1)
  t.equal(checkPushData({ customer_key: 'acme', spaces })?.length, 200)
})

t.test('one problem gives its own sentence, several a count and all of them', async t => {
  t.equal(invalidInput([{ path: [], message: 'must be object' }]).message, 'The body must be object')
  t.equal(
    invalidInput([{ path: ['customer_key'], message: 'is required' }]).message,
    'customer_key is required'
  )
  const two = invalidInput([
    { path: ['customer_key'], message: 'is required' },
    { path: ['guests', '0', 'name'], message: 'must be string' }
  ])
  t.equal(two.type, 'invalid_input')
  t.equal(two.message, '2 Input Errors: customer_key is required, guests.0.name must be string')
})

t.test('validation errors nest as zod’s do', async t => {
  const errors = validationErrors([
    { path: ['customer_key'], message: 'is required' },
    { path: ['guests', '1', 'name'], message: 'must be string' },
    { path: ['guests', '1'], message: 'is odd' },
    { path: [], message: 'is odd too' }
  ])
  t.same(JSON.parse(JSON.stringify(errors)), {
    _errors: ['is odd too'],
    customer_key: { _errors: ['is required'] },
    guests: { _errors: [], '1': { _errors: ['is odd'], name: { _errors: ['must be string'] } } }
  })
})

t.test('unknown fields with awkward names break nothing', async t => {
  const hostile = JSON.parse('{"customer_key":"acme","__proto__":{"a":1},"_errors":1,"constructor":1}')
  const problems = checkPushData(hostile) ?? []
  t.same(problems.map(({ path }) => path.join()).sort(), ['__proto__', '_errors', 'constructor'])
  const text = JSON.stringify(validationErrors(problems))
  t.match(text, '"__proto__":{"_errors":["is not a field that Seam knows"]}')
  t.same(validationErrors(problems)._errors, ['is not a field that Seam knows'])
  t.notOk('a' in {})
})

t.test('any JSON at all is judged without throwing', async t => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        for (const problems of [checkPushData(value), checkDeleteData(value)]) {
          if (problems !== undefined) invalidInput(problems)
        }
      })
    )
  )
})
