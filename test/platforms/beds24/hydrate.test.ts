import t from 'tap'
import { list } from '../../../src/platforms/beds24/ask.ts'
import { beds24 } from '../../../src/platforms/beds24/beds24.ts'
import { readPlace } from '../../../src/platforms/beds24/places.ts'
import { standIn } from '../../../src/platforms/beds24/stand-in.ts'
import type { PlatformEvent } from '../../../src/platforms/platform.ts'
import type { StandIn } from '../../../src/platforms/samples.ts'
import { eventsToldMeanwhile } from '../../../src/translate/hydration.ts'
import { openRelay } from '../../open-relay.ts'
import { notAskedOften, testApi } from '../api.ts'
import { booking, infoItems, messageOf, reading, staysOf, translated, unread } from './bodies.ts'

const house = {
  id: 224410,
  name: 'Harbour House',
  account: { ownerId: 30991 },
  address: '12 Quay Road',
  city: 'Gothenburg',
  state: '',
  country: 'SE',
  postcode: '411 21',
  latitude: 57.7072,
  longitude: 11.9668,
  checkInStart: '15:00',
  checkOutEnd: '11:00'
}
const units = [
  { id: 1, name: '201' },
  { id: 2, name: '204' },
  { id: 3, name: '' }
]
const rooms = { id: 488021, propertyId: 224410, name: 'Double', qty: 3, units }
const world: Record<string, unknown> = {
  'bookings/71200451': { ...booking, infoItems },
  'properties/224410': house,
  'rooms/488021': rooms,
  'accounts/30991': { id: 30991, timezone: 'Europe/Stockholm' }
}

function apiOf(entities: Record<string, unknown>, play: StandIn = standIn) {
  return testApi(play, { refresh_token: 'r' }, new Map(Object.entries(entities)))
}

function answering(path: string, reply: { status: number; body?: unknown }): StandIn {
  return (request, ...rest) => (request.path === path ? reply : standIn(request, ...rest))
}

t.test('bookings may be read again, and must be where no unit is given; nothing else is', async t => {
  const wants = (type: string, payload: unknown) => beds24.hydration?.wants({ type, payload }, reading)
  t.equal(wants('booking', messageOf()), 'may')
  for (const unitId of [0, '0', null, undefined]) {
    t.equal(wants('booking', messageOf({ unitId })), 'must', `${unitId}`)
    t.equal(wants('booking', messageOf({ unitId, status: 'request' })), 'must')
    for (const off of [
      { status: 'cancelled' },
      { status: 'black' },
      { status: 'inquiry' },
      { status: 'wish' },
      { subStatus: 'noShow' },
      { roomId: null }
    ])
      t.equal(wants('booking', messageOf({ unitId, ...off })), 'may', JSON.stringify(off))
  }
  t.equal(wants('booking', messageOf({ id: 'x' })), 'no')
  t.equal(wants('SYNC_ROOM', {}), 'no')
  const api = apiOf(world)
  t.strictSame(await beds24.hydration?.read([{ type: 'booking', payload: {} }], api), [null])
})

t.test('a token is fetched once, sent in its own header, and renewed when it has ended', async t => {
  let ended = false
  const api = apiOf(world, (request, ...rest) => {
    if (request.path === '/v2/authentication/token') ended = false
    return ended ? { status: 401 } : standIn(request, ...rest)
  })
  await list(api, 'accounts', {})
  await list(api, 'accounts', {})
  ended = true
  await list(api, 'accounts', {})
  t.strictSame(
    api.requests.map(({ path }) => path.split('/').at(-1)),
    ['token', 'accounts', 'accounts', 'accounts', 'token', 'accounts']
  )
  t.match(api.requests[0], { headers: { refreshtoken: 'r' } })
  t.match(api.requests[1], { headers: { token: 'stand-in-token-of-r', authorization: undefined } })
})

t.test('a token lives as long as Beds24 says, else for a day', async t => {
  const lifeMs = async (body: object) => {
    let life = 0
    const api = apiOf({}, answering('/v2/authentication/token', { status: 200, body }))
    await list(
      {
        ...api,
        async request(request) {
          life = (await request.bearer?.fetch(api))?.expiresInMs ?? 0
          return { status: 200, body: { success: true, data: [] } }
        }
      },
      'bookings',
      {}
    )
    return life
  }
  t.equal(await lifeMs({ token: 't', expiresIn: 3_600 }), 3_600_000)
  t.equal(await lifeMs({ token: 't' }), 86_400_000)
})

