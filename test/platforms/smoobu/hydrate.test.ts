import t from 'tap'
import { hydration, readPlace } from '../../../src/platforms/smoobu/hydrate.ts'
import { standIn } from '../../../src/platforms/smoobu/stand-in.ts'
import { openRelay } from '../../open-relay.ts'
import { notAskedOften, testApi } from '../api.ts'
import {
  bookingOf,
  changedAt,
  HOURS_14,
  reading,
  receivedAt,
  reservation,
  translated,
  webhook
} from './bodies.ts'

const settings = reading.api ?? {}

/** As the API spells it. */
const { modifiedAt: _, ...known } = { ...reservation, 'modified-at': reservation.modifiedAt }
const given = (changed: object) => ({
  connection: reading,
  world: { 'reservations/102400001': { ...known, ...changed } }
})

function apiOf(entities: Record<string, unknown>) {
  return testApi(standIn, settings, new Map(Object.entries(entities)))
}

t.test('every reservation is read again where it can be, before anything is destroyed', async t => {
  const wants = (type: string, payload: unknown) => hydration.wants({ type, payload }, reading)
  for (const action of ['newReservation', 'updateReservation', 'cancelReservation', 'deleteReservation']) {
    t.equal(wants(action, webhook({}, action)), 'may')
  }
  t.equal(wants('updateReservation', { data: {} }), 'no')
  t.equal(wants('updateRates', webhook()), 'no')
})

t.test('the key and a user agent of our own are sent', async t => {
  const api = apiOf(given({}).world)
  const events = [
    { type: 'updateReservation', payload: webhook() },
    { type: 'updateReservation', payload: {} }
  ]
  t.match(await hydration.read(events, api), [{ reservation: { type: 'reservation' } }, null])
  t.match(api.requests, [
    {
      method: 'GET',
      path: '/api/reservations/102400001',
      headers: { 'api-key': settings.api_key, 'user-agent': /relay/ }
    }
  ])
})

t.test('what is read is believed before a webhook that nobody signed', async t => {
  t.match(await bookingOf({ arrival: '2026-01-09' }, given({})), {
    stays: [{ start: { date: '2026-01-10' } }]
  })
  for (const action of ['cancelReservation', 'deleteReservation']) {
    t.equal((await bookingOf({ type: 'cancellation' }, { ...given({}), action })).stays.length, 1, action)
  }
  const off = given({ type: 'cancellation', 'modified-at': '2025-12-20 08:02' })
  t.match(await bookingOf({}, off), { cancelled: true, version: Date.parse('2025-12-20T08:02Z') })
})

t.test('a reading that is older than the webhook has not caught up, and is left aside', async t => {
  const late = given({ 'modified-at': '2025-12-03 13:51', arrival: '2026-01-08' })
  t.match(await bookingOf({}, late), { version: changedAt, stays: [{ start: { date: '2026-01-10' } }] })
  t.match(await bookingOf({}, { ...late, action: 'cancelReservation' }), {
    cancelled: true,
    version: changedAt
  })
})

t.test('a reading without a clock is as new as the webhook', async t => {
  const timeless = given({ 'modified-at': undefined, 'created-at': undefined, arrival: '2026-01-08' })
  t.match(await bookingOf({}, timeless), { version: changedAt, stays: [{ start: { date: '2026-01-08' } }] })
  const off = given({ 'modified-at': undefined, 'created-at': undefined, type: 'cancellation' })
  t.match(await bookingOf({}, off), { version: changedAt, cancelled: true })
})

t.test('what a reading leaves out is as the webhook has it, and as of the older of them', async t => {
  const booked = await bookingOf()
  const thin = { id: 102400001, type: 'reservation', 'modified-at': '2025-12-05 10:00' }
  const answering = (reservation: object) => ({
    connection: reading,
    world: { 'reservations/102400001': reservation }
  })
  t.strictSame(await bookingOf({}, answering(thin)), booked)
  const camel = { guestName: 'Jo Weber', email: null, phone: '+43 664 1234567' }
  t.match(await bookingOf({}, answering({ ...thin, 'modified-at': undefined, ...camel })), {
    version: changedAt,
    stays: [{ places: ['3320001'], guest: { name: 'Jo Weber', email: null, phone: '+43 664 1234567' } }]
  })
  const timeless = { modifiedAt: undefined, 'created-at': undefined }
  t.match(await bookingOf(timeless, answering(thin)), { version: Date.parse('2025-12-05T10:00Z') })
  t.match(await bookingOf(timeless, answering({ ...thin, 'modified-at': '' })), { version: receivedAt })
  const off = { ...thin, type: 'cancellation' }
  t.match(await bookingOf({}, answering(off)), { cancelled: true, version: Date.parse('2025-12-05T10:00Z') })
})

