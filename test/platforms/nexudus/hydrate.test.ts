import t from 'tap'
import { readPlace } from '../../../src/platforms/nexudus/hydrate.ts'
import { nexudus } from '../../../src/platforms/nexudus/nexudus.ts'
import type { Platform } from '../../../src/platforms/platform.ts'
import type { StandIn } from '../../../src/platforms/samples.ts'
import { demoConnection, testApi } from '../contract.ts'
import { booking } from './records.ts'

const { hydration, standIn } = nexudus as Required<Platform>
const settings = { username: 'relay@example.com', password: 'nexudus-test-password' }
const connection = demoConnection(nexudus)

function event(differing: object = {}, type = 'BookingCreate') {
  return { type, payload: booking({ ...differing }) }
}

function apiWith(world: Record<string, unknown>, play: StandIn = standIn) {
  return testApi(play, settings, new Map(Object.entries(world)))
}

t.test('the member of a booking is read for the e-mail, with user name and password', async t => {
  const api = apiWith({
    'coworkers/77120045': {
      Id: 77120045,
      FullName: 'Zoë',
      Email: 'zoe@example.com',
      CompanyName: 'Lindqvist Audio'
    }
  })
  t.strictSame(await hydration.read([event()], api), [
    { coworker: { Id: 77120045, FullName: 'Zoë', Email: 'zoe@example.com', codes: {} } }
  ])
  t.match(api.requests, [
    {
      method: 'GET',
      path: '/api/spaces/coworkers/77120045',
      headers: { authorization: `Basic ${btoa('relay@example.com:nexudus-test-password')}` }
    }
  ])
})

t.test('of a member’s custom fields, only what can be a door code is kept', async t => {
  const fields = [
    { Name: 'Salto.Pin', Value: '481920' },
    { Name: 'Diet', Value: 'Vegan' },
    { Name: null, Value: '1234' },
    7
  ]
  const codesOf = async (coworker: object) => {
    const facts = await hydration.read(
      [event()],
      apiWith({ 'coworkers/77120045': { Id: 77120045, ...coworker } })
    )
    return (facts as [{ coworker: { codes: unknown } }])[0].coworker.codes
  }
  t.strictSame(await codesOf({ CustomFields: fields }), { 'Salto.Pin': '481920' })
  t.strictSame(await codesOf({ CustomFields: { Data: fields } }), { 'Salto.Pin': '481920' })
  t.strictSame(await codesOf({ 'Salto.Pin': 481920, 'Salto.Note': 'x', Balance: '1234' }), {
    'Salto.Pin': '481920'
  })
})

t.test('a member who is gone says nothing of the booking', async t => {
  t.strictSame(await hydration.read([event()], apiWith({})), [{ gone: true }])
})

t.test('nothing is read of what is off, waits, or is of nobody', async t => {
  t.equal(hydration.wants(event(), connection), 'may')
  t.equal(hydration.wants(event({}, 'BookingUpdate'), connection), 'may')
  t.equal(hydration.wants(event({}, 'BookingDelete'), connection), 'no')
  t.equal(hydration.wants(event({ CoworkerId: null }), connection), 'no')
  t.equal(hydration.wants(event({ IsCancelled: true }), connection), 'no')
  t.equal(hydration.wants(event({ Tentative: true }), connection), 'no')
  t.equal(hydration.wants(event({ Tentative: true }), { ...connection, tentative: 'push' }), 'may')
  t.equal(hydration.wants({ type: 'BookingCreate', payload: 7 }, connection), 'no')
})

t.test(
  'a resource is read for its name, position, and length where it has only one; else it has none',
  async t => {
    const resource = {
      Id: 190022,
      Name: 'Studio B',
      MinBookingLength: 90,
      MaxBookingLength: 90,
      IntervalLimit: 15,
      Latitude: 57.7072,
      Longitude: 11.9668
    }
    const placeOf = (differing: object) =>
      readPlace('190022', apiWith({ 'resources/190022': { ...resource, ...differing } }))
    t.strictSame(await placeOf({ Archived: false }), {
      name: 'Studio B',
      durationMinutes: 90,
      latitude: 57.7072,
      longitude: 11.9668
    })
    t.strictSame(await placeOf({ MaxBookingLength: 120, Longitude: null }), {
      name: 'Studio B',
      durationMinutes: null,
      latitude: null,
      longitude: null
    })
    t.match(await placeOf({ MinBookingLength: 0, MaxBookingLength: 0 }), { durationMinutes: null })
    t.match(await placeOf({ MinBookingLength: null, MaxBookingLength: null }), { durationMinutes: null })
  }
)

t.test('a resource that is archived, or not there, is gone; of a desk nothing is asked', async t => {
  t.equal(
    await readPlace('190022', apiWith({ 'resources/190022': { Id: 190022, Archived: true } })),
    undefined
  )
  t.equal(await readPlace('190022', apiWith({})), undefined)
  const api = apiWith({})
  t.strictSame(await readPlace('desk:6601', api), {})
  t.strictSame(api.requests, [])
})

t.test('the stand-in demands what Nexudus demands', async t => {
  const api = apiWith({ 'coworkers/7': { Id: 7 } })
  const authorization = `Basic ${btoa('relay@example.com:nexudus-test-password')}`
  const ask = async (
    method: 'GET' | 'POST',
    path: string,
    headers: Record<string, string> = { authorization }
  ) => (await api.request({ method, origin: 'https://spaces.nexudus.com', path, headers })).status
  t.equal(await ask('GET', '/api/spaces/coworkers/7'), 200)
  t.equal(await ask('GET', '/api/spaces/coworkers/7', {}), 401)
  t.equal(await ask('POST', '/api/spaces/coworkers/7'), 404)
  t.equal(await ask('GET', '/api/spaces/bookings/7'), 404)
})
