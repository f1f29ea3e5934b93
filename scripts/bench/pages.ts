import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as rest } from 'node:timers/promises'
import { type RawBuilder, sql } from 'kysely'
import { request } from 'undici'
import { openStore, type Store } from '../../src/store/store.ts'
import type { Tables } from '../../src/store/tables.ts'
import { emptyDatabase, openDatabases } from './databases.ts'
import { analyzed, hexOf, insertNumbered } from './many-rows.ts'
import { API_KEY } from './requests.ts'
import { answerOf, end, median, start } from './servers.ts'

export interface PagesOptions {
  /** Room for files. */
  dir: string
  deliveries: number
}

const TOKEN = 'the-admin-token-of-the-benchmark'
/** Deliveries came, evenly, within so long. */
const OVER_MS = 30 * 86_400_000
const CUSTOMERS = 5_000
/** Deliveries of each call to Seam, and of each stay. */
const [PER_CALL, PER_STAY] = [2, 4]
/** One of so many could not be used. */
const PER_DEAD = 5_000
const WARM_ROUNDS = 5

/** How soon the dashboard's pages have what they show first, with very many deliveries in the store. */
export async function benchPages(options: PagesOptions): Promise<void> {
  const databases = await openDatabases()
  try {
    const subjects = {
      'a file': `file:${join(options.dir, 'pages.db')}`,
      PostgreSQL: await emptyDatabase(databases.url)
    }
    const results = new Map<string, number[]>()
    // The same for both, so that they are asked the same.
    const now = Date.now()
    for (const url of Object.values(subjects)) {
      for (const [path, times] of await measure(options, url, now))
        results.set(path, [...(results.get(path) ?? []), ...times])
    }
    print(options.deliveries, Object.keys(subjects), results)
  } finally {
    await databases.close()
  }
}

/** @returns cold and warm, ms, by what is asked */
async function measure(
  { dir, deliveries }: PagesOptions,
  url: string,
  now: number
): Promise<Map<string, number[]>> {
  writeFileSync(join(dir, 'connections.yaml'), CONNECTION)
  const env = { RELAY_ADMIN_TOKEN: TOKEN }
  await during({ dir, env, url }, tellOfOneBooking)
  const store = await openStore(url, { databaseTimeoutMs: 3_600_000 })
  await multiply(store, deliveries, now)
  await store.close()

  const times = new Map<string, number[]>()
  await during({ dir, env: { ...env, BENCH_LOOPS: 'off' }, url }, async origin => {
    const paths = pathsOf(deliveries, now)
    for (const path of paths) times.set(path, [await timed(origin, path)])
    const warm = new Map(paths.map(path => [path, [] as number[]]))
    for (let round = 0; round < WARM_ROUNDS; round += 1)
      for (const path of paths) warm.get(path)?.push(await timed(origin, path))
    for (const [path, list] of warm) times.get(path)?.push(median(list))
  })
  return times
}

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const CONNECTION = `connections:\n  - { id: bench, platform: standard, customer_key: bench, secrets: { signing_secret: "${SECRET}" } }\n`

/** A relay for as long as something is done with it. */
async function during(
  { dir, env, url }: { dir: string; env: Record<string, string>; url: string },
  work: (origin: string) => Promise<void>
): Promise<void> {
  const server = start({ file: 'relay.ts', env, url, dir }, 0)
  try {
    await work(`http://127.0.0.1:${(await answerOf<{ port: number }>(server)).port}`)
  } finally {
    await end(server)
  }
}

