import t from 'tap'
import { readStandardEvent } from '../../../src/platforms/standard/read.ts'

const instants = { starts_at: '2026-08-01T15:00:00Z', ends_at: '2026-08-05T11:00:00Z' }
const dates = { arrival_date: '2026-08-01', departure_date: '2026-08-05' }

t.test('an object tells each thing one way', async t => {
  const refused: [object, string][] = [
    [
      { ...instants, arrival_date: '2026-08-01' },
      '/data/arrival_date cannot stand beside starts_at; leave one of the two out'
    ],
    [
      { ...instants, departure_date: '2026-08-05' },
      '/data/departure_date cannot stand beside ends_at; leave one of the two out'
    ],
    [
      { ...instants, check_in_time: '15:00' },
      '/data/check_in_time cannot stand beside starts_at; leave one of the two out'
    ],
    [
      { ...instants, check_out_time: '11:00' },
      '/data/check_out_time cannot stand beside ends_at; leave one of the two out'
    ],
    [
      { ...instants, listing_id: 1, listing_ids: [] },
      '/data/listing_ids cannot stand beside listing_id; leave one of the two out'
    ],
    [
      { ...instants, listing_id: 1, listing: { id: 1 } },
      '/data/listing cannot stand beside listing_id; leave one of the two out'
    ],
    [
      { ...instants, listing_ids: [1], listing: { id: 1 } },
      '/data/listing cannot stand beside listing_ids; leave one of the two out'
    ],
    [
      { ...dates, units: [{ id: 1 }, { id: 2, ...instants, arrival_date: '2026-08-02' }] },
      '/data/units/1/arrival_date cannot stand beside starts_at; leave one of the two out'
    ]
  ]
  for (const [members, problem] of refused) {
    t.equal(refusal('reservation.updated', members), `reservation.updated: ${problem}`)
    t.equal(refusal('reservation.cancelled', members), `reservation.cancelled: ${problem}`)
  }
})

t.test('a null beside a value is no contradiction, nor is an empty text', async t => {
  for (const none of [null, '']) {
    t.equal(
      refusal('reservation.created', { ...instants, arrival_date: none, listing_id: 1, listing: none }),
      ''
    )
  }
})

t.test('a unit may tell its day in another way than its booking', async t => {
  const units = [{ id: 1 }, { id: 2, starts_at: '2026-08-02T10:00:00Z' }, { id: 3, listing: { id: 9 } }]
  t.equal(refusal('reservation.created', { ...dates, check_in_time: '15:00', listing_id: 5, units }), '')
})

t.test('an hour of a unit needs a date to stand at', async t => {
  const unitsOf = (...units: object[]) => ({
    units: units.map((unit, position) => ({ id: position, ...unit }))
  })
  for (const type of ['reservation.created', 'reservation.updated'] as const) {
    t.equal(
      refusal(type, { ...instants, ...unitsOf({}, { check_out_time: '12:30' }) }),
      `${type}: /data/units/1/check_out_time cannot stand beside /data/ends_at; leave one of the two out`
    )
    t.equal(
      refusal(type, { ...instants, ...unitsOf({ check_in_time: '12:30' }) }),
      `${type}: /data/units/0/check_in_time cannot stand beside /data/starts_at; leave one of the two out`
    )
    t.equal(refusal(type, { ...dates, ...unitsOf({ check_in_time: '12:30', check_out_time: '11:00' }) }), '')
    const ownDay = { check_out_time: '12:30', departure_date: '2026-08-04' }
    t.equal(refusal(type, { ...instants, ...unitsOf(ownDay, { check_out_time: null }) }), '')
  }
  t.equal(refusal('reservation.cancelled', { ...instants, ...unitsOf({ check_out_time: '12:30' }) }), '')
})

t.test('a reservation that may give access says from when until when', async t => {
  const start = '/data/starts_at is missing; give starts_at or arrival_date'
  const end = '/data/ends_at is missing; give ends_at or departure_date'
  for (const status of [undefined, null, 'confirmed', 'tentative']) {
    t.equal(refusal('reservation.created', { status }), `reservation.created: ${start}`)
    t.equal(
      refusal('reservation.created', { status, starts_at: null, ends_at: instants.ends_at }),
      `reservation.created: ${start}`
    )
    t.equal(
      refusal('reservation.created', { status, starts_at: instants.starts_at }),
      `reservation.created: ${end}`
    )
  }
  t.equal(
    refusal('reservation.created', { ends_at: instants.ends_at, units: [{ id: 1, ...dates }, { id: 2 }] }),
    'reservation.created: /data/units/1/starts_at is missing; give starts_at or arrival_date'
  )
  t.equal(
    refusal('reservation.created', {
      units: [
        { id: 1, ...dates },
        { id: 2, ...instants }
      ]
    }),
    ''
  )
})

