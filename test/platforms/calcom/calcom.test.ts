import t from 'tap'
import { calcom } from '../../../src/platforms/calcom/calcom.ts'
import { deliveryOf, demoConnection, incomingOf } from '../contract.ts'
import { staysIn, translated } from './bodies.ts'

const secrets = { signing_secret: ['cal_test_secret_01'] }
const text =
  '{"triggerEvent":"BOOKING_CREATED","createdAt":"2027-02-11T08:30:05.120Z","payload":{"uid":"q7Kd2mTzP9wXy4Lr8sNv",' +
  '"eventTypeId":90417,"title":"Podcast studio with Zoë Lindqvist","startTime":"2027-02-15T13:00:00Z",' +
  '"endTime":"2027-02-15T14:30:00Z","status":"ACCEPTED"}}'
const signature = 'd4a9de5bc2595e8de958fd1cef9f726a00e0316112c2b29777e684fe32767076'
const connection = demoConnection(calcom, { secrets })

function verdict(header: string | undefined, body: Uint8Array = Buffer.from(text)) {
  const headers: Record<string, string> = header === undefined ? {} : { 'X-Cal-Signature-256': header }
  return calcom.verification.verify({ ...incomingOf(connection, { body: text, headers }), body }, secrets)
}

t.test('the signature counts over the exact bytes of a body with letters beyond ASCII', async t => {
  t.equal(Buffer.byteLength(text), 267)
  t.strictSame(await verdict(signature), { ok: true })
  t.strictSame(calcom.verification.sign(Buffer.from(text), secrets, { now: 0, id: '' }), {
    headers: { 'x-cal-signature-256': signature }
  })
  t.strictSame(await verdict(signature, Buffer.from(text, 'latin1')), {
    ok: false,
    cause: 'signature_wrong'
  })
  t.strictSame(await verdict(signature, Buffer.from(text.normalize('NFD'))), {
    ok: false,
    cause: 'signature_wrong'
  })
  t.strictSame(await verdict(signature, Buffer.from(`${text}\n`)), { ok: false, cause: 'signature_wrong' })
})

t.test('a webhook without a secret is refused, whatever secret the connection has', async t => {
  t.strictSame(await verdict('no-secret-provided'), { ok: false, cause: 'signature_malformed' })
  t.strictSame(await verdict(undefined), { ok: false, cause: 'signature_missing' })
})

t.test('the signed body of the vector is a stay', async t => {
  const [change] = staysIn(translated(JSON.parse(text)))
  t.strictSame(
    change?.stays.map(stay => [stay.id, stay.places, stay.guest]),
    [['q7Kd2mTzP9wXy4Lr8sNv', ['90417'], undefined]]
  )
})

t.test('deliveries have no id, since the same booking may come from several webhooks', async t => {
  t.equal(calcom.deliveryId, undefined)
})

t.test('what a custom template makes is taken in and becomes a dead letter', async t => {
  t.strictSame(calcom.mediaTypes, ['application/x-www-form-urlencoded', 'text/plain'])
  for (const body of [
    'uid=A&status=ACCEPTED',
    'false',
    '[]',
    '"BOOKING_CREATED"',
    '{"event":"created"}',
    ''
  ]) {
    t.throws(() => calcom.readEvents(deliveryOf(connection, { body })), { code: 'RELAY_EVENT_UNREADABLE' })
  }
  const flat = { triggerEvent: 'BOOKING_CREATED', createdAt: '2027-02-11T08:30:05.120Z', uid: 'A' }
  t.throws(() => translated(flat), { code: 'RELAY_EVENT_INVALID', message: /payload/ })
})

t.test('timer events of old versions, which have no payload, are ignored like the others', async t => {
  const flat = { triggerEvent: 'MEETING_STARTED', createdAt: '2027-02-11T08:30:05.120Z', uid: 'A' }
  t.strictSame(translated(flat), { ignored: 'the clock says the same' })
})
