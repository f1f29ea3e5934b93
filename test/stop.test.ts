import t, { type Test } from 'tap'
import { request } from 'undici'
import { postSample } from '../src/cli/relay-client.ts'
import { loadConfig } from '../src/config.ts'
import { loadConnections } from '../src/connections.ts'
import type { Platform } from '../src/platforms/platform.ts'
import { platforms } from '../src/platforms/registry.ts'
import type { SandboxView } from '../src/sandbox/memory.ts'
import { startSandbox } from '../src/sandbox/standalone.ts'
import { openStore } from '../src/store/store.ts'
import { eventually, runRelay, within } from './run-relay.ts'

const standard = platforms.standard as Platform
const HOURS = '3600000'

const connectionsFile = `connections:
  - id: s
    platform: standard
    customer_key: lakeside
    secrets: { signing_secret: whsec_${Buffer.alloc(32, 'not the one of the demo ').toString('base64')} }`

/** A sandbox in this process, and a relay that sends to it as a process of its own. */
async function openWorld(t: Test, more: Record<string, string>) {
  const apiKey = 'seam_test_stopping'
  const settingsOf = () => ({})
  const { address, close } = await startSandbox({ port: 0, apiKeys: [apiKey], platforms, settingsOf })
  t.teardown(close)
  const folder = t.testdir({ 'connections.yaml': connectionsFile })
  const env = {
    SEAM_ENDPOINT: address,
    SEAM_API_KEY: apiKey,
    DATABASE_URL: `file:${folder}/relay.db`,
    RELAY_CONNECTIONS_FILE: `${folder}/connections.yaml`,
    RELAY_QUIET_WINDOW_MS: '0',
    RELAY_DRAIN_DELAY_MS: '0',
    ...more
  }
  const { connections } = loadConnections({ config: loadConfig(env), env, platforms })
  const [connection] = connections
  if (connection === undefined) throw new TypeError('the file has a connection')
  let serial = 0

  const callsToSeam = async () => {
    const reply = await request(`${address}/sandbox/state`)
    const { calls } = (await reply.body.json()) as SandboxView
    return Object.values(calls.push_data).reduce((sum, count) => sum + count, 0)
  }
  return {
    start: () => runRelay(t, { cwd: folder, env }),
    book: async (origin: string) => {
      serial += 1
      const sample = standard.samples.events['reservation.created']
      const context = { connection, now: Date.now(), serial }
      const { status } = await postSample(
        origin,
        standard,
        connection,
        sample?.(context) ?? { event: '', body: '' },
        context.now
      )
      return status
    },
    misbehave: async (fail: object[]) => {
      const reply = await request(`${address}/sandbox/behaviour`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ fail })
      })
      await reply.body.dump()
    },
    called: (times: number) =>
      eventually(async () => ((await callsToSeam()) >= times ? true : undefined), 'the call to Seam'),
    /** What is left to do, and what the calls to Seam came to. */
    async look() {
      const { db, close } = await openStore(env.DATABASE_URL)
      const lanes = await db.selectFrom('lanes').select(['due_at', 'lease_until']).execute()
      const received = await db
        .selectFrom('deliveries')
        .select('id')
        .where('state', '=', 'received')
        .execute()
      const attempts = await db.selectFrom('attempts').select('status').orderBy('id').execute()
      await close()
      return {
        work:
          received.length + lanes.filter(lane => lane.due_at !== null || lane.lease_until !== null).length,
        statuses: attempts.map(attempt => attempt.status)
      }
    }
  }
}

const done = { code: 0, signal: null }

t.test(
  'after SIGTERM webhooks are still taken in while load balancers learn that nobody should send more',
  async t => {
    const world = await openWorld(t, { RELAY_DRAIN_DELAY_MS: '3000' })
    const relay = await world.start()
    t.equal((await request(`${relay.origin}/readyz`)).statusCode, 200)
    relay.kill('SIGTERM')
    await relay.logged('relay.stopping')
    t.equal((await request(`${relay.origin}/readyz`)).statusCode, 503)
    t.equal((await request(`${relay.origin}/livez`)).statusCode, 200)
    t.equal(await world.book(relay.origin), 200)
    t.same(await within(relay.exited, 'the end'), done)
    await t.rejects(world.book(relay.origin), { code: 'RELAY_NOT_FOUND' }, 'nobody listens any more')
    t.same(await world.look(), { work: 0, statuses: [200] }, 'what came in the meantime went its way')
  }
)

t.test('a slow call to Seam that is under way is finished before the end', async t => {
  const world = await openWorld(t, {})
  await world.misbehave([{ delay_ms: 1500 }])
  const relay = await world.start()
  t.equal(await world.book(relay.origin), 200)
  await world.called(1)
  relay.kill('SIGTERM')
  t.same(await within(relay.exited, 'the end'), done)
  t.same(await world.look(), { work: 0, statuses: [200] })
})

t.test(
  'a call to Seam that takes too long is given up, and the next start makes it again at once',
  async t => {
    const world = await openWorld(t, { RELAY_SHUTDOWN_TIMEOUT_MS: '6000', RELAY_LEASE_MS: HOURS })
    await world.misbehave([{ delay_ms: 600_000 }])
    const relay = await world.start()
    t.equal(await world.book(relay.origin), 200)
    await world.called(1)
    relay.kill('SIGTERM')
    t.same(await within(relay.exited, 'the end'), done)
    t.match(relay.output(), /"event":"relay.stopped"/)
    t.same(await world.look(), { work: 1, statuses: [null] })

    await world.misbehave([])
    const next = await world.start()
    await world.called(2)
    await next.logged('resources.synced')
    next.kill('SIGTERM')
    t.same(await within(next.exited, 'the end'), done)
    t.same(await world.look(), { work: 0, statuses: [null, 200] })
  }
)

t.test('a person at the keyboard does not wait for load balancers', async t => {
  const world = await openWorld(t, { RELAY_DRAIN_DELAY_MS: '600000', RELAY_SHUTDOWN_TIMEOUT_MS: HOURS })
  const relay = await world.start()
  relay.kill('SIGINT')
  t.same(await within(relay.exited, 'the end'), done)
})

t.test('the same keystroke may arrive twice; a second one ends the relay at once', async t => {
  const world = await openWorld(t, { RELAY_DRAIN_DELAY_MS: '600000', RELAY_SHUTDOWN_TIMEOUT_MS: HOURS })
  const relay = await world.start()
  relay.kill('SIGTERM')
  await relay.logged('relay.stopping')
  let ended = false
  relay.exited.then(() => {
    ended = true
  })
  await eventually(async () => {
    relay.kill('SIGINT')
    return ended ? true : undefined
  }, 'the end')
  t.same(await relay.exited, { code: 1, signal: null })
})
