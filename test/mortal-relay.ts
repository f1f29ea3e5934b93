import type { Test } from 'tap'
import { Agent, request } from 'undici'
import { loadConfig } from '../src/config.ts'
import type { Connection } from '../src/model/connection.ts'
import { createLog } from '../src/observe/log.ts'
import type { Platform } from '../src/platforms/platform.ts'
import type { SampleDelivery } from '../src/platforms/samples.ts'
import { assembleRelay, type Relay } from '../src/relay.ts'
import type { SandboxView } from '../src/sandbox/memory.ts'
import { startSandbox } from '../src/sandbox/standalone.ts'
import { storeRooms } from '../src/store/rooms.ts'
import { openStore, type Store } from '../src/store/store.ts'
import { demoConnection } from './platforms/demo-connection.ts'

export type StepName = keyof Relay['steps']

/**
 * A relay of one platform that can die at any commit and be started again, while the store, Seam and the platform live on.
 * All on a clock that only the test moves.
 */
export interface MortalRelay {
  clock: { now: number }
  connections: Connection[]
  /** What the platform's API knows from now on. */
  happen(sample: SampleDelivery): Promise<void>
  /** Signs as the platform would and posts until it is acknowledged. */
  post(connection: Connection, sample: SampleDelivery, id: string): Promise<void>
  /** Calls as an internal service until it is acknowledged. */
  call(path: string, body: object, headers: Record<string, string>): Promise<void>
  step(name: StepName): Promise<'busy' | 'idle'>
  /** Several things at once; one after the other where the relay is about to die, for a dead one must not go on calling Seam. */
  together(works: (() => Promise<unknown>)[]): Promise<void>
  /** Lets stored deliveries run again: every so-and-so-many-th of those acknowledged since {@link forget}. */
  replay(every: number): Promise<void>
  /** The relay dies at its so-and-so-many-th commit from now: instead of it, or right after it. */
  dieAfter(commits: number, landed: boolean): void
  misbehave(behaviour: object): Promise<void>
  /** Takes everything to its end, moving the clock over quiet windows and back-offs. */
  settle(): Promise<void>
  /** What the sandbox holds, how often it was called, and whether two calls about one customer ever met. */
  held(): Promise<{
    customers: SandboxView['workspaces'][number]['customers']
    calls: { push_data: number; delete_data: number }
    overlaps: Record<string, number>
  }>
  /** What is under way comes to its end; then Seam and the platform forget everything, and the relay does not. */
  forget(): Promise<void>
  /** How often it died. */
  deaths: number
}

const steps: StepName[] = ['translateOnce', 'readPlaceOnce', 'redrawOnce', 'syncOnce']
const STEP_MS = 60_000
const CALLER_KEY = `seam_relay_${'m'.repeat(32)}`
const MOST_ROUNDS = 2_000

