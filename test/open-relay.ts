import type { Test } from 'tap'
import { request } from 'undici'
import { loadConfig } from '../src/config.ts'
import { loadConnections, resolveSandboxEndpoints } from '../src/connections.ts'
import type { Connection } from '../src/model/connection.ts'
import type { Tracer } from '../src/model/trace.ts'
import { createLog } from '../src/observe/log.ts'
import { relayMetrics } from '../src/observe/relay-metrics.ts'
import type { Platform } from '../src/platforms/platform.ts'
import { platforms as registered } from '../src/platforms/registry.ts'
import type { SampleDelivery } from '../src/platforms/samples.ts'
import { assembleRelay, type Relay } from '../src/relay.ts'
import type { SandboxView } from '../src/sandbox/memory.ts'
import { openStore, type Store } from '../src/store/store.ts'
import { sqlite, type TestEngine } from './engines.ts'

export interface OpenRelayOptions {
  /** The connections file; the repository's demo file unless given. */
  connections?: string
  env?: Record<string, string>
  platforms?: Record<string, Platform>
  random?: () => number
  /** Another one's store, to go on after a "crash"; whoever opened it closes it. */
  store?: Store
  /** What a store of its own is opened on; SQLite unless given. */
  engine?: TestEngine
  /** Where the dashboard was built. */
  dashboard?: string
  /** ms since 1970 on the relay's clock at the start. */
  now?: number
  tracer?: Tracer
}

export interface Reply {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Record<string, unknown>
}

/** A relay with its own store and sandbox, on a clock that only the test moves. It stops with the test. */
export interface TestRelay {
  relay: Relay
  store: Store
  origin: string
  clock: { now: number }
  connection(id: string): Connection
  /** Signs as the platform would and posts; the world goes to the platform's stand-in first. */
  deliver(connectionId: string, sample: SampleDelivery, more?: { id?: string }): Promise<Reply>
  post(path: string, init: { headers?: Record<string, string>; body?: string | Uint8Array }): Promise<Reply>
  /** Steps every room, moving the clock over quiet windows and back-offs, until nothing is under way. */
  settle(): Promise<void>
  state(): Promise<SandboxView>
  /** What the sandbox holds for a customer, by list; empty where it knows no such customer. */
  held(customerKey: string): Promise<Record<string, Record<string, unknown>[]>>
  misbehave(behaviour: object): Promise<void>
  /** Every line logged so far. */
  logged: string[]
}

/** Long enough for the longest back-off of a lane or a workspace. */
const STEP_MS = 60_000
const MOST_ROUNDS = 5_000
/** What lies further ahead is a deletion that Seam refused, which is tried again for ever. */
const LONGEST_WAIT_MS = 3_600_000

