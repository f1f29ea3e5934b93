import { METHODS } from 'node:http'
import t from 'tap'
import { request } from 'undici'
import { storeRooms } from '../../src/store/rooms.ts'
import { openRelay, type Reply, type TestRelay } from '../open-relay.ts'
import { calcomBody, headOf, raw, rejectedCounts, signed, storedDeliveries } from './front-door.ts'

/** A reply without what differs from one request to the next. */
function comparable({ status, headers, body }: Reply) {
  const { date: _date, ...kept } = headers
  const { request_id: _id, ...told } = body
  return { status, headers: kept, body: told }
}

async function send(
  relay: TestRelay,
  post: { path: string; headers: Record<string, string>; body: Uint8Array }
) {
  return relay.post(post.path, post)
}

t.test('a webhook is answered with its delivery id, and is stored byte for byte', async t => {
  const relay = await openRelay(t)
  const bodies = [
    '{"a": "Zoë \\u00eb 🏠"}\n\n',
    ' \t\r\n{ "b" :1 }  ',
    '\ufeff{"c":1}',
    Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0xc3, 0x28, 0x7d]),
    Buffer.from([0]),
    'x'.repeat(70_000),
    ''
  ]
  const ids: unknown[] = []
  for (const body of bodies) {
    const reply = await send(relay, signed(relay, 'demo-calcom', body))
    t.equal(reply.status, 200)
    t.match(reply.headers['content-type'], /^application\/json/)
    t.strictSame(reply.body, { received: true, delivery_id: reply.body.delivery_id })
    ids.push(reply.body.delivery_id)
  }
  const rows = await storedDeliveries(relay)
  t.strictSame(
    rows.map(row => row.id),
    ids,
    'ids grow with the time of receipt'
  )
  for (const [position, row] of rows.entries()) {
    t.ok(Buffer.from(bodies[position] as string).equals(row.body), `body ${position} is the same`)
    t.equal(row.received_at, relay.clock.now)
    t.equal(row.platform, 'calcom')
  }
})

t.test('a signature is judged on the bytes as they came, before they are parsed', async t => {
  const relay = await openRelay(t)
  const post = signed(relay, 'demo-calcom', calcomBody())
  const respaced = JSON.stringify(JSON.parse(calcomBody()), null, 1)
  t.equal((await send(relay, { ...post, body: Buffer.from(respaced) })).status, 401)
  t.equal((await send(relay, { ...post, body: Buffer.from(`${calcomBody()} `) })).status, 401)
  t.equal((await send(relay, post)).status, 200)
})

t.test(
  'a repeat under the platform’s own id is told the first delivery’s id and changes nothing',
  async t => {
    const relay = await openRelay(t)
    const first = await send(relay, signed(relay, 'demo-standard', '{"type":"test.ping"}', { id: 'msg_a' }))
    const repeat = await send(relay, signed(relay, 'demo-standard', '{"type":"another"}', { id: 'msg_a' }))
    t.equal(repeat.status, 200)
    t.strictSame(repeat.body, { received: true, delivery_id: first.body.delivery_id, duplicate: true })
    const rows = await storedDeliveries(relay)
    t.equal(rows.length, 1)
    t.equal(Buffer.from(rows[0]?.body ?? []).toString(), '{"type":"test.ping"}')
  }
)

t.test('the same body without an id of the platform is no repeat', async t => {
  const relay = await openRelay(t)
  const body = '{"Events":[],"EnterpriseId":"e1"}'
  const first = await send(relay, signed(relay, 'demo-mews', body))
  const second = await send(relay, signed(relay, 'demo-mews', body))
  t.strictSame([first.body.duplicate, second.body.duplicate], [undefined, undefined])
  t.not(first.body.delivery_id, second.body.delivery_id)
  t.equal((await storedDeliveries(relay)).length, 2)
})

const twoOfAKind = `connections:
  - { id: north, platform: standard, customer_key: n, secrets: { signing_secret: whsec_ZGVtby1vbmx5IHN0YW5kYXJkIHNpZ25pbmcga2V5IDAwMDE= } }
  - { id: south, platform: standard, customer_key: s, secrets: { signing_secret: whsec_ZGVtby1vbmx5IHN0YW5kYXJkIHNpZ25pbmcga2V5IDAwMDE= } }
`

