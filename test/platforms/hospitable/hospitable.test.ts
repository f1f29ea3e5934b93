import { createHmac } from 'node:crypto'
import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { hospitable } from '../../../src/platforms/hospitable/hospitable.ts'
import { deliveryOf, incomingOf } from '../contract.ts'
import { connection, event, translated } from './reservations.ts'

t.test('the platform’s published signature covers the compact body', async t => {
  const signature = 'cc99bf5947391ddb0d0d9866f5b9d3a68e8b273c5ac8f699b4ae2399a7433118'
  const secrets = { signing_secret: ['123456'] }
  const verify = (body: string, sent: string) =>
    hospitable.verification.verify(incomingOf(connection, { body, headers: { Signature: sent } }), secrets)
  t.strictSame(await verify('{"foo":"bar"}', signature), { ok: true })
  t.strictSame(await verify('{"foo":"bar"}', `sha256=${signature}`), { ok: true }, 'with a prefix too')
  t.strictSame(await verify('{"foo": "bar"}', signature), { ok: false, cause: 'signature_wrong' })
})

t.test('vendor and host secrets sign alike', async t => {
  const body =
    '{"id":"01JDEMO0000000000000000001","action":"reservation.changed","data":{"id":"5b0d1c1e-0000-4000-8000-000000000001"},"created":"2025-11-25T12:00:00Z","version":"v2"}'
  const hostKey = Buffer.from('owner@example.com').toString('base64')
  const vectors = {
    'demo-vendor-secret': 'dd3d7436f840f9e2333b254e6b09ffe38dfd94da57099d79a306ae7bb64180c5',
    [hostKey]: '104c3ad5624ba679abe033ca4038096b4202f0f1c278f75c481db22e6078890f'
  }
  for (const [secret, signature] of Object.entries(vectors)) {
    const secrets = { signing_secret: ['another', secret] }
    const incoming = incomingOf(connection, { body, headers: { signature } })
    t.strictSame(await hospitable.verification.verify(incoming, secrets), { ok: true })
  }
})

t.test('webhooks that come without a signature are told by the token in the address alone', async t => {
  const secrets = { token: ['a-long-random-token'] }
  const incoming = incomingOf(connection, { body: '{}' }, { token: 'a-long-random-token' })
  t.strictSame(await hospitable.verification.verify(incoming, secrets), { ok: true })
  t.strictSame(await hospitable.verification.verify({ ...incoming, token: undefined }, secrets), {
    ok: false,
    cause: 'credentials_missing'
  })
})

t.test('with both secrets set, neither the token nor the signature is enough', async t => {
  const secrets = { token: ['a-long-random-token'], signing_secret: ['secret'] }
  const signature = createHmac('sha256', 'secret').update('{}').digest('hex')
  const verify = (headers: Record<string, string>, token?: string) =>
    hospitable.verification.verify(
      incomingOf(connection, { body: '{}', headers }, token === undefined ? {} : { token }),
      secrets
    )
  t.strictSame(await verify({ signature }, 'a-long-random-token'), { ok: true })
  t.strictSame(await verify({ signature }), { ok: false, cause: 'credentials_missing' })
  t.strictSame(await verify({}, 'a-long-random-token'), { ok: false, cause: 'signature_missing' })
})

t.test('a connection needs one of the two secrets', async t => {
  const fits = (secrets: unknown) => Value.Check(hospitable.secrets, secrets)
  t.equal(fits({ signing_secret: 's' }), true)
  t.equal(fits({ token: 't' }), true)
  t.equal(fits({}), false)
  t.equal(fits({ signing_secret: '' }), false)
  t.equal(fits({ secret: 'misspelt' }), false)
})

t.test('the event’s own id is the delivery’s', async t => {
  const idOf = (body: string) => hospitable.deliveryId?.(incomingOf(connection, { body }))
  t.equal(idOf(JSON.stringify(event)), 'e-1')
  t.equal(idOf('{"action":"reservation.changed"}'), undefined)
  t.equal(idOf('{"id":""}'), undefined)
  t.equal(idOf('no JSON'), undefined)
})

t.test('a forwarder’s wrapping is taken off', async t => {
  t.strictSame(await translated({ body: event }), await translated(event))
  t.equal(hospitable.deliveryId?.(incomingOf(connection, { body: JSON.stringify({ body: event }) })), 'e-1')
  for (const body of ['text', null, ['list']]) {
    t.throws(() => hospitable.readEvents(deliveryOf(connection, { body: JSON.stringify({ body }) })), {
      code: 'RELAY_EVENT_UNREADABLE'
    })
  }
})

t.test('triggers are one text or a list', async t => {
  for (const triggers of ['test', ['test'], ['status_changed', 'test']]) {
    t.strictSame(await translated({ ...event, triggers }), { ignored: 'test delivery' })
  }
  for (const triggers of ['dates_changed', ['dates_changed'], [], null]) {
    t.strictSame(await translated({ ...event, triggers }), await translated(event))
  }
})

t.test('a test delivery is ignored whatever it holds', async t => {
  t.strictSame(await translated({ action: 'property.changed', triggers: 'test' }), {
    ignored: 'test delivery'
  })
})

t.test('an event of another name is kept as unknown', async t => {
  t.match(await translated({ ...event, action: 'reservation.updated' }), { drift: 'unknown_event' })
})
