import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { sql } from 'kysely'
import { deliveriesOf } from '../../src/store/deliveries.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { emptyDatabase, openDatabases } from './databases.ts'
import type { IngestOptions } from './ingest.ts'
import { analyzed, hexOf, insertNumbered } from './many-rows.ts'
import { webhooks } from './requests.ts'
import { measured, median } from './servers.ts'

export interface BigTableOptions extends IngestOptions {
  deliveries: number
}

const FEW = 10_000
const WARM_UP_REQUESTS = 5_000
const CLAIMED = 64

/** Whether very many deliveries, long done, slow down taking in and claiming. */
export async function benchBigTable(options: BigTableOptions): Promise<void> {
  const databases = await openDatabases()
  const filled = async (url: string, rows: number) => {
    const store = await openStore(url, { databaseTimeoutMs: 3_600_000 })
    await fill(store, rows)
    await store.close()
    return { url, perSecond: [] as number[], claimMs: [] as number[] }
  }
  try {
    const onFile = (name: string) => `file:${join(options.dir, `${name}.db`)}`
    const engines = {
      'relay on a file': {
        few: await filled(onFile('few'), FEW),
        many: await filled(onFile('many'), options.deliveries)
      },
      'relay on PostgreSQL': {
        few: await filled(await emptyDatabase(databases.url), FEW),
        many: await filled(await emptyDatabase(databases.url), options.deliveries)
      }
    }
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const subject of Object.values(engines).flatMap(({ few, many }) => [few, many])) {
        const servers = {
          file: 'relay.ts',
          env: { BENCH_LOOPS: 'off' },
          url: subject.url,
          dir: options.dir,
          count: 1
        }
        const [sent, warmUp] = [options.requests, WARM_UP_REQUESTS].map(count =>
          webhooks(count, options.bytes)
        )
        const result = await measured(servers, sent ?? [], warmUp ?? [], options.connections)
        subject.perSecond.push(result.perSecond)
        subject.claimMs.push(await claimMsOf(subject.url))
      }
    }
    console.log(
      `\n${FEW} and ${options.deliveries} deliveries in the store, median of ${options.rounds} rounds\n`
    )
    for (const [name, { few, many }] of Object.entries(engines)) {
      const [before, after] = [few, many].map(({ perSecond, claimMs }) => ({
        perSecond: median(perSecond),
        claimMs: median(claimMs)
      }))
      if (before === undefined || after === undefined) continue
      console.log(
        `${name.padEnd(24)}taken in ${before.perSecond.toFixed(0)} and ${after.perSecond.toFixed(0)} per s (${(after.perSecond / before.perSecond).toFixed(2)}), ` +
          `claims of ${CLAIMED} ${before.claimMs.toFixed(1)} and ${after.claimMs.toFixed(1)} ms (${(after.claimMs / before.claimMs).toFixed(2)})`
      )
    }
  } finally {
    await databases.close()
  }
}

/** What was taken in just now is claimed, as the loops would. */
async function claimMsOf(url: string): Promise<number> {
  const store = await openStore(url)
  const deliveries = deliveriesOf(store)
  const times: number[] = []
  for (let claim = 0; claim < 50; claim += 1) {
    const began = performance.now()
    const claimed = await deliveries.claim(Date.now() + 60_000, 60_000, CLAIMED)
    times.push(performance.now() - began)
    if (claimed.length < CLAIMED) throw new Error('there was not enough to be claimed')
  }
  await store.close()
  return median(times)
}

/** Rows as they are once a delivery is done; bodies shorter than in life, for the sake of the disk. The ids against doubled deliveries are random. */
async function fill(store: Store, rows: number): Promise<void> {
  const isSqlite = store.engine === 'sqlite'
  const random = isSqlite ? sql`lower(hex(randomblob(16)))` : sql`replace(gen_random_uuid()::text, '-', '')`
  const body = isSqlite ? sql`randomblob(200)` : sql`decode(repeat(md5(n::text), 12), 'hex')`
  await insertNumbered(
    store,
    rows,
    sql`insert into deliveries (id, connection_id, platform, dedupe_key, received_at, headers, query, body, state, due_at, outcome, done_at)
      select ${hexOf(store, sql`n`, 26)}, 'bench', 'hospitable', ${random}, n, '{}', '{}', ${body}, 'translated', n, '[]', n from numbers`
  )
  await analyzed(store)
}