t.test('an answer whose type is null takes no cancellation back', async t => {
  const off = { type: 'cancellation', modifiedAt: '2025-12-03 13:51' }
  t.match(await bookingOf(off, given({ type: null, 'modified-at': off.modifiedAt })), {
    stays: [],
    cancelled: true
  })
})

t.test('when a reservation was made says nothing of how old a reading is', async t => {
  const unchanged = given({ 'modified-at': undefined, type: 'cancellation' })
  t.match(await bookingOf({}, unchanged), { cancelled: true, version: changedAt })
  const late = given({ 'modified-at': '2025-12-03 13:50', arrival: '2026-01-08' })
  t.match(await bookingOf({ modifiedAt: undefined }, late), { stays: [{ start: { date: '2026-01-08' } }] })
})

t.test('an answer that is not the reservation is none', async t => {
  const event = { type: 'updateReservation', payload: webhook() }
  for (const answer of [{}, { reservations: [] }, { ...known, id: 7 }, { status: 400, title: 'Bad' }]) {
    const asking = hydration.read([event], apiOf({ 'reservations/102400001': answer }))
    await t.rejects(asking, { code: 'RELAY_PLATFORM_UNAVAILABLE', retryable: true })
  }
  const api = apiOf(given({ id: '102400001' }).world)
  t.match(await hydration.read([event], api), [{ reservation: { type: 'reservation' } }], 'or a text as id')
})

t.test('a reservation that is on is asked for several times where Smoobu does not know it', async t => {
  const unknown = notAskedOften(apiOf({}))
  const reading = (type: string, changed = {}) =>
    hydration.read([{ type, payload: webhook(changed) }], unknown)
  for (const type of ['newReservation', 'updateReservation']) {
    await t.rejects(reading(type), { code: 'RELAY_PLATFORM_REFUSED', retryable: true })
    t.strictSame(await reading(type, { type: 'cancellation' }), [{ gone: true }])
  }
  for (const type of ['cancelReservation', 'deleteReservation']) {
    t.strictSame(await reading(type), [{ gone: true }], type)
  }
})

t.test('what is over by its webhook is asked for again before a reading is believed', async t => {
  const reading = (changed: object, type: string, told: object = {}) =>
    hydration.read([{ type, payload: webhook(told) }], notAskedOften(apiOf(given(changed).world)))
  for (const type of ['cancelReservation', 'deleteReservation']) {
    await t.rejects(reading({}, type), { code: 'RELAY_PLATFORM_REFUSED', retryable: true }, type)
  }
  const off = { type: 'cancellation' }
  await t.rejects(reading({}, 'updateReservation', off), { code: 'RELAY_PLATFORM_REFUSED' })
  t.match(await reading(off, 'cancelReservation'), [{ reservation: off }])
  t.match(await reading({ type: undefined }, 'updateReservation', off), [{ reservation: {} }])
  const behind = { 'modified-at': '2025-12-03 13:51' }
  t.match(await reading(behind, 'deleteReservation'), [{ reservation: behind }], 'it is left aside anyway')
})

t.test('what differs within the minute of a change is asked for again', async t => {
  const told = (changes: object, patience = notAskedOften) => {
    const api = patience(apiOf(given({}).world))
    return hydration.read([{ type: 'updateReservation', payload: webhook(changes) }], api)
  }
  for (const change of [
    { departure: '2026-01-14' },
    { arrival: '2026-01-09' },
    { apartment: { id: 3320002, name: 'Altstadt 3' } }
  ]) {
    await t.rejects(told(change), { code: 'RELAY_PLATFORM_REFUSED', retryable: true }, JSON.stringify(change))
    t.match(await told(change, api => api), [{ reservation: { type: 'reservation' } }], 'asked often enough')
  }
  const before = { departure: '2026-01-14', modifiedAt: '2025-12-03 13:51' }
  t.match(await told(before), [{ reservation: { departure: '2026-01-13' } }], 'changed since the webhook')
})

t.test('a reservation that is not found any more is over, until it is found again', async t => {
  const gone = {
    change: 'stays',
    bookingId: '102400001',
    version: changedAt,
    stays: [],
    emptyBecause: 'not found'
  }
  const nowhere = { connection: reading, world: {} }
  t.strictSame(await translated(webhook(), nowhere), [gone])
  t.match(await bookingOf({}, given({})), { version: changedAt, stays: [{}] }, 'the later delivery counts')
  const made = Date.parse('2025-12-03T13:51Z') - 1
  t.strictSame(
    await translated(webhook({ modifiedAt: undefined }), nowhere),
    [{ ...gone, version: made }],
    'when it changed is not told, and nothing that was is ended'
  )
})

