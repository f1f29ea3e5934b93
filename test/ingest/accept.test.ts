import t from 'tap'
import type { Platform } from '../../src/platforms/platform.ts'
import { platforms } from '../../src/platforms/registry.ts'
import { openRelay } from '../open-relay.ts'
import { calcomBody, keptRequests, rejectedCounts, signed, storedDeliveries } from './front-door.ts'

function withRanges(ranges: string): string {
  return `connections:
  - { id: guarded, platform: calcom, customer_key: c, allow_from: ${ranges}, secrets: { signing_secret: demo-only-calcom-signing-secret } }
`
}

t.test('a request from an address outside allow_from is answered as one with wrong credentials', async t => {
  const relay = await openRelay(t, { connections: withRanges('[38.80.170.0/24, "2001:db8::/32"]') })
  const reply = await relay.post('/webhooks/calcom/guarded', signed(relay, 'guarded', calcomBody()))
  t.strictSame([reply.status, reply.body.code], [401, 'RELAY_UNAUTHORIZED'])
  t.strictSame(await rejectedCounts(relay, 1), { 'guarded address_not_allowed': 1 })
  t.equal((await keptRequests(relay, 1))[0]?.remote_address, '127.0.0.1')
})

t.test('the sender’s own address counts, not what it says of itself', async t => {
  const relay = await openRelay(t, { connections: withRanges('[127.0.0.1]') })
  const post = signed(relay, 'guarded', calcomBody(), { headers: { 'x-forwarded-for': '8.8.8.8' } })
  t.equal((await relay.post(post.path, post)).status, 200)
})

t.test('an IPv4 sender at a socket that speaks IPv6 too is known by its IPv4 address', async t => {
  const relay = await openRelay(t, { connections: withRanges('[127.0.0.0/8]'), env: { HOST: '::' } })
  const post = signed(relay, 'guarded', calcomBody())
  t.equal((await relay.post(post.path, post)).status, 200)
})

t.test('behind a trusted proxy the address that it tells is judged, whatever it may be', async t => {
  const ranges = '[10.1.0.0/16, 192.0.2.7, "2001:db8::/32", "::ffff:198.51.100.0/120"]'
  const relay = await openRelay(t, {
    connections: withRanges(ranges),
    env: { RELAY_TRUST_PROXY: 'loopback' }
  })
  const statusOf = async (forwarded: string) => {
    const post = signed(relay, 'guarded', calcomBody(), { headers: { 'x-forwarded-for': forwarded } })
    return (await relay.post(post.path, post)).status
  }
  const right = [
    '10.1.255.255',
    '192.0.2.7',
    '2001:db8::1',
    '2001:DB8:1::',
    '::ffff:10.1.2.3',
    '::ffff:a01:203',
    '198.51.100.9',
    '6.6.6.6, 10.1.0.1'
  ]
  const wrong = [
    '10.2.0.0',
    '192.0.2.8',
    '2001:db9::1',
    '::ffff:10.2.0.0',
    '198.51.101.1',
    '10.1.0.1, 6.6.6.6',
    '0.0.0.0'
  ]
  const noAddress = [
    'unknown',
    '_hidden',
    '',
    ',',
    '10.1.0.1:443',
    '[2001:db8::1]',
    '10.1',
    '10.1.0.256',
    'fe80::1%eth0',
    '::1',
    '__proto__',
    '10.1.0.1/32'
  ]
  for (const forwarded of right) t.equal(await statusOf(forwarded), 200, `“${forwarded}” may`)
  for (const forwarded of [...wrong, ...noAddress])
    t.equal(await statusOf(forwarded), 401, `“${forwarded}” may not`)
})

t.test('a number of proxies says which of the told addresses is the sender’s', async t => {
  const relay = await openRelay(t, { connections: withRanges('[10.1.0.1]'), env: { RELAY_TRUST_PROXY: '2' } })
  const statusOf = async (forwarded: string) => {
    const post = signed(relay, 'guarded', calcomBody(), { headers: { 'x-forwarded-for': forwarded } })
    return (await relay.post(post.path, post)).status
  }
  t.equal(await statusOf('9.9.9.9, 10.1.0.1, 172.16.0.1'), 200)
  t.equal(await statusOf('10.1.0.1, 9.9.9.9, 172.16.0.1'), 401)
})

