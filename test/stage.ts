import type { Logger } from 'pino'
import type { Test } from 'tap'
import { Agent, request } from 'undici'
import { loadConfig } from '../src/config.ts'
import type { Connection } from '../src/model/connection.ts'
import { createLog } from '../src/observe/log.ts'
import type { Platform } from '../src/platforms/platform.ts'
import type { SampleDelivery, StandIn } from '../src/platforms/samples.ts'
import { assembleRelay, type Relay } from '../src/relay.ts'
import type { SandboxView } from '../src/sandbox/memory.ts'
import { startSandbox } from '../src/sandbox/standalone.ts'
import { storeRooms } from '../src/store/rooms.ts'
import type { Store } from '../src/store/store.ts'
import { demoConnection } from './platforms/demo-connection.ts'

export interface StageOptions {
  /** One of the platform's name unless given. */
  connections?: Partial<Connection>[]
  /** Settings of the platform's API beside the invented ones. */
  api?: Record<string, string>
  env?: Record<string, string>
  /** APIs of their own, by connection; the others share the platform's. */
  standIns?: Record<string, StandIn>
  /** Silent unless given. */
  log?: Logger
  random(): number
}

export type StepName = keyof Relay['steps']
export const steps: StepName[] = ['translateOnce', 'lookAgainOnce', 'readPlaceOnce', 'redrawOnce', 'syncOnce']

/** A relay that was started, on a store that may do with its commits what it likes. */
export interface StartedRelay {
  relay: Relay
  origin: string
  /** Ends its listener. What it was about goes on until it meets its store. */
  bury(): Promise<void>
}

/** What the sandbox holds, how often it was called, and whether two calls about one customer ever met. */
export interface HeldBySeam {
  customers: SandboxView['workspaces'][number]['customers']
  calls: { push_data: number; delete_data: number }
  overlaps: Record<string, number>
}

/** Seam, one platform and a clock that only the test moves: what outlives the relays that play here. */
export interface Stage {
  clock: { now: number }
  connections: Connection[]
  /** Where Seam and the platform's API are. */
  sandbox: string
  /** @param seam where it finds Seam, if not at the sandbox itself */
  start(store: Store, seam?: string): Promise<StartedRelay>
  /** What the platform's API knows from now on. */
  happen(sample: SampleDelivery): Promise<void>
  /** Signs as the platform would and posts. @returns the id of the stored delivery; @throws where it is not acknowledged */
  post(origin: string, connection: Connection, sample: SampleDelivery, id: string): Promise<string>
  /** Calls as an internal service. @throws where it is not acknowledged */
  call(origin: string, path: string, body: object, headers: Record<string, string>): Promise<void>
  /** Lets stored deliveries run again: every so-and-so-many-th of those acknowledged since {@link forget}. */
  replay(store: Store, every: number): Promise<void>
  misbehave(behaviour: object): Promise<void>
  held(): Promise<HeldBySeam>
  /** What the sandbox holds in all workspaces. */
  view(): Promise<SandboxView>
  /** Seam and the platform forget everything. */
  forget(): Promise<void>
}

const CALLER_KEY = `seam_relay_${'m'.repeat(32)}`