t.test(
  'a stay that an update did not find is back with the next webhook, and a deleted one is not',
  async t => {
    const connections = `connections:
  - id: altstadt
    platform: smoobu
    customer_key: altstadt
    secrets: { token: a-long-random-token-0001 }
    api: { endpoint: sandbox, api_key: key }
    time_zone: Europe/Vienna
`
    const relay = await openRelay(t, { connections })
    const staysAfter = async (action: string, isFound: boolean, changed: object = {}) => {
      relay.clock.now += 60_000
      const world = isFound ? given({}).world : { 'reservations/102400001': null }
      await relay.deliver('altstadt', {
        event: action,
        body: JSON.stringify(webhook(changed, action)),
        world
      })
      await relay.settle()
      return (await relay.held('altstadt')).reservations?.length ?? 0
    }
    t.equal(await staysAfter('newReservation', true), 1)
    t.equal(await staysAfter('updateReservation', false), 0)
    t.equal(await staysAfter('updateReservation', true, { modifiedAt: '2025-12-03 13:51' }), 1, 'found again')
    t.equal(await staysAfter('deleteReservation', false), 0)
    t.equal(await staysAfter('updateReservation', true), 0, 'an answer that is behind')
  }
)

t.test('what its webhook ends and is not found does not come back', async t => {
  const nowhere = { connection: reading, world: {} }
  const over = { emptyBecause: 'gone', cancelled: true, version: receivedAt + HOURS_14 }
  for (const action of ['cancelReservation', 'deleteReservation']) {
    t.match(await bookingOf({}, { ...nowhere, action }), over, action)
  }
  t.match(await bookingOf({ type: 'cancellation' }, nowhere), over)
})

t.test('a new reservation that is not found gives way to all that is told of it otherwise', async t => {
  const given = { connection: reading, world: {}, action: 'newReservation' }
  const versionOf = async (changed: object) => {
    const { version, ...told } = await bookingOf(changed, given)
    t.strictSame(told, { change: 'stays', bookingId: '102400001', stays: [], emptyBecause: 'not found' })
    return version
  }
  const madeAt = Date.parse('2025-12-03T13:51Z')
  t.equal(await versionOf({}), madeAt - 1)
  t.equal(await versionOf({ 'created-at': '2025-12-03 13:51:42' }), madeAt - 1, 'a reading tells the minute')
  t.equal(await versionOf({ 'created-at': undefined }), changedAt - 1)
  t.equal(await versionOf({ modifiedAt: undefined, 'created-at': undefined }), receivedAt - HOURS_14)
})

t.test('nothing is kept of prices and notes', async t => {
  const api = apiOf(given({ notice: 'secret wish', price: 320 }).world)
  const facts = await hydration.read([{ type: 'updateReservation', payload: webhook() }], api)
  t.notMatch(JSON.stringify(facts), /secret wish|320,/)
})

t.test('an apartment tells its zone, address and position', async t => {
  const apartment = {
    name: 'Altstadt 2',
    timeZone: 'Europe/Vienna',
    location: {
      street: 'Marktgasse 2',
      zip: '1010',
      city: 'Wien',
      country: 'Austria',
      latitude: '48.2',
      longitude: '16.3'
    }
  }
  t.strictSame(await readPlace('3320001', apiOf({ 'apartments/3320001': apartment })), {
    name: 'Altstadt 2',
    timeZone: 'Europe/Vienna',
    address: 'Marktgasse 2, 1010 Wien, Austria',
    latitude: 48.2,
    longitude: 16.3
  })
  t.strictSame(await readPlace('3320001', apiOf({ 'apartments/3320001': { timeZone: 'Mars/Olympus' } })), {
    name: undefined,
    timeZone: undefined,
    address: undefined
  })
  t.equal(await readPlace('3320001', apiOf({})), undefined)
})

t.test('the stand-in demands the key and a user agent, and only answers readings', async t => {
  const entities = new Map<string, unknown>(Object.entries(given({}).world))
  const ask = (headers: Record<string, string>, method = 'GET', path = '/api/reservations/102400001') =>
    standIn({ method, path, query: {}, headers, body: undefined }, entities, settings).status
  const key = { 'api-key': `${settings.api_key}` }
  const headers = { ...key, 'user-agent': 'test' }
  t.strictSame([ask({}), ask(key), ask(headers)], [401, 403, 200])
  t.strictSame([ask(headers, 'PUT'), ask(headers, 'GET', '/api/me')], [404, 404])
})
