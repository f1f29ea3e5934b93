import t from 'tap'
import type { PlaceFields } from '../../../src/model/change.ts'
import { hostaway } from '../../../src/platforms/hostaway/hostaway.ts'
import { readReservations } from '../../../src/platforms/hostaway/hydrate.ts'
import type { StandIn } from '../../../src/platforms/samples.ts'
import { notAskedOften } from '../api.ts'
import { outcomesOf, testApi } from '../contract.ts'
import { reading, receivedAt, reservation, translated, unread, webhook } from './reservation-body.ts'

const standIn = hostaway.standIn as StandIn
const settings = reading.api ?? {}

const listing = {
  id: 310042,
  name: 'Harbour Flat',
  internalListingName: '2B',
  address: '1 Harbour Street',
  lat: 38.7,
  lng: '-9.1',
  timeZoneName: 'Europe/Lisbon',
  checkInTimeStart: 15,
  checkOutTime: 11,
  doorSecurityCode: '9911',
  latestActivityOn: '2025-11-01 09:00:00'
}
const clock = { latestActivityOn: '2025-12-01 10:41:10', updatedOn: '2025-12-01 10:41:09' }
const known = { ...reservation, ...clock, ccNumberEndingDigits: 4242 }
const world = { 'reservations/51200001': known, 'listings/310042': listing }

const rows = [
  { id: 901, listingUnitId: 4401, guestName: 'Tom' },
  { id: 902, listingUnitId: 4402, guestName: 'Els' }
]

function read(
  entities: Record<string, unknown>,
  play: StandIn = standIn,
  payload: unknown = webhook(reservation)
) {
  const api = testApi(play, settings, new Map(Object.entries(entities)))
  return { api, facts: readReservations([{ type: 'reservation.updated', payload }], api) }
}

function answering(path: string, reply: { status: number; body?: unknown }): StandIn {
  return (request, ...rest) => (request.path === path ? reply : standIn(request, ...rest))
}

t.test('a reservation has to be read again where that is possible, other events are not read', async t => {
  const wants = (type: string, payload: unknown = webhook(reservation), connection = reading) =>
    hostaway.hydration?.wants({ type, payload }, connection)
  t.equal(wants('reservation.created'), 'must')
  t.equal(wants('reservation.updated'), 'must')
  t.equal(wants('reservation.updated', webhook({ id: 51200001 })), 'must')
  t.equal(wants('reservation.updated', webhook({})), 'no', 'nobody can be asked without an id')
  t.equal(wants('message.received'), 'no')
  t.equal(wants('test'), 'no')
  t.equal(wants('reservation.updated', webhook(reservation), unread), 'no', 'the body is all there is')
})

t.test('a cancellation is not taken back by an answer that may be behind', async t => {
  const asked = (status: string, asking: typeof notAskedOften = api => api) => {
    const api = testApi(
      standIn,
      settings,
      new Map(Object.entries({ ...world, 'reservations/51200001': { ...known, status } }))
    )
    const payload = webhook({ ...reservation, status: 'cancelled' })
    return readReservations([{ type: 'reservation.updated', payload }], asking(api))
  }
  const behind = { code: 'RELAY_PLATFORM_REFUSED', retryable: true }
  await t.rejects(asked('new', notAskedOften), behind)
  t.match(await asked('new'), [{ reservation: { status: 'new' } }])
  t.match(await asked('cancelled', notAskedOften), [{ reservation: { status: 'cancelled' } }])
})