t.test('the same id on two connections is two deliveries', async t => {
  const relay = await openRelay(t, { connections: twoOfAKind })
  const replies = [
    await send(relay, signed(relay, 'north', '{"type":"test.ping"}', { id: 'msg_a' })),
    await send(relay, signed(relay, 'south', '{"type":"test.ping"}', { id: 'msg_a' }))
  ]
  t.strictSame(
    replies.map(({ status, body }) => [status, body.duplicate]),
    [
      [200, undefined],
      [200, undefined]
    ]
  )
  t.strictSame(
    (await storedDeliveries(relay)).map(row => [row.connection_id, row.dedupe_key]),
    [
      ['north', 'msg_a'],
      ['south', 'msg_a']
    ]
  )
})

t.test('of many posts with one id at the same moment, one is stored', async t => {
  const relay = await openRelay(t)
  const post = signed(relay, 'demo-standard', '{"type":"test.ping"}', { id: 'msg_same' })
  const replies = await Promise.all(Array.from({ length: 20 }, () => send(relay, post)))
  t.ok(replies.every(reply => reply.status === 200))
  t.equal(replies.filter(reply => reply.body.duplicate === undefined).length, 1)
  t.equal(new Set(replies.map(reply => reply.body.delivery_id)).size, 1)
  t.equal((await storedDeliveries(relay)).length, 1)
})

t.test('ids of any length and with any character tell deliveries apart', async t => {
  const relay = await openRelay(t)
  const ids = ['x'.repeat(9_000), `${'x'.repeat(9_000)}y`, 'a\u0000b', 'a\u0000c', 'a', '__proto__', '”;--']
  const idOf = (id: string) => JSON.stringify({ id, action: 'message.created', data: {} })
  for (const id of ids) {
    const first = await send(relay, signed(relay, 'demo-hospitable', idOf(id)))
    const again = await send(relay, signed(relay, 'demo-hospitable', idOf(id)))
    t.strictSame([first.status, first.body.duplicate], [200, undefined])
    t.strictSame(
      [again.status, again.body.duplicate, again.body.delivery_id],
      [200, true, first.body.delivery_id]
    )
  }
  t.equal((await storedDeliveries(relay)).length, ids.length)
})

t.test('unknown connections and wrong credentials cannot be told apart from outside', async t => {
  const relay = await openRelay(t, { env: { RELAY_MAX_BODY_BYTES: '2000' } })
  const post = signed(relay, 'demo-calcom', calcomBody())
  const basic = signed(relay, 'demo-hostaway', '{}')
  const wrongs: [string, { path?: string; headers?: Record<string, string> }][] = [
    ['a connection that is not there', { path: '/webhooks/calcom/nowhere' }],
    ['a platform that is not there', { path: '/webhooks/nobody/demo-calcom' }],
    ['another platform than the connection’s', { path: '/webhooks/standard/demo-calcom' }],
    ['names that every object has', { path: '/webhooks/constructor/__proto__' }],
    ['the other way round', { path: '/webhooks/__proto__/constructor' }],
    ['a platform named by a number', { path: '/webhooks/0/0' }],
    ['an empty name', { path: '/webhooks//demo-calcom' }],
    ['names of spaces and slashes', { path: '/webhooks/%20/%2F' }],
    ['no signature', { headers: { 'content-type': 'application/json' } }],
    ['a malformed signature', { headers: { 'x-cal-signature-256': 'zz' } }],
    ['a wrong signature', { headers: { 'x-cal-signature-256': '0'.repeat(64) } }],
    ['no password', { path: basic.path }],
    ['a wrong password', { path: basic.path, headers: { authorization: 'Basic cmVsYXk6d3Jvbmc=' } }],
    ['no token', { path: '/webhooks/mews/demo-mews' }],
    ['a wrong token', { path: '/webhooks/mews/demo-mews?Token=wrong' }],
    ['a token in the address where none is wanted', { path: `${post.path}/token`, headers: {} }]
  ]
  const replies = new Map<string, Reply>()
  for (const [name, { path = post.path, headers = {} }] of wrongs) {
    replies.set(name, await relay.post(path, { body: post.body, headers }))
  }
  const account = { entityId: 1, accountId: 99999, object: 'reservation', event: 'reservation.updated' }
  replies.set('a foreign account', await send(relay, signed(relay, 'demo-hostaway', JSON.stringify(account))))
  const first = comparable(replies.get('a connection that is not there') as Reply)
  t.strictSame(first, {
    status: 401,
    headers: {
      'www-authenticate': 'Basic realm="webhooks"',
      'content-type': 'application/problem+json; charset=utf-8',
      'content-length': first.headers['content-length'],
      connection: 'keep-alive',
      'keep-alive': first.headers['keep-alive']
    },
    body: {
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      detail:
        'The connection is unknown or its credentials do not match; check the webhook address and the secret.',
      code: 'RELAY_UNAUTHORIZED'
    }
  })
  for (const [name, reply] of replies) t.strictSame(comparable(reply), first, name)
  t.equal(new Set([...replies.values()].map(reply => reply.body.request_id)).size, replies.size)
  t.strictSame(await storedDeliveries(relay), [])

  const tooLarge = Buffer.alloc(2001)
  t.strictSame(
    comparable(await relay.post('/webhooks/calcom/nowhere', { body: tooLarge })),
    comparable(await relay.post(post.path, { body: tooLarge })),
    'nor by a body that is too large'
  )
  const odd = { 'content-type': 'no media type' }
  t.strictSame(
    comparable(await relay.post('/webhooks/calcom/nowhere', { body: 'x', headers: odd })),
    comparable(await relay.post(post.path, { body: 'x', headers: odd })),
    'nor by a content type that cannot be read'
  )
})

