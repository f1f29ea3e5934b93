import t from 'tap'
import { hydration, readPlace } from '../../../src/platforms/lodgify/hydrate.ts'
import { lodgify } from '../../../src/platforms/lodgify/lodgify.ts'
import { standIn } from '../../../src/platforms/lodgify/stand-in.ts'
import { type PlatformEvent, translateEvent } from '../../../src/platforms/platform.ts'
import type { StandIn } from '../../../src/platforms/samples.ts'
import { notAskedOften, testApi } from '../api.ts'
import {
  bookingOf,
  house,
  known,
  reading,
  receivedAt,
  stayOf,
  translated,
  unread,
  webhook
} from './bodies.ts'

const settings = reading.api ?? {}
const world = { 'bookings/9100001': known, 'properties/410010': house }
const event: PlatformEvent = { type: 'booking_change', payload: webhook() }

function apiOf(entities: Record<string, unknown>, play: StandIn = standIn) {
  return testApi(play, settings, new Map(Object.entries(entities)))
}

function read(changed: object, body = webhook(), more: Record<string, unknown> = {}) {
  const entities = { ...world, 'bookings/9100001': { ...known, ...changed }, ...more }
  return { connection: reading, world: entities, body }
}

async function readBooking(changed: object, body?: ReturnType<typeof webhook>, more = {}) {
  const given = read(changed, body, more)
  return bookingOf(given.body, given)
}

t.test(
  'bookings are read again where they can be, and waited for unless they are new; other events are not',
  async t => {
    const wants = (type: string, payload: unknown = event.payload, connection = reading) =>
      hydration.wants({ type, payload }, connection)
    const made = webhook({ date_created: '2026-04-17T19:48:14+00:00' })
    t.equal(wants('booking_change'), 'must')
    t.equal(wants('booking_change', made), 'must')
    t.equal(wants('booking_status_change_declined'), 'must', 'a destructive one above all')
    t.equal(wants('booking_new_any_status', made), 'may')
    t.equal(wants('booking_new_status_booked'), 'must', 'it does not say when')
    t.equal(wants('booking_change', made, unread), 'may', 'and held for ever by nobody')
    t.equal(wants('availability_change'), 'no')
    t.equal(wants('booking_change', { booking: {} }), 'no')
  }
)

t.test('a new booking that could not be read outdoes no reading', async t => {
  const payload = webhook({ date_created: '2026-04-17T21:48:14+02:00' })
  const unanswered = (connection: typeof reading) =>
    translateEvent(lodgify, {
      event: { type: 'booking_new_any_status', payload },
      facts: undefined,
      delivery: { id: 'd1', receivedAt, headers: {}, query: {} },
      connection
    })
  t.match(unanswered(reading), [
    {},
    { version: Date.parse('2026-04-17T19:48:14Z'), stays: [{ id: '9100001' }] }
  ])
  t.match(unanswered(unread), [{}, { version: receivedAt }], 'without api the later delivery counts')
})

t.test('the key is sent as the documentation has it', async t => {
  const api = apiOf(world)
  t.match(await hydration.read([event, { type: 'booking_change', payload: {} }], api), [
    { booking: { status: 'Booked' }, roomTypes: 1 },
    null
  ])
  t.strictSame(
    api.requests.map(({ method, path, headers }) => [method, path, headers['x-apikey']]),
    [
      ['GET', '/v2/reservations/bookings/9100001', settings.api_key],
      ['GET', '/v2/properties/410010', settings.api_key]
    ]
  )
})

