import t from 'tap'
import { hydration, readPlace } from '../../../src/platforms/ownerrez/hydrate.ts'
import { standIn } from '../../../src/platforms/ownerrez/stand-in.ts'
import type { PlatformEvent } from '../../../src/platforms/platform.ts'
import type { StandIn } from '../../../src/platforms/samples.ts'
import { notAskedOften, testApi } from '../api.ts'
import {
  booking,
  bookingOf,
  guest,
  hold,
  reading,
  receivedAt,
  translated,
  updatedAt,
  webhook
} from './bodies.ts'

const settings = reading.api ?? {}
const door_codes = [{ code: '5512', lock_name: 'Front door' }]
const world = { 'bookings/17000001': { ...booking, door_codes }, 'guests/620000001': guest }

function apiOf(entities: Record<string, unknown> = world) {
  return testApi(standIn, settings, new Map(Object.entries(entities)))
}

const eventOf = (body: { entity_id?: unknown }, type = 'booking.entity_update'): PlatformEvent => ({
  type,
  payload: { ...body, entity_id: String(body.entity_id) }
})

t.test('events of ids alone have to be read, half full ones are where they can be', async t => {
  const wants = (body: { entity_id?: unknown }, type?: string) =>
    hydration.wants(eventOf(body, type), reading)
  t.equal(wants(webhook()), 'must')
  t.equal(wants(webhook({ id: 17000001 })), 'must', 'an entity with nothing but its id tells nothing')
  t.equal(wants(webhook(booking)), 'may')
  t.equal(wants(webhook(guest), 'guest.entity_update'), 'may')
  t.equal(wants(webhook(), 'property.entity_create'), 'must')
})

t.test('no outage delays a cancellation, a block or a deletion', async t => {
  const wants = (body: { entity_id?: unknown }, type?: string) =>
    hydration.wants(eventOf(body, type), reading)
  t.equal(wants(webhook({ ...booking, status: 'canceled' })), 'no')
  t.equal(wants(webhook(hold)), 'no')
  t.equal(wants(webhook({ status: 'canceled' })), 'may', 'unless it does not say when')
  t.equal(wants(webhook(), 'booking.entity_delete'), 'no')
  t.equal(wants(webhook(), 'inquiry.entity_update'), 'no')
  t.equal(hydration.wants({ type: 'booking.entity_update', payload: {} }, reading), 'no')
})

t.test('who asks says who they are, with the e-mail and the token, and asks for codes', async t => {
  const api = apiOf()
  await hydration.read([eventOf(webhook(booking))], api)
  const basic = Buffer.from(`${settings.username}:${settings.token}`).toString('base64')
  t.match(api.requests, [
    {
      method: 'GET',
      path: '/v2/bookings/17000001',
      query: { include_door_codes: ['true'], include_guest: ['true'] },
      headers: { authorization: `Basic ${basic}`, 'user-agent': /relay/ }
    },
    { method: 'GET', path: '/v2/guests/620000001', query: {} }
  ])
})

t.test('e-mail, phone and code come from the reading, the guest as new as the receipt', async t => {
  t.match(await bookingOf({}, { connection: reading, world }), {
    version: updatedAt,
    stays: [
      {
        preferredCode: '5512',
        guest: {
          id: '620000001',
          name: 'Petra Novak',
          email: 'petra@example.com',
          phone: '+1 303 555 0101',
          version: receivedAt
        }
      }
    ]
  })
})

t.test('a reading is believed before the webhook, and its clock counts', async t => {
  const later = { ...booking, status: 'canceled', updated_utc: '2026-02-09T08:00:00Z' }
  const change = await bookingOf({}, { connection: reading, world: { 'bookings/17000001': later } })
  t.match(change, { cancelled: true, version: Date.parse('2026-02-09T08:00:00Z') })
})

t.test('a reading that lags behind its webhook adds what is missing and takes nothing back', async t => {
  const later = { departure: '2026-03-18', updated_utc: '2026-02-09T08:00:00Z' }
  t.match(await bookingOf(later, { connection: reading, world }), {
    version: Date.parse('2026-02-09T08:00:00Z'),
    stays: [
      {
        end: { date: '2026-03-18' },
        preferredCode: '5512',
        guest: { name: 'Petra Novak', email: 'petra@example.com' }
      }
    ]
  })
  const stillHeld = { ...world, 'bookings/17000001': hold }
  t.match(await bookingOf({}, { connection: reading, world: stillHeld }), {
    version: updatedAt,
    stays: [{ start: { time: '15:00' }, guest: { id: '620000001', email: 'petra@example.com' } }]
  })
  const atOnce = { updated_utc: hold.created_utc }
  t.match(
    await bookingOf(atOnce, { connection: reading, world: stillHeld }),
    { stays: [{ start: { time: '15:00' } }] },
    'within the second that the hold was made in, too'
  )
})

