import { Value } from '@sinclair/typebox/value'
import t, { type Test } from 'tap'
import { apaleo } from '../../../src/platforms/apaleo/apaleo.ts'
import { openRelay } from '../../open-relay.ts'
import { deliveryOf, incomingOf, outcomesOf } from '../contract.ts'
import { halfAssigned, sampleBooking, teller } from '../sample-bookings.ts'
import { changed, connection, reservation, unit } from './world.ts'

const now = Date.parse('2027-01-10T12:00:00Z')

t.test('the documented Basic credentials pass, as a token in the path or in ?token= does', async t => {
  const verify = (secrets: Record<string, string[]>, sent: Parameters<typeof incomingOf>[2]) =>
    apaleo.verification.verify(incomingOf(connection, { body: '' }, sent), secrets)
  const basic = { username: ['apaleo'], password: ['s3cret-01'] }
  t.match(await verify(basic, { headers: { authorization: 'Basic YXBhbGVvOnMzY3JldC0wMQ==' } }), { ok: true })
  t.match(await verify(basic, { headers: { authorization: 'Basic YXBhbGVvOnMzY3JldC0wMg==' } }), {
    cause: 'credentials_wrong'
  })
  t.match(await verify(basic, { headers: { 'x-apaleo-signature': 'abc' } }), { cause: 'credentials_missing' })
  t.match(await verify({ token: ['t'] }, { token: 't' }), { ok: true })
  t.match(await verify({ token: ['old', 'new'] }, { query: { token: 'new' } }), { ok: true })
  t.match(await verify({ token: ['t'] }, { query: { token: 'x' } }), { cause: 'credentials_wrong' })
  t.equal(Value.Check(apaleo.secrets, {}), false)
  t.equal(Value.Check(apaleo.secrets, { token: 't' }), true)
})

t.test('a health check is answered, with a body and without one', async t => {
  const check = { topic: 'system', type: 'healthcheck', accountId: 'HRBR', propertyIds: ['HBR', 'HBL'] }
  for (const body of [JSON.stringify(check), '', ' \r\n\t']) {
    const [outcome] = await outcomesOf(apaleo, connection, { body })
    t.strictSame(outcome?.translation, { ignored: 'test delivery' })
  }
  const relay = await openRelay(t)
  const { token: [token] = [] } = relay.connection('demo-apaleo').secrets
  t.equal((await relay.post(`/webhooks/apaleo/demo-apaleo/${token}`, {})).status, 200, 'no body at all')
  for (const type of ['text/plain; charset=utf-8', 'application/octet-stream']) {
    const headers = { 'content-type': type }
    t.equal((await relay.post(`/webhooks/apaleo/demo-apaleo/${token}`, { headers })).status, 200, type)
  }
  t.equal((await relay.post('/webhooks/apaleo/demo-apaleo/wrong', {})).status, 401)
})

t.test('topics are compared without regard to case', async t => {
  const typeOf = (topic: string, type: string) => {
    const body = JSON.stringify({ ...changed, topic, type })
    return apaleo.readEvents(deliveryOf(connection, { body }))[0]?.type
  }
  t.equal(typeOf('Reservation', 'created'), 'reservation/created')
  t.equal(typeOf('reservation', 'created'), 'reservation/created')
  t.equal(typeOf('UnitGroup', 'deleted'), 'unitgroup/*')
  t.equal(typeOf('Block', 'cancelled'), 'block/*')
})

t.test('a body that names no topic and type is not readable', async t => {
  for (const body of ['{}', '{"topic":"Unit"}', '{"type":"changed"}', 'healthcheck', '[]']) {
    t.throws(() => apaleo.readEvents(deliveryOf(connection, { body })), { code: 'RELAY_EVENT_UNREADABLE' })
  }
})

t.test('the id of an event is the delivery’s', async t => {
  t.equal(apaleo.deliveryId?.(incomingOf(connection, { body: JSON.stringify(changed) })), changed.id)
  t.equal(apaleo.deliveryId?.(incomingOf(connection, { body: '' })), undefined)
})

t.test('another account is foreign', async t => {
  const isOwn = (body: string, api = connection.api) =>
    apaleo.isOwn?.(incomingOf(connection, { body }), { ...connection, api })
  t.equal(isOwn(JSON.stringify(changed)), true)
  t.equal(isOwn(JSON.stringify({ ...changed, accountId: 'hrbr' })), true)
  t.equal(isOwn(JSON.stringify({ ...changed, accountId: 'OTHR' })), false)
  t.equal(isOwn(JSON.stringify({ ...changed, accountId: 'OTHR' }), { client_id: 'c' }), true)
  t.equal(isOwn(''), true)
})

t.test('every sample of an event is told as apaleo spells it', async t => {
  for (const [type, make] of Object.entries(apaleo.samples.events)) {
    const sample = make({ connection: { ...connection, api: undefined }, now, serial: 1 })
    const body = JSON.parse(sample.body)
    t.equal(`${body.topic.toLowerCase()}/${body.type}`, type)
    t.match(body, { accountId: 'HRBR', timestamp: now, id: /^[\da-f-]{36}$/ })
  }
})

