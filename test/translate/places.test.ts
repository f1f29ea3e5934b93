import { Type } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import { RelayError } from '../../src/errors.ts'
import { type PlaceFields, remove, stays } from '../../src/model/change.ts'
import { unauthorized, wanted } from '../../src/platforms/api.ts'
import { on, type Platform } from '../../src/platforms/platform.ts'
import { away } from '../../src/store/unavailable.ts'
import { emptyStore } from '../store/empty-store.ts'
import { acme, HOURS, openAcme } from './acme.ts'
import { type ApiAnswer, fakeApi } from './fake-api.ts'

const DAY_MS = 24 * 3_600_000
const LEASE_MS = 25_000
const berlin: PlaceFields = {
  name: 'House by the lake',
  timeZone: 'Europe/Berlin',
  checkInTime: '16:00',
  checkOutTime: '10:00'
}

const days = { start: { date: '2027-03-12' }, end: { date: '2027-03-15' } }

/** Acme with places that can be asked for. */
const placed: Platform = {
  ...acme,
  async readPlace(id, api, connection) {
    const { status, body } = await api.request({
      method: 'GET',
      origin: 'http://127.0.0.1:9',
      path: `/places/${id}`,
      headers: { 'acme-customer': connection.customerKey }
    })
    if (status === 404) return undefined
    if (status === 418) throw new TypeError('a mistake in the adapter')
    if (status === 401) throw new RelayError('RELAY_PLATFORM_UNAUTHORIZED', 'refused', { retryable: true })
    return body as PlaceFields
  },
  events: {
    ...acme.events,
    elsewhere: on(Type.Object({ id: Type.String() }), ({ id }, { delivery }) => [
      stays(id, delivery.receivedAt, [{ id, places: ['p2'], guest: null, ...days }])
    ]),
    again: on(Type.Object({ id: Type.String() }), ({ id }, { delivery }) => [
      stays(id, delivery.receivedAt, [{ id, places: ['p1'], ...days }])
    ]),
    closed: on(Type.Object({}), (_closed, { delivery }) => [remove('place', 'p1', delivery.receivedAt)])
  }
}

async function open(t: Test, answer: () => ApiAnswer | undefined, lines = '', platform = placed) {
  const api = await fakeApi(t)
  api.respond = answer
  const relay = await openAcme(t, {
    connections: { a: `api: { endpoint: "${api.endpoint}" }${lines}` },
    acme: platform
  })
  const stay = async () => (await relay.held('a')).reservations?.[0]
  const events = () => relay.logged.map(line => JSON.parse(line).event)
  /** Reads what is due by now. */
  async function read(): Promise<void> {
    await relay.translate()
    while ((await relay.relay.steps.readPlaceOnce()) === 'busy');
  }
  return { api, relay, stay, events, read }
}

t.test('a stay told by dates alone is held until its place has told zone and hours', async t => {
  const { api, relay, stay } = await open(t, () => ({ status: 200, body: berlin }))
  await relay.tell('a', { type: 'booked', id: 'b1' })
  await relay.translate()
  const held = relay.store.db.selectFrom('resources').select('held').where('kind', '=', 'reservation')
  t.match(await held.execute(), [{ held: /time zone/ }])
  await relay.settle()
  t.match(await stay(), { starts_at: '2027-03-12T15:00:00Z', ends_at: '2027-03-15T09:00:00Z' })
  t.match((await relay.held('a')).spaces, [
    { name: 'House by the lake', customer_data: { time_zone: 'Europe/Berlin' } }
  ])
  t.match(api.calls, [{ path: '/places/p1', headers: { 'acme-customer': 'a' } }])
  t.equal(api.calls.length, 1)
})

t.test('a place is asked for once however many bookings name it, and again a day later', async t => {
  let zone = 'Europe/Berlin'
  const { api, relay, stay } = await open(t, () => ({ status: 200, body: { ...berlin, timeZone: zone } }))
  for (const id of ['b1', 'b2', 'b3']) await relay.tell('a', { type: 'booked', id })
  await relay.settle()
  await relay.tell('a', { type: 'booked', id: 'b4' })
  await relay.settle()
  t.equal(api.calls.length, 1)

  zone = 'Europe/Lisbon'
  relay.clock.now += DAY_MS / 2
  await relay.settle()
  t.equal(api.calls.length, 1)
  relay.clock.now += DAY_MS
  await relay.settle()
  t.equal(api.calls.length, 2)
  t.match(await stay(), { starts_at: '2027-03-12T16:00:00Z' })
})