t.test('one that gives none may be silent about it', async t => {
  for (const status of ['inquiry', 'owner_stay', 'blocked', 'cancelled', 'declined', 'never_heard_of']) {
    t.equal(refusal('reservation.updated', { status }), '')
  }
  t.equal(refusal('reservation.cancelled', { status: 'confirmed' }), '')
})

t.test('the end comes after the start', async t => {
  const at = (start: string, end: string) =>
    refusal('reservation.created', { starts_at: start, ends_at: end })
  t.equal(
    at('2026-08-01T15:00:00+02:00', '2026-08-01T13:00:00Z'),
    'reservation.created: /data/ends_at is not after the start'
  )
  t.equal(at('2026-08-01T15:00:00+02:00', '2026-08-01T13:00:01Z'), '')
  const beyond = 'lies beyond the years 0000 to 9999 in UTC'
  t.equal(
    at('2026-08-01T15:00:00Z', '9999-12-31T23:59:59-23:59'),
    `reservation.created: /data/ends_at ${beyond}`
  )
  t.equal(
    at('0000-01-01T00:00:00+23:59', '2026-08-01T15:00:00Z'),
    `reservation.created: /data/starts_at ${beyond}`
  )
  t.equal(at('0000-01-01T00:00:00-23:59', '9999-12-31T23:59:59+23:59'), '')
  const on = (arrival: string, departure: string) =>
    refusal('reservation.created', { arrival_date: arrival, departure_date: departure })
  t.equal(on('2026-08-02', '2026-08-01'), 'reservation.created: /data/departure_date is not after the start')
  t.equal(on('2026-08-02', '2026-08-02'), '', 'the hours of a day decide later')
  t.equal(
    refusal('reservation.created', { starts_at: instants.starts_at, departure_date: '2026-07-01' }),
    '',
    'so does the zone'
  )
  t.equal(
    refusal('reservation.created', { ...dates, units: [{ id: 'a', arrival_date: '2026-08-06' }] }),
    'reservation.created: /data/units/0/departure_date is not after the start'
  )
})

t.test('units have ids of their own', async t => {
  t.equal(
    refusal('reservation.created', { ...dates, units: [{ id: 1 }, { id: 2 }, { id: '1' }] }),
    'reservation.created: /data/units/2/id is the id of another unit too; each unit needs its own'
  )
  t.match(
    refusal('reservation.created', { ...dates, units: [] }),
    '/data/units must be a list of 1 to 500 units'
  )
})

t.test('a guest’s two names are told together, or one is told to be none', async t => {
  for (const type of ['guest.created', 'guest.updated']) {
    t.equal(
      refusal(type, { first_name: 'Noor' }),
      `${type}: /data/last_name is missing beside first_name; give both, or name`
    )
    t.equal(
      refusal(type, { last_name: 'Haddad' }),
      `${type}: /data/first_name is missing beside last_name; give both, or name`
    )
    for (const whole of [
      {},
      { first_name: 'Noor', last_name: 'Haddad' },
      { first_name: 'Noor', last_name: null },
      { first_name: '', last_name: 'Haddad' },
      { first_name: 'Noor', name: 'Noor Haddad' }
    ])
      t.equal(refusal(type, whole), '')
  }
  t.equal(
    refusal('reservation.created', { ...dates, guest: { first_name: 'Noor' } }),
    '',
    'all that is known'
  )
  t.equal(refusal('guest.deleted', { first_name: 'Noor' }), '')
})

t.test('a position has two numbers', async t => {
  const listing = { id: 1, latitude: 1 }
  t.equal(
    refusal('listing.updated', listing),
    'listing.updated: /data/longitude is missing beside latitude; give both or neither'
  )
  t.equal(
    refusal('listing.created', { id: 1, longitude: 1, latitude: null }),
    'listing.created: /data/latitude is missing beside longitude; give both or neither'
  )
  t.equal(refusal('listing.deleted', { id: 1, longitude: 0, latitude: 0 }), '')
  t.match(refusal('reservation.cancelled', { listing }), '/data/listing/longitude is missing')
  t.match(
    refusal('reservation.cancelled', { units: [{ id: 1, listing }] }),
    '/data/units/0/listing/longitude is missing'
  )
})

function refusal(type: string, members: object): string {
  try {
    readStandardEvent({ type, timestamp: 1777714200000, data: { id: 'R-1', ...members } })
    return ''
  } catch (error) {
    return (error as Error).message
  }
}
