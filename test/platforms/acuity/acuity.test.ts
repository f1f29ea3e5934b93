import t from 'tap'
import { acuity } from '../../../src/platforms/acuity/acuity.ts'
import { translateEvent } from '../../../src/platforms/platform.ts'
import { deliveryOf, demoConnection, incomingOf } from '../contract.ts'

const secrets = { signing_secret: ['acuity_test_api_key_01'] }
const text = 'action=rescheduled&id=481516234&calendarID=77120&appointmentTypeID=310442'
const signature = 'EGMqb22EAtgbj47GjqG0Umi+0M4t6r6EE6N32772b2U='
const connection = demoConnection(acuity, { secrets })

async function verdict(header: string | undefined, body = text, keys = secrets.signing_secret) {
  const headers: Record<string, string> = header === undefined ? {} : { 'X-Acuity-Signature': header }
  const answer = await acuity.verification.verify(incomingOf(connection, { body, headers }), {
    signing_secret: keys
  })
  return answer.ok ? 'ok' : answer.cause
}

function eventsOf(body: string | Uint8Array) {
  return acuity.readEvents({ ...deliveryOf(connection, { body: '' }), body: Buffer.from(body) })
}

t.test('the signature counts over the exact bytes of the form, in base64', async t => {
  t.equal(Buffer.byteLength(text), 73)
  t.equal(await verdict(signature), 'ok')
  t.strictSame(acuity.verification.sign(Buffer.from(text), secrets, { now: 0, id: '' }), {
    headers: { 'x-acuity-signature': signature }
  })
  t.equal(await verdict(undefined), 'signature_missing')
  t.equal(await verdict(Buffer.from(signature, 'base64').toString('hex')), 'signature_malformed')
})

t.test(
  'a query string that is built again, in another order or with other escapes, does not verify',
  async t => {
    t.equal(await verdict(signature, text.split('&').reverse().join('&')), 'signature_wrong')
    t.equal(await verdict(signature, text.replace('resch', '%72esch')), 'signature_wrong')
  }
)

t.test('the keys of several users sign, and the old key for a while after a new one was made', async t => {
  t.equal(await verdict(signature, text, ['another', 'acuity_test_api_key_01']), 'ok')
  t.equal(await verdict(signature, text, ['another']), 'signature_wrong')
})

t.test('webhooks are forms', async t => {
  t.strictSame(acuity.mediaTypes, ['application/x-www-form-urlencoded'])
  t.strictSame(eventsOf(`${text}\n`), [
    {
      type: 'rescheduled',
      payload: { action: 'rescheduled', id: '481516234', calendarID: '77120', appointmentTypeID: '310442' }
    }
  ])
})

t.test('a dynamic webhook may name the action with what it is about, and may be JSON', async t => {
  t.equal(eventsOf('action=appointment.canceled&id=1')[0]?.type, 'canceled')
  t.match(eventsOf('{"action":"appointment.changed","id":481516234}'), [
    { type: 'changed', payload: { id: '481516234' } }
  ])
  t.match(eventsOf('{"action":"changed","id":"7"}'), [{ payload: { id: '7' } }])
})

t.test('what is no form of an action becomes a dead letter', async t => {
  for (const body of ['', 'id=7', 'action=&id=7', '{"action":7}', '{', Uint8Array.of(0xff, 0xfe)]) {
    t.throws(() => eventsOf(body), { code: 'RELAY_EVENT_UNREADABLE' })
  }
})

t.test('the only thing that is required is the appointment’s number', async t => {
  for (const body of [
    'action=changed',
    'action=changed&id=',
    'action=changed&id=../me',
    '{"action":"changed"}'
  ]) {
    const [event] = eventsOf(body)
    if (event === undefined) throw new Error('no event')
    t.equal(acuity.hydration?.wants(event, connection), 'no')
    const delivery = deliveryOf(connection, { body })
    t.throws(() => translateEvent(acuity, { event, facts: undefined, delivery, connection }), {
      code: 'RELAY_EVENT_INVALID'
    })
  }
})

t.test('without a reading there is nothing to say', async t => {
  const [event] = eventsOf(text)
  if (event === undefined) throw new Error('no event')
  t.equal(acuity.hydration?.wants(event, connection), 'must')
  const delivery = deliveryOf(connection, { body: text })
  t.throws(() => translateEvent(acuity, { event, facts: undefined, delivery, connection }), {
    code: 'RELAY_EVENT_UNREADABLE'
  })
})

t.test('a sale of a package is ignored', async t => {
  const [event] = eventsOf('action=order.completed&id=9002211')
  t.equal(acuity.hydration?.wants(event ?? { type: '', payload: {} }, connection), 'no')
  t.ok(Object.hasOwn(acuity.ignored, 'order.completed'))
})