t.test('a name told of the former guest or property is not put on the one who was read instead', async t => {
  const { guest: _, property: __, ...bare } = booking
  const moved = { ...bare, guest_id: 620000009, property_id: 470009, updated_utc: '2026-02-09T08:00:00Z' }
  const told = await translated(webhook(booking), {
    connection: reading,
    world: { 'bookings/17000001': moved }
  })
  t.match(told, [{ stays: [{ places: ['470009'], guest: { id: '620000009', name: undefined } }] }])
})

t.test('ids alone are enough where the rest can be read', async t => {
  t.strictSame(
    await translated(webhook(), { connection: reading, world }),
    await translated(webhook(booking), { connection: reading, world })
  )
  t.strictSame(await translated(webhook()), { ignored: 'nothing but an id, and it could not be read' })
})

t.test('a guest who cannot be read leaves the name that the booking tells', async t => {
  const guestless = { 'bookings/17000001': booking }
  const told = await bookingOf({}, { connection: reading, world: guestless })
  t.match(told.stays[0]?.guest, { id: '620000001', name: 'Petra Novak' })
  const nobody = { ...booking, guest_id: null, guest: null }
  const facts = await hydration.read([eventOf(webhook(booking))], apiOf({ 'bookings/17000001': nobody }))
  t.match(facts, [{ entity: { status: 'active' } }])
})

t.test('what is gone is over', async t => {
  const gone = (more: object, told?: object) =>
    translated(webhook(told, more), { connection: reading, world: {} })
  t.match(
    await gone({}, { ...booking, status: 'canceled', updated_utc: undefined, created_utc: undefined }),
    [{ bookingId: '17000001', cancelled: true, version: receivedAt, emptyBecause: 'gone' }]
  )
  t.match(await gone({ entity_type: 'guest', entity_id: 5 }), [{ change: 'remove', kind: 'guest', id: '5' }])
})

t.test(
  'a booking that is not found for a while is back once it is found, unchanged as it may be',
  async t => {
    const gone = (told?: object) => translated(webhook(told), { connection: reading, world: {} })
    const over = { change: 'stays', bookingId: '17000001', stays: [], emptyBecause: 'not found' }
    t.strictSame(await gone(booking), [{ ...over, version: updatedAt }])
    t.equal(
      (await bookingOf({}, { connection: reading, world })).version,
      updatedAt,
      'the later of them counts'
    )
    t.match(await gone(), { ignored: /^the booking is not found/ }, 'ids alone do not tell when')
  }
)

t.test(
  'trap: an answer without a status is none, and makes no older word of a webhook a new one',
  async t => {
    for (const answer of [{}, { ...booking, status: undefined }, { ...booking, status: null }]) {
      const api = apiOf({ ...world, 'bookings/17000001': answer })
      const read = hydration.read([eventOf(webhook(booking))], api)
      await t.rejects(read, { code: 'RELAY_PLATFORM_UNAVAILABLE', retryable: true })
    }
    const ofGuest = eventOf(webhook(guest, { entity_id: 620000001 }), 'guest.entity_update')
    t.match(await hydration.read([ofGuest], apiOf()), [{ entity: { id: 620000001 } }], 'guests have none')
  }
)

t.test('a property that is not found was not deleted: OwnerRez tells that', async t => {
  for (const action of ['entity_create', 'entity_update'])
    for (const entity of [undefined, { id: 6, name: 'Cabin 6' }]) {
      const told = webhook(entity, { action, entity_type: 'property', entity_id: 6 })
      t.match(await translated(told, { connection: reading }), { ignored: /^the property is not found/ })
    }
})

t.test('what is told as on is asked for several times where OwnerRez does not know it', async t => {
  const unknown = notAskedOften(apiOf({}))
  const read = (body: { entity_id?: unknown }, type?: string) =>
    hydration.read([eventOf(body, type)], unknown)
  const refused = { code: 'RELAY_PLATFORM_REFUSED', retryable: true }
  await t.rejects(read(webhook(booking)), refused)
  await t.rejects(read(webhook(), 'booking.entity_create'), refused)
  await t.rejects(read(webhook(guest), 'guest.entity_create'), refused)
  await t.rejects(read(webhook(), 'property.entity_create'), refused)
  for (const status of ['canceled', 'active']) {
    const over = { ...hold, updated_utc: undefined, status }
    t.strictSame(await read(webhook(over)), [{ gone: true }], status)
  }
})

t.test('a cancellation that does not say when is not taken back by an answer that may be behind', async t => {
  const untold = { canceled_utc: undefined, created_utc: undefined, updated_utc: undefined }
  const cancelled = [eventOf(webhook({ ...booking, ...untold, status: 'canceled' }))]
  const again = hydration.read(cancelled, notAskedOften(apiOf()))
  await t.rejects(again, { code: 'RELAY_PLATFORM_REFUSED', retryable: true })
  t.match(await hydration.read(cancelled, apiOf()), [{ entity: { status: 'active' } }])
  const over = notAskedOften(apiOf({ 'bookings/17000001': { ...booking, status: 'canceled' } }))
  t.match(await hydration.read(cancelled, over), [{ entity: { status: 'canceled' } }])
})

