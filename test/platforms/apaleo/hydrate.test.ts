import t from 'tap'
import { apaleo } from '../../../src/platforms/apaleo/apaleo.ts'
import { readPlace } from '../../../src/platforms/apaleo/places.ts'
import { standIn } from '../../../src/platforms/apaleo/stand-in.ts'
import { clientBasic } from '../../../src/platforms/apaleo/token.ts'
import type { StandIn } from '../../../src/platforms/samples.ts'
import { notAskedOften, testApi } from '../api.ts'
import { changed, connection, reservation, unit } from './world.ts'

const settings = { client_id: 'HRBR-SP', client_secret: 's/3' }

function apiOf(
  world: Record<string, unknown>,
  play: StandIn = standIn,
  using: Record<string, string> = settings
) {
  return testApi(play, using, new Map(Object.entries(world)))
}

function read(api: ReturnType<typeof apiOf>, type = 'reservation/changed', payload: unknown = changed) {
  return apaleo.hydration?.read([{ type, payload }], api) ?? Promise.resolve([])
}

t.test('reservations and units have to be read, their end may be, and the rest is not', async t => {
  const wants = (type: string, payload: unknown = changed, using = connection) =>
    apaleo.hydration?.wants({ type, payload }, using)
  t.equal(wants('reservation/created'), 'must')
  t.equal(wants('unit/changed'), 'must')
  t.equal(wants('reservation/checked-out'), 'must', 'when is not told by the event')
  for (const type of ['reservation/canceled', 'reservation/set-to-no-show']) {
    t.equal(wants(type), 'may')
    t.equal(wants(type, { ...changed, timestamp: null }), 'must', 'it may have been taken up again')
    t.equal(wants(type, { ...changed, propertyId: 'HBX' }), 'no', 'another property')
  }
  t.equal(wants('reservation/deleted'), 'no')
  t.equal(wants('unit/deleted'), 'no')
  t.equal(wants('system/healthcheck', undefined), 'no')
  t.equal(wants('reservation/created', { ...changed, propertyId: 'HBX' }), 'no', 'another property')
})

t.test('the token is asked for with the client’s Basic credentials, and then shared', async t => {
  const api = apiOf({ 'reservations/QKZTWVLM-1': reservation })
  await read(api)
  await read(api)
  t.match(api.requests, [
    {
      method: 'POST',
      path: '/connect/token',
      headers: { authorization: `Basic ${Buffer.from('HRBR-SP:s%2F3').toString('base64')}` },
      body: { grant_type: 'client_credentials' }
    },
    {
      path: '/booking/v1/reservations/QKZTWVLM-1',
      query: { expand: ['booker,assignedUnits'] },
      headers: { authorization: 'Bearer stand-in-token-of-HRBR-SP' }
    },
    { path: '/booking/v1/reservations/QKZTWVLM-1' }
  ])
})

t.test('a token lives as long as is told, else an hour', async t => {
  const fetched = (body: unknown, status = 200) => clientBasic().fetch(apiOf({}, () => ({ status, body })))
  t.strictSame(await fetched({ access_token: 'a', expires_in: 60 }), { token: 'a', expiresInMs: 60_000 })
  t.strictSame(await fetched({ access_token: 'a' }), { token: 'a', expiresInMs: 3_600_000 })
  for (const refused of [
    fetched({ error: 'invalid_client' }),
    fetched({ access_token: 'a' }, 400),
    fetched(undefined)
  ]) {
    await t.rejects(refused, { code: 'RELAY_PLATFORM_UNAUTHORIZED', retryable: true })
  }
  const unnamed = clientBasic().fetch(apiOf({}, standIn, {}))
  t.match(await unnamed, { token: 'stand-in-token-of-undefined' })
})

t.test('what nobody reads is not kept', async t => {
  const facts = await read(
    apiOf({ 'reservations/QKZTWVLM-1': { ...reservation, comment: 'quiet side', paymentAccount: 1 } })
  )
  t.notMatch(JSON.stringify(facts), /comment|paymentAccount|address|unitGroup/)
})

