import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, createServer as createSilent, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { request } from 'undici'
import { start } from '../../src/cli/start.ts'
import { platforms } from '../../src/platforms/registry.ts'
import { bin, spawnNode, within } from '../run-relay.ts'
import { demoFolder, demoRelay } from './demo-relay.ts'
import { run, runUntilSignal } from './terminal.ts'

t.test('the first lines say where it listens, that nothing reaches Seam, and what to do next', async t => {
  const relay = await demoRelay(t)
  const demo = Object.keys(platforms)
  const [, token = ''] = /to sign in: (trial-[0-9a-f]{24})$/m.exec(relay.out()) ?? []
  t.same(relay.out().split('\n'), [
    '',
    `  Seam Relay listens on ${relay.origin}`,
    `  ${demo.length} connections, webhooks at ${relay.origin}/webhooks/<platform>/<connection>`,
    `  Dashboard: ${relay.origin}/dashboard, to sign in: ${token}`,
    '  SANDBOX: no SEAM_API_KEY is set, so nothing reaches Seam; a stand-in answers instead.',
    `  What it holds: ${relay.origin}/sandbox/state`,
    '',
    '  Next, in another terminal:',
    `    npx seam-relay send hospitable reservation.created --url ${relay.origin}`,
    '',
    ''
  ])
  t.equal((await request(`${relay.origin}/readyz`)).statusCode, 200)
  const headers = { authorization: `Bearer ${token}` }
  t.equal((await request(`${relay.origin}/api/v1/me`, { headers })).statusCode, 200)
  t.equal(await relay.signal('SIGINT'), 0)
  await t.rejects(request(`${relay.origin}/readyz`), { code: 'ECONNREFUSED' })
})

t.test('with a Seam credential nothing is said of the sandbox, and warnings are', async t => {
  const { out } = await demoRelay(t, {
    connections: `connections:
  - { id: mine, platform: mews, customer_key: lakeside, secrets: { token: short } }`,
    env: { SEAM_API_KEY: 'seam_test_start' }
  })
  t.match(out(), '  1 connection, webhooks at ')
  t.match(out(), /Warning: .*secrets\.token: is shorter than 16 characters/)
  t.match(out(), /^ {2}Dashboard: http:\S+\/dashboard$/m, 'with a token that the settings tell')
  t.notMatch(out(), /SANDBOX|Next|trial/)
})

t.test('without connections there is nothing to try', async t => {
  const { out } = await demoRelay(t, { connections: 'connections: []' })
  t.match(out(), '  0 connections')
  t.match(out(), 'SANDBOX')
  t.notMatch(out(), 'Next')
})

t.test('what is wrong with the connections file is told with what is wrong with the settings', async t => {
  const { env } = demoFolder(t, {
    connections: 'connections: [{ id: x, platform: nobody }]',
    env: { PORT: 'x' }
  })
  const { code, err } = await run(['start'], env)
  t.equal(code, 78)
  t.match(
    err,
    /^seam-relay: wrong settings\n {2}PORT: give .+\n {2}\S+connections\.yaml:1:\d+ connections\[0\]/
  )
})

t.test('a sender who never comes to the end of a body does not hold up the stop', async t => {
  const relay = await demoRelay(t, { env: { RELAY_SHUTDOWN_TIMEOUT_MS: '1500' } })
  const socket = connect(Number(new URL(relay.origin).port), '127.0.0.1')
  t.teardown(() => socket.destroy())
  const gone = once(socket, 'close')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(
    'POST /webhooks/hospitable/demo-hospitable HTTP/1.1\r\nhost: relay\r\ncontent-length: 100\r\n\r\n{'
  )
  // One that was answered came to the relay after the first line of this one.
  t.equal((await request(`${relay.origin}/livez`)).statusCode, 200)
  t.equal(await within(relay.signal('SIGINT'), 'the end'), 0)
  await within(gone, 'the end of the connection')
})

