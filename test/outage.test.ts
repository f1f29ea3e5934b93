import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { request } from 'undici'
import { loadConfig } from '../src/config.ts'
import { loadConnections } from '../src/connections.ts'
import type { Platform } from '../src/platforms/platform.ts'
import { platforms } from '../src/platforms/registry.ts'
import type { SandboxView } from '../src/sandbox/memory.ts'
import { startSandbox } from '../src/sandbox/standalone.ts'
import { openStore } from '../src/store/store.ts'
import { emptyDatabase } from './postgres/empty-database.ts'
import { type PostgresServer, restartablePostgres } from './postgres/server.ts'
import { eventually, type RelayProcess, runRelay } from './run-relay.ts'

const standard = platforms.standard as Platform
const CALLER = `seam_relay_${'o'.repeat(32)}`
/** What a statement may take here. A request that is refused sooner, by far, has waited for none. */
const DATABASE_TIMEOUT_MS = 60_000
const BY_FAR_MS = DATABASE_TIMEOUT_MS / 2

/** The loops have looked for work several times. */
const SILENCE_MS = 1_500
const ofRequests = new Set(['delivery.not_stored', 'request.failed', 'call.refused'])

const connectionsFile = `connections:
  - id: s
    platform: standard
    customer_key: lakeside
    secrets: { signing_secret: whsec_${Buffer.alloc(32, 'not the one of the demo ').toString('base64')} }`

/** A sandbox in this process, and relays on a database, as processes of their own. */
async function openWorld(t: Test, databaseUrl: string, more: Record<string, string> = {}) {
  const apiKey = 'seam_test_outage'
  const settingsOf = () => ({})
  const { address, close } = await startSandbox({ port: 0, apiKeys: [apiKey], platforms, settingsOf })
  t.teardown(close)
  const folder = t.testdir({ 'connections.yaml': connectionsFile })
  const env = {
    SEAM_ENDPOINT: address,
    SEAM_API_KEY: apiKey,
    DATABASE_URL: databaseUrl,
    RELAY_CONNECTIONS_FILE: `${folder}/connections.yaml`,
    RELAY_API_KEYS: CALLER,
    RELAY_QUIET_WINDOW_MS: '0',
    RELAY_DRAIN_DELAY_MS: '0',
    RELAY_DATABASE_TIMEOUT_MS: String(DATABASE_TIMEOUT_MS),
    ...more
  }
  const { connections } = loadConnections({ config: loadConfig(env), env, platforms })
  const [connection] = connections
  if (connection === undefined) throw new TypeError('the file has a connection')
  let serial = 0

  return {
    env,
    cwd: folder,
    start: (also: Record<string, string> = {}) => runRelay(t, { cwd: folder, env: { ...env, ...also } }),
    /** A webhook of another booking, `s:R-1` the first. */
    async book({ origin }: RelayProcess) {
      serial += 1
      const now = Date.now()
      const sample = standard.samples.events['reservation.created']?.({ connection, now, serial })
      const body = Buffer.from(String(sample?.body).replaceAll('R-1001', `R-${serial}`))
      const { headers } = standard.verification.sign(body, connection.secrets, { now, id: `msg_${serial}` })
      return post(`${origin}/webhooks/standard/s`, body, { ...headers })
    },
    /** A call of an internal service. */
    async push({ origin }: RelayProcess, key: string, headers: Record<string, string> = {}) {
      const body = JSON.stringify({ customer_key: 'hills', spaces: [{ space_key: key, name: key }] })
      const authorization = `Bearer ${CALLER}`
      return post(`${origin}/customers/push_data`, body, { authorization, ...headers })
    },
    /** Whether Seam has it. */
    async holds(list: 'reservations' | 'spaces', key: string): Promise<boolean> {
      const reply = await request(`${address}/sandbox/state`)
      const { workspaces } = (await reply.body.json()) as SandboxView
      const resources = workspaces
        .flatMap(each => each.customers)
        .flatMap(each => (each.resources[list] ?? []) as Record<string, unknown>[])
      return resources.some(each => each[list === 'spaces' ? 'space_key' : 'reservation_key'] === key)
    }
  }
}

/** @returns the answer, and how long it took */
async function post(url: string, body: string | Buffer, headers: Record<string, string>) {
  const began = performance.now()
  const reply = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body
  })
  const json = (await reply.body.json()) as Record<string, unknown>
  return { status: reply.statusCode, headers: reply.headers, json, tookMs: performance.now() - began }
}

async function health({ origin }: RelayProcess, path: '/livez' | '/readyz'): Promise<number> {
  const reply = await request(`${origin}${path}`)
  await reply.body.dump()
  return reply.statusCode
}

function eventsIn(output: string): string[] {
  return output
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line).event)
}

const until = (what: string, holds: () => Promise<boolean>) =>
  eventually(async () => ((await holds()) ? true : undefined), what)

const outages: Record<string, { begin(database: PostgresServer): Promise<void>; end: 'start' | 'resume' }> = {
  killed: { begin: database => database.kill(), end: 'start' },
  stopped: { begin: database => database.stopGently(), end: 'start' },
  paused: { begin: database => database.pause(), end: 'resume' }
}

