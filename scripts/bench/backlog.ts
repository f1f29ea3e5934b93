import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as rest } from 'node:timers/promises'
import { idSource } from '../../src/model/ids.ts'
import { deliveriesOf } from '../../src/store/deliveries.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { emptyDatabase, openDatabases } from './databases.ts'
import { startSeamStub } from './seam-stub.ts'
import { end, start } from './servers.ts'

export interface BacklogOptions {
  /** Room for files. */
  dir: string
  /** Deliveries that wait, each a booking of its own. */
  changes: number
  customers: number
}

interface Drained {
  translatedPerSecond: number
  /** From the first delivery to Seam's last answer. */
  perSecond: number
  calls: number
  /** Of all relays together, at its highest. */
  memoryMb: number
}

/** An inbox that has grown while nobody worked on it: how fast it is translated, and Seam has everything. */
export async function benchBacklog(options: BacklogOptions): Promise<void> {
  const databases = await openDatabases()
  try {
    const subjects = {
      'relay on a file': { url: `file:${join(options.dir, 'backlog.db')}`, relays: 1 },
      'relay on PostgreSQL': { url: await emptyDatabase(databases.url), relays: 1 },
      'three relays on PostgreSQL': { url: await emptyDatabase(databases.url), relays: 3 }
    }
    console.log(`\n${options.changes} bookings of ${options.customers} customers wait\n`)
    console.log(
      `${''.padEnd(42)}${['translated/s', 'at Seam/s', 'calls', 'MB'].map(head => head.padStart(14)).join('')}`
    )
    for (const [name, { url, relays }] of Object.entries(subjects)) {
      const drained = await drain(options, url, relays)
      const cells = [drained.translatedPerSecond, drained.perSecond, drained.calls, drained.memoryMb]
      console.log(`${name.padEnd(42)}${cells.map(cell => cell.toFixed(0).padStart(14)).join('')}`)
    }
  } finally {
    await databases.close()
  }
}

async function drain(
  { dir, changes, customers }: BacklogOptions,
  url: string,
  relays: number
): Promise<Drained> {
  const store = await openStore(url)
  await fill(store, changes, customers)
  writeFileSync(join(dir, 'customers.yaml'), connectionsOf(customers))
  const seam = await startSeamStub()
  const env = {
    RELAY_CONNECTIONS_FILE: join(dir, 'customers.yaml'),
    SEAM_API_KEY: 'seam_bench_key',
    SEAM_ENDPOINT: seam.address
  }
  const began = performance.now()
  const servers = Array.from({ length: relays }, (_each, index) =>
    start({ file: 'relay.ts', env, url, dir }, index)
  )
  let memoryMb = 0
  const secondsUntil = async (isDone: () => Promise<boolean>) => {
    while (!(await isDone())) {
      await rest(250)
      if (servers.some(each => each.exitCode !== null)) throw new Error('a relay ended')
      memoryMb = Math.max(memoryMb, await memoryOf(servers.map(each => each.pid)))
    }
    return (performance.now() - began) / 1000
  }
  try {
    const translated = await secondsUntil(async () => !(await hasUntranslated(store)))
    const sent = await secondsUntil(async () => !(await hasUnsent(store)))
    return {
      translatedPerSecond: changes / translated,
      perSecond: changes / sent,
      calls: seam.calls(),
      memoryMb
    }
  } finally {
    for (const server of servers) await end(server)
    seam.close()
    await store.close()
  }
}

async function fill(store: Store, changes: number, customers: number): Promise<void> {
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

function connectionsOf(customers: number): string {
  const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
  const lines = Array.from(
    { length: customers },
    (_each, index) =>
      `  - { id: c${index}, platform: standard, customer_key: customer-${index}, secrets: { signing_secret: "${secret}" } }`
  )
  return `connections:\n${lines.join('\n')}\n`
}

async function hasUntranslated({ db }: Store): Promise<boolean> {
  const rows = await db
    .selectFrom('deliveries')
    .select('id')
    .where('state', '=', 'received')
    .limit(1)
    .execute()
  return rows.length > 0
}

async function hasUnsent({ db }: Store): Promise<boolean> {
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