export async function openMortalRelay(
  t: Test,
  platform: Platform,
  options: {
    connections?: Partial<Connection>[]
    api?: Record<string, string>
    env?: Record<string, string>
    random(): number
  }
): Promise<MortalRelay> {
  const clock = { now: Date.UTC(2027, 0, 10, 12) }
  const config = loadConfig({ PORT: '0', LOG_LEVEL: 'silent', RELAY_API_KEYS: CALLER_KEY, ...options.env })
  const log = createLog('silent')
  const { api } = demoConnection(platform)
  const settings = api && { ...api, ...options.api }
  const apiKey = 'seam_test_mortal'
  const sandbox = await startSandbox({
    port: 0,
    apiKeys: [apiKey],
    platforms: { [platform.name]: platform },
    settingsOf: () => settings ?? {},
    now: () => clock.now,
    random: options.random
  })
  const world = `${sandbox.address}/sandbox/platforms/${platform.name}`
  const connections = (options.connections ?? [{ id: platform.name, customerKey: 'customer' }]).map(given =>
    demoConnection(platform, {
      preferredCode: 'platform',
      preferredCodeField: 'doorPin',
      api: settings && { ...settings, endpoint: world },
      ...given
    })
  )
  const workspace = { id: 'default', endpoint: sandbox.address, apiKey }
  const store = await openStore('file::memory:')
  const dispatcher = new Agent({ connections: 8, keepAliveTimeout: 600_000 })

  let living = await start()
  t.teardown(async () => {
    await living.bury()
    await Promise.all([store.close(), sandbox.close(), dispatcher.close()])
  })

  /** A relay over a store that stops answering the moment the process "dies". */
  async function start() {
    const mortal = mortalStore(store)
    const relay = assembleRelay({
      config,
      connections: { workspaces: [workspace], connections, sandbox: false, warnings: [] },
      platforms: { [platform.name]: platform },
      store: mortal.store,
      log,
      now: () => clock.now,
      random: options.random
    })
    const origin = await relay.listen()
    const bury = async () => {
      relay.app.server.closeAllConnections()
      await relay.app.close()
    }
    return { relay, origin, bury, ...mortal }
  }

  /** Undefined where the relay died over it; then there is a new one. */
  async function alive<T>(work: Promise<T>): Promise<T | undefined> {
    const outcome = await Promise.race([work.then(value => ({ value })), living.died])
    if (outcome !== undefined) return outcome.value
    work.catch(() => undefined)
    await living.bury()
    self.deaths += 1
    clock.now += 1_000
    living = await start()
    return undefined
  }

  async function send(method: 'PUT' | 'DELETE', address: string, body?: object): Promise<void> {
    const reply = await request(address, {
      method,
      dispatcher,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    })
    await reply.body.dump()
    if (reply.statusCode >= 300) throw new TypeError(`${address} answered ${reply.statusCode}`)
  }

  async function postOnce(connection: Connection, sample: SampleDelivery, id: string): Promise<string> {
    const body = Buffer.from(sample.body)
    const signed = platform.verification.sign(body, connection.secrets, { now: clock.now, id })
    const query = new URLSearchParams({ ...sample.query, ...signed.query }).toString()
    const token = signed.token === undefined ? '' : `/${encodeURIComponent(signed.token)}`
    const path = `/webhooks/${platform.name}/${connection.id}${token}${query === '' ? '' : `?${query}`}`
    const reply = await request(`${living.origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...sample.headers, ...signed.headers },
      body: signed.body ?? body,
      dispatcher
    })
    if (reply.statusCode !== 200) throw new TypeError(`the webhook was answered ${reply.statusCode}`)
    return String(((await reply.body.json()) as Record<string, unknown>).delivery_id)
  }

  const told = new Set<string>()
  const acknowledged = new Set<string>()
  const self: MortalRelay = {
    clock,
    connections,
    deaths: 0,
    async happen({ world: entities }) {
      if (entities === undefined) return
      for (const name of Object.keys(entities)) told.add(name)
      await send('PUT', world, { entities })
    },
    async post(connection, sample, id) {
      for (;;) {
        const reply = await alive(postOnce(connection, sample, id))
        if (reply !== undefined) return void acknowledged.add(reply)
      }
    },
    async call(path, body, headers) {
      const callOnce = async () => {
        const reply = await request(`${living.origin}${path}`, {
          method: 'POST',
          headers: { ...headers, authorization: `Bearer ${CALLER_KEY}`, 'content-type': 'application/json' },
          body: JSON.stringify(body),
          dispatcher
        })
        if (reply.statusCode !== 200)
          throw new TypeError(`${path} was answered ${reply.statusCode}: ${await reply.body.text()}`)
        await reply.body.dump()
        return true
      }
      while ((await alive(callOnce())) === undefined);
    },
    async step(name) {
      return (await alive(living.relay.steps[name]())) ?? 'busy'
    },
    async together(works) {
      if (!living.isDoomed()) return void (await Promise.all(works.map(work => work())))
      for (const work of works) await work()
    },
    async replay(every) {
      const ids = [...acknowledged].filter((_, index) => index % every === 0)
      if (ids.length > 0) await storeRooms(store).deliveries.replay({ ids }, clock.now)
    },
    dieAfter: (commits, landed) => living.dieAfter(commits, landed),
    misbehave: behaviour => send('PUT', `${sandbox.address}/sandbox/behaviour`, behaviour),
    async settle() {
      for (let round = 0; round < MOST_ROUNDS; round += 1) {
        let busy = false
        await self.together(
          steps.map(name => async () => {
            if ((await self.step(name)) === 'busy') busy = true
          })
        )
        if (busy) continue
        if (!(await hasWork(store))) return
        clock.now += STEP_MS
      }
      throw new TypeError(`not settled after ${MOST_ROUNDS} rounds`)
    },
    async held() {
      const reply = await request(`${sandbox.address}/sandbox/state`, { dispatcher })
      const { workspaces, calls } = (await reply.body.json()) as SandboxView
      const [seam] = workspaces
      return {
        customers: seam?.customers ?? [],
        calls: { push_data: sum(calls.push_data), delete_data: sum(calls.delete_data) },
        overlaps: seam?.overlaps ?? {}
      }
    },
    async forget() {
      await self.settle()
      if (told.size > 0)
        await send('PUT', world, { entities: Object.fromEntries([...told].map(name => [name, null])) })
      told.clear()
      acknowledged.clear()
      await send('DELETE', `${sandbox.address}/sandbox/state`)
    }
  }
  return self
}

function mortalStore(store: Store) {
  let left = Number.POSITIVE_INFINITY
  let landing = false
  let die: (nothing: undefined) => void = () => undefined
  const died = new Promise<undefined>(resolve => {
    die = resolve
  })
  /** For good: a dead process gets no answers. */
  const silence = new Promise<never>(() => undefined)
  const mortal: Store = {
    ...store,
    async commit(writes) {
      left -= 1
      if (left >= 0) return store.commit(writes)
      if (left === -1 && landing) await store.commit(writes)
      die(undefined)
      return silence
    },
    close: async () => undefined
  }
  return {
    store: mortal,
    died,
    isDoomed: () => left < Number.POSITIVE_INFINITY,
    dieAfter(commits: number, landed: boolean) {
      left = commits
      landing = landed
    }
  }
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

/** Whether anything is still to be done, now or later. */
async function hasWork({ db }: Store): Promise<boolean> {
  const [deliveries, lanes, redraws, readings] = await Promise.all([
    db.selectFrom('deliveries').select('id').where('state', '=', 'received').limit(1).execute(),
    db
      .selectFrom('lanes')
      .select('customer_key')
      .where(eb => eb.or([eb('due_at', 'is not', null), eb('lease_until', 'is not', null)]))
      .limit(1)
      .execute(),
    db.selectFrom('rerenders').select('key').limit(1).execute(),
    // A relay that died over a place leaves its lease behind, and the place unread until that has run out.
    db.selectFrom('place_readings').select('place_id').where('read_at', 'is', null).limit(1).execute()
  ])
  return deliveries.length + lanes.length + redraws.length + readings.length > 0
}
