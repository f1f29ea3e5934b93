import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { platforms } from '../../src/platforms/registry.ts'
import { openRelay, type TestRelay } from '../open-relay.ts'
import { keptRequests, signed, storedDeliveries } from './front-door.ts'

/** Everything on disk, whatever table or page it is in. */
function bytesOf(dir: string): Buffer {
  return Buffer.concat(readdirSync(dir).map(name => readFileSync(`${dir}/${name}`)))
}

/** Without what is no secret, and without what a platform writes into its bodies, which are kept as they came. */
function secretsOf(relay: TestRelay): string[] {
  return Object.keys(platforms).flatMap(name => {
    const { body } = signed(relay, `demo-${name}`, '{}')
    return Object.entries(relay.connection(`demo-${name}`).secrets)
      .filter(
        ([member]) => !['username', 'header', 'topic_arn', 'agency_uid', 'tolerance_seconds'].includes(member)
      )
      .flatMap(([, list]) => list)
      .filter(secret => !Buffer.from(body).includes(secret))
  })
}

t.test('no secret that a request carries reaches the disk, whether it is taken in or refused', async t => {
  const dir = t.testdir({})
  const relay = await openRelay(t, { env: { DATABASE_URL: `file:${dir}/relay.db` } })
  const wrong = ['wrong-password', 'wrong-token', 'wrong-cookie', 'wrong-key']
  let taken = 0
  let refused = 0
  for (const name of Object.keys(platforms)) {
    const connectionId = `demo-${name}`
    const right = signed(relay, connectionId, `{"some":"body of ${name}"}`, { id: `msg_${name}` })
    t.equal((await relay.post(right.path, right)).status, 200)
    taken += 1
    const [secret = ''] = Object.values(relay.connection(connectionId).secrets).flat()
    for (const carried of [secret, ...wrong]) {
      const basic = Buffer.from(`${carried}:${carried}`).toString('base64')
      const query = new URLSearchParams({
        token: carried,
        api_key: carried,
        Signature: carried,
        SECRET: carried
      })
      const reply = await relay.post(
        `/webhooks/${name}/${connectionId}/${encodeURIComponent(carried)}?${query}`,
        {
          body: '{"some":"body"}',
          headers: {
            authorization: `Basic ${basic}`,
            'proxy-authorization': `Basic ${basic}`,
            cookie: `session=${carried}`,
            'x-api-key': carried,
            'x-forwarded-for': '192.0.2.1',
            forwarded: `for=${carried}`
          }
        }
      )
      // Where the secret belongs into the address, it is right there.
      const isRight = carried === secret && reply.status === 200
      if (isRight) taken += 1
      else t.equal(reply.status, 401)
      if (!isRight) refused += 1
    }
  }
  t.equal((await keptRequests(relay, refused)).length, refused)
  t.equal((await storedDeliveries(relay)).length, taken)
  t.ok(bytesOf(dir).includes('body of calcom'), 'the search finds what is there')
  for (const secret of [...secretsOf(relay), ...wrong]) {
    t.notOk(bytesOf(dir).includes(secret), 'the secret is not there')
    const basic = Buffer.from(`${secret}:${secret}`).toString('base64')
    t.notOk(bytesOf(dir).includes(basic), 'nor in its encoded form')
  }
  t.notOk(relay.logged.some(line => [...secretsOf(relay), ...wrong].some(secret => line.includes(secret))))
})

t.test('what proves or explains is kept: signatures, ids, content type; nothing else', async t => {
  const relay = await openRelay(t)
  const headers = {
    'user-agent': 'Platform/1.0',
    date: 'Sun, 10 Jan 2027 12:00:00 GMT',
    'x-request-id': 'r1',
    'idempotency-key': 'i1',
    'x-cal-webhook-version': '2021-10-20',
    accept: '*/*',
    'x-real-ip': '192.0.2.1',
    referer: 'https://example.com/?secret'
  }
  const post = signed(relay, 'demo-standard', '{"type":"test.ping"}', { headers, query: { event: 'e' } })
  await relay.post(post.path, post)
  await relay.post(post.path, { ...post, body: '{}' })
  const expected = {
    'content-type': 'application/json',
    date: headers.date,
    'idempotency-key': 'i1',
    'user-agent': 'Platform/1.0',
    'webhook-id': 'msg_1',
    'webhook-signature': post.headers['webhook-signature'],
    'webhook-timestamp': String(relay.clock.now / 1000),
    'x-cal-webhook-version': '2021-10-20',
    'x-request-id': 'r1'
  }
  const [stored] = await storedDeliveries(relay)
  const [kept] = await keptRequests(relay, 1)
  for (const row of [stored, kept]) {
    t.strictSame(JSON.parse(row?.headers ?? ''), expected)
    t.strictSame(JSON.parse(row?.query ?? ''), { event: ['e'] })
  }
})

t.test('a platform’s own query token is taken out in any spelling', async t => {
  const relay = await openRelay(t)
  const token = relay.connection('demo-mews').secrets.token?.[0] ?? ''
  for (const name of ['Token', 'token', 'TOKEN']) {
    const path = `/webhooks/mews/demo-mews?${name}=${token}&page=1`
    t.equal((await relay.post(path, { body: '{"Events":[]}' })).status, 200)
  }
  t.equal(
    (await relay.post(`/webhooks/mews/demo-mews?Token=${token}&token=${token}`, { body: '{}' })).status,
    401
  )
  for (const row of [...(await storedDeliveries(relay)), ...(await keptRequests(relay, 1))]) {
    t.notMatch(row.query, token)
    t.notMatch(row.headers, token)
  }
})

t.test('of a refused credential only a salted hash is kept', async t => {
  const relay = await openRelay(t)
  const authorization = `Basic ${Buffer.from('relay:wrong').toString('base64')}`
  for (let round = 0; round < 2; round += 1) {
    await relay.post('/webhooks/hostaway/demo-hostaway', { body: '{}', headers: { authorization } })
  }
  await relay.post('/webhooks/hostaway/demo-hostaway', { body: '{}' })
  const [first, second, none] = await keptRequests(relay, 3)
  t.match(first?.credential_hash, /^[0-9a-f]{64}$/)
  t.match(first?.credential_salt, /^[0-9a-f]{32}$/)
  t.not(first?.credential_hash, second?.credential_hash, 'the same twice looks different')
  t.strictSame([none?.credential_salt, none?.credential_hash], [null, null])
})
