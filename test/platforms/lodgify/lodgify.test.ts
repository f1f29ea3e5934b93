import { createHmac } from 'node:crypto'
import t from 'tap'
import { lodgify } from '../../../src/platforms/lodgify/lodgify.ts'
import { openRelay } from '../../open-relay.ts'
import { incomingOf } from '../contract.ts'
import { reading, unread, webhook } from './bodies.ts'

const body = '{"action":"booking_change","booking":{"id":123456,"status":"Declined"}}'
const digest = '8f271bb9ebe8ebc9e5a8181fa805f3cf2089bf33cb02c973fa6f5635f572c294'
const secrets = { signing_secret: ['demo-lodgify-secret'] }

async function verdict(header: string | undefined, using: Record<string, string[]> = secrets) {
  const signed = header === undefined ? {} : { headers: { 'ms-signature': header } }
  return lodgify.verification.verify(incomingOf(unread, { body }, signed), using)
}

t.test('the computed vector verifies, in lower and in upper case', async t => {
  t.strictSame(await verdict(`sha256=${digest}`), { ok: true })
  t.strictSame(await verdict(`sha256=${digest.toUpperCase()}`), { ok: true })
  t.strictSame(await verdict(`SHA256=${digest.toUpperCase()}`), { ok: true })
  t.strictSame(await verdict(digest), { ok: true }, 'and without its prefix')
})

t.test('requests are signed as the vector is', async t => {
  const at = { now: 0, id: 'x' }
  t.strictSame(lodgify.verification.sign(Buffer.from(body), secrets, at), {
    headers: { 'ms-signature': `sha256=${digest}` }
  })
})

t.test('what is not the signature of this body is refused with its cause', async t => {
  t.strictSame(await verdict(undefined), { ok: false, cause: 'signature_missing' })
  t.strictSame(await verdict('sha256='), { ok: false, cause: 'signature_missing' })
  t.strictSame(await verdict('sha256=zz'), { ok: false, cause: 'signature_malformed' })
  t.strictSame(await verdict(`sha256=${digest.replace('8', '9')}`), { ok: false, cause: 'signature_wrong' })
  const base64 = createHmac('sha256', 'demo-lodgify-secret').update(body).digest('base64')
  t.equal((await verdict(`sha256=${base64}`)).ok, false)
})

t.test('each subscription has a secret of its own: all that are kept are tried', async t => {
  const several = { signing_secret: ['secret-of-another-event', 'demo-lodgify-secret', 'and-a-third'] }
  t.strictSame(await verdict(`sha256=${digest}`, several), { ok: true })
})

t.test('a retry has no id of its own, and the same body is legitimate tomorrow', async t => {
  t.equal(lodgify.deliveryId, undefined)
})

t.test('every subscription gets an address of its own', async t => {
  for (const [event, make] of Object.entries(lodgify.samples.events)) {
    const sample = make({ connection: reading, now: 0, serial: 1 })
    t.strictSame(sample.query, { event })
    t.equal(JSON.parse(sample.body).action, event)
  }
})

t.test('a change of status is told twice, by the subscriptions to changes and to that status', async t => {
  const context = { connection: reading, now: 0, serial: 1 }
  const booking = {
    id: 'b1',
    status: 'confirmed' as const,
    rooms: [{ id: 'r1', place: null }],
    guest: { id: 'g1', name: 'Lea Kranz', email: null, phone: null },
    arrival: '2026-06-01',
    departure: '2026-06-03',
    checkIn: '15:00',
    checkOut: '11:00',
    timeZone: 'Europe/Berlin',
    code: null,
    updatedAt: 0
  }
  const tentative = { ...booking, status: 'tentative' as const }
  const told = (...args: Parameters<typeof lodgify.samples.tell>) =>
    lodgify.samples.tell(...args).map(({ event }) => event)
  t.strictSame(told(undefined, tentative, context), ['booking_new_any_status'])
  t.strictSame(told(undefined, booking, context), ['booking_new_any_status', 'booking_new_status_booked'])
  t.strictSame(told(tentative, booking, context), ['booking_change', 'booking_status_change_booked'])
  t.strictSame(told(booking, booking, context), ['booking_change'])
  t.strictSame(lodgify.samples.ids(booking), { stays: [] }, 'a booking without a room has no stay')
})

const connections = `
connections:
  - id: brisa
    platform: lodgify
    customer_key: brisa
    secrets: { signing_secret: [secret-of-new-bookings, secret-of-all-changes] }
    time_zone: Europe/Lisbon
    check_in_time: "16:00"
    check_out_time: "11:00"
    country: "NO"
`

t.test(
  'ten repeats of a webhook are one stay, an unreadable neighbour spoils none, Declined takes it away',
  async t => {
    const relay = await openRelay(t, { connections, platforms: { lodgify } })
    async function post(content: unknown, secret: string): Promise<number> {
      const body = JSON.stringify(content)
      const signature = createHmac('sha256', secret).update(body).digest('hex')
      const headers = { 'content-type': 'application/json', 'ms-signature': `sha256=${signature}` }
      return (await relay.post('/webhooks/lodgify/brisa?event=booking_change', { headers, body })).status
    }
    t.equal(await post(webhook({}, { action: 'booking_new_status_booked' }), 'secret-of-new-bookings'), 200)
    await relay.settle()
    const held = await relay.held('brisa')
    t.same(held.reservations, [
      {
        reservation_key: 'brisa:9100001',
        name: 'HMDEMO7788',
        starts_at: '2026-05-21T15:00:00Z',
        ends_at: '2026-05-24T10:00:00Z',
        guest_key: 'brisa:AJdemoGuestUid0001',
        space_keys: ['brisa:410010']
      }
    ])
    const calls = (await relay.state()).calls
    for (let repeat = 0; repeat < 10; repeat += 1) await post([webhook()], 'secret-of-all-changes')
    await relay.settle()
    t.same(await relay.held('brisa'), held)
    t.same((await relay.state()).calls, calls, 'without a single call more')
    t.equal(await post(webhook({}), 'secret-of-nobody'), 401)
    const second = webhook({ id: 9100002, property_id: 410011 })
    t.equal(await post([{ action: 'booking_change', booking: {} }, 7, second], 'secret-of-all-changes'), 200)
    await relay.settle()
    t.match((await relay.held('brisa')).reservations, [
      { reservation_key: 'brisa:9100001' },
      { reservation_key: 'brisa:9100002' }
    ])
    await post(webhook({ status: 'Declined' }), 'secret-of-all-changes')
    await relay.settle()
    t.match((await relay.held('brisa')).reservations, [{ reservation_key: 'brisa:9100002' }])
  }
)
