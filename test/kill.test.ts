import { randomBytes, randomInt } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import t, { type Test } from 'tap'
import { request } from 'undici'
import { loadConfig } from '../src/config.ts'
import { loadConnections } from '../src/connections.ts'
import type { Platform } from '../src/platforms/platform.ts'
import { platforms as registered } from '../src/platforms/registry.ts'
import type { CallRecord } from '../src/sandbox/call-log.ts'
import type { SandboxView } from '../src/sandbox/memory.ts'
import { startSandbox } from '../src/sandbox/standalone.ts'
import { openStore, type Store } from '../src/store/store.ts'
import { type Load, load, type Told } from './kill-load.ts'
import { eventually, type RelayProcess, runRelay, within } from './run-relay.ts'

const KILLS = 20
/** What the next death waits for: so many of one kind of event. */
const moments = ['posted', 'acknowledged', 'translated', 'synced', 'Seam called', 'platform asked'] as const
type Moment = (typeof moments)[number]
const MOST_EVENTS = 10
/** Of what should not be, so many are shown. */
const SHOWN = 3

const seed = Number(process.env.KILL_SEED ?? randomInt(2 ** 31))

t.test(
  `kill -9 at ${KILLS} moments loses nothing that was acknowledged (KILL_SEED=${seed})`,
  { timeout: 300_000 },
  async t => {
    const random = randomOf(seed)
    const world = await openWorld(t)
    const { sandbox, connections } = world
    const deaths = deathsOf(random)
    t.teardown(watchSandbox(sandbox, deaths.happened))

    let relay = Promise.withResolvers<RelayProcess>()
    const stories = load({
      connections,
      platforms: registered,
      sandbox,
      random,
      relay: async () => (await relay.promise).origin,
      onPosted: () => deaths.happened('posted'),
      onAcknowledged: () => deaths.happened('acknowledged')
    })
    const telling = stories.run()
    await misbehave(sandbox, {
      fail: [
        { status: 503, probability: 0.02, times: 5 },
        { reset_after: true, probability: 0.02, times: 5 },
        { delay_ms: 10 }
      ]
    })
    const diedAt: string[] = []
    for (let kill = 0; kill < KILLS; kill += 1) {
      const running = await world.start(t)
      running.onLogged(({ event }) => {
        if (event === 'delivery.translated') deaths.happened('translated')
        if (event === 'resources.synced') deaths.happened('synced')
      })
      relay.resolve(running)
      diedAt.push(await within(deaths.next(), 'the next death'))
      relay = Promise.withResolvers()
      running.kill('SIGKILL')
      t.same(await running.exited, { code: null, signal: 'SIGKILL' })
    }
    t.comment(`died at: ${diedAt.join(', ')}`)

    stories.stop()
    await misbehave(sandbox, {})
    const last = await world.start(t)
    relay.resolve(last)
    await within(telling, 'the last stories')
    t.same(stories.surprises, [])
    const store = await openStore(`file:${world.folder}/relay.db`)
    t.teardown(() => store.close())
    await eventually(async () => ((await hasWork(store)) ? undefined : true), 'all work to be done')
    last.kill('SIGTERM')
    t.same(await last.exited, { code: 0, signal: null })

    t.comment(`${stories.acknowledged.length} acknowledged, ${stories.told.length} bookings`)
    await everyAcknowledgedDeliveryEnded(t, store, stories)
    await seamHoldsWhatIsTrue(t, sandbox, stories.told)
    await nothingCameBack(t, sandbox, stories.told)
  }
)