t.test('a reservation is gone by a 404 or 410, and by no other answer', async t => {
  const answered = (status: number, body?: unknown) => {
    const play: StandIn = (request, ...rest) =>
      request.path === '/connect/token' ? standIn(request, ...rest) : { status, body }
    return read(apiOf({}, play))
  }
  t.strictSame(await answered(404), [{ gone: true }])
  t.strictSame(await answered(410), [{ gone: true }])
  await t.rejects(
    answered(403),
    { code: 'RELAY_PLATFORM_REFUSED', retryable: true },
    'this alone has to wait'
  )
  await t.rejects(answered(401), { code: 'RELAY_PLATFORM_UNAUTHORIZED' })
  await t.rejects(answered(400), { code: 'RELAY_PLATFORM_REFUSED' })
  await t.rejects(answered(200, 'text'), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
  for (const body of [{}, { message: 'try later' }, { ...reservation, id: 'B-9' }])
    await t.rejects(answered(200, body), { code: 'RELAY_PLATFORM_UNAVAILABLE' }, 'another one, or none')
  await t.rejects(answered(200, { ...reservation, status: null }), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
  await t.rejects(answered(429), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
})

t.test(
  'a reservation that is on, or a unit, is asked for several times where apaleo does not know it',
  async t => {
    const unknown = notAskedOften(apiOf({}))
    const reading = async (type: string, payload: unknown = changed) =>
      apaleo.hydration?.read([{ type, payload }], unknown)
    for (const type of ['created', 'amended', 'unit-assigned', 'checked-out']) {
      await t.rejects(
        reading(`reservation/${type}`),
        { code: 'RELAY_PLATFORM_REFUSED', retryable: true },
        type
      )
    }
    for (const type of ['unit/created', 'unit/changed']) {
      await t.rejects(reading(type), { code: 'RELAY_PLATFORM_REFUSED', retryable: true }, type)
      t.strictSame(await read(apiOf({}), type), [{ gone: true }], 'asked often enough')
    }
    for (const type of ['reservation/canceled', 'reservation/set-to-no-show']) {
      t.strictSame(await reading(type), [{ gone: true }], type)
    }
  }
)

t.test('an answer that is older than its event counts: many an event moves no clock', async t => {
  const modified = new Date(changed.timestamp - 86_400_000).toISOString()
  const api = notAskedOften(apiOf({ 'reservations/QKZTWVLM-1': { ...reservation, modified } }))
  t.match(await read(api, 'reservation/amended'), [{ reservation: { status: 'Confirmed' } }])
})

t.test('the end of a reservation is not taken back by an answer that may be behind', async t => {
  const { timestamp } = changed
  const answering = (changes: object) =>
    notAskedOften(apiOf({ 'reservations/QKZTWVLM-1': { ...reservation, ...changes } }))
  const readAs = (type: string, changes: object = {}, payload: object = changed) =>
    read(answering(changes), `reservation/${type}`, payload)
  const behind = { code: 'RELAY_PLATFORM_REFUSED', retryable: true }
  for (const type of ['canceled', 'set-to-no-show', 'checked-out']) {
    await t.rejects(readAs(type), behind, type)
    await t.rejects(
      readAs(type, { status: 'InHouse', modified: null }),
      behind,
      `${type}, read without a clock`
    )
    await t.rejects(
      readAs(type, {}, { ...changed, timestamp: undefined }),
      behind,
      `${type}, told without one`
    )
    const later = { modified: new Date(timestamp + 1).toISOString() }
    t.match(await readAs(type, later), [{ reservation: { status: 'Confirmed' } }], `${type}, taken up again`)
    for (const status of ['Canceled', 'NoShow', 'CheckedOut', 'Tentative'])
      t.match(await readAs(type, { status }), [{ reservation: { status } }], `${type}, ${status}`)
  }
  const world = apiOf({ 'reservations/QKZTWVLM-1': reservation })
  t.match(
    await read(world, 'reservation/canceled'),
    [{ reservation: { status: 'Confirmed' } }],
    'asked often enough'
  )
})

t.test('an event that names nothing asks nothing', async t => {
  const api = apiOf({})
  t.strictSame(await read(api, 'reservation/changed', { data: {} }), [null])
  t.strictSame(api.requests, [])
})

const house = {
  id: 'HBR',
  name: { en: 'Harbour House' },
  timeZone: 'Europe/Stockholm',
  location: {
    addressLine1: 'Kajplats 4',
    addressLine2: '',
    postalCode: '111 30',
    city: 'Stockholm',
    countryCode: 'SE'
  }
}
const listed = { ...unit, property: { id: 'HBR' } }

t.test('a unit has zone and address of its property, and no hours', async t => {
  const place = { name: '204', timeZone: 'Europe/Stockholm', address: 'Kajplats 4, 111 30 Stockholm, SE' }
  const world = { 'units/HBR-QUX': listed, 'properties/HBR': house }
  t.strictSame(await readPlace('HBR-QUX', apiOf(world)), place)
  t.strictSame(await read(apiOf(world), 'unit/changed', { data: { entityId: 'HBR-QUX' } }), [{ place }])
})

t.test('a unit that is gone, and one whose property is', async t => {
  t.equal(await readPlace('HBR-QUX', apiOf({ 'properties/HBR': house })), undefined)
  t.strictSame(await readPlace('HBR-QUX', apiOf({ 'units/HBR-QUX': listed })), { name: '204' })
  t.strictSame(await readPlace('HBR-QUX', apiOf({ 'units/HBR-QUX': unit })), { name: '204' })
  const bare = { 'units/HBR-QUX': listed, 'properties/HBR': { id: 'HBR', timeZone: '+01:00' } }
  t.match(await readPlace('HBR-QUX', apiOf(bare)), { timeZone: undefined, address: undefined })
})

t.test('a unit whose property may not be read, or does not answer, has its own name', async t => {
  const apiAnswering = (status: number) =>
    apiOf({ 'units/HBR-QUX': listed }, (request, ...rest) =>
      request.path.includes('/properties/') ? { status } : standIn(request, ...rest)
    )
  for (const status of [400, 401])
    t.strictSame(await readPlace('HBR-QUX', notAskedOften(apiAnswering(status))), { name: '204' })
  for (const [status, code] of [
    [403, 'RELAY_PLATFORM_REFUSED'],
    [500, 'RELAY_PLATFORM_UNAVAILABLE']
  ] as const) {
    await t.rejects(readPlace('HBR-QUX', notAskedOften(apiAnswering(status))), { code })
    t.strictSame(await readPlace('HBR-QUX', apiAnswering(status)), { name: '204' }, 'asked often enough')
  }
})

t.test('the stand-in demands what apaleo demands', async t => {
  const world = new Map<string, unknown>([
    ['reservations/A-1', { id: 'A-1', booker: {}, assignedUnits: [] }],
    ['units/U', null]
  ])
  const authorization = 'Bearer stand-in-token-of-HRBR-SP'
  const ask = (path: string, more: object = {}) =>
    standIn(
      { method: 'GET', path, query: {}, headers: { authorization }, body: undefined, ...more },
      world,
      settings
    )
  t.equal(ask('/connect/token').status, 405)
  t.equal(ask('/connect/token', { method: 'POST' }).status, 400, 'no Basic credentials')
  t.equal(ask('/booking/v1/reservations/A-1', { headers: {} }).status, 401)
  t.equal(ask('/booking/v1/reservations/A-1', { method: 'POST' }).status, 405)
  t.strictSame(ask('/booking/v1/reservations/A-1').body, { id: 'A-1' })
  t.strictSame(ask('/booking/v1/reservations/A-1', { query: { expand: ['booker'] } }).body, {
    id: 'A-1',
    booker: {}
  })
  for (const path of [
    '/inventory/v1/units/U',
    '/inventory/v1/reservations/A-1',
    '/booking/v1/units/U',
    '/'
  ]) {
    t.equal(ask(path).status, 404, path)
  }
})