t.test('a change that the API does not know yet is asked for again', async t => {
  const told = (changes: object, patience = notAskedOften) => {
    const api = testApi(standIn, settings, new Map(Object.entries(world)))
    const payload = webhook({ ...reservation, ...clock, ...changes })
    return readReservations([{ type: 'reservation.updated', payload }], patience(api))
  }
  const behind = { code: 'RELAY_PLATFORM_REFUSED', retryable: true }
  for (const change of [
    { departureDate: '2026-01-31' },
    { arrivalDate: '2026-01-01' },
    { listingMapId: 310043 },
    { status: 'pending' }
  ]) {
    await t.rejects(told(change), behind, JSON.stringify(change))
    t.match(await told(change, api => api), [{ reservation: { id: 51200001 } }], 'asked often enough')
  }
  const before = { latestActivityOn: '2025-12-01 10:41:08', updatedOn: '2025-12-01 10:41:08' }
  const on = [{ reservation: { id: 51200001 } }]
  t.match(await told({ departureDate: '2026-01-31', ...before }), on, 'changed since the webhook')
})

t.test('a forged field does not matter where the reservation is read again', async t => {
  const cancelledThere = {
    ...world,
    'reservations/51200001': { ...known, status: 'cancelled', arrivalDate: '2026-01-10' }
  }
  const forged = {
    ...reservation,
    status: 'new',
    listingMapId: 999,
    arrivalDate: '2026-01-01',
    departureDate: '2099-01-01',
    doorCode: '0000',
    guestEmail: { not: 'a text' },
    latestActivityOn: '2099-01-01 00:00:00'
  }
  const given = { connection: reading, world: cancelledThere }
  const told = await translated(webhook(forged), given)
  t.strictSame(told, await translated(webhook({ id: '51200001' }), given), 'only the id counts')
  t.match(told, [{ change: 'stays', cancelled: true, version: Date.parse('2025-12-01T10:41:10Z') }])
})

t.test(
  'the listing gives name, zone and hours by its own clock; the booking’s hour stays the booking’s',
  async t => {
    t.strictSame(await translated(webhook({ id: 51200001 }), { connection: reading, world }), [
      {
        change: 'upsert',
        kind: 'place',
        id: '310042',
        fields: {
          name: 'Harbour Flat',
          timeZone: 'Europe/Lisbon',
          checkInTime: '15:00',
          checkOutTime: '11:00',
          address: '1 Harbour Street',
          latitude: 38.7,
          longitude: -9.1
        },
        whole: false,
        version: Date.parse('2025-11-01T09:00:00Z')
      },
      {
        change: 'stays',
        bookingId: '51200001',
        version: Date.parse('2025-12-01T10:41:10Z'),
        stays: [
          {
            id: '51200001',
            places: ['310042'],
            guest: { name: 'Ines Duarte', email: 'ines@example.com', phone: '+351912345678' },
            name: 'HMDEMO2B01',
            start: { date: '2026-01-10', time: '16:00' },
            end: { date: '2026-01-13' },
            preferredCode: '4821'
          }
        ]
      }
    ])
  }
)

t.test('what a listing tells badly is left out, what it tells to be none is none', async t => {
  const fieldsOf = async (changed: Record<string, unknown>) => {
    const entities = { ...world, 'listings/310042': { ...listing, ...changed } }
    const told = await translated(webhook({ id: 51200001 }), { connection: reading, world: entities })
    const [place] = Array.isArray(told) ? told : []
    return place?.change === 'upsert' ? place : undefined
  }
  t.match(await fieldsOf({ timeZoneName: '+02:00', checkInTimeStart: 25, lat: 91, lng: 'east', name: '' }), {
    fields: {
      name: '2B',
      timeZone: undefined,
      checkInTime: undefined,
      latitude: undefined,
      longitude: undefined
    }
  })
  t.match(await fieldsOf({ checkOutTime: null, lat: null, lng: undefined, address: '' }), {
    fields: { checkOutTime: null, latitude: null, longitude: undefined, address: null }
  })
  for (const timeZoneName of [null, '']) {
    const fields: PlaceFields = (await fieldsOf({ timeZoneName }))?.fields ?? {}
    t.strictSame([fields.name, fields.timeZone], ['Harbour Flat', undefined], 'it is somewhere')
  }
  t.match(await fieldsOf({ latestActivityOn: null }), { version: receivedAt }, 'without a clock, as received')
})

