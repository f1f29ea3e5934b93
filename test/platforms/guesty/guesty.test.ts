import t from 'tap'
import { guesty } from '../../../src/platforms/guesty/guesty.ts'
import { contract } from '../contract.ts'
import { deliveryOf, incomingOf } from '../outcome.ts'
import { changesOf, connection, lean, reservationId, translated } from './readings.ts'

contract(t, guesty, connection)

const secret = 'whsec_Z3Vlc3R5LWRlbW8tc2lnbmluZy1rZXktMDAwMQ=='
const body =
  '{"event":"reservation.updated.v2","meta":{"eventId":"evt-demo-1"},"data":{"reservationId":"66f0c0ffee0000000000a001","status":"canceled"}}'
const signature = 'v1,NqTEC7BxPQv/n4msHtGfXlV9CgAEFZ9DyFubQEq2ofA='
const sentAt = 1764072000

async function verdict(headers: Record<string, string>, receivedAt = sentAt * 1000) {
  const incoming = incomingOf(connection, { body, headers }, {}, receivedAt)
  return guesty.verification.verify(incoming, { signing_secret: [secret] })
}

function signed(prefix: string, changed = signature): Record<string, string> {
  return {
    [`${prefix}-id`]: 'msg_demo0001',
    [`${prefix}-timestamp`]: String(sentAt),
    [`${prefix}-signature`]: changed
  }
}

t.test('a request signed as Guesty signs it is accepted', async t => {
  t.strictSame(await verdict(signed('svix')), { ok: true })
})

t.test('the white-label header names are accepted too', async t => {
  t.strictSame(await verdict(signed('webhook')), { ok: true })
})

t.test('one right signature among those of a rotation and of other versions is enough', async t => {
  const list = `v1a,AAAA v1,${Buffer.alloc(32).toString('base64')} ${signature}`
  t.strictSame(await verdict(signed('svix', list)), { ok: true })
  t.strictSame(await verdict(signed('svix', signature.replace('v1,', 'v0,'))), {
    ok: false,
    cause: 'signature_malformed'
  })
})

t.test('a request older than five minutes is refused', async t => {
  t.strictSame(await verdict(signed('svix'), (sentAt + 300) * 1000), { ok: true })
  t.strictSame(await verdict(signed('svix'), (sentAt + 301) * 1000), {
    ok: false,
    cause: 'timestamp_outside_tolerance'
  })
})

t.test('the headers that Guesty does not send prove nothing', async t => {
  for (const header of ['x-guesty-signature', 'x-guesty-signature-v2']) {
    t.strictSame(await verdict({ [header]: signature }), { ok: false, cause: 'signature_missing' })
  }
})

t.test('a delivery is known again by its Svix id, else by the event id in the body', async t => {
  const idOf = (headers: Record<string, string>, text = body) =>
    guesty.deliveryId?.(incomingOf(connection, { body: text, headers }))
  t.equal(idOf({ 'svix-id': 'msg_1', 'svix-timestamp': '1' }), 'msg_1')
  t.equal(idOf({ 'svix-id': 'msg_1', 'svix-timestamp': '2' }), 'msg_1')
  t.equal(idOf({ 'webhook-id': 'msg_2' }), 'msg_2')
  t.equal(idOf({}), 'evt-demo-1')
  t.equal(idOf({}, '{"event":"listing.updated"}'), undefined)
  t.equal(idOf({}, 'no JSON'), undefined)
})

t.test('there is no event for a cancellation: it is an update whose status says so', async t => {
  t.match(await changesOf(lean({ status: 'canceled' })), [
    { change: 'stays', bookingId: reservationId, stays: [], cancelled: true }
  ])
  t.match(await translated({ ...lean(), event: 'reservation.cancelled' }), { drift: 'unknown_event' })
})

t.test('calendar blocks, messages, tasks and payments are ignored with the reason', async t => {
  for (const event of ['calendar.updated.v2', 'reservation.messageSent', 'task.created', 'payments.failed']) {
    const translation = await translated({ event, data: {} })
    t.match(translation, { ignored: /\w/ })
    t.notMatch(translation, { drift: /./ })
  }
})

t.test('a body that names no event is unreadable, and the error does not quote it', async t => {
  for (const text of ['', '[]', '{"event":7,"guest":{"email":"mara@example.com"}}']) {
    t.throws(() => guesty.readEvents(deliveryOf(connection, { body: text })), {
      code: 'RELAY_EVENT_UNREADABLE',
      message: /^(?!.*mara)/
    })
  }
})

t.test('an event without the id of what it speaks of is refused', async t => {
  for (const event of ['reservation.updated.v2', 'guest.deleted', 'listing.removed']) {
    await t.rejects(translated({ event, data: { status: 'confirmed' } }), {
      code: 'RELAY_EVENT_INVALID',
      message: /\/id/
    })
  }
})

t.test('a sample booking without a room is told without one', async t => {
  const booking = {
    id: 'b1',
    status: 'tentative' as const,
    rooms: [{ id: 'r1', place: null }],
    guest: { id: 'g1', name: 'Noor Haddad', email: null, phone: null },
    arrival: '2026-06-01',
    departure: '2026-06-05',
    checkIn: '15:00',
    checkOut: '11:00',
    timeZone: 'Europe/Berlin',
    code: null,
    updatedAt: sentAt * 1000
  }
  const context = { connection, now: sentAt * 1000, serial: 1 }
  for (const rooms of [booking.rooms, []]) {
    const [sample] = guesty.samples.tell(undefined, { ...booking, rooms }, context)
    const world = sample?.world ?? {}
    const told = { world, connection: { tentative: 'push' as const } }
    t.match((await changesOf(JSON.parse(sample?.body ?? ''), told)).at(-1), { stays: [{ places: [] }] })
    t.strictSame(guesty.samples.ids({ ...booking, rooms }), { stays: [] })
  }
})