/** A sandbox in this process, and relays around one store file. */
async function openWorld(t: Test) {
  const folder = t.testdir()
  const apis: Record<string, Record<string, string>> = {
    guesty: { client_id: 'kill-test', client_secret: secret() },
    mews: { client_token: secret(), access_token: secret() }
  }
  const apiKey = `seam_test_${secret()}`
  const running = await startSandbox({
    port: 0,
    apiKeys: [apiKey],
    platforms: registered,
    settingsOf: platform => apis[platform] ?? {},
    keptCalls: { calls: 100_000, bytes: 1_000_000_000 }
  })
  t.teardown(running.close)
  const sandbox = running.address
  const entries = [
    { platform: 'hospitable', customer_key: 'lakeside', secrets: { signing_secret: secret() } },
    { platform: 'standard', customer_key: 'lakeside', secrets: { signing_secret: webhookSecret() } },
    { platform: 'guesty', customer_key: 'hills', secrets: { signing_secret: webhookSecret() } },
    { platform: 'mews', customer_key: 'harbour', secrets: { token: secret() } }
  ].map(entry => ({
    id: `k-${entry.platform}`,
    ...entry,
    ...(entry.platform in apis && {
      api: { ...apis[entry.platform], endpoint: `${sandbox}/sandbox/platforms/${entry.platform}` }
    })
  }))
  // YAML reads JSON.
  t.testdir({ 'connections.yaml': JSON.stringify({ connections: entries }) })
  const env = {
    SEAM_ENDPOINT: sandbox,
    SEAM_API_KEY: apiKey,
    DATABASE_URL: `file:${folder}/relay.db`,
    RELAY_CONNECTIONS_FILE: `${folder}/connections.yaml`,
    RELAY_QUIET_WINDOW_MS: '20',
    RELAY_DRAIN_DELAY_MS: '0'
  }
  const { connections } = loadConnections({ config: loadConfig(env), env, platforms: registered })
  return { folder, sandbox, connections, start: (t: Test) => runRelay(t, { cwd: folder, env }) }
}

function secret(): string {
  return randomBytes(24).toString('hex')
}

function webhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`
}

async function misbehave(sandbox: string, behaviour: object): Promise<void> {
  const reply = await request(`${sandbox}/sandbox/behaviour`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(behaviour)
  })
  if (reply.statusCode !== 200) throw new Error(await reply.body.text())
  await reply.body.dump()
}

/** Says when it is time to die: at a random one among the events that happen while somebody waits for it. */
function deathsOf(random: () => number) {
  let waiting: { moment: Moment; left: number; resolve(what: string): void; what: string } | undefined
  return {
    next(): Promise<string> {
      const moment = moments[Math.floor(random() * moments.length)] as Moment
      const left = 1 + Math.floor(random() * MOST_EVENTS)
      return new Promise(resolve => {
        waiting = { moment, left, resolve, what: `${moment} ${left}` }
      })
    },
    happened(moment: Moment): void {
      if (waiting?.moment !== moment) return
      waiting.left -= 1
      if (waiting.left > 0) return
      waiting.resolve(waiting.what)
      waiting = undefined
    }
  }
}

/** Tells of every request that reaches the sandbox, before the sandbox itself has read it. @returns what ends it */
function watchSandbox(sandbox: string, happened: (moment: Moment) => void): () => void {
  const listener = (message: unknown) => {
    const { url = '', method, headers } = (message as { request: IncomingMessage }).request
    if (headers.host !== new URL(sandbox).host) return
    if (url.startsWith('/customers/')) happened('Seam called')
    else if (url.startsWith('/sandbox/platforms/') && method !== 'PUT') happened('platform asked')
  }
  subscribe('http.server.request.start', listener)
  return () => unsubscribe('http.server.request.start', listener)
}

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

async function hasWork({ db }: Store): Promise<boolean> {
  const counts = await Promise.all([
    db.selectFrom('deliveries').select('id').where('state', '=', 'received').limit(1).execute(),
    db
      .selectFrom('lanes')
      .select('customer_key')
      .where(eb => eb.or([eb('due_at', 'is not', null), eb('lease_until', 'is not', null)]))
      .limit(1)
      .execute(),
    db.selectFrom('rerenders').select('key').limit(1).execute()
  ])
  return counts.flat().length > 0
}

async function everyAcknowledgedDeliveryEnded(t: Test, store: Store, { acknowledged }: Load): Promise<void> {
  const rows = await store.db.selectFrom('deliveries').select(['id', 'state']).execute()
  const states = new Map(rows.map(row => [row.id, row.state]))
  const notEnded = acknowledged.filter(({ deliveryId }) => states.get(deliveryId) !== 'translated')
  t.same(notEnded.slice(0, SHOWN), [], 'every acknowledged delivery was kept and translated')
  const others = rows.filter(row => row.state !== 'translated')
  t.same(others.slice(0, SHOWN), [], 'and so was every other that reached the disk')
  // Mews gives its deliveries no id.
  const named = acknowledged.filter(each => each.connectionId !== 'k-mews')
  const idsOf = Map.groupBy(named, ({ connectionId, webhookId }) => `${connectionId} ${webhookId}`)
  const twice = [...idsOf].filter(([, list]) => new Set(list.map(each => each.deliveryId)).size > 1)
  t.same(twice.slice(0, SHOWN), [], 'a webhook that came several times is one delivery')
}

async function seamHoldsWhatIsTrue(t: Test, sandbox: string, told: Told[]): Promise<void> {
  const reply = await request(`${sandbox}/sandbox/state`)
  const view = (await reply.body.json()) as SandboxView
  const customers = view.workspaces.flatMap(each => each.customers)
  const entries = (list: string) =>
    customers.flatMap(each => (each.resources[list] ?? []) as Record<string, unknown>[])

  const expected = told.flatMap(({ connection: { id }, platform, booking }) =>
    staysOf(platform, booking).map(stay => ({
      reservation_key: `${id}:${stay.id}`,
      starts_at: `${booking.arrival}T16:00:00Z`,
      ends_at: `${booking.departure}T11:00:00Z`,
      space_keys: [`${id}:${stay.place}`]
    }))
  )
  const held = entries('reservations').map(({ reservation_key, starts_at, ends_at, space_keys }) => ({
    reservation_key,
    starts_at,
    ends_at,
    space_keys
  }))
  const byKey = (a: { reservation_key: unknown }, b: { reservation_key: unknown }) =>
    String(a.reservation_key) < String(b.reservation_key) ? -1 : 1
  t.same(held.sort(byKey), expected.sort(byKey), 'Seam holds exactly what was told')

  const staying = told.filter(({ platform, booking }) => staysOf(platform, booking).length > 0)
  const guests = new Set(staying.map(({ connection, booking }) => `${connection.id} ${booking.guest.id}`))
  t.equal(entries('guests').length, guests.size, 'and everybody who stays once')
  const withheld = customers.flatMap(each => each.stays).filter(each => each.access !== 'granted')
  t.same(withheld, [], 'and every stay gives access')
  t.same(
    view.workspaces.map(each => each.overlaps),
    [{}],
    'and no two calls about one customer were under way at once'
  )
}

async function nothingCameBack(t: Test, sandbox: string, told: Told[]): Promise<void> {
  const reply = await request(`${sandbox}/sandbox/calls`)
  const { calls } = (await reply.body.json()) as { calls: CallRecord[] }
  const gone = new Set<string>()
  const back: string[] = []
  const cancelled = new Set(
    told
      .filter(({ booking }) => booking.status === 'cancelled')
      .flatMap(({ connection, platform, booking }) =>
        staysOf(platform, { ...booking, status: 'confirmed' }).map(stay => `${connection.id}:${stay.id}`)
      )
  )
  for (const { operation, applied, keys } of calls) {
    if (!applied) continue
    for (const key of keys.reservation_keys ?? []) gone.add(key)
    if (operation !== 'push_data') continue
    for (const key of keys.reservations ?? []) if (gone.has(key) && cancelled.has(key)) back.push(key)
  }
  t.same(back, [], 'no cancelled stay was pushed again once it was deleted')
  t.ok(gone.size > 0, 'and some were deleted')
}

function staysOf(platform: Platform, booking: Told['booking']) {
  return booking.status === 'confirmed' ? platform.samples.ids(booking).stays : []
}
