import fc from 'fast-check'
import t, { type Test } from 'tap'
import { kindNames, kinds } from '../../src/model/kind.ts'
import { openRelay, type Reply } from '../open-relay.ts'
import { env, serviceOf, storedCalls } from './call.ts'

const stay = (fields: object) => ({
  customer_key: 'acme',
  reservations: [{ reservation_key: 'r1', ...fields }]
})
const space = (fields: object) => ({
  customer_key: 'acme',
  spaces: [{ space_key: 's1', name: 'Loft', ...fields }]
})
const metadata = (names: string[]) =>
  stay({ custom_metadata: Object.fromEntries(names.map(name => [name, 'x'])) })
const times = (starts_at: string, ends_at: string) => stay({ starts_at, ends_at })

function refused(t: Test, { status, body }: Reply, path: string, message: string | RegExp): void {
  t.equal(status, 400, path)
  let level = (body.error as { validation_errors?: Record<string, unknown> }).validation_errors
  for (const step of path.split('.')) level = level?.[step] as Record<string, unknown> | undefined
  t.match((level?._errors as string[] | undefined)?.join('; '), message, path)
}

const instant = 'must be an instant with Z or an offset, such as 2026-07-01T14:00:00Z'
const years = 'must lie in the years 0000 to 9999 once it is in UTC'
const trimmed = 'must not begin or end with white space'

t.test('what Seam would take and do nothing with is refused, with what to do instead', async t => {
  const service = serviceOf(await openRelay(t, { env }))
  for (const [body, path, message] of [
    [{ customer_key: ' acme' }, 'customer_key', trimmed],
    [space({ space_key: 's1\n' }), 'spaces.0.space_key', trimmed],
    [stay({ guest_key: 'g ' }), 'reservations.0.guest_key', trimmed],
    [stay({ guest_key: '' }), 'reservations.0.guest_key', 'must not be empty'],
    [stay({ space_keys: ['a', ' b'] }), 'reservations.0.space_keys.1', trimmed],
    [space({ parent_site_key: '\u00a0x' }), 'spaces.0.parent_site_key', trimmed],
    [
      { customer_key: 'a', staff_members: [{ staff_member_key: '', name: 'x' }] },
      'staff_members.0.staff_member_key',
      'must not be empty'
    ],
    [
      { customer_key: 'a', reservation: [] },
      'reservation',
      'is not a field that Seam knows; write reservations'
    ],
    [space({ spaceKey: 'x' }), 'spaces.0.spaceKey', 'is not a field that Seam knows; write space_key'],
    [
      space({ customer_data: { timeZone: 'UTC' } }),
      'spaces.0.customer_data.timeZone',
      'is not a field that Seam knows; write time_zone'
    ],
    [space({ colour: 'red' }), 'spaces.0.colour', 'is not a field that Seam knows; leave it out'],
    [
      stay({ property_listing_keys: ['a'] }),
      'reservations.0.property_listing_keys',
      'is not read on a stay; put these keys into space_keys'
    ],
    [stay({ site_keys: ['a'] }), 'reservations.0.site_keys', /^is not read on a stay; name the places/],
    [
      space({ customer_data: { time_zone: 'Europe/Atlantis' } }),
      'spaces.0.customer_data.time_zone',
      'must be the IANA name of a time zone, such as Europe/Berlin'
    ],
    [
      space({ geolocation: { latitude: 90.1, longitude: 0 } }),
      'spaces.0.geolocation.latitude',
      'must be <= 90'
    ],
    [
      space({ geolocation: { latitude: 0, longitude: -180.1 } }),
      'spaces.0.geolocation.longitude',
      'must be >= -180'
    ],
    [
      space({ customer_data: { default_checkin_time: '3pm' } }),
      'spaces.0.customer_data.default_checkin_time',
      'must be a time such as 15:00 or 15:00:00'
    ],
    [
      space({ customer_data: { time_zone: 'EUROPE/berlin' } }),
      'spaces.0.customer_data.time_zone',
      'must be spelled as in the IANA database; write Europe/Berlin'
    ],
    [space({ customer_data: { time_zone: '+02:00' } }), 'spaces.0.customer_data.time_zone', /IANA/],
    [
      times('2027-03-03T10:00:00Z', '2027-03-03T09:59:59Z'),
      'reservations.0.ends_at',
      'must be after starts_at; swap or correct them'
    ],
    [times('2027-03-03T10:00:00Z', '2027-03-03T10:00:00Z'), 'reservations.0.ends_at', /^must be after/],
    [times('2027-03-03T10:00:00Z', '2027-03-03T11:00:00+01:00'), 'reservations.0.ends_at', /^must be after/],
    [times('2027-03-03T10:00:00', '2027-03-04T10:00:00Z'), 'reservations.0.starts_at', instant],
    [times('2027-02-29T10:00:00Z', '2027-03-04T10:00:00Z'), 'reservations.0.starts_at', instant],
    [times('2027-03-03T24:00:00Z', '2027-03-04T10:00:00Z'), 'reservations.0.starts_at', instant],
    [times('9999-99-31T23:59:58Z', '9999-12-31T23:59:59Z'), 'reservations.0.starts_at', instant],
    [times('9999-12-31T23:59:58Z', '9999-12-31T23:59:59-23:59'), 'reservations.0.ends_at', years],
    [times('0000-01-01T00:00:00+23:59', '2027-03-04T10:00:00Z'), 'reservations.0.starts_at', years],
    [
      stay({ guest_key: 'a', user_key: 'b' }),
      'reservations.0.user_key',
      'must not be there beside guest_key: a stay has one user; push a stay for each'
    ],
    [
      metadata(['with.period']),
      'reservations.0.custom_metadata',
      /^must have at most 50 names of at most 40/
    ],
    [metadata(['x'.repeat(41)]), 'reservations.0.custom_metadata', /^must have at most 50 names/],
    [
      metadata(Array.from({ length: 51 }, (_none, serial) => `n${serial}`)),
      'reservations.0.custom_metadata',
      /^must have at most 50 names/
    ],
    [
      stay({ custom_metadata: { n: 1 } }),
      'reservations.0.custom_metadata.n',
      'must be a string of at most 500 characters, a boolean or null'
    ],
    [{ ...stay({}), customer_key: 5 }, 'customer_key', 'must be string'],
    [stay({ space_keys: 's1' }), 'reservations.0.space_keys', 'must be array'],
    [space({ name: null }), 'spaces.0.name', 'must be string']
  ] as const) {
    refused(t, await service.push(body), path, message)
  }
})