t.test('what the operator says beats what is read', async t => {
  const { relay, stay } = await open(
    t,
    () => ({ status: 200, body: berlin }),
    ', places: { p1: { check_in_time: "18:00" } }'
  )
  await relay.tell('a', { type: 'booked', id: 'b1' })
  await relay.settle()
  t.match(await stay(), { starts_at: '2027-03-12T17:00:00Z' })
})

t.test('a platform that does not answer is asked again after a minute, then ever more slowly', async t => {
  let up = false
  const { api, relay, stay, events, read } = await open(t, () =>
    up ? { status: 200, body: berlin } : { status: 503 }
  )
  await relay.tell('a', { type: 'booked', id: 'b1' })
  await read()
  t.equal(api.calls.length, 1)
  t.ok(events().includes('place.not_read'))
  relay.clock.now += 59_999
  await read()
  t.equal(api.calls.length, 1)
  relay.clock.now += 1
  await read()
  t.equal(api.calls.length, 2)
  up = true
  relay.clock.now += 120_000
  await read()
  await relay.settle()
  t.match(await stay(), { starts_at: '2027-03-12T15:00:00Z' })
})

t.test('while the connection rests, no place of it is asked for', async t => {
  const { api, relay, read } = await open(t, () => ({ status: 503 }))
  const asked = () => api.calls.filter(call => call.path.startsWith('/places')).length
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  await relay.translate()
  await relay.tell('a', { type: 'booked', id: 'b2' })
  await read()
  t.equal(asked(), 0)
  relay.clock.now += 1_000
  await relay.relay.steps.readPlaceOnce()
  t.equal(asked(), 1, 'the first to ask finds out')
})

t.test('a place that is refused holds up no booking, and the other places wait with it', async t => {
  let mayReadPlaces = false
  const { api, relay, read } = await open(t, () => undefined)
  api.respond = ({ path }) => {
    if (path.startsWith('/bookings')) return { status: 200, body: { guest: 'Ada Lovelace' } }
    return mayReadPlaces ? { status: 200, body: berlin } : { status: 401 }
  }
  const asked = () => api.calls.splice(0).map(({ path }) => path.replace(/\?.*/, ''))
  await relay.tell('a', { type: 'booked', id: 'b1' })
  await read()
  t.same(asked(), ['/places/p1'])
  await relay.tell('a', { type: 'pointed', id: 'b2' })
  await relay.tell('a', { type: 'elsewhere', id: 'b3' })
  await read()
  t.same(asked(), ['/bookings/b2'])
  mayReadPlaces = true
  relay.clock.now += 2 * 60_000
  await read()
  t.same(asked().toSorted(), ['/places/p1', '/places/p2'])
})

t.test('a place that is gone at the platform takes nothing away', async t => {
  const { relay, stay, events } = await open(t, () => ({ status: 404 }), `, ${HOURS}`)
  await relay.tell('a', { type: 'booked', id: 'b1' })
  await relay.settle()
  t.match(await stay(), { starts_at: '2027-03-12T14:00:00Z' })
  t.ok(events().includes('place.not_found'))
})

t.test(
  'a place that is too new for the API is asked for again soon, and its stay is pushed then',
  async t => {
    let answer: ApiAnswer = { status: 404 }
    const { relay, stay, read, api } = await open(t, () => answer)
    await relay.tell('a', { type: 'booked', id: 'b1' })
    await read()
    t.notOk(await stay())
    for (const nothing of [{ status: 404 }, { status: 200, body: {} }]) {
      answer = nothing
      relay.clock.now += 3_600_000
      await read()
    }
    t.equal(api.calls.length, 3)
    answer = { status: 200, body: berlin }
    relay.clock.now += 3_600_000
    await relay.settle()
    t.match(await stay(), { starts_at: '2027-03-12T15:00:00Z' })
    relay.clock.now += 3_600_000
    await read()
    t.equal(api.calls.length, 4, 'from then on once a day')
  }
)

t.test(
  'a place that was removed stays so, whatever the API still answers of it, until somebody stays there',
  async t => {
    let body: PlaceFields = {}
    const { api, relay, stay, events } = await open(t, () => ({ status: 200, body }), `, ${HOURS}`)
    await relay.tell('a', { type: 'booked', id: 'b1' })
    await relay.settle()
    t.ok(await stay())
    await relay.tell('a', { type: 'closed' })
    await relay.settle()
    t.notOk(await stay())
    const first = api.calls.length
    relay.clock.now += 2 * DAY_MS
    await relay.settle()
    const second = api.calls.length
    t.ok(second > first)
    t.notOk(await stay())
    t.notOk(events().includes('place.not_found'), 'nothing was said of it, not that it is unknown')
    body = berlin
    relay.clock.now += 2 * DAY_MS
    await relay.settle()
    t.ok(api.calls.length > second)
    t.notOk(await stay())
    await relay.tell('a', { type: 'again', id: 'b1' })
    await relay.settle()
    t.match(await stay(), { starts_at: '2027-03-12T15:00:00Z' }, 'and what was read meanwhile is known')
  }
)

