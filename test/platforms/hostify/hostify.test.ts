import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { RelayError } from '../../../src/errors.ts'
import { hostify } from '../../../src/platforms/hostify/hostify.ts'
import { hostifyVerification } from '../../../src/platforms/hostify/verification.ts'
import { platforms } from '../../../src/platforms/registry.ts'
import { openRelay } from '../../open-relay.ts'
import { incomingOf } from '../contract.ts'
import { amazon, notice, question, receivedAt, signed, topic } from '../sns/envelopes.ts'
import { connection, told } from './world.ts'

const { verify } = hostifyVerification(async () => amazon.pem)
const token = 'hostify_test_token_01'
const said = (auth: unknown) =>
  signed({ ...notice, Message: JSON.stringify({ action: 'new_reservation', auth }) })

t.test('trap: auth comes as a list of one or as a text, and must be the one that was agreed', async t => {
  const secrets = { topic_arn: [topic], auth: ['older', token] }
  t.strictSame(await verify(said([token]), secrets), { ok: true })
  t.strictSame(await verify(said(token), secrets), { ok: true })
  t.strictSame(await verify(said(['older']), secrets), { ok: true }, 'either of two during a rotation')
  t.strictSame(await verify(said(['other']), secrets), { ok: false, cause: 'credentials_wrong' })
  for (const auth of [undefined, null, [], [token, token], [[token]], { 0: token }, 7])
    t.strictSame(await verify(said(auth), secrets), { ok: false, cause: 'credentials_missing' })
  const odd = signed({ ...notice, Message: 'no JSON' })
  t.strictSame(await verify(odd, secrets), { ok: false, cause: 'credentials_missing' })
})

t.test('without an auth in the settings the signature and the topic do', async t => {
  t.strictSame(await verify(said(undefined), { topic_arn: [topic] }), { ok: true })
  const { Signature: _gone, ...unsigned } = JSON.parse(Buffer.from(said(token).body).toString())
  const body = Buffer.from(JSON.stringify(unsigned))
  t.strictSame(await verify({ ...said(token), body }, { topic_arn: [topic] }), {
    ok: false,
    cause: 'signature_missing'
  })
})

t.test('questions of Amazon carry no auth, and are taken by their signature', async t => {
  const secrets = { topic_arn: [topic], auth: [token] }
  t.strictSame(await verify(signed(question), secrets), { ok: true })
  t.strictSame(await verify(signed(question, { Token: 'x' }), secrets), {
    ok: false,
    cause: 'signature_wrong'
  })
})

t.test(
  'a token in the address is asked for where the connection has one, and before anything is fetched',
  async t => {
    let fetched = 0
    const { verify, sign, credential } = hostifyVerification(async () => {
      fetched += 1
      return amazon.pem
    })
    const secrets = { topic_arn: [topic], auth: [token], token: ['in-the-address'] }
    t.strictSame(await verify(said(token), secrets), { ok: false, cause: 'credentials_missing' })
    t.strictSame(await verify({ ...said(token), token: 'x' }, secrets), {
      ok: false,
      cause: 'credentials_wrong'
    })
    const right = { ...said(token), token: 'in-the-address' }
    t.strictSame(await verify({ ...right, body: said('x').body }, secrets), {
      ok: false,
      cause: 'credentials_wrong'
    })
    t.equal(fetched, 0)
    t.strictSame(await verify(right, secrets), { ok: true })
    t.equal(credential?.(right, secrets), 'in-the-address')
    t.equal(sign(right.body, secrets, { now: 0, id: 'x' }).token, 'in-the-address')
    t.notOk(Object.hasOwn(sign(right.body, { topic_arn: [topic] }, { now: 0, id: 'x' }), 'token'))
  }
)

t.test('the published secrets fit: a topic and an auth; a topic is needed', async t => {
  t.ok(Value.Check(hostify.secrets, { topic_arn: topic, auth: token }))
  t.notOk(Value.Check(hostify.secrets, { auth: token }))
  t.notOk(Value.Check(hostify.secrets, { topic_arn: 'HostifyWebhooks', auth: token }))
})

t.test('the id of a delivery is the envelope’s, which a repeat keeps', async t => {
  t.equal(hostify.deliveryId?.(said(token)), notice.MessageId)
  t.equal(hostify.deliveryId?.(incomingOf(connection, { body: 'x' })), undefined)
})