t.test('unknown connections are counted under one name, whatever they are called', async t => {
  const relay = await openRelay(t)
  for (const name of ['a', 'b', '__proto__']) await relay.post(`/webhooks/calcom/${name}`, { body: '{}' })
  t.strictSame(await rejectedCounts(relay, 3), { '(unknown) unknown_connection': 3 })
})

t.test('a good signature over a body that cannot be read is a dead letter, and can be replayed', async t => {
  const relay = await openRelay(t)
  for (const body of ['', 'not json', '[1]', '{"triggerEvent":', Buffer.from([0xff, 0x00])]) {
    t.equal((await send(relay, signed(relay, 'demo-calcom', body))).status, 200)
  }
  await relay.settle()
  const rows = await storedDeliveries(relay)
  t.ok(rows.every(row => row.state === 'dead' && row.last_error?.startsWith('RELAY_EVENT_UNREADABLE: ')))
  t.equal(rows.length, 5)

  const { deliveries } = storeRooms(relay.store)
  t.equal(await deliveries.replay({ connectionId: 'demo-calcom', states: ['dead'] }, relay.clock.now), 5)
  t.ok((await storedDeliveries(relay)).every(row => row.state === 'received' && row.last_error === null))
  await relay.settle()
  t.ok((await storedDeliveries(relay)).every(row => row.state === 'dead'))
})

t.test('test pings and handshakes of every platform are taken in and need nothing', async t => {
  const relay = await openRelay(t)
  const pings: [string, string][] = [
    ['demo-calcom', '{"triggerEvent":"PING","createdAt":"2027-01-10T11:00:00.000Z","payload":{}}'],
    ['demo-standard', '{"type":"test.ping"}'],
    ['demo-hostaway', '{"data":"test"}'],
    ['demo-mews', '{"Events":[]}']
  ]
  for (const [connection, body] of pings) {
    t.equal((await send(relay, signed(relay, connection, body))).status, 200, connection)
  }
  await relay.settle()
  for (const row of await storedDeliveries(relay)) t.equal(row.state, 'ignored', row.connection_id)
})

t.test('every other method is told that only POST is taken', async t => {
  const relay = await openRelay(t)
  const others = METHODS.filter(method => !['POST', 'CONNECT'].includes(method))
  for (const path of [
    '/webhooks/calcom/demo-calcom',
    '/webhooks/calcom/nowhere/token',
    '/webhooks/mews/x/?Token=1'
  ]) {
    for (const method of others) {
      const told = await raw(relay.origin, headOf(method, path))
      t.equal(told.status, 405, `${method} ${path}`)
      t.equal(told.headers.allow, 'POST')
      if (method !== 'HEAD') t.equal(JSON.parse(told.body).code, 'RELAY_METHOD_NOT_ALLOWED')
    }
  }
  const large = await raw(
    relay.origin,
    headOf('PUT', '/webhooks/calcom/demo-calcom', { 'content-length': 9e9 })
  )
  t.equal(large.status, 405, 'without waiting for a body')
  t.strictSame(await storedDeliveries(relay), [])
})

t.test('a slash at the end makes no difference', async t => {
  const relay = await openRelay(t)
  const post = signed(relay, 'demo-calcom', calcomBody())
  t.equal((await send(relay, { ...post, path: `${post.path}/` })).status, 200)
  const mews = relay.connection('demo-mews').secrets.token?.[0]
  t.equal((await relay.post(`/webhooks/mews/demo-mews/${mews}/`, { body: '{"Events":[]}' })).status, 200)
})

