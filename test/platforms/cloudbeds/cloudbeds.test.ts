import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { cloudbeds } from '../../../src/platforms/cloudbeds/cloudbeds.ts'
import { openRelay } from '../../open-relay.ts'
import { deliveryOf, incomingOf, outcomesOf } from '../contract.ts'
import { halfAssigned, sampleBooking, teller } from '../sample-bookings.ts'
import { connection, created, reservation } from './world.ts'

const now = Date.parse('2027-01-10T12:00:00Z')

function idOf(body: string) {
  return cloudbeds.deliveryId?.(incomingOf(connection, { body }))
}

t.test('the header agreed with the subscription is compared, else the token in the address', async t => {
  const secrets = { header: ['X-Relay-Key'], value: ['s3cret'] }
  const verify = (headers: Record<string, string>) =>
    cloudbeds.verification.verify(incomingOf(connection, { body: '{}', headers }), secrets)
  t.strictSame(await verify({ 'x-relay-key': 's3cret' }), { ok: true })
  t.strictSame(await verify({ 'x-relay-key': 's3cre' }), { ok: false, cause: 'credentials_wrong' })
  t.strictSame(await verify({}), { ok: false, cause: 'credentials_missing' })
  const byToken = incomingOf(connection, { body: '{}' }, { token: 'unguessable' })
  t.strictSame(await cloudbeds.verification.verify(byToken, { token: ['unguessable'] }), { ok: true })
  t.equal(Value.Check(cloudbeds.secrets, { token: 't' }), true)
  t.equal(Value.Check(cloudbeds.secrets, { header: 'h', value: 'v' }), true)
  t.equal(Value.Check(cloudbeds.secrets, {}), false)
})

t.test('the event id is made of event, property, entity and timestamp, as in the vector', async t => {
  const vector = 'b07a53b53c2743891aeedb175adb2f44e7f27700f0a925a1c2884958dcaad7ab'
  t.equal(idOf(JSON.stringify(created)), vector)
  t.equal(idOf(JSON.stringify({ ...created, actor: { type: 'user' } })), vector, 'whatever else is told')
})

t.test('the timestamp of the event id is the text of the raw body', async t => {
  const raw = (text: string) =>
    JSON.stringify({ ...created, timestamp: 0 }).replace('"timestamp":0', `"timestamp": ${text}`)
  t.not(idOf(raw('1802334605.440659')), idOf(raw('1802334605.4406590')))
  t.not(idOf(raw('1802334605.4406591111')), idOf(raw('1802334605.4406591112')), 'further than a number goes')
})

t.test('what could be another event has no id', async t => {
  const without = (name: string) => JSON.stringify({ ...created, [name]: undefined, propertyID: undefined })
  for (const name of ['event', 'timestamp', 'reservationID', 'propertyID_str']) {
    t.equal(idOf(without(name)), undefined, name)
  }
  t.equal(idOf('no JSON'), undefined)
  const moved = { ...created, event: 'reservation/accommodation_changed' }
  const ids = ['5566778899', '5566778899-1'].map(subReservationId =>
    idOf(JSON.stringify({ ...moved, subReservationId }))
  )
  t.not(ids[0], ids[1], 'two rooms that are moved at once')
})

t.test('the case of members differs between events and does not matter', async t => {
  const spellings = [
    { propertyID: 7, propertyID_str: '7', reservationID: '1' },
    { propertyId: 7, propertyId_str: '7', reservationId: '1' },
    { PROPERTYID: 7, RESERVATIONID: 1 }
  ]
  for (const members of spellings) {
    const body = JSON.stringify({ event: 'reservation/dates_changed', timestamp: '12.5', ...members })
    t.strictSame(cloudbeds.readEvents(deliveryOf(connection, { body })), [
      { type: 'reservation/dates_changed', payload: { property: '7', timestamp: 12.5, reservation: '1' } }
    ])
  }
  const [event] = cloudbeds.readEvents(
    deliveryOf(connection, {
      body: '{"event":"guest/created","guestID":"2","guestId":"3","timestamp":"soon"}'
    })
  )
  t.strictSame(event?.payload, { guest: '2' }, 'the first of two spellings counts')
})

t.test(
  'a guest who changes rooms is told with a sub-reservation alone, which names the reservation',
  async t => {
    for (const subReservationId of ['5566778899', '5566778899-1', '5566778899-12']) {
      const body = JSON.stringify({
        event: 'guest/accommodation_changed',
        timestamp: 12.5,
        propertyId_str: '7',
        guestId: '2',
        subReservationId,
        roomId: '410022-4',
        roomIdPrev: '410022-2'
      })
      t.strictSame(cloudbeds.readEvents(deliveryOf(connection, { body })), [
        {
          type: 'guest/accommodation_changed',
          payload: { property: '7', timestamp: 12.5, reservation: '5566778899', guest: '2' }
        }
      ])
    }
  }
)

