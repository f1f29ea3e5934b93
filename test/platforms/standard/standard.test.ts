import { Webhook } from 'standardwebhooks'
import t from 'tap'
import { RelayError } from '../../../src/errors.ts'
import { translateEvent } from '../../../src/platforms/platform.ts'
import { standard } from '../../../src/platforms/standard/standard.ts'
import { deliveryOf, demoConnection, incomingOf } from '../contract.ts'
import { halfAssigned, sampleBooking } from '../sample-bookings.ts'

const connection = demoConnection(standard)
const secret = connection.secrets.signing_secret?.[0] ?? ''
const now = Date.parse('2026-01-01T00:00:00Z')
const body = '{"type":"guest.updated","timestamp":1777714200000,"data":{"id":"G-77","name":"Zoë Haddad"}}'

t.test('what the official library signs is taken in', async t => {
  const webhook = new Webhook(secret)
  const request = (sentAt: Date, signed = body) => ({
    ...incomingOf(connection, {
      body,
      headers: {
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
        'webhook-signature': webhook.sign('msg_1', sentAt, signed)
      }
    }),
    receivedAt: now
  })
  const verify = (incoming: ReturnType<typeof request>) =>
    standard.verification.verify(incoming, connection.secrets)

  t.strictSame(await verify(request(new Date(now))), { ok: true })
  t.strictSame(await verify(request(new Date(now - 299_000))), { ok: true })
  t.strictSame(await verify(request(new Date(now - 301_000))), {
    ok: false,
    cause: 'timestamp_outside_tolerance'
  })
  t.strictSame(await verify(request(new Date(now), `${body} `)), { ok: false, cause: 'signature_wrong' })
  t.equal(standard.deliveryId?.(request(new Date(now))), 'msg_1')
})

t.test('the official library accepts what the samples are signed with', async t => {
  const signed = standard.verification.sign(Buffer.from(body), connection.secrets, {
    now: Date.now(),
    id: 'msg_2'
  })
  t.strictSame(new Webhook(secret).verify(body, signed.headers ?? {}), JSON.parse(body))
})

t.test('a body without a type cannot be read', async t => {
  for (const text of ['{}', '{"type":7}', '[]', '"reservation.updated"', 'null', '', '{"type":']) {
    t.throws(() => standard.readEvents(deliveryOf(connection, { body: text })), {
      code: 'RELAY_EVENT_UNREADABLE'
    })
  }
})

t.test('an event of an unknown type is kept and does nothing', async t => {
  t.strictSame(outcome({ type: 'reservation.moved' }), {
    ignored: 'Standard event "reservation.moved" is not known',
    drift: 'unknown_event'
  })
})

t.test('an event that is wrong says where', async t => {
  const wrong = {
    type: 'guest.updated',
    timestamp: 1777714200000,
    data: { id: 'G-77', mail: 'noor@example.com' }
  }
  t.throws(
    () => outcome(wrong),
    new RelayError(
      'RELAY_EVENT_INVALID',
      'guest.updated: /data/mail is not known; allowed here are id, name, first_name, last_name, email, phone, updated_at'
    )
  )
})

t.test('text that would become another one is refused at its place, and two ids stay two', async t => {
  for (const id of ['R-1\udc00', 'R-1\ud800']) {
    const off = { type: 'reservation.cancelled', timestamp: 1777714200000, data: { id } }
    t.throws(
      () => outcome(off),
      new RelayError('RELAY_EVENT_INVALID', '/data/id must be Unicode text without half of a surrogate pair')
    )
  }
  const noted = { type: 'guest.updated', timestamp: 1777714200000, data: { id: 'G-77', name: 'Noor\0' } }
  t.throws(() => outcome(noted), { message: '/data/name must be Unicode text without the character U+0000' })
})

t.test('a cancellation counts whatever its empty texts stand for', async t => {
  const data = { id: 'R-1', listing_id: '', starts_at: '', status: '', guest: '', units: '' }
  t.match(outcome({ type: 'reservation.cancelled', timestamp: 1777714200000, data }), [
    { change: 'stays', bookingId: 'R-1', cancelled: true, stays: [] }
  ])
})

t.test('a sample booking waits for the unit that has no listing yet', async t => {
  const booking = sampleBooking({ rooms: halfAssigned })
  const [told] = standard.samples.tell(booking, booking, { connection, now, serial: 1 })
  const [change] = [outcome(JSON.parse(told?.body ?? ''))].flat()
  t.match(change, {
    stays: [
      { id: 'b1_r1', places: ['p1'] },
      { id: 'b1_r2', places: [] }
    ]
  })
  t.strictSame(standard.samples.ids(booking), { stays: [{ id: 'b1_r1', place: 'p1' }] })
})

function outcome(payload: Record<string, unknown>) {
  const delivery = deliveryOf(connection, { body: JSON.stringify(payload) })
  const [event] = standard.readEvents(delivery)
  if (event === undefined) throw new Error('there is no event')
  return translateEvent(standard, { event, facts: undefined, delivery, connection })
}