t.test('other addresses lead nowhere', async t => {
  const relay = await openRelay(t)
  const token = 'some-secret-token'
  for (const path of [
    '/webhooks',
    '/webhooks/calcom',
    `/webhooks/calcom/demo-calcom/${token}/more`,
    '/WEBHOOKS/calcom/x',
    '/favicon.ico'
  ]) {
    const reply = await relay.post(path, { body: '{}' })
    t.strictSame([reply.status, reply.body.code], [404, 'RELAY_NOT_FOUND'], path)
    t.match(reply.headers['content-type'], /^application\/problem\+json/)
    t.notMatch(JSON.stringify(reply.body), token)
  }
  t.equal((await request(`${relay.origin}/webhooks`)).statusCode, 404)
})

t.test('an address that cannot be read is a bad request, and is not repeated in the answer', async t => {
  const relay = await openRelay(t)
  for (const path of [
    '/webhooks/calcom/%zz',
    '/webhooks/%E0%A4%A/secret-token',
    '/%',
    '/webhooks/mews/demo-mews/%c3%28'
  ]) {
    const told = await raw(relay.origin, headOf('POST', path, { 'content-length': 0 }))
    t.equal(told.status, 400, path)
    t.match(told.headers['content-type'], /^application\/problem\+json/)
    t.strictSame(Object.keys(JSON.parse(told.body)), [
      'type',
      'title',
      'status',
      'detail',
      'code',
      'request_id'
    ])
    t.notMatch(told.body, 'secret-token')
  }
  for (const id of ['i'.repeat(513), 'i'.repeat(10_000)]) {
    const reply = await relay.post(`/webhooks/calcom/${id}`, { body: '{}' })
    t.strictSame([reply.status, reply.body.code], [414, 'RELAY_BAD_REQUEST'])
  }
  t.equal((await relay.post(`/webhooks/calcom/${'i'.repeat(512)}`, { body: '{}' })).status, 401)
  t.equal(
    (await relay.post(`/webhooks/calcom/demo-calcom?q=${'i'.repeat(100_000)}`, { body: '{}' })).status,
    431
  )
})

t.test('query names and values are kept as they came, whatever they are', async t => {
  const relay = await openRelay(t)
  const post = signed(relay, 'demo-calcom', calcomBody())
  const path = `${post.path}?event=created&event=2&__proto__=1&constructor=2&__proto__=3&a=%zz&b=%00&c[]=1&%F0%9F%8F%A0=x&=e&toString`
  t.equal((await send(relay, { ...post, path })).status, 200)
  const [row] = await storedDeliveries(relay)
  const query = JSON.parse(row?.query ?? '')
  t.strictSame(query.event, ['created', '2'])
  t.strictSame(query.constructor, ['2'])
  t.strictSame(Object.entries(query).find(([name]) => name === '__proto__')?.[1], ['1', '3'])
  t.strictSame(
    [query.b, query['c[]'], query['🏠'], query[''], query.toString],
    [['\0'], ['1'], ['x'], ['e'], ['']]
  )
})

t.test('a request without a body, and without a length, has an empty one', async t => {
  const relay = await openRelay(t)
  const { path, headers } = signed(relay, 'demo-calcom', '')
  const told = await raw(
    relay.origin,
    `POST ${path} HTTP/1.1\r\nhost: r\r\nconnection: close\r\n` +
      `x-cal-signature-256: ${headers['x-cal-signature-256']}\r\n\r\n`
  )
  t.equal(told.status, 200)
  const [row] = await storedDeliveries(relay)
  t.equal(row?.body?.length, 0)
})

t.test('a header that comes several times is joined; a content type twice counts once', async t => {
  const relay = await openRelay(t)
  const post = signed(relay, 'demo-calcom', '{}')
  const told = await raw(
    relay.origin,
    `POST ${post.path} HTTP/1.1\r\nhost: r\r\nconnection: close\r\ncontent-length: 2\r\n` +
      `x-request-id: one\r\nx-request-id: two\r\n__proto__: odd\r\nset-cookie: a\r\nset-cookie: b\r\n` +
      `content-type: application/json\r\ncontent-type: text/xml\r\n` +
      `x-cal-signature-256: ${post.headers['x-cal-signature-256']}\r\n\r\n{}`
  )
  t.equal(told.status, 200)
  const [row] = await storedDeliveries(relay)
  t.strictSame(JSON.parse(row?.headers ?? ''), {
    'content-type': 'application/json',
    'x-request-id': 'one, two',
    'x-cal-signature-256': post.headers['x-cal-signature-256']
  })
})
