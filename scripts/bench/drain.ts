import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as rest } from 'node:timers/promises'
import { idSource } from '../../src/model/ids.ts'
import { deliveriesOf } from '../../src/store/deliveries.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { startSeamStub } from './seam-stub.ts'

export interface DrainOptions {
  /** Where connections and whatever else is written may lie. */
  dir: string
  /** An empty store. */
  url: string
  replicas: number
  /** Deliveries that wait, each a booking of its own. */
  changes: number
  customers: number
}

export interface Drained {
  translatedPerSecond: number
  /** From the first delivery to the last answer of Seam's. */
  perSecond: number
  calls: number
  /** Of all replicas together, at its highest. */
  memoryMb: number
}

/** Fills an inbox, starts relays over it, and waits until Seam has everything. */
export async function drain({ dir, url, replicas, changes, customers }: DrainOptions): Promise<Drained> {
  const store = await openStore(url)
  await fill(store, changes, customers)
  const connections = join(dir, 'customers.yaml')
  writeFileSync(connections, connectionsOf(customers))
  const seam = await startSeamStub()
  const began = performance.now()
  const servers = Array.from({ length: replicas }, () =>
    fork(join(import.meta.dirname, 'relay.ts'), {
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        LOG_LEVEL: 'error',
        DATABASE_URL: url,
        RELAY_CONNECTIONS_FILE: connections,
        SEAM_API_KEY: 'seam_bench_key',
        SEAM_ENDPOINT: seam.address,
        RELAY_QUIET_WINDOW_MS: '0'
      }
    })
  )
  let memoryMb = 0
  const secondsUntil = async (isDone: () => Promise<boolean>) => {
    while (!(await isDone())) {
      await rest(250)
      memoryMb = Math.max(memoryMb, await memoryOf(servers.map(each => each.pid)))
    }
    return (performance.now() - began) / 1000
  }
  const translated = await secondsUntil(async () => !(await hasUntranslated(store)))
  const sent = await secondsUntil(async () => !(await hasUnsent(store)))
  for (const server of servers) {
    server.kill('SIGKILL')
    await once(server, 'exit')
  }
  seam.close()
  await store.close()
  return {
    translatedPerSecond: changes / translated,
    perSecond: changes / sent,
    calls: seam.calls(),
    memoryMb
  }
}

export async function fill(store: Store, changes: number, customers: number): Promise<void> {
  const deliveries = deliveriesOf(store)
  const now = Date.now()
  const nextId = idSource(() => now)
  for (let first = 0; first < changes; first += 500) {
    const list = Array.from({ length: Math.min(500, changes - first) }, (_each, index) => {
      const serial = first + index
      return {
        id: nextId(),
        connectionId: `c${serial % customers}`,
        platform: 'standard',
        dedupeKey: `e${serial}`,
        receivedAt: now,
        headers: { 'content-type': 'application/json', 'webhook-id': `e${serial}` },
        query: {},
        body: Buffer.from(JSON.stringify(booking(serial, now)))
      }
    })
    await store.commit(list.map(each => deliveries.insertOf(each)))
  }
}

function booking(serial: number, now: number) {
  return {
    id: `e${serial}`,
    type: 'reservation.created',
    timestamp: new Date(now).toISOString(),
    data: {
      id: `b${serial}`,
      status: 'confirmed',
      starts_at: new Date(now + (1 + (serial % 200)) * 86_400_000).toISOString(),
      ends_at: new Date(now + (3 + (serial % 200)) * 86_400_000).toISOString(),
      listing_id: `l${serial % 20}`,
      guest: { id: `g${serial}`, name: 'Bench Guest', email: `g${serial}@example.com` }
    }
  }
}

export function connectionsOf(customers: number): string {
  const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
  const lines = Array.from(
    { length: customers },
    (_each, index) =>
      `  - { id: c${index}, platform: standard, customer_key: customer-${index}, secrets: { signing_secret: "${secret}" } }`
  )
  return `connections:\n${lines.join('\n')}\n`
}

export async function hasUntranslated({ db }: Store): Promise<boolean> {
  const rows = await db
    .selectFrom('deliveries')
    .select('id')
    .where('state', '=', 'received')
    .limit(1)
    .execute()
  return rows.length > 0
}

export async function hasUnsent({ db }: Store): Promise<boolean> {
  const rows = await db
    .selectFrom('resources')
    .select('key')
    .whereRef('revision', '>', 'synced_revision')
    .limit(1)
    .execute()
  return rows.length > 0
}

/** Resident memory, from the system: the servers are busy with other things. */
async function memoryOf(pids: (number | undefined)[]): Promise<number> {
  let kb = 0
  for (const pid of pids) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    kb += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0)
  }
  return kb / 1024
}