t.test('without a clock of its own, what was read counts from the receipt', async t => {
  const clockless = { ...world, 'reservations/51200001': reservation }
  const told = await translated(webhook({ id: 51200001 }), { connection: reading, world: clockless })
  t.match(told, [{}, { change: 'stays', version: receivedAt }])
})

t.test('a reservation that was deleted without an event has no stays any more', async t => {
  const gone = [
    { change: 'stays', bookingId: '51200001', version: receivedAt, stays: [], emptyBecause: 'deleted' }
  ]
  t.strictSame(await translated(webhook(reservation), { connection: reading, world: {} }), gone)
  const later = { ...reservation, latestActivityOn: '2099-01-01 00:00:00' }
  t.strictSame(
    await translated(webhook(later), { connection: reading, world: {} }),
    gone,
    'not before its time'
  )
  const { facts } = read(world, answering('/v1/reservations/51200001', { status: 410 }))
  t.strictSame(await facts, [{ reservation: null, listing: null, units: [] }])
})

t.test('a reservation that is not found once is back when it is found again', async t => {
  const versionOf = async (body: unknown, entities: Record<string, unknown>) => {
    const told = await translated(webhook(body), { connection: reading, world: entities })
    const booking = Array.isArray(told) ? told.find(change => change.change === 'stays') : undefined
    return booking && [booking.version, booking.cancelled]
  }
  const at = Date.parse('2025-12-01T10:41:10Z')
  t.strictSame(await versionOf(known, {}), [at, undefined])
  t.strictSame(await versionOf(known, world), [at, undefined], 'the later delivery wins the tie')
})

t.test('a new reservation that is not found yet is asked for again', async t => {
  const payload = webhook(reservation)
  const events = [{ type: 'reservation.created', payload }]
  const asked = readReservations(events, testApi(standIn, settings, new Map()))
  await t.rejects(asked, { code: 'RELAY_PLATFORM_REFUSED', retryable: true })
  const found = await readReservations(events, testApi(standIn, settings, new Map(Object.entries(world))))
  t.match(found, [{ reservation: { id: 51200001 } }])
})

t.test('a reservation that is on is not deleted because it is once not found', async t => {
  const asked = (body: Record<string, unknown>) => {
    const events = [{ type: 'reservation.updated', payload: webhook(body) }]
    return readReservations(events, notAskedOften(testApi(standIn, settings)))
  }
  for (const body of [reservation, { id: 51200001 }]) {
    await t.rejects(asked(body), { code: 'RELAY_PLATFORM_REFUSED', retryable: true })
  }
  const off = await asked({ ...reservation, status: 'cancelled' })
  t.match(off, [{ reservation: null }], 'what is said to be off is')
})

t.test('a listing that is gone, or none, leaves the name that the reservation tells', async t => {
  const given = { connection: reading, world: { 'reservations/51200001': known } }
  t.match(await translated(webhook({ id: 51200001 }), given), [
    { change: 'upsert', id: '310042', fields: { name: 'Harbour Flat 2B' } },
    { change: 'stays' }
  ])
  const { api, facts } = read({ 'reservations/51200001': { ...known, listingMapId: null } })
  t.match(await facts, [{ listing: null }])
  t.strictSame(
    api.requests.map(({ path }) => path),
    ['/v1/accessTokens', '/v1/reservations/51200001']
  )
})

t.test('units come only with includeResources, and get name, zone and hours from their listing', async t => {
  const house = {
    ...listing,
    listingUnits: [
      { id: 4401, name: 'Apartment', unitNumber: '1', ground: '0' },
      { id: 4402, name: 'Apartment 2', unitNumber: '2' },
      { id: 4403, name: 'Apartment', unitNumber: '3' }
    ]
  }
  const entities = {
    'reservations/51200001': { ...known, reservationUnit: rows },
    'listings/310042': house
  }
  const { api, facts } = read(entities)
  t.match(await facts, [{ units: [{ id: 4401, name: 'Apartment', unitNumber: '1' }, { id: 4402 }] }])
  t.strictSame(
    api.requests.map(({ path, query }) => [path, query]),
    [
      ['/v1/accessTokens', {}],
      ['/v1/reservations/51200001', { includeResources: ['1'] }],
      ['/v1/listings/310042', {}]
    ]
  )
  const told = await translated(webhook({ id: 51200001 }), { connection: reading, world: entities })
  t.match(told, [
    { id: '4401', fields: { name: 'Apartment 1', timeZone: 'Europe/Lisbon', checkInTime: '15:00' } },
    { id: '4402', fields: { name: 'Apartment 2', timeZone: 'Europe/Lisbon', checkOutTime: '11:00' } },
    { stays: [{ places: ['4401'] }, { places: ['4402'] }] }
  ])
})

