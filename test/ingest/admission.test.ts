import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { admissionOf } from '../../src/ingest/admission.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import { platforms } from '../../src/platforms/registry.ts'
import type { Verdict } from '../../src/platforms/verify.ts'
import { openRelay, type TestRelay } from '../open-relay.ts'
import { openServer } from '../open-server.ts'
import { calcomBody, headOf, raw, signed, until } from './front-door.ts'

const PATH = '/webhooks/calcom/demo-calcom'

/** A sender that has said everything but the end of its body. */
async function dawdle(t: Test, origin: string, path: string): Promise<Socket> {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(`${headOf('POST', path, { 'content-length': 2 })}{`)
  return socket
}

function statusOf(relay: TestRelay, path: string): Promise<number> {
  return relay.post(path, { body: '{}' }).then(reply => reply.status)
}

t.test('a connection whose share of unverified requests is full is told to wait, and no other', async t => {
  const relay = await openRelay(t, { env: { RELAY_MAX_UNVERIFIED: '2' } })
  const slow = [await dawdle(t, relay.origin, PATH), await dawdle(t, relay.origin, PATH)]
  t.equal(
    await until(
      () => statusOf(relay, PATH),
      status => status === 429
    ),
    429
  )

  const reply = await relay.post(PATH, signed(relay, 'demo-calcom', calcomBody()))
  t.strictSame([reply.status, reply.body.code, reply.headers['retry-after']], [429, 'RELAY_BUSY', '1'])
  t.match(reply.headers['content-type'], /^application\/problem\+json/)
  const other = signed(relay, 'demo-mews', '{"Events":[]}')
  t.equal((await relay.post(other.path, other)).status, 200, 'another connection is served')
  t.equal(await statusOf(relay, '/webhooks/calcom/nowhere'), 401, 'and so are unknown ones')
  t.ok(
    relay.logged.some(
      line => line.includes('"event":"request.turned_away"') && line.includes('"demo-calcom"')
    )
  )

  const answers = slow.map(async socket => {
    const [chunk] = await once(socket, 'data')
    return String(chunk).slice(0, 12)
  })
  for (const socket of slow) socket.write('}')
  t.strictSame(await Promise.all(answers), ['HTTP/1.1 401', 'HTTP/1.1 401'], 'who came first is judged')
  t.equal((await relay.post(PATH, signed(relay, 'demo-calcom', calcomBody()))).status, 200)
})

t.test('an unknown connection whose share is full looks like a known one, and so do the others', async t => {
  const relay = await openRelay(t, { env: { RELAY_MAX_UNVERIFIED: '1' } })
  const slow = await dawdle(t, relay.origin, '/webhooks/calcom/nowhere')
  t.equal(
    await until(
      () => statusOf(relay, '/webhooks/calcom/nowhere'),
      status => status === 429
    ),
    429
  )
  t.equal(await statusOf(relay, '/webhooks/mews/elsewhere'), 401, 'unread, as all strangers have one share')
  t.equal(await statusOf(relay, PATH), 401)
  t.equal((await relay.post(PATH, signed(relay, 'demo-calcom', calcomBody()))).status, 200)
  slow.write('}')
  await once(slow, 'data')
  await dawdle(t, relay.origin, '/webhooks/mews/elsewhere')
  t.equal(
    await until(
      () => statusOf(relay, '/webhooks/mews/elsewhere'),
      status => status === 429
    ),
    429
  )
})

t.test('who waits for a verdict keeps the place until it is there', async t => {
  const { calcom } = platforms
  let asked = 0
  let answer: (verdict: Verdict) => void = () => undefined
  const verdict = new Promise<Verdict>(resolve => {
    answer = resolve
  })
  const verify = () => {
    asked += 1
    return verdict
  }
  const slow = { ...calcom, verification: { ...calcom?.verification, verify } } as Platform
  const relay = await openRelay(t, {
    env: { RELAY_MAX_UNVERIFIED: '1' },
    platforms: { ...platforms, calcom: slow }
  })
  const post = () => relay.post(PATH, { body: calcomBody() }).then(reply => reply.status)
  const first = post()
  await until(
    () => asked,
    count => count === 1
  )
  t.equal(await post(), 429)
  t.equal(asked, 1, 'and is not even read')
  answer({ ok: true })
  t.equal(await first, 200)
  t.equal(await post(), 200)
})