/** Acme with places whose zone is told elsewhere. */
const zonedApart: Platform = {
  ...placed,
  async readPlace(id, api) {
    const get = (path: string) => api.request({ method: 'GET', origin: 'http://127.0.0.1:9', path })
    const { body } = await get(`/places/${id}`)
    const zone = await wanted(api, async () => {
      const answer = await get('/zone')
      if (answer.status === 401) throw unauthorized('refused')
      return answer.body as PlaceFields
    })
    return { ...(body as PlaceFields), ...zone }
  }
}

t.test('what is told of a place counts, whatever trouble there is with the rest of it', async t => {
  const { timeZone, ...hours } = berlin
  let zone: ApiAnswer = { status: 503 }
  const { api, relay, stay, events, read } = await open(
    t,
    () => undefined,
    ', time_zone: Europe/Lisbon',
    zonedApart
  )
  api.respond = ({ path }) => (path === '/zone' ? zone : { status: 200, body: hours })
  const readAndSend = async () => {
    await read()
    relay.clock.now += 1_000
    while ((await relay.relay.steps.syncOnce()) === 'busy');
  }
  const asked = () => api.calls.filter(({ path }) => path === '/zone').length
  await relay.tell('a', { type: 'booked', id: 'b1' })
  await readAndSend()
  t.match(await stay(), { starts_at: '2027-03-12T16:00:00Z' }, 'its hours, and the zone of the connection')
  t.ok(events().includes('place.read_in_part'))
  const troubles = relay.store.db.selectFrom('place_readings').select('last_error')
  t.match(await troubles.execute(), [{ last_error: /^RELAY_PLATFORM_UNAVAILABLE: / }])
  t.equal(asked(), 1)

  zone = { status: 200, body: { timeZone } }
  relay.clock.now += 60_000
  await readAndSend()
  t.match(await stay(), { starts_at: '2027-03-12T15:00:00Z' }, 'the zone of the place, a minute later')
  t.match(await troubles.execute(), [{ last_error: null }])

  zone = { status: 401 }
  relay.clock.now += 2 * DAY_MS
  await read()
  t.equal(asked(), 3)
  relay.clock.now += DAY_MS / 2
  await read()
  t.equal(asked(), 3, 'what is refused is asked for once a day')
  t.match(await stay(), { starts_at: '2027-03-12T15:00:00Z' }, 'and stays as it was told')
})

t.test('a wait that the platform asks for with the rest of a place holds for the connection', async t => {
  const { api, relay, stay, read } = await open(t, () => undefined, `, ${HOURS}`, zonedApart)
  api.respond = ({ path }) =>
    path === '/zone'
      ? { status: 429, headers: { 'retry-after': '90' } }
      : { status: 200, body: { checkInTime: '16:00' } }
  await relay.tell('a', { type: 'booked', id: 'b1' })
  await read()
  relay.clock.now += 1_000
  while ((await relay.relay.steps.syncOnce()) === 'busy');
  t.match(await stay(), { starts_at: '2027-03-12T15:00:00Z' })
  const asked = api.calls.length
  await relay.tell('a', { type: 'elsewhere', id: 'b2' })
  relay.clock.now += 80_000
  await read()
  t.equal(api.calls.length, asked)
})

t.test('a mistake in an adapter is logged, and the place is tried later', async t => {
  const { relay, events, read } = await open(t, () => ({ status: 418 }))
  await relay.tell('a', { type: 'booked', id: 'b1' })
  await read()
  t.ok(events().includes('place.not_read'))
  const errors = relay.store.db.selectFrom('place_readings').select(['failures', 'last_error'])
  t.match(await errors.execute(), [
    { failures: 1, last_error: 'RELAY_INTERNAL: the reading of the place failed; the log has the error' }
  ])
})