t.test('units that the listing does not tell are read apart', async t => {
  const entities = {
    'reservations/51200001': { ...known, reservationUnit: [...rows, { id: 903, listingUnitId: null }] },
    'listings/310042': listing,
    'listingUnits/310042': [{ id: '4401', unitNumber: '1' }, 'no unit']
  }
  const { facts } = read(entities)
  t.match(await facts, [{ units: [{ id: '4401', unitNumber: '1' }] }])
  const told = await translated(webhook({ id: 51200001 }), { connection: reading, world: entities })
  t.match(told, [
    { id: '4401', fields: { name: '1', timeZone: 'Europe/Lisbon' } },
    { id: '4402', fields: { name: undefined, timeZone: 'Europe/Lisbon' } },
    {}
  ])
  const refused = await read(entities, answering('/v1/listingUnits/310042', { status: 400 })).facts
  t.match(
    refused,
    [{ listing: { name: 'Harbour Flat' }, units: [] }],
    'and done without where that is refused'
  )
  const { 'listings/310042': _, ...houseless } = entities
  const bare = await translated(webhook({ id: 51200001 }), { connection: reading, world: houseless })
  t.match(bare, [{ change: 'stays' }], 'and without their listing nothing is known of them')
})

t.test('a place is read as a listing, or as a unit of one', async t => {
  const house = { ...listing, listingUnits: [{ id: 4400, name: 'Attic' }, rows[0]] }
  const units = [
    { id: 4401, name: 'Apartment', unitNumber: '1' },
    { id: 4402, name: 'Apartment', unitNumber: '2' }
  ]
  const others = Array.from({ length: 100 }, (_, index) => [
    `listings/${index + 1}`,
    { ...listing, id: index + 1 }
  ])
  const last = ['listings/310050', { ...house, id: 310050, checkInTimeStart: 17, listingUnits: units }]
  const account = new Map<string, unknown>([['listings/310042', house], ...others, last] as [
    string,
    unknown
  ][])
  const api = testApi(standIn, settings, account)
  const place = (id: string) => hostaway.readPlace?.(id, api, reading)
  t.match(await place('310042'), { name: 'Harbour Flat', timeZone: 'Europe/Lisbon', checkInTime: '15:00' })
  t.equal(api.requests.length, 2)
  t.match(await place('4402'), { name: 'Apartment 2', timeZone: 'Europe/Lisbon', checkInTime: '17:00' })
  t.strictSame(
    api.requests.slice(2).map(({ path, query }) => [path, query]),
    [
      ['/v1/listings/4402', {}],
      ['/v1/listings', { limit: ['100'], offset: ['0'] }],
      ['/v1/listings', { limit: ['100'], offset: ['100'] }]
    ]
  )
  t.strictSame(await place('4409'), {}, 'one that nobody tells of is not taken for gone')
  const endless = answering('/v1/listings', {
    status: 200,
    body: { result: Array.from({ length: 100 }, () => house) }
  })
  t.strictSame(await hostaway.readPlace?.('4409', testApi(endless, settings), reading), {})
})

t.test('nothing is kept of cards, the building’s own code and what else is not read', async t => {
  const { facts } = read(world)
  const kept = JSON.stringify(await facts)
  t.notMatch(kept, /4242|9911|reservationId/)
  t.match(kept, /4821/)
})