/** One booking on its whole way, whose rows are the pattern of all others. */
async function tellOfOneBooking(origin: string): Promise<void> {
  const day = (ahead: number) => new Date(Date.now() + ahead * 86_400_000).toISOString()
  const reply = await request(`${origin}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      id: 'pattern',
      type: 'reservation.created',
      timestamp: day(0),
      data: {
        id: 'stay',
        status: 'confirmed',
        starts_at: day(1),
        ends_at: day(3),
        listing_id: 'place',
        guest: { id: 'guest', name: 'Bench Guest', email: 'guest@example.com' }
      }
    })
  })
  if (reply.statusCode !== 200) throw new Error(await reply.body.text())
  while ((await ask<{ data: unknown[] }>(origin, '/attempts')).data.length === 0) await rest(100)
}

/** The rows of one booking, as many times as it takes. */
async function multiply(store: Store, deliveries: number, now: number): Promise<void> {
  const [calls, stays] = [deliveries / PER_CALL, deliveries / PER_STAY]
  const at = (serial: RawBuilder<unknown>) =>
    sql`(${sql.lit(now - OVER_MS)} + ${serial} * ${sql.lit(OVER_MS / deliveries)})`
  const id = (serial: RawBuilder<unknown>) =>
    sql`${hexOf(store, at(serial), 12)} || ${hexOf(store, serial, 14)}`
  const ofStay = (stay: RawBuilder<unknown>) => ({
    key: sql`'bench:stay-' || ${stay}`,
    booking: sql`'bench:stay-' || ${stay}`,
    customer_key: sql`'customer-' || (${stay} % ${sql.lit(CUSTOMERS)})`
  })
  const n = sql`n`
  const stay = sql`(n % ${sql.lit(stays)})`
  const call = sql`(n * ${sql.lit(PER_CALL)})`

  await copies(store, 'deliveries', sql`true`, deliveries, {
    id: id(n),
    dedupe_key: hexOf(store, sql`(n * 7919 % 1000000007)`, 32),
    received_at: at(n),
    due_at: at(n),
    turn: at(n),
    done_at: at(n),
    state: sql`case when n % ${sql.lit(PER_DEAD)} = 0 then 'dead' else state end`
  })
  await copies(store, 'change_log', sql`kind = 'reservation'`, deliveries, {
    ...ofStay(stay),
    id: undefined,
    delivery_id: id(n),
    at: at(n),
    version: at(n),
    revision: n
  })
  await copies(store, 'attempts', sql`true`, calls, {
    id: id(call),
    started_at: at(call),
    customer_key: sql`'customer-' || (n % ${sql.lit(CUSTOMERS)})`
  })
  await copies(store, 'attempt_resources', sql`kind = 'reservation'`, calls, {
    attempt_id: id(call),
    key: ofStay(stay).key,
    revision: n
  })
  await copies(store, 'resources', sql`kind = 'reservation'`, stays, {
    ...ofStay(n),
    source_id: sql`'stay-' || n`,
    updated_at: at(n)
  })
  await copies(store, 'resources', sql`kind = 'guest'`, stays, {
    key: sql`'bench:guest-' || n`,
    source_id: sql`'guest-' || n`,
    customer_key: ofStay(n).customer_key,
    updated_at: at(n)
  })
  await copies(store, 'search_words', sql`true`, stays, {
    key: sql`'bench:guest-' || n`,
    customer_key: ofStay(n).customer_key,
    word: sql`word || (n % 1000)`
  })
  await copies(store, 'lanes', sql`true`, CUSTOMERS, { customer_key: sql`'customer-' || n` })
  await analyzed(store)
}

/** @param changed what is not as in the pattern; undefined: what the store gives by itself */
async function copies(
  store: Store,
  table: keyof Tables,
  pattern: RawBuilder<unknown>,
  rows: number,
  changed: Record<string, RawBuilder<unknown> | undefined>
): Promise<void> {
  const one = sql<object>`select * from ${sql.table(table)} where ${pattern} limit 1`
  const [found] = (await one.execute(store.db)).rows
  if (found === undefined) throw new Error(`there is no pattern for ${table}`)
  const columns = Object.keys(found).filter(column => !(column in changed) || changed[column] !== undefined)
  const values = columns.map(column => changed[column] ?? sql.ref(column))
  await insertNumbered(
    store,
    rows,
    sql`insert into ${sql.table(table)} (${sql.join(columns.map(each => sql.ref(each)))})
      select ${sql.join(values)} from numbers cross join (${one}) as pattern`
  )
}

/** What the dashboard's pages ask before they show anything. */
function pathsOf(deliveries: number, now: number): string[] {
  const idOf = (serial: number) => {
    const at = now - OVER_MS + serial * (OVER_MS / deliveries)
    return `${at.toString(16).padStart(12, '0')}${serial.toString(16).padStart(14, '0')}`
  }
  const customer = 'default/customer-17'
  const yesterday = new Date(now - 86_400_000).toISOString()
  return [
    '/backlog',
    '/counts?over=1h',
    '/counts?over=7d',
    '/performance?over=24h',
    '/performance?over=7d',
    '/workspaces',
    '/connections',
    '/connections/bench',
    '/pauses',
    '/jobs',
    '/deliveries',
    '/deliveries?state=dead',
    `/deliveries?connection=bench&until=${yesterday}`,
    `/deliveries/${idOf(deliveries - 2)}`,
    '/rejected',
    '/rejection-causes',
    '/dead-letters',
    '/resources',
    '/resources?state=held',
    `/resources/${customer}/reservation/bench%3Astay-17`,
    `/resources/${customer}/reservation/bench%3Astay-17/life`,
    '/customers',
    '/customers?state=failing',
    `/customers/${customer}`,
    '/attempts',
    `/attempts/${idOf(deliveries - PER_CALL)}`,
    '/search?q=guest17',
    '/search?q=stay-17',
    '/audit'
  ]
}

async function timed(origin: string, path: string): Promise<number> {
  const began = performance.now()
  await ask(origin, path)
  return performance.now() - began
}

async function ask<T>(origin: string, path: string): Promise<T> {
  const reply = await request(`${origin}/api/v1${path}`, { headers: { authorization: `Bearer ${TOKEN}` } })
  const text = await reply.body.text()
  if (reply.statusCode !== 200) throw new Error(`${path}: ${reply.statusCode} ${text}`)
  return JSON.parse(text) as T
}

function print(deliveries: number, engines: string[], results: Map<string, number[]>): void {
  console.log(`\n${deliveries} deliveries in the store: ms until a page has its first data, cold and warm\n`)
  const cells = (list: string[]) => list.map(cell => cell.padStart(14)).join('')
  console.log(`${''.padEnd(64)}${cells(engines.flatMap(engine => [engine, '']))}`)
  for (const [path, times] of results)
    console.log(`${path.padEnd(64)}${cells(times.map(ms => ms.toFixed(0)))}`)
}
