import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { RelayError } from '../src/errors.ts'
import { openStore } from '../src/store/store.ts'
import { headOf, raw, tamed, toldOf, until } from './ingest/front-door.ts'
import { openServer } from './open-server.ts'

t.test('what is no HTTP is answered with a problem document, and the connection ends', async t => {
  const server = await openServer(t)
  const origin = await server.listen()
  const cases: [string, number][] = [
    ['GARBAGE\r\n\r\n', 400],
    ['GET / HTTP/9.9\r\n\r\n', 400],
    ['POST /webhooks/calcom/demo-calcom HTTP/1.1\r\nhost: r\r\ncontent-length: -1\r\n\r\n', 400],
    ['\x16\x03\x01\x02\x00\x01\x00', 400],
    [`GET / HTTP/1.1\r\nhost: r\r\nx: ${'x'.repeat(81_920)}\r\n\r\n`, 431]
  ]
  for (const [text, status] of cases) {
    const told = await raw(origin, text)
    t.equal(told.status, status)
    t.equal(told.headers['content-type'], 'application/problem+json')
    t.equal(Number(told.headers['content-length']), Buffer.byteLength(told.body))
    t.equal(told.headers.connection, 'close')
    const problem = JSON.parse(told.body)
    t.match(problem, { type: 'about:blank', status, code: 'RELAY_BAD_REQUEST' })
    const line = server.logged
      .map(each => JSON.parse(each))
      .find(each => each.requestId === problem.request_id)
    t.match(line, { event: 'request.unreadable', level: 20 })
  }
  t.equal((await server.app.inject('/livez')).statusCode, 200)
})

t.test('a sender that resets its connection in the middle of a request is no error', async t => {
  const server = await openServer(t)
  const { port } = new URL(await server.listen())
  const socket = connect(Number(port), '127.0.0.1')
  await once(socket, 'connect')
  await new Promise(resolve => socket.write('POST /webhooks', resolve))
  socket.resetAndDestroy()
  const unreadable = (line: string) => line.includes('"request.unreadable"') && line.includes('ECONNRESET')
  t.ok(
    await until(
      () => server.logged.some(unreadable),
      found => found
    )
  )
  t.notOk(server.logged.some(line => JSON.parse(line).level > 20))
})

t.test('an expectation that nobody knows is passed over', async t => {
  const server = await openServer(t)
  const origin = await server.listen()
  t.equal((await raw(origin, headOf('GET', '/livez', { expect: 'miracles' }))).status, 200)
  const told = await raw(
    origin,
    headOf('POST', '/webhooks/mews/x', { expect: '100-continue', 'content-length': 2 }),
    '{}'
  )
  t.equal(told.status, 100, 'and the one that is known is met')
  t.equal(toldOf(told.body).status, 401)
})

t.test('outside the webhook addresses, too, a refusal is a problem document with a code', async t => {
  const { app } = await openServer(t)
  app.post('/anywhere', async () => ({}))
  const cases: [string, { headers?: Record<string, string>; payload?: string | Buffer }, number, string][] = [
    ['/nowhere', {}, 404, 'RELAY_NOT_FOUND'],
    ['/livez', {}, 405, 'RELAY_METHOD_NOT_ALLOWED'],
    [
      '/anywhere',
      { payload: '{', headers: { 'content-type': 'application/json' } },
      400,
      'RELAY_BAD_REQUEST'
    ],
    ['/anywhere', { payload: '{}', headers: { 'content-type': 'no media type' } }, 415, 'RELAY_MEDIA_TYPE'],
    [
      '/anywhere',
      { payload: Buffer.alloc(2 ** 20 + 1), headers: { 'content-type': 'application/json' } },
      413,
      'RELAY_BODY_TOO_LARGE'
    ]
  ]
  for (const [url, { headers = {}, payload = '' }, status, code] of cases) {
    const reply = await app.inject({ method: 'POST', url, headers, payload })
    t.strictSame([reply.statusCode, reply.json().status, reply.json().code], [status, status, code])
    t.match(reply.headers['content-type'], /^application\/problem\+json/)
  }
})

t.test(
  'an error of ours is told by its code alone, and the log has the request id and no message',
  async t => {
    const { app, logged } = await openServer(t)
    app.get('/mistake', () => {
      throw new TypeError('Ada Lovelace, ada@example.com')
    })
    app.get('/down', () => {
      throw new RelayError('RELAY_STORE_UNAVAILABLE', 'the store: disk full', { statusCode: 503 })
    })
    app.get('/bad', () => {
      throw new RelayError('RELAY_BAD_REQUEST', 'page: give a number', { statusCode: 400 })
    })
    const mistake = await app.inject('/mistake')
    const down = await app.inject('/down')
    const bad = await app.inject('/bad')
    const told = [mistake, down, bad].map(reply => [reply.statusCode, reply.json().code])
    t.strictSame(told, [
      [500, 'RELAY_INTERNAL'],
      [503, 'RELAY_STORE_UNAVAILABLE'],
      [400, 'RELAY_BAD_REQUEST']
    ])
    t.notMatch(mistake.body, 'Ada')
    const lines = logged.map(line => JSON.parse(line)).filter(line => line.event === 'request.failed')
    t.strictSame(
      lines.map(line => line.requestId),
      [mistake.json().request_id, down.json().request_id],
      'a bad request is no failure'
    )
    t.notMatch(logged.join(), 'Ada')
  }
)

t.test('what comes over an open connection while the server closes is still taken in', async t => {
  const store = tamed(await openStore('file::memory:'))
  const server = await openServer(t, { store })
  const { port } = new URL(await server.listen())
  const token = server.connection('demo-mews')?.secrets.token?.[0]
  const post = `POST /webhooks/mews/demo-mews?Token=${token} HTTP/1.1\r\nhost: r\r\ncontent-length: 2\r\n\r\n{}`
  store.hold()
  const socket = connect(Number(port), '127.0.0.1')
  let text = ''
  socket.on('data', chunk => {
    text += chunk
  })
  await once(socket, 'connect')
  socket.write(post)
  await until(
    () => store.waiting(),
    waiting => waiting === 1
  )
  const closed = server.app.close()
  await until(
    () => server.app.server.listening,
    listening => !listening
  )
  socket.write(post)
  store.letGo()
  await Promise.all([closed, once(socket, 'close')])
  const replies = text.split(/(?=HTTP\/1\.1 )/).map(toldOf)
  t.strictSame(
    replies.map(reply => [reply.status, reply.headers.connection]),
    [
      [200, 'keep-alive'],
      [200, 'close']
    ]
  )
  const rows = await store.db.selectFrom('deliveries').select('id').execute()
  t.strictSame(
    rows.map(row => row.id),
    replies.map(reply => JSON.parse(reply.body).delivery_id)
  )
})
