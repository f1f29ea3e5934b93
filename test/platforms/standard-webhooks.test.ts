import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import t from 'tap'
import type { Incoming } from '../../src/model/delivery.ts'
import { standardWebhooks } from '../../src/platforms/standard-webhooks.ts'
import { accepted, at, body, now, rejected, request, requestSigned } from './signed-request.ts'

t.test('Standard Webhooks are verified and signed as the official packages do it', async t => {
  const secret = `whsec_${Buffer.from('a secret of some length').toString('base64')}`
  const other = `whsec_${Buffer.from('another secret').toString('base64')}`
  const secrets = { signing_secret: [other, secret] }
  const scheme = standardWebhooks({ prefixes: ['svix', 'webhook'] })
  const officially = (prefix: 'svix' | 'webhook', sentAt = now) => {
    const signer = prefix === 'svix' ? new SvixWebhook(secret) : new StandardWebhook(secret)
    const date = new Date(sentAt)
    return {
      [`${prefix}-id`]: 'msg_1',
      [`${prefix}-timestamp`]: String(Math.floor(sentAt / 1000)),
      [`${prefix}-signature`]: signer.sign('msg_1', date, body.toString())
    }
  }
  const verify = (headers: Record<string, string>, changes: Partial<Incoming> = {}) =>
    scheme.verify(request({ headers, ...changes }), secrets)

  t.test('what the official packages sign passes', async t => {
    t.strictSame(verify(officially('svix')), accepted)
    t.strictSame(verify(officially('webhook')), accepted)
  })

  t.test('what we sign passes the official packages', async t => {
    const signedAt = { now: Date.now(), id: 'msg_1' }
    const forSvix = scheme.sign(body, { signing_secret: [secret] }, signedAt).headers ?? {}
    t.strictSame(new SvixWebhook(secret).verify(body.toString(), forSvix), { id: 1 })
    const plain = standardWebhooks({ prefixes: ['webhook'] })
    const forStandard = plain.sign(body, { signing_secret: [secret] }, signedAt).headers ?? {}
    t.strictSame(new StandardWebhook(secret).verify(body.toString(), forStandard), { id: 1 })
  })

  t.test('one right signature among several is enough', async t => {
    const headers = officially('webhook')
    const signature = `v1,AAAA v1a,${'A'.repeat(44)} ${headers['webhook-signature']}`
    t.strictSame(verify({ ...headers, 'webhook-signature': signature }), accepted)
  })

  t.test('a secret without its prefix is the same secret', async t => {
    const bare = { signing_secret: [secret.replace('whsec_', '')] }
    t.strictSame(scheme.verify(request({ headers: officially('svix') }), bare), accepted)
  })

  t.test('id, time and body are all signed', async t => {
    const headers = officially('webhook')
    t.strictSame(verify({ ...headers, 'webhook-id': 'msg_2' }), rejected('signature_wrong'))
    const later = String(now / 1000 + 1)
    t.strictSame(verify({ ...headers, 'webhook-timestamp': later }), rejected('signature_wrong'))
    t.strictSame(verify(headers, { body: Buffer.from('{"id":2}') }), rejected('signature_wrong'))
    t.strictSame(scheme.verify(request({ headers }), {}), rejected('signature_wrong'))
  })

  t.test('the time of receipt may differ by the tolerance and no more', async t => {
    const headers = officially('webhook')
    for (const receivedAt of [now - 300_000, now + 300_000]) {
      t.strictSame(verify(headers, { receivedAt }), accepted)
    }
    for (const receivedAt of [now - 300_001, now + 300_001]) {
      t.strictSame(verify(headers, { receivedAt }), rejected('timestamp_outside_tolerance'))
    }
    const strict = standardWebhooks({ prefixes: ['webhook'], toleranceMs: 1000 })
    t.strictSame(
      strict.verify(request({ headers, receivedAt: now + 1001 }), secrets),
      rejected('timestamp_outside_tolerance')
    )
  })

  t.test('says whether something is missing or malformed', async t => {
    const headers = officially('webhook')
    t.strictSame(verify({}), rejected('signature_missing'))
    t.strictSame(verify({ ...headers, 'webhook-id': '' }), rejected('signature_missing'))
    t.strictSame(verify({ 'webhook-signature': 'v1,AAAA', 'webhook-id': 'a' }), rejected('signature_missing'))
    t.strictSame(verify({ ...headers, 'webhook-timestamp': '1e9' }), rejected('signature_malformed'))
    t.strictSame(verify({ ...headers, 'webhook-signature': '' }), rejected('signature_malformed'))
    t.strictSame(verify({ ...headers, 'webhook-signature': 'v2,AAAA' }), rejected('signature_malformed'))
    t.strictSame(verify({ ...headers, 'webhook-signature': 'v1,' }), rejected('signature_wrong'))
  })

  t.test('names its headers and its secret', async t => {
    t.strictSame(scheme.evidence, [
      'svix-id',
      'svix-timestamp',
      'svix-signature',
      'webhook-id',
      'webhook-timestamp',
      'webhook-signature'
    ])
    const own = standardWebhooks({ prefixes: ['webhook'], secret: 'key' })
    t.strictSame(own.needs, ['key'])
    t.strictSame(
      own.verify(requestSigned(own.sign(body, { key: [secret] }, at)), { key: [secret] }),
      accepted
    )
  })

  t.test('without a secret, what is signed does not verify', async t => {
    t.strictSame(scheme.verify(requestSigned(scheme.sign(body, {}, at)), {}), rejected('signature_wrong'))
  })
})
