import t from 'tap'
import { cloudbeds } from '../../../src/platforms/cloudbeds/cloudbeds.ts'
import { readPlace } from '../../../src/platforms/cloudbeds/places.ts'
import { standIn } from '../../../src/platforms/cloudbeds/stand-in.ts'
import type { StandIn, StandInResponse } from '../../../src/platforms/samples.ts'
import { notAskedOften, type TestApi, testApi } from '../api.ts'
import { connection, reservation } from './world.ts'

const settings = { api_key: 'k', property_id: '700123' }
const key = 'reservations/700123/5566778899'

function read(type: string, payload: object, world: Record<string, unknown>, play: StandIn = standIn) {
  const api = testApi(play, settings, new Map(Object.entries(world)))
  const facts = cloudbeds.hydration?.read([{ type, payload }], api) ?? Promise.resolve([])
  return { api, facts }
}

function readReservation(world: Record<string, unknown>, play?: StandIn) {
  return read('reservation/created', { property: '700123', reservation: '5566778899' }, world, play)
}

function answering(status: number, body?: unknown): StandIn {
  return () => ({ status, body })
}

t.test('what has to be read, and what has not', async t => {
  const wants = (type: string, using = connection) => cloudbeds.hydration?.wants({ type, payload: {} }, using)
  t.equal(wants('reservation/created'), 'must')
  t.equal(wants('guest/assigned'), 'must')
  t.equal(wants('guest/details_changed'), 'must')
  t.equal(wants('reservation/deleted'), 'no')
  t.equal(wants('roomblock/created'), 'no')
  t.equal(wants('reservation/custom_fields_changed'), 'no')
  const wanting = { ...connection, preferredCode: 'platform' as const, preferredCodeField: 'door_pin' }
  t.equal(wants('reservation/custom_fields_changed', wanting), 'must')
})

t.test(
  'the API key is sent as it is: there is no token that two readers could spoil by refreshing it',
  async t => {
    const { api, facts } = readReservation({ [key]: reservation })
    await facts
    t.strictSame(api.requests, [
      {
        method: 'GET',
        path: '/api/v1.3/getReservation',
        query: { propertyID: ['700123'], reservationID: ['5566778899'] },
        headers: { 'x-api-key': 'k' },
        body: undefined
      }
    ])
  }
)

t.test('what nobody reads is not kept', async t => {
  const { facts } = readReservation({
    [key]: { ...reservation, guestList: { '1': { guestDocumentNumber: 'X1' } } }
  })
  t.notMatch(JSON.stringify(await facts), /cardsOnFile|4242|guestDocument|dateModified/)
})

t.test('success has to be tested, not only the status', async t => {
  const failing = (message?: string) => readReservation({}, answering(200, { success: false, message })).facts
  t.match(await failing('Reservation not found'), [{ gone: true }])
  t.match(await failing("Guest doesn't exist"), [{ gone: true }])
  await t.rejects(failing('Invalid API key'), { code: 'RELAY_PLATFORM_UNAUTHORIZED', retryable: true })
  await t.rejects(failing('You do not have permission'), { code: 'RELAY_PLATFORM_REFUSED', retryable: true })
  await t.rejects(failing('Something failed'), { code: 'RELAY_PLATFORM_REFUSED', retryable: true })
  await t.rejects(failing(), { code: 'RELAY_PLATFORM_REFUSED', retryable: true }, 'nothing else waits for it')
})

t.test('a key or a property that is not found ends no booking', async t => {
  const failing = (message: string) => readReservation({}, answering(200, { success: false, message })).facts
  for (const message of ['API key not found', 'Token does not exist']) {
    await t.rejects(failing(message), { code: 'RELAY_PLATFORM_UNAUTHORIZED', retryable: true }, message)
  }
  for (const message of [
    'Not found',
    'Reservation 5566778899 was not found',
    'The reservation with this number was not found',
    'Guest not found for this property'
  ]) {
    t.match(await failing(message), [{ gone: true }], message)
  }
  for (const message of [
    'The property does not exist',
    'Property ID 700123 was not found',
    'Page not found',
    'Method getReservation does not exist',
    'User was not found'
  ]) {
    await t.rejects(failing(message), { code: 'RELAY_PLATFORM_REFUSED', retryable: true }, message)
  }
})