t.test(
  'a property that the key may not read holds up no booking; other trouble moves no stay out of its room',
  async t => {
    const answering = (status: number) =>
      apiOf(world, (request, ...rest) =>
        request.path.startsWith('/v2/properties') ? { status } : standIn(request, ...rest)
      )
    for (const status of [401, 403, 404]) {
      const without = [{ booking: { status: 'Booked' }, roomTypes: undefined }]
      t.match(await hydration.read([event], answering(status)), without, `${status}`)
    }
    for (const status of [429, 503]) {
      await t.rejects(hydration.read([event], answering(status)), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
    }
  }
)

t.test('what is off needs no property', async t => {
  for (const changed of [{ status: 'Declined' }, { status: 'Open' }, { is_deleted: true }]) {
    const api = apiOf({ 'bookings/9100001': { ...known, ...changed } })
    await hydration.read([event], api)
    t.equal(api.requests.length, 1)
  }
})

t.test('a booking that is on and not found is asked for several times', async t => {
  const nobody = () => notAskedOften(apiOf({}))
  await t.rejects(hydration.read([event], nobody()), { code: 'RELAY_PLATFORM_REFUSED', retryable: true })
  const gone = [{ gone: true, readAt: 0 }]
  t.strictSame(await hydration.read([event], apiOf({})), gone)
  for (const payload of [
    webhook({ status: 'Declined' }),
    webhook({}, { action: 'booking_status_change_declined' })
  ])
    t.strictSame(await hydration.read([{ type: 'booking_change', payload }], nobody()), gone)
})

t.test('the stand-in answers readings of what it knows, and nothing else', async t => {
  const entities = new Map<string, unknown>(Object.entries(world))
  const status = (method: string, path: string) =>
    standIn(
      { method, path, query: {}, headers: { 'x-apikey': String(settings.api_key) }, body: undefined },
      entities,
      settings
    ).status
  t.equal(status('GET', '/v2/reservations/bookings/9100001'), 200)
  t.equal(status('PUT', '/v2/reservations/bookings/9100001'), 404)
  t.equal(status('GET', '/v2/reservations/bookings/1'), 404)
  t.equal(status('GET', '/v1/reservation/booking/9100001'), 404)
})

t.test('a key that is refused can be mended', async t => {
  const refused = apiOf(world, () => ({ status: 401 }))
  await t.rejects(hydration.read([event], refused), { code: 'RELAY_PLATFORM_UNAUTHORIZED', retryable: true })
  const wrong = apiOf(world, (request, entities) => standIn(request, entities, { api_key: 'another' }))
  await t.rejects(hydration.read([event], wrong), { code: 'RELAY_PLATFORM_UNAUTHORIZED' })
})

t.test('an API that refuses, or answers something else, is an error and never a cancellation', async t => {
  const answering = (reply: ReturnType<StandIn>) =>
    hydration.read(
      [event],
      apiOf(world, () => reply)
    )
  await t.rejects(answering({ status: 400 }), { code: 'RELAY_PLATFORM_REFUSED', retryable: false })
  for (const body of [undefined, [], 'no', null]) {
    await t.rejects(answering({ status: 200, body }), { code: 'RELAY_PLATFORM_UNAVAILABLE', retryable: true })
  }
})

t.test('one booking that may not be read keeps no other of its delivery', async t => {
  const second = { type: 'booking_change', payload: webhook({ id: 9100002 }) }
  const answering = (first: number, other = 200) =>
    apiOf(
      { ...world, 'bookings/9100002': { ...known, id: 9100002, status: 'Declined' } },
      (request, ...rest) => {
        const status = request.path.endsWith('/9100001') ? first : other
        return status === 200 || request.path.includes('properties') ? standIn(request, ...rest) : { status }
      }
    )
  const refusal = 'Lodgify answered 403 and no entity; check what the connection’s api may read'
  const [first, other] = await hydration.read([event, second], answering(403))
  t.strictSame(first, { refused: refusal })
  t.match(other, { booking: { status: 'Declined' } })
  t.throws(
    () =>
      translateEvent(lodgify, {
        event,
        facts: first,
        delivery: { id: 'd1', receivedAt, headers: {}, query: {} },
        connection: reading
      }),
    { code: 'RELAY_PLATFORM_REFUSED', message: refusal },
    'and says why'
  )
  const isNew = {
    type: 'booking_new_any_status',
    payload: webhook({ date_created: '2026-04-17T19:48:14+00:00' })
  }
  t.match(await hydration.read([isNew, second], answering(403)), [null, {}], 'a new one does without')

  const rejected = (api: ReturnType<typeof answering>) => hydration.read([event, second], api)
  const again = { code: 'RELAY_PLATFORM_REFUSED', retryable: true }
  await t.rejects(hydration.read([event, second], notAskedOften(answering(403))), again, 'not at once')
  await t.rejects(rejected(answering(403, 403)), { code: 'RELAY_PLATFORM_REFUSED', retryable: false })
  await t.rejects(rejected(answering(403, 503)), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
  await t.rejects(rejected(answering(503)), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
  await t.rejects(rejected(answering(401)), { code: 'RELAY_PLATFORM_UNAUTHORIZED' })
})

t.test('what is read again is believed, and its clock counts', async t => {
  const change = await readBooking({ arrival: '2026-05-22', departure: '2026-05-25' })
  t.match(change, {
    version: Date.parse('2026-04-17T19:56:32Z'),
    stays: [
      {
        start: { date: '2026-05-22' },
        end: { date: '2026-05-25' },
        preferredCode: '4827',
        guest: { id: 'AJdemoGuestUid0001', phone: '+4790000001' }
      }
    ]
  })
})

t.test('a refusal that was taken back meanwhile cancels nothing, and the other way round', async t => {
  const declined = webhook({ status: 'Declined' }, { action: 'booking_status_change_declined' })
  t.equal((await readBooking({}, declined)).stays.length, 1)
  t.match(await readBooking({ status: 'Declined' }), { stays: [], cancelled: true })
  for (const is_deleted of [true, 'True', 1])
    t.match(await readBooking({ is_deleted }), { cancelled: true, emptyBecause: 'deleted' })
})

t.test('a refusal is not taken back by an answer that may be behind', async t => {
  const declined = { type: 'booking_change', payload: webhook({ status: 'Declined' }) }
  const behind = { code: 'RELAY_PLATFORM_REFUSED', retryable: true }
  await t.rejects(hydration.read([declined], notAskedOften(apiOf(world))), behind)
  t.match(await hydration.read([declined], apiOf(world)), [{ booking: { status: 'Booked' } }])
  const caughtUp = notAskedOften(apiOf({ 'bookings/9100001': { ...known, status: 'Declined' } }))
  t.match(await hydration.read([declined], caughtUp), [{ booking: { status: 'Declined' } }])
})

t.test('one that is on is asked for again where it was cancelled a moment ago', async t => {
  const api = { ...apiOf(world), isCancelledAsOf: async (id: string) => id === '9100001' }
  const behind = { code: 'RELAY_PLATFORM_REFUSED', retryable: true }
  await t.rejects(hydration.read([event], notAskedOften(api)), behind)
  t.match(await hydration.read([event], api), [{ booking: { status: 'Booked' } }], 'and then believed')
})

t.test('a booking that is gone is over', async t => {
  const over = { change: 'stays', bookingId: '9100001', stays: [] }
  const given = { connection: reading, world: {} }
  t.strictSame(await translated(webhook(), given), [
    { ...over, version: receivedAt - 120_000, emptyBecause: 'not found' }
  ])
  const declined = webhook({ status: 'Declined' })
  t.strictSame(await translated(declined, given), [
    { ...over, version: receivedAt + 5_000, emptyBecause: 'gone', cancelled: true }
  ])
})

t.test('trap: an answer without a status is none, and revives nothing', async t => {
  for (const answer of [
    {},
    { ...known, status: undefined },
    { ...known, status: null },
    { message: 'limited' }
  ]) {
    const api = apiOf({ 'bookings/9100001': answer })
    await t.rejects(hydration.read([event], api), { code: 'RELAY_PLATFORM_UNAVAILABLE', retryable: true })
  }
  const deleted = apiOf({ 'bookings/9100001': { id: 9100001, is_deleted: true } })
  t.match(await hydration.read([event], deleted), [{ booking: { is_deleted: true } }])
})

t.test('a new booking that is not found yet does not outdo the one that is read a moment later', async t => {
  const given = { connection: reading, world: {} }
  for (const action of ['booking_new_any_status', 'booking_new_status_booked']) {
    const made = webhook({ date_created: '2026-04-17T21:48:14+02:00' }, { action })
    t.strictSame(await translated(made, given), [
      {
        change: 'stays',
        bookingId: '9100001',
        version: Date.parse('2026-04-17T19:48:14Z') - 1,
        stays: [],
        emptyBecause: 'not found'
      }
    ])
    t.match(await bookingOf(webhook({}, { action }), given), {
      version: receivedAt - 120_000,
      emptyBecause: 'not found'
    })
  }
  const changed = webhook({ date_created: '2026-04-17T21:48:14+02:00' })
  t.match(await bookingOf(changed, given), { version: receivedAt - 120_000, emptyBecause: 'not found' })
})

t.test(
  'the clock of a booking is the later of its change and its end; without a zone the reading counts',
  async t => {
    const versionOf = async (changed: object) => (await readBooking(changed)).version
    const canceled_at = '2026-04-17T19:56:50Z'
    t.equal(await versionOf({ canceled_at }), Date.parse(canceled_at))
    t.equal(await versionOf({ canceled_at: '2026-04-17T19:00:00Z' }), Date.parse(known.updated_at))
    t.equal(await versionOf({ canceled_at: '2026-04-17T20:56:50' }), Date.parse(known.updated_at))
    for (const updated_at of ['2026-04-17T08:00:00', null])
      t.equal(await versionOf({ updated_at, canceled_at }), receivedAt)
  }
)

t.test('an enquiry that became a booking is one, whatever a repeat calls it', async t => {
  const enquiry = webhook({ status: 'Open', booking_type: 'EnquiryOnly' })
  t.equal((await readBooking({}, enquiry)).stays.length, 1)
  t.match(await bookingOf(webhook({ booking_type: 'EnquiryOnly' }), { connection: unread }), { stays: [] })
  t.match(await readBooking({}, webhook({ type: 'ClosedPeriod' })), { stays: [] })
})

t.test('rooms without an id say nothing of where a booking is', async t => {
  const two = webhook({ room_types: [{ room_type_id: 1 }, { room_type_id: 2 }] })
  t.strictSame((await readBooking({ rooms: [{ key_code: '4827' }] }, two)).stays[0]?.places, ['1', '2'])
})

t.test('codes of rooms that differ say nothing together', async t => {
  const codeOf = async (changed: object) => (await readBooking(changed)).stays[0]?.preferredCode
  t.equal(
    await codeOf({
      rooms: [
        { room_type_id: 1, key_code: null },
        { room_type_id: 2, key_code: 77881 }
      ]
    }),
    '77881'
  )
  t.equal(
    await codeOf({
      rooms: [
        { room_type_id: 1, key_code: '1111' },
        { room_type_id: 2, key_code: '2222' }
      ]
    }),
    null
  )
  t.equal(
    await codeOf({ rooms: [{ room_type_id: 1, key_code: '' }] }),
    null,
    'none is one that is taken back'
  )
  t.equal(await codeOf({ rooms: [{ room_type_id: 1 }] }), undefined, 'and not told is another thing')
  t.equal(await codeOf({ rooms: null, key_code: '4827' }), '4827', 'on the booking itself')
})

t.test('a webhook that names another property than the one that was read names none', async t => {
  const given = read({ property_id: 410011, property_name: undefined }, webhook(), {
    'properties/410011': { id: 410011, rooms: [{ id: 520020 }] }
  })
  t.match(await translated(given.body, given), [{ change: 'stays', stays: [{ places: ['410011'] }] }])
})

t.test('one room of a house with several is its own place', async t => {
  const more = { 'properties/410010': { ...house, rooms: [{ id: 520020 }, { id: 520021 }] } }
  const named = webhook({ room_types: [{ room_type_id: 520020, name: 'Garden room' }] })
  const given = read({}, named, more)
  t.match(await translated(given.body, given), [
    { kind: 'place', id: '520020', fields: { name: 'Casa Brisa Garden room' } },
    { stays: [{ places: ['520020'] }] }
  ])
  const unnamed = read({ property_name: 'Casa Nova' }, webhook({ room_types: null }), more)
  t.match(await translated(unnamed.body, unnamed), [{ id: '520020', fields: { name: 'Casa Nova' } }, {}])
  const without = read({}, webhook(), { 'properties/410010': null })
  t.strictSame((await stayOf(without.body, without))?.places, ['410010'])
  const nowhere = read({ property_id: null, rooms: [] }, webhook({ property_id: null, room_types: [] }))
  t.strictSame((await stayOf(nowhere.body, nowhere))?.places, [])
})

t.test(
  'two rooms of one type are some of a house that has several, and all of one that has no other',
  async t => {
    const two = { rooms: [{ room_type_id: 520020 }, { room_type_id: 520020 }] }
    const placesIn = async (property: unknown, changed: object = two) =>
      (await readBooking(changed, webhook(), { 'properties/410010': property })).stays[0]?.places
    t.strictSame(await placesIn({ ...house, rooms: [{ id: 520020 }, { id: 520021 }] }), ['520020'])
    t.strictSame(await placesIn(house), ['410010'], 'as one room of it is')
    t.strictSame(await placesIn({ ...house, rooms: null }), ['520020'], 'nothing is known of its types')
    t.strictSame(await placesIn(null), ['520020'])
  }
)

t.test('a property is read unless rooms of several types were booked', async t => {
  const requestsFor = async (types: unknown[]) => {
    const rooms = types.map(room_type_id => ({ room_type_id }))
    const api = apiOf({ ...world, 'bookings/9100001': { ...known, rooms } })
    await hydration.read([event], api)
    return api.requests.length
  }
  t.equal(await requestsFor([520020]), 2)
  t.equal(await requestsFor([520020, 520020]), 2)
  t.equal(await requestsFor([520020, 520021]), 1)
})

t.test('the id of a guest is not put on the one who came in their place', async t => {
  const guestOf = async (guest: unknown) => (await readBooking({ guest })).stays[0]?.guest
  t.match(await guestOf({ name: 'Oskar Nilsen', email: 'new@example.com' }), {
    id: 'AJdemoGuestUid0001',
    email: 'new@example.com'
  })
  t.match(await guestOf({ name: 'Oskar N.', email: 'oskar@example.com' }), { id: 'AJdemoGuestUid0001' })
  t.match(await guestOf(null), { id: 'AJdemoGuestUid0001', name: 'Oskar Nilsen' }, 'nobody was read')
  t.strictSame(await guestOf({ name: 'Lea Kranz', email: null, phone: null }), {
    id: undefined,
    name: 'Lea Kranz',
    email: null,
    phone: null
  })
})

t.test('nothing is kept of what is not read', async t => {
  const facts = await hydration.read(
    [event],
    apiOf({ ...world, 'bookings/9100001': { ...known, notes: 'secret wish', total_amount: 900 } })
  )
  t.notMatch(JSON.stringify(facts), /secret wish|900"/)
})

t.test('an answer about another booking, or about none, is no answer', async t => {
  for (const answer of [{ ...known, id: 9100002 }, { message: 'try later' }]) {
    await t.rejects(hydration.read([event], apiOf({ ...world, 'bookings/9100001': answer })), {
      code: 'RELAY_PLATFORM_UNAVAILABLE'
    })
  }
})

t.test('a property tells its name, its place on earth, and the zone where it has one', async t => {
  const place = (entity: unknown, id = '410010') => readPlace(id, apiOf({ 'properties/410010': entity }))
  t.strictSame(
    await place({
      name: 'Casa Brisa',
      address: '3 Rua do Sol',
      latitude: '38.71',
      longitude: -9.13,
      timezone_name: 'Europe/Lisbon'
    }),
    {
      name: 'Casa Brisa',
      timeZone: 'Europe/Lisbon',
      address: '3 Rua do Sol',
      latitude: 38.71,
      longitude: -9.13
    }
  )
  t.strictSame(await place({ internal_name: 'B1', latitude: 99, longitude: 0, timezone_name: '+01:00' }), {
    name: 'B1',
    timeZone: undefined,
    address: undefined
  })
  t.strictSame(await place(house, '520020'), {}, 'a room type is not found and not gone')
})