t.test('whoever is told to stop while the database does not answer stops', async t => {
  const silent = createSilent().listen(0, '127.0.0.1')
  const sockets: Socket[] = []
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const { folder, env } = demoFolder(t, {
    env: { DATABASE_URL: `postgres://relay@127.0.0.1:${port}/relay`, LOG_LEVEL: 'info' }
  })
  const asked = once(silent, 'connection')
  const child = spawnNode([bin, 'start'], { cwd: folder, env })
  t.teardown(() => child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  const out = child.stdout.toArray()
  sockets.push(...(await within(asked, 'the question to the database')))
  child.kill('SIGTERM')
  t.same(await within(ended, 'the end'), [0, null], 'and 1 where it has waited for nothing')
  t.match(String(Buffer.concat(await out)), /^\{.*"event":"relay.stopped","signal":"SIGTERM"\}\n$/)
})

t.test('a store that opens, or fails to, after the relay was told to stop is nobody’s trouble', async t => {
  const { env } = demoFolder(t)
  // What is no folder, and outlives the test: the store is still being opened when it ends.
  for (const url of ['file::memory:', `file:${import.meta.filename}/relay.db`]) {
    const said: string[] = []
    const code = await start({
      env: { ...env, DATABASE_URL: url },
      say: line => void said.push(line),
      signalled: Promise.resolve('SIGINT')
    })
    t.equal(code, 0)
    t.strictSame(said, [], 'it has not listened')
  }
})

t.test('what would not end in time is left to the next start', async t => {
  const { server, origin, asked } = await silentServer(t)
  const surroundings = {
    connections: `connections:
  - id: g
    platform: guesty
    customer_key: hills
    secrets: { signing_secret: whsec_ZGVtby1vbmx5IGd1ZXN0eSBzaWduaW5nIGtleSAwMDAx }
    api: { client_id: a, client_secret: b, endpoint: "${origin}" }`,
    env: {
      RELAY_SHUTDOWN_TIMEOUT_MS: '1000',
      RELAY_HYDRATION_TIMEOUT_MS: '50000',
      RELAY_LEASE_MS: '60000'
    }
  }
  const relay = await demoRelay(t, surroundings)
  const sent = run(
    ['send', 'guesty', 'reservation.created.v2', '--url', relay.origin, '--timeout', '0'],
    relay.env
  )
  await within(asked, 'the question to the platform')
  t.equal((await sent).code, 1)
  t.equal(await within(relay.signal('SIGTERM'), 'the end'), 0)
  // In a process of its own this would end with the process.
  server.closeAllConnections()
})

t.test('one store has one relay, and the next may have it once that has ended', async t => {
  const first = await demoRelay(t)
  const second = await run(['start'], first.env)
  t.equal(second.code, 1)
  t.match(
    second.err,
    /another relay works on .*relay\.db; stop it, or give this one a DATABASE_URL of its own/
  )
  t.equal((await request(`${first.origin}/readyz`)).statusCode, 200)
  t.equal((await run(['check'], first.env)).code, 0, 'commands run beside it')
  t.equal(await first.signal('SIGINT'), 0)
  const third = await runUntilSignal(t, ['start'], first.env)
  t.equal(await third.signal('SIGINT'), 0)
})

t.test('a relay in memory has nothing to share', async t => {
  const env = { DATABASE_URL: 'file::memory:' }
  const relays = [await demoRelay(t, { env }), await demoRelay(t, { env })]
  for (const relay of relays) t.equal(await relay.signal('SIGINT'), 0)
})

t.test('the sandbox runs by itself, and a relay can send to it', async t => {
  const file = `${t.testdir()}/state.db`
  const sandbox = await runUntilSignal(t, [
    'sandbox',
    '--port',
    '0',
    '--key',
    'seam_test_a',
    'seam_test_b',
    '--file',
    file
  ])
  t.match(sandbox.out(), `  SEAM_ENDPOINT=${sandbox.origin} SEAM_API_KEY=seam_test_a\n`)
  const push = (key: string) =>
    request(`${sandbox.origin}/customers/push_data`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ customer_key: 'c', spaces: [{ space_key: 's', name: 'S' }] })
    })
  t.equal((await push('seam_test_b')).statusCode, 200)
  t.equal((await push('seam_test_c')).statusCode, 401)
  const platform = await request(`${sandbox.origin}/sandbox/platforms/guesty/v1/reservations/r1`)
  t.equal(platform.statusCode, 401, 'the platforms’ APIs are there too')
  t.equal(await sandbox.signal('SIGTERM'), 0)
  const again = await runUntilSignal(t, ['sandbox', '--port', '0', '--file', file, '--key', 'seam_test_b'])
  t.match(await (await request(`${again.origin}/sandbox/state`)).body.text(), '"customer_key":"c"')
})

/** Takes every request and answers none. */
async function silentServer(t: Test): Promise<{ server: Server; origin: string; asked: Promise<unknown> }> {
  const server = createServer(() => undefined).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  const asked = once(server, 'request')
  await once(server, 'listening')
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}
