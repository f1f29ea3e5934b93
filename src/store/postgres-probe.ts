import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { asUnavailable, beginning, openClient, type PoolSettings } from './postgres-pool.ts'
import { away } from './unavailable.ts'

/** @returns ms since 1970 by the database's clock @throws RelayError RELAY_STORE_UNAVAILABLE */
export async function askState(database: pg.Pool | pg.Client): Promise<number> {
  let answer: { now: number; refuses: boolean } | undefined
  try {
    const { rows } = await database.query(
      `select extract(epoch from clock_timestamp())::float8 * 1000 as now, current_setting('transaction_read_only') = 'on' as refuses`
    )
    answer = rows[0]
  } catch (error) {
    throw asUnavailable(error)
  }
  if (answer?.refuses) throw away('the database takes no writes: it is a copy, or set to be read only')
  return Number(answer?.now)
}

/** @param writes whether it has to take something, too @throws RelayError RELAY_STORE_UNAVAILABLE */
export async function probe(settings: PoolSettings, writes: boolean): Promise<void> {
  const client = openClient(settings)
  client.on('error', () => undefined)
  try {
    await client.connect()
    await askState(client)
    if (writes) await tryToWrite(client, beginning(settings))
  } catch (error) {
    if (writes) void callBack(client, settings)
    throw asUnavailable(error)
  } finally {
    void client.end().catch(() => undefined)
  }
}

/**
 * Ends what a session does. One that waits for a standby does not notice that nobody listens any more, and left behind by every probe
 * they would use up what the database has of connections.
 */
async function callBack(left: pg.Client, settings: PoolSettings): Promise<void> {
  const { processID } = left as pg.Client & { processID: number | null }
  if (processID === null || settings.pooled) return
  const client = openClient(settings)
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('select pg_cancel_backend($1)', [processID])
  } catch {
    // Nobody answers: then nothing of it is left either, once somebody does.
  } finally {
    void client.end().catch(() => undefined)
  }
}

/** More than the free places in pages that are there already: what is short of room has to find some. */
const PROBE_BYTES = 64 * 1024

/**
 * A delivery that nobody ever sees, and that is committed: a database that has lost its standby writes, and never says that it is done.
 * Bytes at random, as others are made smaller. @throws what the database says
 */
async function tryToWrite(client: pg.Client, begin: string): Promise<void> {
  const id = `probe ${randomBytes(8).toString('hex')}`
  await client.query(begin)
  await client.query(
    `insert into deliveries (id, connection_id, platform, received_at, headers, query, body, state, due_at)
      values ($1, '', '', 0, '', '', $2, 'ignored', 0)`,
    [id, randomBytes(PROBE_BYTES)]
  )
  await client.query('delete from deliveries where id = $1', [id])
  await client.query('commit')
}