export async function openRelay(t: Test, options: OpenRelayOptions = {}): Promise<TestRelay> {
  const clock = { now: options.now ?? Date.UTC(2027, 0, 10, 12) }
  const logged: string[] = []
  const dir = t.testdir(options.connections === undefined ? {} : { 'connections.yaml': options.connections })
  const env = {
    PORT: '0',
    DATABASE_URL: await (options.engine ?? sqlite).address(t),
    RELAY_SANDBOX_FILE: `${dir}/sandbox.db`,
    ...(options.connections !== undefined && { RELAY_CONNECTIONS_FILE: `${dir}/connections.yaml` }),
    ...options.env
  }
  const platforms = options.platforms ?? registered
  const config = loadConfig(env)
  const connections = loadConnections({ config, env, platforms })
  const metrics = relayMetrics()
  const store = options.store ?? (await openStore(config.databaseUrl, { onCommit: metrics.committed }))
  const log = createLog('debug', { write: line => void logged.push(line) })
  const random = options.random ?? (() => 0.5)
  const now = () => clock.now
  const { tracer } = options
  const relay = assembleRelay({
    config,
    connections,
    platforms,
    store,
    log,
    now,
    random,
    metrics,
    tracer,
    ...(options.dashboard !== undefined && { dashboardFolder: options.dashboard })
  })
  const origin = await relay.listen()
  t.teardown(() => relay.stop(5_000))
  const resolved = resolveSandboxEndpoints(connections.connections, origin)

  function connection(id: string): Connection {
    const found = resolved.find(each => each.id === id)
    if (found === undefined) throw new TypeError(`no connection ${id} in the test's file`)
    return found
  }

  async function post(
    path: string,
    { headers = {}, body = '' }: { headers?: Record<string, string>; body?: string | Uint8Array }
  ) {
    const reply = await request(`${origin}${path}`, { method: 'POST', headers, body })
    const text = await reply.body.text()
    return { status: reply.statusCode, headers: reply.headers, body: text === '' ? {} : JSON.parse(text) }
  }

  async function put(path: string, body: object): Promise<void> {
    const headers = { 'content-type': 'application/json' }
    const reply = await request(`${origin}${path}`, { method: 'PUT', headers, body: JSON.stringify(body) })
    if (reply.statusCode >= 300)
      throw new TypeError(`${path} answered ${reply.statusCode}: ${await reply.body.text()}`)
    await reply.body.dump()
  }

  async function state(): Promise<SandboxView> {
    const reply = await request(`${origin}/sandbox/state`)
    return (await reply.body.json()) as SandboxView
  }

  let serial = 0
  return {
    relay,
    store,
    origin,
    clock,
    logged,
    connection,
    post,
    state,
    async deliver(connectionId, sample, more = {}) {
      const { platform: name, secrets } = connection(connectionId)
      const platform = platforms[name]
      if (platform === undefined) throw new TypeError(`no platform ${name}`)
      if (sample.world !== undefined) await put(`/sandbox/platforms/${name}`, { entities: sample.world })
      serial += 1
      const body = Buffer.from(sample.body)
      const signed = platform.verification.sign(body, secrets, {
        now: clock.now,
        id: more.id ?? `msg_${serial}`
      })
      const query = new URLSearchParams({ ...sample.query, ...signed.query }).toString()
      const token = signed.token === undefined ? '' : `/${encodeURIComponent(signed.token)}`
      const path = `/webhooks/${name}/${connectionId}${token}${query === '' ? '' : `?${query}`}`
      return post(path, {
        headers: { 'content-type': 'application/json', ...sample.headers, ...signed.headers },
        body: signed.body ?? body
      })
    },
    async settle() {
      for (let round = 0; round < MOST_ROUNDS; round += 1) {
        let busy = false
        const { replayOnce, translateOnce, readPlaceOnce, redrawOnce, syncOnce } = relay.steps
        for (const step of [replayOnce, translateOnce, readPlaceOnce, redrawOnce, syncOnce]) {
          while ((await step()) === 'busy') busy = true
        }
        if (busy) continue
        if (!(await hasWork(store, clock.now + LONGEST_WAIT_MS))) return
        clock.now += STEP_MS
      }
      throw new TypeError(`not settled after ${MOST_ROUNDS} rounds`)
    },
    async held(customerKey) {
      const customers = (await state()).workspaces.flatMap(each => each.customers)
      const customer = customers.find(each => each.customer_key === customerKey)
      return (customer?.resources ?? {}) as Record<string, Record<string, unknown>[]>
    },
    misbehave: behaviour => put('/sandbox/behaviour', behaviour)
  }
}

/** Whether anything is still to be done by then. */
async function hasWork(store: Store, until: number): Promise<boolean> {
  const [deliveries, lanes, redraws] = await Promise.all([
    store.db.selectFrom('deliveries').select('id').where('state', '=', 'received').limit(1).execute(),
    store.db
      .selectFrom('lanes')
      .select('customer_key')
      .where(eb => eb.or([eb('due_at', '<=', until), eb('lease_until', 'is not', null)]))
      .limit(1)
      .execute(),
    store.db.selectFrom('rerenders').select('key').limit(1).execute()
  ])
  return deliveries.length + lanes.length + redraws.length > 0
}