t.test('the token is fetched as the documentation has it and renewed after a 403', async t => {
  let refusals = 1
  const play: StandIn = (request, ...rest) =>
    request.path.startsWith('/v1/reservations') && refusals-- > 0
      ? { status: 403, body: { status: 'fail' } }
      : standIn(request, ...rest)
  const { api, facts } = read(world, play)
  t.match(await facts, [{ reservation: { id: 51200001 } }])
  const tokens = api.requests.filter(({ path }) => path === '/v1/accessTokens')
  t.equal(tokens.length, 2)
  t.match(tokens[0], {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: {
      grant_type: 'client_credentials',
      client_id: settings.account_id,
      client_secret: settings.api_key,
      scope: 'general'
    }
  })
})

t.test('an API that refuses, or answers something else, is an error and never a cancellation', async t => {
  const path = '/v1/reservations/51200001'
  const refused = read(world, answering(path, { status: 422, body: { status: 'fail' } })).facts
  await t.rejects(refused, { code: 'RELAY_PLATFORM_REFUSED', retryable: false })
  for (const body of [
    undefined,
    { status: 'fail', message: 'no' },
    { status: 'success', result: null },
    { status: 'success', result: [] },
    { status: 'success', result: { ...known, id: 7 } }
  ]) {
    const odd = read(world, answering(path, { status: 200, body })).facts
    await t.rejects(odd, { code: 'RELAY_PLATFORM_UNAVAILABLE', retryable: true })
  }
})

t.test('a cancellation asks for no listing, and a stay goes without one that is refused', async t => {
  const cancelled = { ...world, 'reservations/51200001': { ...known, status: 'cancelled' } }
  const path = '/v1/listings/310042'
  for (const status of [400, 500]) {
    const facts = await read(cancelled, answering(path, { status })).facts
    t.match(facts, [{ reservation: { status: 'cancelled' }, units: [] }])
    const [outcome] = await outcomesOf(
      hostaway,
      reading,
      { body: JSON.stringify(webhook(reservation)) },
      { facts }
    )
    t.match(
      outcome?.translation,
      [{ change: 'stays', cancelled: true }],
      'and nothing is said of the listing'
    )
  }
  for (const status of ['new', 'pending']) {
    const staying = { ...world, 'reservations/51200001': { ...known, status } }
    for (const trouble of [400, 403, 500]) {
      const facts = await read(staying, answering(path, { status: trouble })).facts
      t.match(facts, [{ reservation: { status }, units: [] }])
      t.notOk(facts?.some(each => each?.listing !== undefined))
    }
    const { api } = read(staying, answering(path, { status: 500 }))
    await t.rejects(
      readReservations([{ type: 'reservation.updated', payload: webhook(reservation) }], notAskedOften(api)),
      { code: 'RELAY_PLATFORM_UNAVAILABLE' },
      'one that may come yet is waited for'
    )
  }
  const mistaken: StandIn = (request, ...rest) => {
    if (request.path === path) throw new TypeError('a mistake')
    return standIn(request, ...rest)
  }
  await t.rejects(read(world, mistaken).facts, TypeError)
})

t.test('an event that names no reservation reads nothing', async t => {
  const { api, facts } = read(world, standIn, webhook({ id: '1/../2' }))
  t.strictSame(await facts, [null])
  t.strictSame(api.requests, [])
})

t.test('a body that tells no status is refused by the name of the field', async t => {
  await t.rejects(translated(webhook({ ...reservation, status: undefined }), { connection: unread }), {
    code: 'RELAY_EVENT_INVALID',
    message: /^reservation: \/status: /
  })
})

t.test('an answer without a status is none, and is asked for again', async t => {
  const cancelled = webhook({ ...reservation, status: 'cancelled' })
  for (const status of [undefined, null, ' ']) {
    const entities = { ...world, 'reservations/51200001': { ...known, status } }
    await t.rejects(read(entities, standIn, cancelled).facts, {
      code: 'RELAY_PLATFORM_UNAVAILABLE',
      retryable: true
    })
  }
})