t.test('what is right is taken, however unusual', async t => {
  const service = serviceOf(await openRelay(t, { env }))
  for (const body of [
    times('2028-02-29T10:00:00.5Z', '2028-02-29T12:00:00.25+01:00'),
    times('2027-03-03T10:00:00Z', '2027-03-03T10:00:00-01:00'),
    stay({ starts_at: '2027-03-03T10:00:00Z' }),
    times('0000-01-01T00:00:00-23:59', '9999-12-31T23:59:59+23:59'),
    metadata(Array.from({ length: 50 }, (_none, serial) => `${serial}`.padEnd(40, 'x'))),
    space({ customer_data: { time_zone: null, default_checkin_time: '15:00:30' } }),
    { customer_key: 'c d', unknown_lists: undefined, rooms: [] }
  ]) {
    const { status, body: told } = await service.push(body)
    t.equal(status, 200, JSON.stringify(told))
  }
})

t.test('a key may come twice in a list only with the same content, in every list', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  for (const kind of kindNames) {
    const { list, keyField } = kinds[kind]
    const entry = (name: string) => ({ [keyField]: `${kind}-1`, name })
    const same = {
      customer_key: 'acme',
      [list]: [entry('a'), { ...entry('b'), [keyField]: 'other' }, entry('a')]
    }
    t.equal((await service.push(same)).status, 200, list)
    const differing = { customer_key: 'acme', [list]: [entry('a'), entry('b')] }
    refused(t, await service.push(differing), `${list}.1.${keyField}`, /send each key once$/)
  }
})

t.test('what a deletion cannot mean is refused', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  for (const [body, path, message] of [
    [{ customer_key: 'acme' }, 'customer_key', /^is not a field of delete_data; leave it out/],
    [{ site_keys: ['a'] }, 'site_keys', 'is not a field that Seam knows; leave it out'],
    [{ space_keys: [' a'] }, 'space_keys.0', trimmed],
    [{ space_keys: [''] }, 'space_keys.0', 'must not be empty'],
    [{ space_keys: [1] }, 'space_keys.0', 'must be string'],
    [{ space_keys: 'a' }, 'space_keys', 'must be array']
  ] as const) {
    refused(t, await service.delete(body), path, message)
  }
  refused(t, await service.deleteByQuery('space_keys=a&space_keys='), 'space_keys.1', 'must not be empty')
  refused(
    t,
    await service.deleteByQuery('space_key=a'),
    'space_key',
    'is not a field that Seam knows; leave it out'
  )
  t.strictSame(await storedCalls(relay), [])
})

t.test('any JSON at all is answered with 200 or 400', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  const lists = kindNames.map(kind => kinds[kind].list)
  const entry = fc.dictionary(
    fc.constantFrom(
      ...kindNames.map(kind => kinds[kind].keyField),
      'name',
      'starts_at',
      'ends_at',
      'space_keys',
      '__proto__'
    ),
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.jsonValue(),
      fc.array(fc.string()),
      fc.date({ noInvalidDate: true })
    )
  )
  const body = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(fc.constantFrom('customer_key', ...lists), fc.oneof(fc.string(), fc.array(entry)))
  )
  await fc.assert(
    fc.asyncProperty(body, async told => {
      const text = JSON.stringify(told)
      for (const { status } of [await service.push(text), await service.delete(text)]) {
        if (status !== 200 && status !== 400) throw new TypeError(`${status} to ${text}`)
      }
    }),
    { numRuns: 60 }
  )
})
