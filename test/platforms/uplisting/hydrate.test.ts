import t from 'tap'
import { hydration, readPlace } from '../../../src/platforms/uplisting/hydrate.ts'
import { standIn } from '../../../src/platforms/uplisting/stand-in.ts'
import { notAskedOften, testApi } from '../api.ts'
import { booking, connection, receivedAt, translated } from './bodies.ts'

const settings = connection.api ?? {}
const apiOf = (world: Record<string, unknown>) => testApi(standIn, settings, new Map(Object.entries(world)))
const event = 'property_updated'

t.test('only events of properties are read again: of bookings nothing is missing', async t => {
  const wants = (type: string, payload: unknown = { id: 1 }) => hydration.wants({ type, payload }, connection)
  t.equal(wants('property_created'), 'may')
  t.equal(wants('property_updated'), 'may')
  t.equal(wants('property_updated', {}), 'no')
  t.equal(wants('property_removed'), 'no')
  t.equal(wants('booking_updated', booking), 'no')
})

t.test('the key is sent alone, without a colon', async t => {
  const api = apiOf({ 'properties/52001': { name: 'Canal House', wifi_password: 'secret' } })
  const facts = await hydration.read(
    [
      { type: event, payload: { id: 52001 } },
      { type: event, payload: {} }
    ],
    api
  )
  t.strictSame(facts, [{ property: { name: 'Canal House' } }, null])
  t.match(api.requests, [
    {
      method: 'GET',
      path: '/properties/52001',
      headers: { authorization: `Basic ${Buffer.from(`${settings.api_key}`).toString('base64')}` }
    }
  ])
})

t.test('a thin event of a property tells what was read, without a reading what it carries', async t => {
  const attributes = {
    name: 'Canal House',
    time_zone: 'Europe/London',
    check_in_time: '15:00',
    street: '1 Canal Walk',
    zip_code: 'N1',
    city: 'London',
    latitude: 51.5,
    longitude: -0.1
  }
  const upsert = { change: 'upsert', kind: 'place', id: '52001', whole: false, version: receivedAt }
  t.strictSame(await translated({ id: 52001 }, { event, world: { 'properties/52001': attributes } }), [
    {
      ...upsert,
      fields: {
        name: 'Canal House',
        timeZone: 'Europe/London',
        checkInTime: '15:00',
        checkOutTime: undefined,
        address: '1 Canal Walk, N1 London',
        latitude: 51.5,
        longitude: -0.1
      }
    }
  ])
  const unread = { event, connection: { ...connection, api: undefined } }
  t.match(await translated({ id: 52001, name: 'Canal House' }, unread), [
    { ...upsert, fields: { name: 'Canal House' } }
  ])
})

t.test('an answer about another property is no answer', async t => {
  const api = testApi(() => ({ status: 200, body: { data: { id: '52002', attributes: { name: 'Mill' } } } }))
  await t.rejects(readPlace('52001', api), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
})

t.test('a property that is not found is asked for again, and takes no stay with it', async t => {
  const reading = hydration.read([{ type: event, payload: { id: 52001 } }], notAskedOften(apiOf({})))
  await t.rejects(reading, { code: 'RELAY_PLATFORM_REFUSED', retryable: true })
  t.match(await translated({ id: 52001, name: 'Canal House' }, { event }), {
    ignored: /not found/,
    drift: undefined
  })
})

t.test('a place is read as a property; a multi-unit is none and not gone', async t => {
  const world = { 'properties/52001': { nickname: 'Canal', address: '1 Canal Walk' } }
  t.match(await readPlace('52001', apiOf(world)), { name: 'Canal', address: '1 Canal Walk' })
  t.strictSame(await readPlace('8801', apiOf(world)), {})
})

t.test('the stand-in demands the key and only answers readings', async t => {
  const entities = new Map<string, unknown>([['properties/52001', { name: 'Canal House' }]])
  const ask = (authorization: string, method = 'GET', path = '/properties/52001') =>
    standIn({ method, path, query: {}, headers: { authorization }, body: undefined }, entities, settings)
      .status
  const right = `Basic ${Buffer.from(`${settings.api_key}`).toString('base64')}`
  t.equal(ask(right), 200)
  t.equal(ask(`Basic ${Buffer.from(`${settings.api_key}:`).toString('base64')}`), 401)
  t.equal(ask(right, 'POST'), 404)
  t.equal(ask(right, 'GET', '/bookings/52001'), 404)
})