t.test(
  'a booking of several rooms is one of several reservations, and a tentative one is a block',
  async t => {
    const booking = sampleBooking({
      rooms: halfAssigned,
      guest: { id: 'g1', name: 'Noor', email: null, phone: null }
    })
    const { eventsOf } = teller(apaleo, connection)
    const tentative = { ...booking, status: 'tentative' as const }
    t.strictSame(eventsOf(undefined, booking), ['reservation/created', 'reservation/created'])
    t.strictSame(eventsOf(undefined, tentative), ['block/created'])
    t.strictSame(eventsOf(tentative, booking), [
      'reservation/picked-up-from-block',
      'reservation/picked-up-from-block'
    ])
    t.strictSame(
      eventsOf(booking, { ...booking, departure: '2026-06-06', rooms: booking.rooms.slice(0, 1) }),
      ['reservation/amended', 'reservation/canceled']
    )
    const swapped = {
      ...booking,
      rooms: [
        { id: 'r1', place: null },
        { id: 'r2', place: 'p2' }
      ]
    }
    t.strictSame(eventsOf(booking, swapped), ['reservation/unit-unassigned', 'reservation/unit-assigned'])
    t.strictSame(
      eventsOf(booking, { ...booking, arrival: '2026-05-30', rooms: [{ id: 'suite', place: 'p1' }] }),
      ['reservation/created', 'reservation/canceled', 'reservation/canceled']
    )
    t.strictSame(eventsOf(booking, booking), ['reservation/changed', 'reservation/changed'])
    t.strictSame(eventsOf(booking, { ...booking, status: 'cancelled' }), [
      'reservation/canceled',
      'reservation/canceled'
    ])
    t.strictSame(apaleo.samples.ids(tentative).stays, [])
    t.strictSame(
      apaleo.samples.ids({ ...booking, id: 'QKZTWVLM', rooms: [{ id: 'suite', place: 'HBR-QUX' }] }).stays,
      [{ id: 'QKZTWVLM-1', place: 'HBR-QUX' }]
    )
  }
)

/** Tells events of the reservation, so far apart, and what Seam holds after each. */
async function openStory(t: Test, gapMs: number) {
  const relay = await openRelay(t)
  let serial = 0
  return async (type: string, entity: object | null) => {
    const body = { ...changed, type, id: `e-${serial}`, timestamp: changed.timestamp + serial * gapMs }
    serial += 1
    const world = {
      'reservations/QKZTWVLM-1': entity,
      'units/HBR-QUX': { ...unit, property: { id: 'HBR' } },
      'properties/HBR': {
        timeZone: 'Europe/Stockholm',
        location: { addressLine1: 'Kajplats 4', city: 'Stockholm' }
      }
    }
    const reply = await relay.deliver('demo-apaleo', { event: type, body: JSON.stringify(body), world })
    t.equal(reply.status, 200)
    await relay.settle()
    return relay.held('demo-apaleo')
  }
}

t.test('what happens counts though `modified` does not move', async t => {
  const tell = await openStory(t, 3_600_000)
  const { unit: _unit, assignedUnits: _units, ...unassigned } = reservation
  await tell('created', unassigned)
  t.match(await tell('unit-assigned', reservation), {
    reservations: [{ space_keys: ['demo-apaleo:HBR-QUX'], ends_at: '2027-03-29T09:00:00Z' }]
  })
  const amended = { ...unassigned, unit, departure: '2027-03-28T11:00:00+02:00' }
  t.match(await tell('amended', amended), { reservations: [{ ends_at: '2027-03-28T09:00:00Z' }] })
  const off = { ...amended, status: 'Canceled', cancellationTime: '2027-02-11T13:30:05+01:00' }
  t.strictSame((await tell('canceled', off)).reservations ?? [], [])
  t.strictSame((await tell('changed', amended)).reservations ?? [], [], 'read from an API that is behind')
})

t.test(
  'from the webhook to Seam: instants across a change of clocks, then checked out, then deleted',
  async t => {
    const tell = await openStory(t, 1)
    t.match(await tell('created', reservation), {
      spaces: [{ space_key: 'demo-apaleo:HBR-QUX', name: '204' }],
      guests: [
        { name: 'Zoë Lindqvist', email_address: 'zoe.lindqvist@example.com', phone_number: '+4685550147' }
      ],
      reservations: [
        {
          reservation_key: 'demo-apaleo:QKZTWVLM-1',
          name: 'QKZTWVLM-1 Lindqvist',
          starts_at: '2027-03-26T14:00:00Z',
          ends_at: '2027-03-29T09:00:00Z',
          space_keys: ['demo-apaleo:HBR-QUX']
        }
      ]
    })
    const left = { ...reservation, status: 'CheckedOut', checkOutTime: '2027-03-28T09:05:00+02:00' }
    t.match(await tell('checked-out', left), { reservations: [{ ends_at: '2027-03-28T07:05:00Z' }] })
    t.strictSame((await tell('deleted', null)).reservations ?? [], [])
  }
)