t.test('refused credentials are tried again later', async t => {
  const unauthorized = { code: 'RELAY_PLATFORM_UNAUTHORIZED', retryable: true }
  await t.rejects(
    list(testApi(standIn, {}), 'bookings', {}),
    { code: 'RELAY_PLATFORM_UNAUTHORIZED' },
    'no token'
  )
  await t.rejects(
    list(apiOf({}, answering('/v2/authentication/token', { status: 200 })), 'bookings', {}),
    unauthorized
  )
  for (const status of [401, 403]) {
    await t.rejects(list(apiOf({}, answering('/v2/bookings', { status })), 'bookings', {}), unauthorized)
  }
})

t.test('a refusal is no list, nor is an answer without data', async t => {
  const of = (status: number, body?: unknown) =>
    list(apiOf({}, answering('/v2/bookings', { status, body })), 'bookings', {})
  await t.rejects(of(400), { code: 'RELAY_PLATFORM_REFUSED' })
  await t.rejects(of(200, { success: false, data: [] }), {
    code: 'RELAY_PLATFORM_UNAVAILABLE',
    retryable: true
  })
  await t.rejects(of(200, 'text'), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
  await t.rejects(of(429), { code: 'RELAY_PLATFORM_UNAVAILABLE' }, 'the credits are used up')
})

t.test('a list is read page by page', async t => {
  const paged: StandIn = (request, ...rest) => {
    if (request.path !== '/v2/bookings') return standIn(request, ...rest)
    const page = Number(request.query.page?.[0] ?? 1)
    return {
      status: 200,
      body: { success: true, data: [{ id: page }], pages: { nextPageExists: page !== 3 } }
    }
  }
  t.strictSame(await list(apiOf({}, paged), 'bookings', {}), [{ id: 1 }, { id: 2 }, { id: 3 }])
  const endless: StandIn = (request, ...rest) =>
    request.path === '/v2/bookings'
      ? { status: 200, body: { success: true, data: [{}], pages: { nextPageExists: true } } }
      : standIn(request, ...rest)
  t.equal((await list(apiOf({}, endless), 'bookings', {})).length, 20)
})

t.test('a forged field does not matter where the booking is read again', async t => {
  const forged = messageOf({
    status: 'cancelled',
    unitId: 1,
    email: 'x@example.com',
    modifiedTime: '2099-01-01T00:00:00Z'
  })
  t.strictSame(await translated(forged, { connection: reading, world }), await translated(messageOf()))
})

t.test('what a token without personal data is not shown comes from the body', async t => {
  const { firstName: _, lastName: __, email: ___, phone: ____, mobile: _____, ...impersonal } = booking
  const shown = { ...world, 'bookings/71200451': { ...impersonal, unitId: 3 } }
  t.match(await staysOf({}, { connection: reading, world: shown }), [
    { places: ['488021-3'], guest: { name: 'Zoë Lindqvist', email: 'zoe.lindqvist@example.com' } }
  ])
})

t.test('personal data that is shown as empty texts is not shown: the body counts', async t => {
  const { guest } = (await staysOf({}))[0] ?? {}
  for (const none of ['', ' ', null]) {
    const hidden = { firstName: none, lastName: none, email: none, phone: none, mobile: none }
    const shown = { ...world, 'bookings/71200451': { ...booking, ...hidden, unitId: 3 } }
    t.strictSame((await staysOf({}, { connection: reading, world: shown }))[0]?.guest, guest)
    const impersonal = { firstName: undefined, lastName: undefined, email: undefined, phone: undefined }
    t.strictSame(
      (await staysOf({ ...impersonal, mobile: undefined }, { connection: reading, world: shown }))[0]?.guest,
      {},
      'where it tells nothing either, nothing is taken away'
    )
    const member = { id: 71200452, masterId: 71200451, ...hidden }
    t.match(
      await staysOf(member, { connection: reading, world: shown }),
      [{ guest: {} }],
      'nor does such a master tell anything'
    )
  }
  const anonymous = { ...world, 'bookings/71200451': { ...booking, email: '', phone: '' } }
  t.match(
    await staysOf({}, { connection: reading, world: anonymous }),
    [{ guest: { name: 'Zoë Lindqvist', email: null, phone: null } }],
    'a name that is shown is all there is'
  )
})

t.test('a change that the API does not know yet is asked for again', async t => {
  const told = (changes: Record<string, unknown>, patience = notAskedOften) => {
    const events = [{ type: 'booking', payload: messageOf(changes) }]
    return beds24.hydration?.read(events, patience(apiOf(world))) ?? Promise.resolve([])
  }
  for (const change of [
    { departure: '2027-03-30' },
    { arrival: '2027-03-25' },
    { unitId: 3 },
    { roomId: 488022 },
    { status: 'request' }
  ]) {
    await t.rejects(told(change), { code: 'RELAY_PLATFORM_REFUSED', retryable: true }, JSON.stringify(change))
    t.match(await told(change, api => api), [{ booking: { status: 'confirmed' } }], 'asked often enough')
  }
  const before = { departure: '2027-03-30', modifiedTime: '2027-02-11T08:30:04Z' }
  t.match(await told(before), [{ booking: { departure: '2027-03-29' } }], 'changed since the webhook')
})

t.test('a cancellation is not taken back by an answer that may be behind', async t => {
  const reading = (told: object, changes: object, patience = notAskedOften) => {
    const api = apiOf({ ...world, 'bookings/71200451': { ...booking, ...changes } })
    const events = [
      { type: 'booking', payload: messageOf({ modifiedTime: '2027-02-12T10:02:11Z', ...told }) }
    ]
    return beds24.hydration?.read(events, patience(api)) ?? Promise.resolve([])
  }
  const behind = { code: 'RELAY_PLATFORM_REFUSED', retryable: true }
  for (const off of [{ status: 'cancelled' }, { subStatus: 'noShow' }]) {
    await t.rejects(reading(off, {}), behind)
    await t.rejects(reading(off, { modifiedTime: undefined }), behind, 'read without a clock')
    await t.rejects(reading({ ...off, modifiedTime: null }, {}), behind, 'told without one')
    t.match(await reading(off, { modifiedTime: '2027-02-12T10:02:12Z' }), [
      { booking: { subStatus: 'none' } }
    ])
    t.match(await reading(off, { subStatus: 'noShow' }), [{ booking: { subStatus: 'noShow' } }])
    t.match(await reading(off, {}, api => api), [{ booking: { subStatus: 'none' } }], 'asked often enough')
  }
})

t.test('a booking that is not returned is not taken for deleted: the body counts', async t => {
  const gone = { ...world, 'bookings/71200451': null }
  t.match(await staysOf({}, { connection: reading, world: gone }), [{ id: '71200451', places: ['488021-2'] }])
  t.match(await translated(messageOf({ status: 'cancelled' }), { connection: reading, world: gone }), [
    { stays: [], cancelled: true }
  ])
  const other: StandIn = answering('/v2/bookings', {
    status: 200,
    body: { success: true, data: [{ id: 1 }] }
  })
  t.match(await beds24.hydration?.read([{ type: 'booking', payload: messageOf() }], apiOf(world, other)), [
    { booking: null }
  ])
})

t.test('a booking that is read without a status is no answer', async t => {
  const api = apiOf({ ...world, 'bookings/71200451': { ...booking, status: null } })
  await t.rejects(Promise.resolve(beds24.hydration?.read([{ type: 'booking', payload: messageOf() }], api)), {
    code: 'RELAY_PLATFORM_UNAVAILABLE'
  })
})

t.test('the guest of a group may be known to the master alone', async t => {
  const member = {
    id: 71200452,
    masterId: 71200451,
    firstName: '',
    lastName: '',
    email: '',
    phone: '',
    mobile: ''
  }
  t.match(await staysOf(member, { connection: reading, world }), [
    {
      id: '71200452',
      guest: { name: 'Zoë Lindqvist', email: 'zoe.lindqvist@example.com', phone: '+46855501470' }
    }
  ])
  const grouped = { ...member, masterId: null, bookingGroup: { master: 71200451, ids: [71200451, 71200452] } }
  t.match(await staysOf(grouped, { connection: reading, world }), [
    { guest: { name: 'Zoë Lindqvist', email: 'zoe.lindqvist@example.com' } }
  ])
  const named = { ...member, firstName: 'Ivo', lastName: 'Marek' }
  t.match(await staysOf(named, { connection: reading, world }), [
    { name: 'Ivo Marek', guest: { name: 'Zoë Lindqvist', email: 'zoe.lindqvist@example.com' } }
  ])
  const unreached = { ...world, 'bookings/71200451': { ...booking, email: '', phone: null } }
  t.match(
    await staysOf(named, { connection: reading, world: unreached }),
    [{ guest: { name: 'Ivo Marek', email: null, phone: null } }],
    'a master who cannot be reached is nobody else’s guest'
  )
  t.match(await staysOf({ ...member, masterId: 71200452 }, { connection: reading, world }), [
    { guest: { email: null } }
  ])
})

t.test(
  'a group’s booking tells nothing of a guest whom only the master tells, where that is not read',
  async t => {
    const untold = { name: undefined, email: undefined, phone: undefined }
    const member = { id: 71200452, masterId: 71200451, email: '', phone: '', mobile: '' }
    for (const group of [member, { ...member, masterId: null, bookingGroup: { master: 71200451 } }])
      for (const connection of [reading, unread])
        t.match(await staysOf(group, { connection, world: {} }), [{ name: 'Zoë Lindqvist', guest: untold }])
    const unreached = { ...world, 'bookings/71200451': { ...booking, email: '', phone: null } }
    t.match(await staysOf(member, { connection: reading, world: unreached }), [
      { guest: { name: 'Zoë Lindqvist', email: null, phone: null } }
    ])
    for (const alone of [{ masterId: 71200452 }, { masterId: null }])
      t.match(await staysOf({ ...member, ...alone }, { connection: unread }), [{ guest: { email: null } }])
  }
)

t.test('a cancellation waits a minute at most beside a booking that only the API can place', async t => {
  const [off, unplaced] = [{ status: 'cancelled' }, { unitId: 0 }].map(changes => ({
    type: 'booking',
    payload: messageOf(changes)
  })) as [PlatformEvent, PlatformEvent]
  const told = (waitedMs: number) =>
    eventsToldMeanwhile(beds24, [off, unplaced], reading, { attempts: 0, waitedMs })
  t.strictSame(told(59_999), [])
  t.strictSame(told(60_000), [off])
})

t.test('a group’s other bookings give the master’s room no other name', async t => {
  const relay = await openRelay(t)
  const group = { master: 71200451, ids: [71200451, 71200452] }
  const ivo = { firstName: 'Ivo', lastName: 'Marek', email: '', phone: '', mobile: '', unitId: 3 }
  const member = { ...booking, ...ivo, id: 71200452, masterId: 71200451, bookingGroup: group }
  const master = { ...booking, bookingGroup: group }
  const known = { 'bookings/71200451': master, 'bookings/71200452': member }
  const body = JSON.stringify([master, member].map(each => ({ ...messageOf(), booking: each })))
  await relay.deliver('demo-beds24', { event: 'booking', body, world: { ...world, ...known } })
  await relay.settle()
  const { guests, reservations } = await relay.held('demo-beds24')
  t.match(guests, [{ name: 'Zoë Lindqvist', email_address: 'zoe.lindqvist@example.com' }])
  t.match(reservations, [{ name: 'Zoë Lindqvist' }, { name: 'Ivo Marek' }])
})

t.test('a group’s booking keeps its guest when the master is cancelled', async t => {
  const relay = await openRelay(t)
  const group = { master: 71200451, ids: [71200451, 71200452] }
  const nobody = { firstName: '', lastName: '', email: '', phone: '', mobile: '' }
  const member = { ...booking, ...nobody, id: 71200452, masterId: 71200451, bookingGroup: group }
  const tell = async (bookings: object[], known: Record<string, unknown>) => {
    const body = bookings.map(each => ({ ...messageOf(), booking: each }))
    const sample = { event: 'booking', body: JSON.stringify(body), world: { ...world, ...known } }
    t.equal((await relay.deliver('demo-beds24', sample)).status, 200)
    await relay.settle()
    return relay.held('demo-beds24')
  }
  const master = { ...booking, bookingGroup: group, unitId: 3 }
  const known = { 'bookings/71200451': master, 'bookings/71200452': member }
  const { guests } = await tell([master, member], known)
  t.match(guests, [{ email_address: 'zoe.lindqvist@example.com' }])
  const off = { ...master, status: 'cancelled', modifiedTime: '2027-02-12T08:00:00Z' }
  await tell([off], { ...known, 'bookings/71200451': off })
  const moved = { ...member, unitId: 1, modifiedTime: '2027-02-13T08:00:00Z' }
  const held = await tell([moved], { 'bookings/71200451': off, 'bookings/71200452': moved })
  t.same(held.guests, guests)
  t.match(held.reservations, [{ guest_key: guests?.[0]?.guest_key, space_keys: ['demo-beds24:488021-1'] }])
})

t.test('what a token may not read beside a booking holds up neither it nor others', async t => {
  const told = messageOf({ unitId: 0 })
  const unplaced = { ...world, 'bookings/71200451': { ...booking, unitId: 0, infoItems } }
  const read = async (status: number, patience = notAskedOften) =>
    beds24.hydration?.read(
      [{ type: 'booking', payload: told }],
      patience(apiOf(unplaced, answering('/v2/properties', { status })))
    )
  t.match(await read(403), [{ booking: { id: 71200451, unitId: 0 }, qty: undefined }])
  await t.rejects(read(503), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
  await t.rejects(
    read(503, api => api),
    { code: 'RELAY_PLATFORM_UNAVAILABLE' },
    'however often it was asked for: nobody else tells whether a unit is needed'
  )

  const member = { ...booking, id: 71200452, masterId: 71200451, email: '', phone: '', mobile: '' }
  const masterless: StandIn = (request, ...rest) =>
    request.query.id?.[0] === '71200451' ? { status: 403 } : standIn(request, ...rest)
  const grouped = apiOf({ ...world, 'bookings/71200452': member }, masterless)
  const events = [{ type: 'booking', payload: messageOf(member) }]
  t.match(await beds24.hydration?.read(events, notAskedOften(grouped)), [
    { booking: { id: 71200452 }, master: undefined }
  ])
})

t.test(
  'a type with one unit needs none to be given; bookings without a unit are normal elsewhere',
  async t => {
    const unplaced = (qty: unknown, unitId: unknown = 0) => ({
      ...world,
      'bookings/71200451': { ...booking, unitId },
      'rooms/488021': { ...rooms, qty }
    })
    t.match(await staysOf({ unitId: 0 }, { connection: reading, world: unplaced(1) }), [
      { places: ['488021-1'] }
    ])
    t.match(await staysOf({ unitId: null }, { connection: reading, world: unplaced(1, null) }), [
      { places: ['488021-1'] }
    ])
    t.match(await staysOf({ unitId: 0 }, { connection: reading, world: unplaced(3) }), [{ places: [] }])
    const nowhere = { 'bookings/71200451': { ...booking, unitId: 0 } }
    t.match(await staysOf({ unitId: 0 }, { connection: reading, world: nowhere }), [{ places: [] }])
    t.match(await staysOf({ unitId: 0, roomId: null }, { connection: reading }), [{ places: [] }])
  }
)

t.test('what nobody reads is not kept', async t => {
  const rich = {
    ...world,
    'bookings/71200451': { ...booking, infoItems, notes: 'quiet', stripeToken: 'tok_1', price: 420 }
  }
  const facts = await beds24.hydration?.read([{ type: 'booking', payload: messageOf() }], apiOf(rich))
  t.notMatch(JSON.stringify(facts), /quiet|tok_1|420|9010022/)
  const bare = { 'bookings/71200451': booking }
  const answer: StandIn = answering('/v2/bookings', { status: 200, body: { success: true, data: [booking] } })
  const told = await beds24.hydration?.read([{ type: 'booking', payload: messageOf() }], apiOf(bare, answer))
  t.notMatch(JSON.stringify(told), /infoItems/, 'items that are not told are not told to be none')
})

t.test('a place has hours and address of its property, and the zone of the account', async t => {
  t.strictSame(await readPlace('488021-2', apiOf(world)), {
    name: 'Double 204',
    timeZone: 'Europe/Stockholm',
    checkInTime: '15:00',
    checkOutTime: '11:00',
    address: '12 Quay Road, 411 21 Gothenburg, SE',
    latitude: 57.7072,
    longitude: 11.9668
  })
  t.equal(await readPlace('1-1', apiOf(world)), undefined)
  t.equal(await readPlace('', apiOf(world)), undefined)
})

t.test('names of units may be empty; the only unit of a type is called as the type is', async t => {
  const nameOf = async (id: string, changes: object = {}) =>
    (await readPlace(id, apiOf({ ...world, 'rooms/488021': { ...rooms, ...changes } })))?.name
  t.equal(await nameOf('488021-3'), 'Double 3')
  t.equal(await nameOf('488021-9'), 'Double 9')
  t.equal(await nameOf('488021-1', { qty: 1, name: 'Sea View' }), 'Sea View')
})

t.test('of several accounts the owner’s tells the zone', async t => {
  const zoneOf = async (changes: Record<string, unknown>, play?: StandIn) =>
    (await readPlace('488021-2', apiOf({ ...world, ...changes }, play)))?.timeZone
  const second = { 'accounts/2': { id: 2, timezone: 'Europe/Oslo' } }
  t.equal(await zoneOf(second), 'Europe/Stockholm')
  t.equal(
    await zoneOf({ 'accounts/30991': { id: 5, ownerId: 30991, timezone: 'Europe/Riga' }, ...second }),
    'Europe/Riga'
  )
  t.equal(await zoneOf({ ...second, 'properties/224410': { ...house, account: undefined } }), undefined)
  t.equal(await zoneOf({ 'properties/224410': { ...house, account: undefined } }), 'Europe/Stockholm')
  t.equal(await zoneOf({ 'properties/224410': { ...house, timezone: 'Europe/Paris' } }), 'Europe/Paris')
  t.equal(await zoneOf({}, answering('/v2/accounts', { status: 403 })), undefined, 'accounts may not be read')
})

t.test('a place keeps hours, name and address whatever is answered for the accounts', async t => {
  const placeWith = (answer: { status: number; body?: unknown }, patience = notAskedOften) =>
    readPlace('488021-2', patience(apiOf(world, answering('/v2/accounts', answer))))
  const told = { name: 'Double 204', timeZone: undefined, checkInTime: '15:00', address: /12 Quay Road/ }
  for (const status of [400, 401, 403, 404]) t.match(await placeWith({ status }), told, `${status}`)
  for (const passing of [{ status: 500 }, { status: 200, body: { success: false } }]) {
    await t.rejects(placeWith(passing), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
    t.match(await placeWith(passing, api => api), told, 'asked often enough')
  }
})

t.test('the stand-in demands what Beds24 demands', async t => {
  const settings = { refresh_token: 'r' }
  const ask = (path: string, more: object = {}) =>
    standIn(
      { method: 'GET', path, query: {}, headers: { token: 'stand-in-token-of-r' }, body: undefined, ...more },
      new Map(Object.entries({ ...world, 'bookings/1': { id: 1, status: 'cancelled' } })),
      settings
    )
  t.equal(ask('/v2/authentication/token').status, 401)
  t.match(ask('/v2/authentication/token', { headers: { refreshtoken: 'r' } }), {
    body: { token: 'stand-in-token-of-r' }
  })
  t.equal(ask('/v2/bookings', { headers: {} }).status, 401)
  t.equal(ask('/v2/bookings', { method: 'POST' }).status, 405)
  t.equal(ask('/v2/other').status, 404)
  t.match(
    ask('/v2/bookings', { query: { id: ['1'] } }),
    { body: { data: [] } },
    'cancelled ones are left out'
  )
  t.match(ask('/v2/bookings', { query: { id: ['2'] } }), { body: { data: [] } })
  t.notOk(JSON.stringify(ask('/v2/bookings', { query: { id: ['71200451'] } }).body).includes('infoItems'))
})

t.test('without an api the body is all there is', async t => {
  t.match(await translated(messageOf(), { connection: unread }), [{ stays: [{ places: ['488021-2'] }] }])
})