for (const [name, { begin, end }] of Object.entries(outages)) {
  t.test(`a database that is ${name}: refused in time, and all goes on when it is back`, async t => {
    const database = await restartablePostgres(t)
    const world = await openWorld(t, database.url)
    const relay = await world.start()
    t.equal(await health(relay, '/readyz'), 200)
    t.equal((await world.book(relay)).status, 200)
    await until('the first booking at Seam', () => world.holds('reservations', 's:R-1'))
    t.equal((await world.book(relay)).status, 200)

    await begin(database)
    const [webhook, call] = await Promise.all([world.book(relay), world.push(relay, 'never')])
    for (const [what, answer] of Object.entries({ webhook, call })) {
      t.equal(answer.status, 503, what)
      t.match(answer.headers, { 'retry-after': /^\d+$/ }, what)
      t.ok(answer.tookMs < BY_FAR_MS, `${what}: refused after ${Math.round(answer.tookMs)} ms`)
    }
    t.match(webhook.json, { code: 'RELAY_STORE_UNAVAILABLE' })
    t.match(call.headers, { 'seam-request-id': /./ })
    t.match(call.json, { ok: false, error: { type: 'service_unavailable' } })
    t.equal(await health(relay, '/livez'), 200)
    t.equal(await health(relay, '/readyz'), 503)
    await relay.logged('store.lost')
    // From here on nobody is made to wait.
    const again = await world.book(relay)
    t.equal(again.status, 503)
    t.match(again.headers, { 'retry-after': /^\d+$/ })
    t.ok(again.tookMs < BY_FAR_MS, `refused after ${Math.round(again.tookMs)} ms`)
    await pause(SILENCE_MS)
    const said = eventsIn(relay.output())
    t.same(
      said.slice(said.indexOf('store.lost') + 1).filter(event => !ofRequests.has(event)),
      [],
      'and the loops say nothing'
    )

    await database[end]()
    await until('the relay to be ready', async () => (await health(relay, '/readyz')) === 200)
    await relay.logged('store.back')
    t.equal((await world.book(relay)).status, 200)
    t.equal((await world.push(relay, 'new', { prefer: 'wait=30' })).status, 200)
    t.ok(await world.holds('spaces', 'new'))
    for (const key of ['s:R-2', 's:R-5'])
      await until(`${key} at Seam`, () => world.holds('reservations', key))
    relay.kill('SIGTERM')
    t.same(await relay.exited, { code: 0, signal: null }, 'and it stops in order')
  })
}

t.test('a database that goes away over and over', async t => {
  const database = await restartablePostgres(t)
  const world = await openWorld(t, database.url)
  const relay = await world.start()
  for (const round of [1, 2]) {
    await database.kill()
    await until('the relay to notice', async () => (await health(relay, '/readyz')) === 503)
    await database.start()
    await until('the relay to be ready', async () => (await health(relay, '/readyz')) === 200)
    t.equal((await world.push(relay, `place-${round}`, { prefer: 'wait=30' })).status, 200)
    t.ok(await world.holds('spaces', `place-${round}`))
  }
  const said = eventsIn(relay.output()).filter(event => event.startsWith('store.'))
  t.same(said, Array(2).fill(['store.lost', 'store.back']).flat(), 'is lost once each time')
})

t.test('a relay that starts before its database waits for it', async t => {
  const database = await restartablePostgres(t)
  const world = await openWorld(t, database.url)
  for (const { begin, end } of Object.values(outages)) {
    await begin(database)
    const starting = world.start()
    // It has looked at least once by the time another connection has been refused or not answered.
    await t.rejects(openStore(database.url, { databaseTimeoutMs: 500, patienceMs: 0 }), {
      code: 'RELAY_STORE_UNAVAILABLE',
      message: /^the store: waited 0 s for PostgreSQL: /
    })
    await database[end]()
    const relay = await starting
    t.equal(await health(relay, '/readyz'), 200)
    relay.kill('SIGTERM')
    t.same(await relay.exited, { code: 0, signal: null })
  }
})

t.test('an orderly stop does not wait for a database that is away', async t => {
  const database = await restartablePostgres(t)
  const world = await openWorld(t, database.url, { RELAY_SHUTDOWN_TIMEOUT_MS: '20000' })
  for (const { begin, end } of Object.values(outages)) {
    const relay = await world.start()
    await begin(database)
    // Refused, or broken off by the end of the process.
    const refused = world.push(relay, 'never').catch(() => undefined)
    relay.kill('SIGTERM')
    t.same(await relay.exited, { code: 0, signal: null })
    await refused
    t.match(eventsIn(relay.output()).at(-1), 'relay.stopped', 'in time')
    await database[end]()
  }
})

t.test('of several relays on one database, each does the work of those that end', async t => {
  const short = { RELAY_LEASE_MS: '1000', RELAY_SEAM_TIMEOUT_MS: '500', RELAY_HYDRATION_TIMEOUT_MS: '500' }
  for (const pooler of ['none', 'transaction']) {
    t.test(`with pooler ${pooler}`, async t => {
      const url = await emptyDatabase(t)
      const world = await openWorld(t, url, { ...short, RELAY_DATABASE_POOLER: pooler })
      const one = await world.start()
      const other = await world.start()
      t.equal((await world.book(one)).status, 200)
      one.kill('SIGKILL')
      await until('what one has stored, at Seam', () => world.holds('reservations', 's:R-1'))

      // Whom nobody at Seam answers can only wait for the other one's work.
      const silent = await world.start({ SEAM_ENDPOINT: await deadEnd(t) })
      const answer = await world.push(silent, 'by-the-other', { prefer: 'wait=30' })
      t.equal(answer.status, 200)
      t.ok(await world.holds('spaces', 'by-the-other'), 'a caller learns what another relay has done')
      other.kill('SIGTERM')
      silent.kill('SIGTERM')
      t.same(
        (await Promise.all([other.exited, silent.exited])).map(({ code }) => code),
        [0, 0]
      )
    })
  }
})

/** The origin of a server that takes connections and never answers. */
async function deadEnd(t: Test): Promise<string> {
  const server = createServer(socket => void socket.on('error', () => undefined).resume())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