t.test('a place that no stay names any more is not asked for', async t => {
  const api = await fakeApi(t)
  let gone = false
  api.respond = call =>
    call.path.startsWith('/places')
      ? { status: 200, body: berlin }
      : gone
        ? { status: 404 }
        : { status: 200, body: { guest: 'Ada Lovelace' } }
  const relay = await openAcme(t, {
    connections: { a: `api: { endpoint: "${api.endpoint}" }` },
    acme: placed
  })
  const asked = () => api.calls.filter(call => call.path.startsWith('/places')).length
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  await relay.settle()
  t.equal(asked(), 1)
  gone = true
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  await relay.settle()
  relay.clock.now += 2 * DAY_MS
  await relay.settle()
  t.equal(asked(), 1)
  t.same(await relay.store.db.selectFrom('place_readings').selectAll().execute(), [])
})

/** A relay whose store takes nothing in while there is an error to answer with. */
async function openDisturbed(t: Test) {
  const store = await emptyStore()
  const api = await fakeApi(t)
  const disturbance: { error: Error | undefined } = { error: undefined }
  const relay = await openAcme(t, {
    connections: { a: `api: { endpoint: "${api.endpoint}" }` },
    acme: placed,
    store: {
      ...store,
      commit: async writes => {
        if (disturbance.error !== undefined) throw disturbance.error
        return store.commit(writes)
      }
    }
  })
  return { relay, api, disturbance }
}

t.test('a store that refuses is asked again later', async t => {
  const { relay, disturbance } = await openDisturbed(t)
  await relay.tell('a', { type: 'booked', id: 'b1' })
  await relay.translate()
  disturbance.error = new RelayError('RELAY_STORE_UNAVAILABLE', undefined, { retryable: true })
  t.equal(await relay.relay.steps.readPlaceOnce(), 'idle')
  t.ok(relay.logged.some(line => line.includes('"places.failed"')))
  disturbance.error = undefined
  t.equal(await relay.relay.steps.readPlaceOnce(), 'busy')
})

t.test('a database that goes away while a platform answers is no failure of the place’s', async t => {
  const { relay, api, disturbance } = await openDisturbed(t)
  api.respond = () => {
    disturbance.error = away('it is being started again')
    return { status: 200, body: berlin }
  }
  await relay.tell('a', { type: 'booked', id: 'b1' })
  await relay.translate()
  t.equal(await relay.relay.steps.readPlaceOnce(), 'idle')
  t.notMatch(relay.logged.join(''), /"event":"(places\.failed|place\.not_read)"/)
  const failures = relay.store.db.selectFrom('place_readings').select(['failures', 'last_error'])
  t.strictSame(await failures.execute(), [{ failures: 0, last_error: null }])

  disturbance.error = undefined
  api.respond = () => ({ status: 200, body: berlin })
  relay.clock.now += LEASE_MS
  await relay.settle()
  t.equal(api.calls.length, 2)
  t.match((await relay.held('a')).reservations, [{ starts_at: '2027-03-12T15:00:00Z' }])
})

t.test('credentials that are given later release the stays that waited for them', async t => {
  const api = await fakeApi(t)
  api.respond = () => ({ status: 200, body: berlin })
  const before = await openAcme(t, { connections: { a: 'country: DE' }, acme: placed })
  await before.tell('a', { type: 'booked', id: 'b1' })
  await before.settle()
  t.same((await before.held('a')).reservations ?? [], [])
  const after = await openAcme(t, {
    connections: { a: `country: DE, api: { endpoint: "${api.endpoint}" }` },
    acme: placed,
    store: before.store,
    now: before.clock.now
  })
  await after.settle()
  t.match((await after.held('a')).reservations, [{ starts_at: '2027-03-12T15:00:00Z' }])
  t.equal(api.calls.length, 1)
})

t.test(
  'a connection that has lost its credentials asks of nothing, and its stays stay as they are',
  async t => {
    const api = await fakeApi(t)
    api.respond = () => ({ status: 200, body: berlin })
    const before = await openAcme(t, {
      connections: { a: `api: { endpoint: "${api.endpoint}" }` },
      acme: placed
    })
    await before.tell('a', { type: 'booked', id: 'b1' })
    await before.settle()
    const after = await openAcme(t, {
      connections: { a: 'country: DE' },
      acme: placed,
      store: before.store,
      now: before.clock.now + 2 * DAY_MS
    })
    t.equal(await after.relay.steps.readPlaceOnce(), 'busy')
    t.equal(await after.relay.steps.readPlaceOnce(), 'idle')
    t.equal(api.calls.length, 1)
    const stays = after.store.db.selectFrom('resources').select('held').where('kind', '=', 'reservation')
    t.same(await stays.execute(), [{ held: null }])
  }
)