t.test('a reservation is gone by a 404 or 410, and by no other answer', async t => {
  const of = (status: number, body?: unknown) => readReservation({}, answering(status, body)).facts
  t.match(await of(404), [{ gone: true }])
  t.match(await of(410), [{ gone: true }])
  await t.rejects(of(401), { code: 'RELAY_PLATFORM_UNAUTHORIZED', retryable: true })
  await t.rejects(of(403), { code: 'RELAY_PLATFORM_REFUSED', retryable: true }, 'this alone has to wait')
  await t.rejects(of(400), { code: 'RELAY_PLATFORM_REFUSED', retryable: false })
  await t.rejects(of(200, 'text'), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
  await t.rejects(of(200, { success: true }), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
  await t.rejects(of(200, { success: true, data: [] }), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
  await t.rejects(of(200, { success: true, data: { ...reservation, reservationID: '1' } }), {
    code: 'RELAY_PLATFORM_UNAVAILABLE'
  })
})

t.test('a reservation that is on is asked for several times where Cloudbeds does not know it', async t => {
  const unknown = notAskedOften(testApi(standIn, settings))
  const reading = async (more: object, type = 'reservation/created') =>
    cloudbeds.hydration?.read([{ type, payload: { property: '700123', ...more } }], unknown)
  const id = { reservation: '5566778899' }
  for (const more of [id, { ...id, status: 'confirmed' }, { ...id, status: 'in_progress' }]) {
    await t.rejects(reading(more), { code: 'RELAY_PLATFORM_REFUSED', retryable: true })
  }
  for (const status of ['canceled', 'No_Show', 'checked_out']) {
    t.match(await reading({ ...id, status }), [{ gone: true }], status)
  }
  await t.rejects(reading({ guest: '1' }, 'guest/created'), {
    code: 'RELAY_PLATFORM_REFUSED',
    retryable: true
  })
})

t.test(
  'what is over or not confirmed by its event is asked for again before a reading is believed',
  async t => {
    const reading = async (told: string | undefined, status: string, often = false) => {
      const api = testApi(standIn, settings, new Map([[key, { ...reservation, status }]]))
      const payload = { property: '700123', reservation: '5566778899', status: told }
      const events = [{ type: 'reservation/status_changed', payload }]
      return cloudbeds.hydration?.read(events, often ? api : notAskedOften(api))
    }
    for (const told of ['canceled', 'no_show', 'Checked_Out', 'not_confirmed', 'in_progress']) {
      await t.rejects(reading(told, 'confirmed'), { code: 'RELAY_PLATFORM_REFUSED', retryable: true }, told)
      t.match(await reading(told, 'confirmed', true), [{ reservation: { status: 'confirmed' } }])
      t.match(await reading(told, 'canceled'), [{ reservation: { status: 'canceled' } }])
    }
    for (const told of ['confirmed', undefined]) {
      t.match(await reading(told, 'checked_in'), [{ reservation: { status: 'checked_in' } }])
    }
  }
)

t.test('a reservation that is read without a status is no answer', async t => {
  const { facts } = readReservation({ [key]: { ...reservation, status: null } })
  await t.rejects(facts, { code: 'RELAY_PLATFORM_UNAVAILABLE' })
})

t.test('without a key nothing is told', async t => {
  const api = testApi(standIn, {}, new Map())
  await t.rejects(readPlace('700123:1', { ...api, settings: {} }), { code: 'RELAY_PLATFORM_UNAUTHORIZED' })
})

t.test('an event that names nothing asks nothing', async t => {
  for (const type of ['reservation/created', 'guest/created']) {
    const { api, facts } = read(type, {}, {})
    t.strictSame(await facts, [null])
    t.strictSame(api.requests, [])
  }
})

t.test('merged guests are followed to the one that lives on, and never in a circle', async t => {
  const guests = async (world: Record<string, unknown>) => {
    const entities = Object.entries(world).map(([id, guest]) => [`guests/700123/${id}`, guest])
    const { facts } = read(
      'guest/details_changed',
      { property: '700123', guest: '1' },
      Object.fromEntries(entities)
    )
    const [told] = (await facts) as [{ gone?: true; guests?: { id: string }[] }]
    return told.guests?.map(({ id }) => id) ?? told
  }
  t.strictSame(
    await guests({
      '1': { isMerged: true, newGuestID: 2 },
      '2': { isMerged: 'true', newGuestID: '3' },
      '3': {}
    }),
    ['1', '2', '3']
  )
  t.strictSame(
    await guests({ '1': { isMerged: true, newGuestID: '2' }, '2': { isMerged: true, newGuestID: '1' } }),
    ['1', '2']
  )
  t.strictSame(await guests({ '1': { isMerged: true, newGuestID: '2' } }), ['1'])
  t.strictSame(await guests({ '1': { isMerged: false, newGuestID: '2' } }), ['1'])
  t.strictSame(await guests({}), { gone: true })
})

t.test('a guest whom another was merged into is asked for several times', async t => {
  const unknown = notAskedOften(
    testApi(standIn, settings, new Map([['guests/700123/1', { isMerged: true, newGuestID: '2' }]]))
  )
  const payload = { property: '700123', guest: '1' }
  const reading = async () => cloudbeds.hydration?.read([{ type: 'guest/details_changed', payload }], unknown)
  await t.rejects(reading(), { code: 'RELAY_PLATFORM_REFUSED', retryable: true })
})

const hotel = {
  propertyName: 'Harbour House',
  propertyTimezone: 'America/New_York',
  propertyPolicy: { propertyCheckInTime: '15:00:00', propertyCheckOutTime: '11:00' },
  propertyAddress: {
    propertyAddress1: '12 Quay Road',
    propertyAddress2: '',
    propertyCity: 'New York',
    propertyState: 'NY',
    propertyZip: '10004',
    propertyCountry: 'US',
    propertyLatitude: '40.7033',
    propertyLongitude: '-74.0170'
  }
}
const rooms = Object.fromEntries(
  Array.from({ length: 45 }, (_, index) => [
    `rooms/700123/410022-${index}`,
    { roomID: `410022-${index}`, roomName: `${200 + index}` }
  ])
)

function placeOf(
  world: Record<string, unknown>,
  id = '700123:410022-4',
  play: StandIn = standIn,
  patience = (api: TestApi): TestApi => api
) {
  const api = patience(testApi(play, settings, new Map(Object.entries(world))))
  return { api, place: readPlace(id, api) }
}

t.test('a place has zone, hours and address of its property and the name of its room', async t => {
  t.strictSame(await placeOf({ 'hotels/700123': hotel, ...rooms }).place, {
    name: '204',
    timeZone: 'America/New_York',
    checkInTime: '15:00',
    checkOutTime: '11:00',
    address: '12 Quay Road, 10004 New York, NY, US',
    latitude: 40.7033,
    longitude: -74.017
  })
})

t.test('rooms come 20 to a page, and the list is read on', async t => {
  const { api, place } = placeOf({ 'hotels/700123': hotel, ...rooms }, '700123:410022-44')
  t.match(await place, { name: '244' })
  t.equal(api.requests.filter(({ path }) => path.endsWith('/getRooms')).length, 3)
})

t.test('a room that the list leaves out is not gone; a property is', async t => {
  const { api, place } = placeOf({ 'hotels/700123': hotel, ...rooms }, '700123:999')
  t.match(await place, { name: undefined, timeZone: 'America/New_York' })
  t.equal(api.requests.filter(({ path }) => path.endsWith('/getRooms')).length, 4)
  t.equal(await placeOf(rooms).place, undefined)
  const unknown = answering(200, {
    success: false,
    message: 'The property 700123 you asked for was not found'
  })
  t.equal(await placeOf({}, undefined, unknown).place, undefined)
  t.match(await placeOf({}, 'no colon').place, { timeZone: undefined })
})

t.test('a key that may not read the rooms still tells zone and hours', async t => {
  const withRooms = (answer: StandInResponse, patience = notAskedOften) => {
    const play: StandIn = (request, ...rest) =>
      request.path.endsWith('getRooms') ? answer : standIn(request, ...rest)
    return placeOf({ 'hotels/700123': hotel }, undefined, play, patience).place
  }
  const unnamed = { name: undefined, timeZone: 'America/New_York', checkInTime: '15:00' }
  t.match(await withRooms({ status: 403 }), unnamed)
  t.match(await withRooms({ status: 200, body: { success: false, message: 'No access to rooms' } }), unnamed)
  t.match(await withRooms({ status: 401 }), unnamed)
  await t.rejects(withRooms({ status: 503 }), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
  t.match(await withRooms({ status: 503 }, api => api), unnamed, 'asked often enough')
})

t.test('where the details tell no zone, the list of hotels does', async t => {
  const play: StandIn = (request, world, settings) =>
    request.path.endsWith('getHotels')
      ? {
          status: 200,
          body: { success: true, data: [{ propertyID: 700123, propertyTimezone: 'Europe/Oslo' }] }
        }
      : standIn(request, world, settings)
  const zoneless = { 'hotels/700123': { ...hotel, propertyTimezone: '+02:00' } }
  t.match(await placeOf(zoneless, undefined, play).place, { timeZone: 'Europe/Oslo' })
  t.match(await placeOf(zoneless).place, { timeZone: undefined })
  const nowhere: StandIn = (request, ...rest) =>
    request.path.endsWith('getHotels') ? { status: 404 } : standIn(request, ...rest)
  t.match(await placeOf(zoneless, undefined, nowhere).place, { timeZone: undefined })
})

t.test('a place keeps hours and address whatever is answered for the list of hotels', async t => {
  const zoneless = { 'hotels/700123': { ...hotel, propertyTimezone: undefined }, ...rooms }
  const placeWith = (answer: StandInResponse, patience = notAskedOften) => {
    const play: StandIn = (request, ...rest) =>
      request.path.endsWith('getHotels') ? answer : standIn(request, ...rest)
    return placeOf(zoneless, undefined, play, patience).place
  }
  const told = { name: '204', timeZone: undefined, checkInTime: '15:00', address: /12 Quay Road/ }
  for (const status of [400, 401, 404]) t.match(await placeWith({ status }), told, `${status}`)
  const odd = { status: 200, body: { success: false, message: 'Method not allowed' } }
  for (const [answer, code] of [
    [{ status: 403 }, 'RELAY_PLATFORM_REFUSED'],
    [odd, 'RELAY_PLATFORM_REFUSED'],
    [{ status: 500 }, 'RELAY_PLATFORM_UNAVAILABLE']
  ] as const) {
    await t.rejects(placeWith(answer), { code })
    t.match(await placeWith(answer, api => api), told, 'asked often enough')
  }
})

t.test('coordinates count only where both can be read', async t => {
  const at = async (changes: object) =>
    placeOf({ 'hotels/700123': { ...hotel, propertyAddress: { ...hotel.propertyAddress, ...changes } } })
      .place
  t.match(await at({ propertyLatitude: '91' }), { latitude: undefined, longitude: undefined })
  t.match(await at({ propertyLongitude: '' }), { latitude: undefined, longitude: undefined })
  t.match(await at({ propertyLatitude: 1, propertyLongitude: 2 }), { latitude: 1, longitude: 2 })
  t.match(await placeOf({ 'hotels/700123': { ...hotel, propertyAddress: null, propertyPolicy: [] } }).place, {
    address: undefined,
    checkInTime: undefined
  })
})

t.test('rooms may be told without a property around them', async t => {
  const play: StandIn = (request, ...rest) =>
    request.path.endsWith('getRooms')
      ? { status: 200, body: { success: true, data: [{ roomID: '410022-4', roomName: '204' }] } }
      : standIn(request, ...rest)
  t.match(await placeOf({ 'hotels/700123': hotel }, undefined, play).place, { name: '204' })
})

t.test('the stand-in demands what Cloudbeds demands', async t => {
  const ask = (path: string, more: object = {}) =>
    standIn(
      { method: 'GET', path, query: {}, headers: { 'x-api-key': 'k' }, body: undefined, ...more },
      new Map<string, unknown>([['hotels/700123', hotel]]),
      settings
    )
  const query = { propertyID: ['700123'] }
  t.match(ask('/api/v1.3/getHotelDetails', { query, headers: {} }), { status: 401, body: { success: false } })
  t.equal(ask('/api/v1.3/getHotelDetails', { query, method: 'POST' }).status, 405)
  t.match(ask('/api/v1.3/getHotelDetails'), { status: 200, body: { success: false, message: /propertyID/ } })
  t.match(ask('/api/v1.3/getHotelDetails', { query }), { body: { success: true, data: hotel } })
  t.match(ask('/api/v1.3/getHotels', { query: { propertyIDs: ['700123'] } }), { body: { data: [hotel] } })
  t.match(ask('/api/v1.3/getRooms', { query }), { body: { data: [{ propertyID: '700123', rooms: [] }] } })
  t.match(ask('/api/v1.3/getReservation', { query }), { status: 200, body: { success: false } })
  t.equal(ask('/api/v1.3/constructor', { query }).status, 404)
  t.equal(ask('/other', { query }).status, 404)
})