t.test('what differs within the second of a change is asked for again', async t => {
  const told = (changes: object, patience = notAskedOften) =>
    hydration.read([eventOf(webhook({ ...booking, ...changes }))], patience(apiOf()))
  for (const change of [
    { departure: '2026-03-17' },
    { arrival: '2026-03-11' },
    { status: 'pending' },
    { property_id: 470002, property: undefined }
  ]) {
    await t.rejects(told(change), { code: 'RELAY_PLATFORM_REFUSED', retryable: true }, JSON.stringify(change))
    t.match(await told(change, api => api), [{ entity: { status: 'active' } }], 'asked often enough')
  }
  const before = { departure: '2026-03-17', updated_utc: '2026-02-08T17:56:09Z' }
  t.match(await told(before), [{ entity: { departure: '2026-03-16' } }], 'changed since the webhook')
})

t.test('a guest whom the token may not read, or whom OwnerRez fails over, holds up no booking', async t => {
  const answering = (status: number): StandIn => {
    const known = new Map<string, unknown>(Object.entries(world))
    return (request, _world, given) =>
      request.path.startsWith('/v2/guests') ? { status } : standIn(request, known, given)
  }
  const events = [eventOf(webhook())]
  const refused = await hydration.read(events, notAskedOften(testApi(answering(403), settings)))
  t.match(refused, [{ entity: { status: 'active', door_codes }, guest: undefined }])
  const failing = testApi(answering(500), settings)
  await t.rejects(hydration.read(events, notAskedOften(failing)), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
  t.match(await hydration.read(events, failing), [{ entity: { status: 'active' }, guest: undefined }])
})

t.test('guests and properties are read again too', async t => {
  const changed = { ...guest, first_name: 'Petra Maria' }
  const property = { id: 470001, name: 'Cabin 7', check_in: '16:00' }
  const world = { 'guests/620000001': changed, 'properties/470001': property }
  const told = (entity_type: string, entity_id: number) =>
    translated(webhook(undefined, { entity_type, entity_id }), { connection: reading, world })
  t.match(await told('guest', 620000001), [{ fields: { name: 'Petra Maria Novak' } }])
  t.match(await told('property', 470001), [{ fields: { name: 'Cabin 7', checkInTime: '16:00' } }])
})

t.test('an answer about another booking, or about none, is no answer', async t => {
  for (const answer of [{ ...booking, id: 17000002 }, { message: 'try later' }]) {
    const asking = hydration.read([eventOf(webhook(booking))], apiOf({ 'bookings/17000001': answer }))
    await t.rejects(asking, { code: 'RELAY_PLATFORM_UNAVAILABLE' })
  }
})

t.test('events that name no entity of ours read nothing', async t => {
  const events = [
    { type: 'inquiry.entity_update', payload: { entity_id: '1' } },
    { type: 'booking', payload: {} }
  ]
  t.strictSame(await hydration.read(events, apiOf()), [null, null])
})

t.test('nothing is kept of money and notes', async t => {
  const noisy = { ...booking, total_amount: 830, notes: 'secret wish' }
  const facts = await hydration.read([eventOf(webhook(booking))], apiOf({ 'bookings/17000001': noisy }))
  t.notMatch(JSON.stringify(facts), /secret wish|830/)
})

t.test('a property is read as a place, and is undefined where it is gone', async t => {
  const properties = {
    'properties/470001': { id: 470001, name: 'Cabin 7', latitude: 40.4, longitude: '-105.5' }
  }
  t.match(await readPlace('470001', apiOf(properties)), {
    name: 'Cabin 7',
    latitude: 40.4,
    longitude: -105.5
  })
  t.equal(await readPlace('1', apiOf(properties)), undefined)
})

t.test('the stand-in demands credentials and a user agent, and only answers readings', async t => {
  const authorization = `Basic ${Buffer.from(`${settings.username}:${settings.token}`).toString('base64')}`
  const known = new Map<string, unknown>(Object.entries(world))
  const ask = (headers: Record<string, string>, method = 'GET', path = '/v2/bookings/17000001') =>
    standIn({ method, path, query: {}, headers, body: undefined }, known, settings)
  t.equal(ask({}).status, 401)
  t.equal(ask({ authorization }).status, 403)
  const headers = { authorization, 'user-agent': 'test' }
  t.strictSame(ask(headers), { status: 200, body: booking }, 'codes are shown to those who ask')
  t.equal(ask(headers, 'POST').status, 404)
  t.equal(ask(headers, 'GET', '/v2/quotes/1').status, 404)
})