t.test('property ids of 16 digits and more keep every digit', async t => {
  const propertyOf = (members: string) => {
    const [event] = cloudbeds.readEvents(
      deliveryOf(connection, { body: `{"event":"reservation/deleted","reservationId":"1",${members}}` })
    )
    return (event?.payload as { property?: string } | undefined)?.property
  }
  t.equal(propertyOf('"propertyId":6980934886712340,"propertyId_str":"6980934886712340"'), '6980934886712340')
  t.equal(propertyOf('"propertyId":96980934886712341'), '96980934886712341')
  t.equal(propertyOf('"propertyId":-1e300'), undefined)
  t.equal(propertyOf('"propertyId":{}'), undefined)
})

t.test('only properties of the connection are its own', async t => {
  const isOwn = (property_id: string | undefined, body: object | string) =>
    cloudbeds.isOwn?.(
      incomingOf(connection, { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      { ...connection, api: { api_key: 'k', ...(property_id !== undefined && { property_id }) } }
    )
  t.equal(isOwn('700123', created), true)
  t.equal(isOwn('1, 700123', created), true)
  t.equal(isOwn('700124', created), false)
  t.equal(isOwn(undefined, created), true)
  t.equal(isOwn('700124', 'no JSON'), true, 'what cannot be read is not foreign')
  t.equal(isOwn('700124', { event: 'night_audit/completed' }), true)
})

t.test('a body without an event is not readable', async t => {
  for (const body of ['', '[]', '{}', '{"event":" "}']) {
    t.throws(() => cloudbeds.readEvents(deliveryOf(connection, { body })), { code: 'RELAY_EVENT_UNREADABLE' })
  }
})

t.test('of some objects no event concerns a stay, the misspelt allotmenBlock among them', async t => {
  for (const event of [
    'housekeeping/room_condition_changed',
    'allotmentBlock/created',
    'allotmenBlock/created',
    'api_queue_task/rate_status_changed',
    'accounting/transaction',
    'fiscal_document/created'
  ]) {
    const [outcome] = await outcomesOf(cloudbeds, connection, { body: JSON.stringify({ event }) })
    t.match(outcome?.translation, { ignored: /.+/, drift: undefined }, event)
  }
})

t.test('every sample of an event is told as Cloudbeds spells it', async t => {
  for (const [type, make] of Object.entries(cloudbeds.samples.events)) {
    const { body } = make({ connection, now, serial: 1 })
    t.match(JSON.parse(body), { event: type, version: '1.0', timestamp: 1799582400.000001 })
  }
  const unnamed = cloudbeds.samples.events['reservation/created']?.({
    connection: { ...connection, api: undefined },
    now,
    serial: 1
  })
  t.match(JSON.parse(unnamed?.body ?? ''), { propertyID_str: '700123' })
})

t.test('a booking is told in Cloudbeds’ words, several events for one edit', async t => {
  const booking = sampleBooking({
    rooms: halfAssigned,
    guest: { id: 'g1', name: 'Noor', email: null, phone: null },
    code: '4711'
  })
  const { eventsOf } = teller(cloudbeds, connection)
  t.strictSame(eventsOf(undefined, booking), ['reservation/created'])
  t.strictSame(eventsOf(booking, booking), ['reservation/dates_changed'])
  t.strictSame(
    eventsOf(booking, {
      ...booking,
      status: 'cancelled',
      departure: '2026-06-06',
      rooms: booking.rooms.slice(1),
      guest: { ...booking.guest, id: 'g2' },
      code: null
    }),
    [
      'reservation/status_changed',
      'reservation/dates_changed',
      'reservation/accommodation_removed',
      'guest/assigned',
      'reservation/custom_fields_changed'
    ]
  )
  t.strictSame(
    eventsOf(booking, { ...booking, guest: { ...booking.guest, name: 'Noor Haddad' }, rooms: [] }),
    ['reservation/accommodation_removed', 'guest/details_changed']
  )
  const assigned = { ...booking, rooms: booking.rooms.map(room => ({ ...room, place: '410022-4' })) }
  t.strictSame(eventsOf(booking, assigned), ['reservation/accommodation_changed'])
  t.strictSame(cloudbeds.samples.ids(booking).stays.length, 1)
  t.match(cloudbeds.samples.ids({ ...assigned, rooms: [{ id: 'suite', place: 'p1' }] }).stays, [
    { id: /^700123:(\d+)_\1$/ }
  ])
  t.strictSame(
    cloudbeds.samples.ids({ ...assigned, id: '5566778899' }).stays.map(stay => [stay.id, stay.place]),
    [
      ['700123:5566778899_5566778899', '700123:410022-4'],
      ['700123:5566778899_5566778899-1', '700123:410022-4']
    ]
  )
})

t.test(
  'from the webhook to Seam: local dates become instants, on both sides of a change of clocks',
  async t => {
    const relay = await openRelay(t)
    const tell = async (body: object, entity: object) => {
      const world = {
        'reservations/700123/5566778899': entity,
        'hotels/700123': {
          propertyTimezone: 'America/New_York',
          propertyPolicy: { propertyCheckInTime: '15:00', propertyCheckOutTime: '11:00' }
        },
        'rooms/700123/410022-4': { roomID: '410022-4', roomName: '204' }
      }
      const reply = await relay.deliver('demo-cloudbeds', { event: 'x', body: JSON.stringify(body), world })
      t.equal(reply.status, 200)
      await relay.settle()
      return relay.held('demo-cloudbeds')
    }
    t.match(await tell(created, reservation), {
      spaces: [{ space_key: 'demo-cloudbeds:700123:410022-4', name: '204' }],
      guests: [
        {
          guest_key: 'demo-cloudbeds:700123:90817263',
          name: 'Zoë Lindqvist',
          email_address: 'zoe.lindqvist@example.com',
          phone_number: '+12125550147'
        }
      ],
      reservations: [
        {
          reservation_key: 'demo-cloudbeds:700123:5566778899_5566778899',
          name: 'Zoë Lindqvist',
          starts_at: '2027-03-12T20:00:00Z',
          ends_at: '2027-03-15T15:00:00Z',
          guest_key: 'demo-cloudbeds:700123:90817263',
          space_keys: ['demo-cloudbeds:700123:410022-4']
        }
      ]
    })
    const off = { ...created, event: 'reservation/status_changed', timestamp: created.timestamp + 60 }
    const { reservations = [], guests = [] } = await tell(off, { ...reservation, status: 'canceled' })
    t.strictSame([reservations, guests], [[], []])
    await tell({ ...created, timestamp: created.timestamp + 1 }, { ...reservation, status: 'canceled' })
    t.strictSame(
      (await relay.held('demo-cloudbeds')).reservations ?? [],
      [],
      'an older event revives nothing'
    )
  }
)

t.test('what is read for an event beside a deletion brings nothing back', async t => {
  const relay = await openRelay(t)
  const world = { 'reservations/700123/5566778899': reservation, 'hotels/700123': {} }
  const tell = async (event: string, timestamp: number) => {
    const body = JSON.stringify({ ...created, event, timestamp, guestId: '90817263' })
    t.equal((await relay.deliver('demo-cloudbeds', { event, body, world })).status, 200)
    await relay.settle()
    return (await relay.held('demo-cloudbeds')).reservations?.length ?? 0
  }
  const { timestamp } = created
  t.equal(await tell('reservation/created', timestamp), 1)
  t.equal(await tell('reservation/deleted', timestamp + 60), 0)
  t.equal(await tell('guest/removed', timestamp + 60.05), 0)
})

t.test('a stay is not held because nobody is named any more', async t => {
  const relay = await openRelay(t)
  const tell = async (later: number, changes: object) => {
    const body = JSON.stringify({ ...created, timestamp: created.timestamp + later })
    const world = {
      'reservations/700123/5566778899': { ...reservation, ...changes },
      'hotels/700123': { propertyTimezone: 'America/New_York' }
    }
    t.equal((await relay.deliver('demo-cloudbeds', { event: 'x', body, world })).status, 200)
    await relay.settle()
    const { reservations = [], guests = [] } = await relay.held('demo-cloudbeds')
    return [reservations.map(stay => stay.guest_key), guests.map(guest => guest.name)]
  }
  const named = [['demo-cloudbeds:700123:90817263'], ['Zoë Lindqvist']]
  const own = 'demo-cloudbeds:guest-of-700123:5566778899_5566778899'
  const nobody = { guestList: [], guestName: '', guestEmail: '' }
  t.strictSame(await tell(0, {}), named)
  t.strictSame(await tell(1, nobody), named, 'whom it named before')
  t.strictSame(await tell(2, { ...nobody, isAnonymized: true }), [[own], ['Guest']])
})

t.test('a person who was anonymized is forgotten in the name of the stay as well', async t => {
  const relay = await openRelay(t)
  const world = {
    'reservations/700123/5566778899': reservation,
    'hotels/700123': { propertyTimezone: 'America/New_York' },
    'guests/700123/90817263': { isAnonymized: true }
  }
  const namesAfter = async (event: string, later: number) => {
    const body = { ...created, event, timestamp: created.timestamp + later, guestId: '90817263' }
    await relay.deliver('demo-cloudbeds', { event, body: JSON.stringify(body), world })
    await relay.settle()
    const { reservations = [], guests = [] } = await relay.held('demo-cloudbeds')
    return [...reservations, ...guests].map(({ name }) => name)
  }
  t.strictSame(await namesAfter('reservation/created', 0), ['Zoë Lindqvist', 'Zoë Lindqvist'])
  t.strictSame(await namesAfter('guest/details_changed', 1), ['Guest', 'Guest'])
})

t.test('a foreign property is refused at the door', async t => {
  const relay = await openRelay(t)
  const body = JSON.stringify({ ...created, propertyID: 9, propertyID_str: '9' })
  t.equal((await relay.deliver('demo-cloudbeds', { event: 'x', body })).status, 401)
})