const file = `connections:
  - id: quay
    platform: hostify
    customer_key: quay
    secrets: { topic_arn: "${topic}", auth: ${token} }
    api: { endpoint: sandbox, api_key: demo-only-hostify-api-key }
`
const at = { connections: file, now: receivedAt }
const headers = { 'content-type': 'text/plain; charset=UTF-8', 'x-amz-sns-message-type': 'Notification' }

function withCertificates(certificates: (url: string) => Promise<string>) {
  return { ...platforms, hostify: { ...hostify, verification: hostifyVerification(certificates) } }
}

t.test(
  'at the front door: text/plain is taken, a repeat is known by its MessageId, others’ topics are refused',
  async t => {
    const relay = await openRelay(t, { ...at, platforms: withCertificates(async () => amazon.pem) })
    const post = (body: Uint8Array, type = headers['content-type']) =>
      relay.post('/webhooks/hostify/quay', { headers: { ...headers, 'content-type': type }, body })
    const first = await post(said([token]).body)
    t.equal(first.status, 200)
    t.match(await post(said([token]).body), { status: 200, body: { duplicate: true } })
    t.equal(
      (await post(said([token]).body, 'application/x-www-form-urlencoded')).status,
      200,
      'whatever it is called'
    )
    t.equal((await post(said(['other']).body)).status, 401)
    const foreign = signed({ ...notice, TopicArn: topic.replace('1111', '9999') })
    t.equal((await post(foreign.body)).status, 401)
  }
)

t.test(
  'at the front door: while the certificate cannot be had, SNS is told to repeat, and never a 4xx',
  async t => {
    let isDown = true
    const relay = await openRelay(t, {
      ...at,
      platforms: withCertificates(async () => {
        if (isDown) throw new RelayError('RELAY_PLATFORM_UNAVAILABLE', 'no way out', { retryable: true })
        return amazon.pem
      })
    })
    const post = () => relay.post('/webhooks/hostify/quay', { headers, body: said([token]).body })
    const down = await post()
    t.match(down, { status: 503, body: { code: 'RELAY_PLATFORM_UNAVAILABLE' } })
    t.ok(down.headers['retry-after'])
    isDown = false
    t.equal((await post()).status, 200)
  }
)

t.test('at the front door: a subscription is confirmed once it is verified, and not before', async t => {
  const asked: string[] = []
  const server = createServer((request, reply) => {
    asked.push(`${request.method} ${request.url}`)
    reply.end('<ConfirmSubscriptionResponse/>')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const relay = await openRelay(t, {
    ...at,
    connections: file.replace('sandbox', endpoint),
    platforms: withCertificates(async () => amazon.pem)
  })
  const post = async (body: Uint8Array) => {
    const { status } = await relay.post('/webhooks/hostify/quay', { headers, body })
    await relay.settle()
    return status
  }
  t.equal(await post(signed(question, { SubscribeURL: 'https://evil.example/' }).body), 401)
  t.strictSame(asked, [])
  t.equal(await post(signed(question).body), 200)
  const arn = encodeURIComponent(topic)
  t.strictSame(asked, [`GET /?Action=ConfirmSubscription&TopicArn=${arn}&Token=2336412f37`])
  const [row] = await relay.store.db.selectFrom('deliveries').select('state').execute()
  t.equal(row?.state, 'ignored')
})

t.test('whatever is signed for Hostify carries the word, and is sent as an envelope', async t => {
  const { token: [last] = [] } = connection.secrets
  for (const body of [told({ action: 'message_new', auth: connection.secrets.auth }), 'hello', '{}', '']) {
    const signed: { body?: Uint8Array; token?: string } = hostify.verification.sign(
      Buffer.from(body),
      connection.secrets,
      {
        now: receivedAt,
        id: 'msg_1'
      }
    )
    const incoming = { ...incomingOf(connection, { body }), receivedAt, ...signed, headers: {} }
    t.strictSame(
      await hostify.verification.verify(incoming, connection.secrets),
      { ok: true },
      body.slice(0, 9)
    )
    t.equal(signed.token, last)
  }
  const { auth: _none, ...secrets } = connection.secrets
  t.ok(hostify.verification.sign(Buffer.from('x'), secrets, { now: receivedAt, id: 'msg_1' }).headers)
})

t.test('the demo’s own pair signs its samples', async t => {
  const incoming = incomingOf(connection, {
    body: told({ action: 'message_new', auth: connection.secrets.auth?.[0] })
  })
  const { token: last = [] } = connection.secrets
  t.strictSame(
    await hostify.verification.verify({ ...incoming, receivedAt, token: last[0] }, connection.secrets),
    { ok: true }
  )
})