t.test('a request whose answer can never go out gives its place back', async t => {
  const relay = await openRelay(t, { env: { RELAY_MAX_UNVERIFIED: '2', RELAY_MAX_BODY_BYTES: '1024' } })
  const { hostname, port } = new URL(relay.origin)
  const tooLarge = `${headOf('POST', PATH, { 'transfer-encoding': 'chunked' })}800\r\n${'x'.repeat(2048)}\r\n0\r\n\r\n`
  const unknown = `${headOf('POST', '/webhooks/calcom/nowhere', { 'content-length': 2 })}{}`
  for (let round = 0; round < 12; round += 1) {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    await once(socket, 'connect')
    // Its answer waits behind that of the first, for which the sender does not wait.
    socket.write(
      `${headOf('GET', '/readyz', { connection: 'keep-alive' })}${round % 2 === 0 ? tooLarge : unknown}`
    )
    await new Promise(resolve => setImmediate(resolve))
    socket.resetAndDestroy()
  }
  for (const path of [PATH, '/webhooks/calcom/nowhere']) {
    t.equal(
      await until(
        () => statusOf(relay, path),
        status => status === 401
      ),
      401
    )
  }
})

t.test('a sender that breaks off gives its place back, however often', async t => {
  const relay = await openRelay(t, { env: { RELAY_MAX_UNVERIFIED: '1' } })
  for (let round = 0; round < 10; round += 1) {
    const socket = await dawdle(t, relay.origin, PATH)
    t.equal(
      await until(
        () => statusOf(relay, PATH),
        status => status === 429
      ),
      429
    )
    if (round % 2 === 0) socket.destroy()
    else socket.resetAndDestroy()
    t.equal(
      await until(
        () => statusOf(relay, PATH),
        status => status === 401
      ),
      401
    )
  }
  t.notOk(
    relay.logged.some(line => JSON.parse(line).level >= 50),
    'which is no error of ours'
  )
})

t.test('whatever becomes of a request, its place is free afterwards', async t => {
  const relay = await openRelay(t, { env: { RELAY_MAX_UNVERIFIED: '1', RELAY_MAX_BODY_BYTES: '1024' } })
  const right = signed(relay, 'demo-calcom', calcomBody())
  const wrongType = signed(relay, 'demo-standard', '{}', { headers: { 'content-type': 'text/xml' } })
  const cases: [string, () => Promise<number>, number][] = [
    ['accepted', async () => (await relay.post(right.path, right)).status, 200],
    ['refused', () => statusOf(relay, PATH), 401],
    ['too large', async () => (await relay.post(PATH, { body: Buffer.alloc(5000) })).status, 413],
    ['of another type', async () => (await relay.post(wrongType.path, wrongType)).status, 415],
    [
      'broken chunks',
      async () =>
        (await raw(relay.origin, headOf('POST', PATH, { 'transfer-encoding': 'chunked' }), 'zz')).status,
      400
    ]
  ]
  for (const [name, send, status] of cases) {
    for (let round = 0; round < 3; round += 1) {
      t.equal(await until(send, told => told !== 429), status, name)
    }
  }
})

t.test('a body that does not come to its end gives its place back after the time-out', async t => {
  const server = await openServer(t, { requestTimeoutMs: 150, ingest: { maxUnverified: 1 } })
  const origin = await server.listen()
  const told = await raw(origin, headOf('POST', PATH, { 'content-length': 2 }), '{')
  t.equal(told.status, 408)
  t.equal(told.headers.connection, 'close')
  t.strictSame(JSON.parse(told.body).code, 'RELAY_BAD_REQUEST')
  const post = () => server.app.inject({ method: 'POST', url: PATH, payload: '{}' })
  t.equal(
    await until(
      async () => (await post()).statusCode,
      status => status === 401
    ),
    401
  )
})

t.test('places are counted by connection', async t => {
  const admission = admissionOf(2)
  t.strictSame([admission.enter('a'), admission.enter('a'), admission.enter('a')], [true, true, false])
  t.equal(admission.enter('b'), true)
  admission.leave('a')
  t.strictSame([admission.enter('a'), admission.enter('a')], [true, false])
  admission.leave('c')
  t.strictSame(
    [admission.enter('c'), admission.enter('c'), admission.enter('c')],
    [true, true, false],
    'never below none'
  )
})

t.test('however many names come and go, each is counted anew', async t => {
  const admission = admissionOf(1)
  const names = Array.from({ length: 2_000 }, (_each, serial) => `name-${serial}`)
  for (let round = 0; round < 2; round += 1) {
    t.ok(names.every(name => admission.enter(name)))
    t.notOk(names.some(name => admission.enter(name)))
    for (const name of names) admission.leave(name)
  }
})