t.test(
  'JSON under any of its names is taken, and what the platform is known for; the rest is refused and kept',
  async t => {
    const relay = await openRelay(t)
    let serial = 0
    const statusOf = async (connection: string, headers: Record<string, string | undefined>) => {
      serial += 1
      const post = signed(relay, connection, '{}', { id: `msg_${serial}` })
      const entries = Object.entries({ ...post.headers, ...headers }).filter(
        ([, value]) => value !== undefined
      )
      const reply = await relay.post(post.path, {
        body: post.body,
        headers: Object.fromEntries(entries) as Record<string, string>
      })
      if (reply.status === 415) {
        t.equal(reply.body.code, 'RELAY_MEDIA_TYPE')
        t.match(reply.headers['content-type'], /^application\/problem\+json/)
      }
      return reply.status
    }

    const json = [
      'application/json',
      'Application/JSON;charset=utf-8',
      'text/json',
      'application/cloudevents+json',
      'application/vnd.api.v2+json; x=y'
    ]
    for (const type of json) t.equal(await statusOf('demo-standard', { 'content-type': type }), 200, type)
    t.equal(await statusOf('demo-standard', { 'content-type': undefined }), 200, 'none at all')
    t.equal(await statusOf('demo-standard', { 'content-type': '' }), 200, 'an empty one')
    t.equal(
      await statusOf('demo-standard', { 'content-encoding': 'identity' }),
      200,
      'identity is no encoding'
    )
    t.equal(
      await statusOf('demo-hostaway', { 'content-type': 'text/plain' }),
      200,
      'where the platform is known for it'
    )

    const others = [
      'text/xml',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
      'text/plain',
      'jsonp/json',
      'application/jsonx',
      'json',
      'no media type',
      '/',
      'application/',
      'application/json, text/xml',
      'undefined'
    ]
    for (const type of others) t.equal(await statusOf('demo-standard', { 'content-type': type }), 415, type)
    for (const encoding of ['gzip', 'br', 'GZIP', 'identity, gzip', 'x']) {
      t.equal(await statusOf('demo-standard', { 'content-encoding': encoding }), 415, encoding)
    }

    const refused = others.length + 5
    t.strictSame(await rejectedCounts(relay, refused), { 'demo-standard media_type': refused })
    const kept = await keptRequests(relay, refused)
    t.strictSame(
      kept.map(row => JSON.parse(row.headers)['content-type']),
      [...others, ...Array(5).fill('application/json')],
      'they are kept, so that they can be taken in once the adapter knows better'
    )
    t.equal(JSON.parse(kept.at(-1)?.headers ?? '')['content-encoding'], 'x')
    t.equal(
      await statusOf('demo-standard', { 'content-type': 'text/xml', 'webhook-signature': 'x' }),
      401,
      'credentials first'
    )
  }
)

t.test('a body of another account than the connection’s is answered as wrong credentials', async t => {
  const relay = await openRelay(t)
  const body = (accountId: number) => JSON.stringify({ event: 'message.received', accountId, data: {} })
  const own = signed(relay, 'demo-hostaway', body(70011))
  const foreign = signed(relay, 'demo-hostaway', body(70012))
  t.equal((await relay.post(own.path, own)).status, 200)
  t.equal((await relay.post(foreign.path, foreign)).status, 401)
  t.strictSame(await rejectedCounts(relay, 1), { 'demo-hostaway foreign_account': 1 })
  t.equal((await storedDeliveries(relay)).length, 1)
})

t.test('a verification that takes its time is waited for', async t => {
  const calcom = platforms.calcom as Platform
  const { verification } = calcom
  const slow = {
    ...verification,
    verify: async (...args: Parameters<typeof verification.verify>) => verification.verify(...args)
  }
  const relay = await openRelay(t, { platforms: { ...platforms, calcom: { ...calcom, verification: slow } } })
  const post = signed(relay, 'demo-calcom', calcomBody())
  t.equal((await relay.post(post.path, post)).status, 200)
  t.equal((await relay.post(post.path, { ...post, body: '{}' })).status, 401)
  t.strictSame(await rejectedCounts(relay, 1), { 'demo-calcom signature_wrong': 1 })
})
