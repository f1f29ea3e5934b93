import t from 'tap'
import { officernd } from '../../../src/platforms/officernd/officernd.ts'
import { deliveryOf, demoConnection, incomingOf } from '../contract.ts'
import { body, booking, bookingIn, eventOf, translated } from './bodies.ts'

const secrets = { signing_secret: ['officernd_test_secret'] }
const text =
  '{"event":"65f0c0ffee0000000000a001","eventType":"booking.created","data":{"object":{"_id":"65f0c0ffee0000000000b001"}}}'
const signature = '40a7a025bb647394e9213ceba4df23c56a712a106bf30a152b180ff48bd31d7f'
const timeFirst = 'd129b0e3db4543592b08e5b3041748fec3d76baaa6de2e0419da94fad5dadd65'
const time = 1_802_334_605
const connection = demoConnection(officernd, { secrets })

async function verdict(header: string | undefined, afterMs = 0) {
  const headers: Record<string, string> = header === undefined ? {} : { 'OfficeRnD-Signature': header }
  const incoming = incomingOf(connection, { body: text, headers }, {}, time * 1000 + afterMs)
  const answer = await officernd.verification.verify(incoming, secrets)
  return answer.ok ? 'ok' : answer.cause
}

t.test('the signature counts over the body, a dot and the time, and the usual order fails', async t => {
  t.equal(Buffer.byteLength(text), 119)
  t.equal(await verdict(`t=${time},signature=${signature}`), 'ok')
  t.equal(await verdict(`t=${time},signature=${timeFirst}`), 'signature_wrong')
  t.strictSame(officernd.verification.sign(Buffer.from(text), secrets, { now: time * 1000, id: '' }), {
    headers: { 'officernd-signature': `t=${time},signature=${signature}` }
  })
})

t.test('the signature may be called v1, and stand before the time', async t => {
  t.equal(await verdict(`t=${time},v1=${signature}`), 'ok')
  t.equal(await verdict(`signature=${signature}, t=${time}`), 'ok')
  t.equal(await verdict(`t=${time},v0=${signature}`), 'signature_malformed')
  t.equal(await verdict(undefined), 'signature_missing')
})

t.test('a signature older than five minutes is refused, and a clock may be wrong by as much', async t => {
  const header = `t=${time},signature=${signature}`
  t.equal(await verdict(header, 300_000), 'ok')
  t.equal(await verdict(header, 301_000), 'timestamp_outside_tolerance')
  t.equal(await verdict(header, -300_000), 'ok')
  t.equal(await verdict(header, -301_000), 'timestamp_outside_tolerance')
})

t.test('the event’s id is the delivery’s', async t => {
  t.equal(officernd.deliveryId?.(incomingOf(connection, { body: text })), '65f0c0ffee0000000000a001')
  t.equal(officernd.deliveryId?.(incomingOf(connection, { body: '{"event":7}' })), undefined)
  t.equal(officernd.deliveryId?.(incomingOf(connection, { body: '[' })), undefined)
})

t.test('the record stands in data.object; data alone is taken where it is a record', async t => {
  const { _id } = booking()
  t.match(eventOf(body('booking.created', booking())).payload, { object: { _id } })
  t.match(eventOf({ ...body('booking.created', null), data: booking() }).payload, { object: { _id } })
  for (const data of [undefined, null, 7, {}, { object: null }, { object: {} }]) {
    t.throws(() => translated({ ...body('booking.created', null), data }), { code: 'RELAY_EVENT_INVALID' })
  }
})

t.test('a record with nothing but an id waits for the rest', async t => {
  t.strictSame(bookingIn(translated(JSON.parse(text)))?.stays, [
    {
      id: '65f0c0ffee0000000000b001',
      name: undefined,
      places: undefined,
      guest: undefined,
      start: null,
      end: null,
      preferredCode: undefined
    }
  ])
})

t.test('a body that names no event becomes a dead letter', async t => {
  for (const content of ['', '[]', '{}', '{"eventType":7}', '{"eventType":" "}']) {
    t.throws(() => officernd.readEvents(deliveryOf(connection, { body: content })), {
      code: 'RELAY_EVENT_UNREADABLE'
    })
  }
})

t.test('memberships, contracts, passes and money are ignored, whatever became of them', async t => {
  for (const type of [
    'membership.created',
    'contract.signed',
    'pass.removed',
    'occupancyslot.updated',
    'fee.created',
    'memberpaymentdetails.created',
    'companyPaymentDetails.updated'
  ]) {
    t.match(translated(body(type, {})), { ignored: /./, drift: undefined }, type)
  }
  t.match(translated(body('resource.updated', {})), { drift: 'unknown_event' })
})

t.test('that the integration was cut is told to whoever looks', async t => {
  t.match(translated(body('integration.removed', {})), { ignored: /cut/, drift: undefined })
})
