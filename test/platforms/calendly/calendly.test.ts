import t from 'tap'
import { calendly } from '../../../src/platforms/calendly/calendly.ts'
import { deliveryOf, demoConnection, incomingOf } from '../contract.ts'
import { body, staysIn, translated } from './bodies.ts'

const secrets = { signing_secret: ['calendly_test_key_01'] }
const text =
  '{"event":"invitee.created","created_at":"2027-02-11T08:30:05.000000Z","payload":{"email":"zoe.lindqvist@example.com",' +
  '"name":"Zoë Lindqvist","status":"active"}}'
const signature = '94b75b0606d5b9a1c0a75f6dd2e4290770faedebfc2944d93532d7dc9f4b4b8e'
const time = 1_802_334_605
const connection = demoConnection(calendly, { secrets })

async function verdict(header: string | undefined, afterMs = 0, bytes: Uint8Array = Buffer.from(text)) {
  const headers: Record<string, string> = header === undefined ? {} : { 'Calendly-Webhook-Signature': header }
  const incoming = incomingOf(connection, { body: text, headers }, {}, time * 1000 + afterMs)
  const answer = await calendly.verification.verify({ ...incoming, body: bytes }, secrets)
  return answer.ok ? 'ok' : answer.cause
}

t.test('the signature counts over the time, a dot and the exact bytes of the body', async t => {
  t.equal(Buffer.byteLength(text), 160)
  t.equal(await verdict(`t=${time},v1=${signature}`), 'ok')
  t.strictSame(calendly.verification.sign(Buffer.from(text), secrets, { now: time * 1000, id: '' }), {
    headers: { 'calendly-webhook-signature': `t=${time},v1=${signature}` }
  })
  t.equal(await verdict(`t=${time + 1},v1=${signature}`), 'signature_wrong')
  t.equal(await verdict(`t=${time},v1=${signature}`, 0, Buffer.from(text, 'latin1')), 'signature_wrong')
  t.equal(await verdict(`t=${time},v1=${'0'.repeat(64)},v1=${signature}`), 'ok', 'one v1 of several fits')
})

t.test('a signature older than three minutes is refused', async t => {
  t.equal(await verdict(`t=${time},v1=${signature}`, 180_000), 'ok')
  t.equal(await verdict(`t=${time},v1=${signature}`, 181_000), 'timestamp_outside_tolerance')
  t.equal(await verdict(`t=${time},v1=${signature}`, -181_000), 'timestamp_outside_tolerance')
})

t.test('a subscription without a key signs nothing, and is refused', async t => {
  t.equal(await verdict(undefined), 'signature_missing')
  t.equal(await verdict(signature), 'signature_malformed')
})

t.test('deliveries have no id, since two subscriptions may tell of the same invitee', async t => {
  t.equal(calendly.deliveryId, undefined)
})

t.test('newer families are ignored whatever their members are called', async t => {
  for (const event of ['meeting_recap.created', 'contact.created', 'contact.deleted']) {
    t.match(translated({ event, created_at: null }), { ignored: /about/, drift: undefined })
  }
  t.match(translated({ event: 'contacts', payload: {} }), { drift: 'unknown_event' })
})

t.test('a body that is no event becomes a dead letter', async t => {
  for (const broken of ['', '[]', 'null', '{"payload":{}}', '{"event":7}']) {
    t.throws(() => calendly.readEvents(deliveryOf(connection, { body: broken })), {
      code: 'RELAY_EVENT_UNREADABLE'
    })
  }
  t.throws(() => translated(JSON.parse(text)), { code: 'RELAY_EVENT_INVALID', message: /uri/ })
})

t.test('only the address of the invitee is required', async t => {
  const [change] = staysIn(translated({ event: 'invitee.created', payload: { uri: body('').payload.uri } }))
  t.strictSame(change?.stays, [
    {
      id: 'EVT1:INV1',
      name: undefined,
      places: undefined,
      guest: {},
      start: null,
      end: null,
      preferredCode: undefined
    }
  ])
})