export async function openStage(t: Test, platform: Platform, options: StageOptions): Promise<Stage> {
  const clock = { now: Date.UTC(2027, 0, 10, 12) }
  const config = loadConfig({ PORT: '0', LOG_LEVEL: 'silent', RELAY_API_KEYS: CALLER_KEY, ...options.env })
  const { api } = demoConnection(platform)
  const settings = api && { ...api, ...options.api }
  const { random, standIns = {}, log = createLog('silent') } = options
  const given = options.connections ?? [{ id: platform.name, customerKey: 'customer' }]
  const workspaces = [...new Set(given.map(({ workspaceId = 'default' }) => workspaceId))]
  const apiKeyOf = (workspaceId: string) => `seam_test_stage_${workspaceId}`
  const sandbox = await startSandbox({
    port: 0,
    apiKeys: workspaces.map(apiKeyOf),
    platforms: {
      [platform.name]: platform,
      ...Object.fromEntries(Object.entries(standIns).map(([id, standIn]) => [id, { standIn }]))
    },
    settingsOf: () => settings ?? {},
    now: () => clock.now,
    random
  })
  const apiOf = (name: string) => `${sandbox.address}/sandbox/platforms/${name}`
  const world = apiOf(platform.name)
  const connections = given.map(each =>
    demoConnection(platform, {
      preferredCode: 'platform',
      preferredCodeField: 'doorPin',
      api: settings && { ...settings, endpoint: each.id && standIns[each.id] ? apiOf(each.id) : world },
      ...each
    })
  )
  const workspacesAt = (endpoint: string) => workspaces.map(id => ({ id, endpoint, apiKey: apiKeyOf(id) }))
  const dispatcher = new Agent({ connections: 8, keepAliveTimeout: 600_000 })
  t.teardown(() => Promise.all([sandbox.close(), dispatcher.close()]))

  async function send(method: 'PUT' | 'DELETE', address: string, body?: object): Promise<void> {
    const reply = await request(address, {
      method,
      dispatcher,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    })
    await reply.body.dump()
    if (reply.statusCode >= 300) throw new TypeError(`${address} answered ${reply.statusCode}`)
  }

  async function view(): Promise<SandboxView> {
    const reply = await request(`${sandbox.address}/sandbox/state`, { dispatcher })
    return (await reply.body.json()) as SandboxView
  }

  const told = new Set<string>()
  const acknowledged = new Set<string>()
  return {
    clock,
    connections,
    sandbox: sandbox.address,
    async start(store, seam = sandbox.address) {
      const relay = assembleRelay({
        config,
        connections: { workspaces: workspacesAt(seam), connections, sandbox: false, warnings: [] },
        platforms: { [platform.name]: platform },
        store,
        log,
        now: () => clock.now,
        random
      })
      const origin = await relay.listen()
      const bury = async () => {
        relay.app.server.closeAllConnections()
        await relay.app.close()
      }
      return { relay, origin, bury }
    },
    async happen({ world: entities }) {
      if (entities === undefined) return
      for (const name of Object.keys(entities)) told.add(name)
      await send('PUT', world, { entities })
    },
    async post(origin, connection, sample, id) {
      const body = Buffer.from(sample.body)
      const signed = platform.verification.sign(body, connection.secrets, { now: clock.now, id })
      const query = new URLSearchParams({ ...sample.query, ...signed.query }).toString()
      const token = signed.token === undefined ? '' : `/${encodeURIComponent(signed.token)}`
      const path = `/webhooks/${platform.name}/${connection.id}${token}${query === '' ? '' : `?${query}`}`
      const reply = await request(`${origin}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...sample.headers, ...signed.headers },
        body: signed.body ?? body,
        dispatcher
      })
      if (reply.statusCode !== 200) throw new TypeError(`the webhook was answered ${reply.statusCode}`)
      const stored = String(((await reply.body.json()) as Record<string, unknown>).delivery_id)
      acknowledged.add(stored)
      return stored
    },
    async call(origin, path, body, headers) {
      const reply = await request(`${origin}${path}`, {
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${CALLER_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        dispatcher
      })
      if (reply.statusCode !== 200)
        throw new TypeError(`${path} was answered ${reply.statusCode}: ${await reply.body.text()}`)
      await reply.body.dump()
    },
    async replay(store, every) {
      const ids = [...acknowledged].filter((_, index) => index % every === 0)
      if (ids.length > 0) await storeRooms(store).deliveries.replay({ ids }, clock.now)
    },
    misbehave: behaviour => send('PUT', `${sandbox.address}/sandbox/behaviour`, behaviour),
    view,
    async held() {
      const {
        workspaces: [seam],
        calls
      } = await view()
      return {
        customers: seam?.customers ?? [],
        calls: { push_data: sum(calls.push_data), delete_data: sum(calls.delete_data) },
        overlaps: seam?.overlaps ?? {}
      }
    },
    async forget() {
      if (told.size > 0)
        await send('PUT', world, { entities: Object.fromEntries([...told].map(name => [name, null])) })
      told.clear()
      acknowledged.clear()
      await send('DELETE', `${sandbox.address}/sandbox/state`)
    }
  }
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

/** Whether anything is still to be done, now or later. */
export async function hasWork({ db }: Store): Promise<boolean> {
  const [deliveries, looks, lanes, redraws, readings] = await Promise.all([
    db.selectFrom('deliveries').select('id').where('state', '=', 'received').limit(1).execute(),
    db.selectFrom('second_looks').select('delivery_id').limit(1).execute(),
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
  return deliveries.length + looks.length + lanes.length + redraws.length + readings.length > 0
}
