import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { setTimeout as rest } from 'node:timers/promises'
import {
  type CompiledQuery,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler
} from 'kysely'
import type pg from 'pg'
import { RelayError } from '../errors.ts'
import { refuseOlder } from './migrating.ts'
import { postgresCommits } from './postgres-commits.ts'
import { listen, telling } from './postgres-listen.ts'
import { migratePostgres, missingIn } from './postgres-migrate.ts'
import { watchOutages } from './postgres-outage.ts'
import {
  asUnavailable,
  beginning,
  openClient,
  openPool,
  type PoolSettings,
  statementsFor
} from './postgres-pool.ts'
import { holdAlone, refuseWhereAlone } from './postgres-presence.ts'
import { ReadDriver } from './read-driver.ts'
import type { Store, StoreOptions, Topic } from './store.ts'
import type { Tables } from './tables.ts'
import { away, unavailable } from './unavailable.ts'

/** Connections for bursts of deliveries; one more listens. */
const FOR_BURSTS = 2
const FOR_LISTENING = 1
/** Clocks drift by some milliseconds an hour; this is often enough to notice that the database has stopped to answer. */
const PING_EVERY_MS = 1_000
/** A commit that takes longer may wait for another transaction, or for a standby that is gone, ms. */
const SLOW_COMMIT_MS = 3_000
/** How long a database that may be away may take to let us in, ms. */
const PROBE_PATIENCE_MS = 2_000
const CONNECT_AGAIN_MS = 500
/** How long connections may take to end. A server that has stopped does not take leave. */
const FAREWELL_MS = 1_000

/**
 * PostgreSQL, which several relays may share. @param url `postgres://…`
 * @throws RelayError RELAY_STORE_UNAVAILABLE where nobody answers within `patienceMs`; RELAY_CONFIG_INVALID where the schema does not fit
 */
export async function openPostgres(url: string, options: StoreOptions): Promise<Store> {
  const pooled = options.databasePooler === 'transaction'
  const settings: PoolSettings = { url, timeoutMs: options.databaseTimeoutMs, pooled }
  refuseUnreadable(url)
  const hold = options.alone ? await holdFor(settings) : undefined
  try {
    await prepareSchema(settings, options)
  } catch (error) {
    await hold?.end()
    throw error
  }

  let lostHold: Error | undefined
  hold?.once('end', () => {
    lostHold = unavailable(
      'the connection that had it alone is gone, and others may be at work on it; begin again'
    )
  })
  const bursts = openPool(settings, FOR_BURSTS)
  const pool = openPool(settings, Math.max(1, options.databasePool - FOR_BURSTS - FOR_LISTENING))
  const statement = statementsFor(settings)
  const { onCommit } = options
  const commits = postgresCommits({ bursts, pool, statement, begin: beginning(settings), onCommit })
  const self = randomBytes(6).toString('hex')
  const heard = new Set<(topic: Topic) => void>()
  const isDeaf = pooled || options.alone
  const ears = isDeaf
    ? undefined
    : listen({
        connect: () => openClient(settings),
        self,
        onTold: topic => {
          for (const listener of heard) listener(topic as Topic)
        }
      })
  const outages = watchOutages({
    probe: writes =>
      probe({ ...settings, timeoutMs: Math.min(settings.timeoutMs, PROBE_PATIENCE_MS) }, writes),
    onBack: () => ears?.renew(),
    log: options.log
  })
  const voice = telling(
    (channel, payload) => outages.through(() => pool.query('select pg_notify($1, $2)', [channel, payload])),
    self
  )
  /** Between the database's clock and one that does not follow where somebody sets the machine's. */
  let aheadMs = Date.now() - performance.now()
  let closed: Promise<void> | undefined

  async function read({ sql, parameters }: CompiledQuery): Promise<Record<string, unknown>[]> {
    try {
      return (await pool.query(statement(sql, parameters))).rows
    } catch (error) {
      throw asUnavailable(error)
    }
  }

  function through<T>(work: () => Promise<T>): Promise<T> {
    return lostHold === undefined ? outages.through(work) : Promise.reject(lostHold)
  }

  /** Over the connections of bursts, which never wait for a lane: who asks whether we are ready asks for webhooks. */
  async function ask(): Promise<void> {
    const asked = performance.now()
    const at = await askState(bursts)
    // The answer was given between the two, and that is all we know: what lies within is not changed. A process or a
    // server that stood still for a minute must not take that for the clock's fault.
    aheadMs = Math.min(Math.max(aheadMs, at - performance.now()), at - asked)
  }

  let pinging = false
  async function pingAgain(): Promise<void> {
    if (outages.isAway()) return
    if (pinging) return outages.suspect()
    if (commits.longestMs() > SLOW_COMMIT_MS) outages.suspect(true)
    pinging = true
    await outages.through(ask).catch(() => undefined)
    pinging = false
  }
  const pings = setInterval(() => void pingAgain(), PING_EVERY_MS).unref()

  async function end(): Promise<void> {
    clearInterval(pings)
    if (!outages.isAway()) await commits.idle()
    outages.close()
    voice.close()
    const leaves = [ears?.close(), bursts.end(), pool.end(), hold?.end()]
    await Promise.race([Promise.all(leaves), rest(FAREWELL_MS, undefined, { ref: false })])
  }

  try {
    await ask()
  } catch (error) {
    await end()
    throw error
  }

  return {
    engine: 'postgres',
    isShared: true,
    db: new Kysely<Tables>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createQueryCompiler: () => new PostgresQueryCompiler(),
        createIntrospector: db => new PostgresIntrospector(db),
        createDriver: () => new ReadDriver(query => through(() => read(query)))
      }
    }),
    commit: writes => through(() => commits.commit(writes)),
    waiting: commits.waiting,
    ping: () => through(ask),
    now: () => Math.round(performance.now() + aheadMs),
    tell: voice.tell,
    onTold: listener => void heard.add(listener),
    close() {
      closed ??= end()
      return closed
    }
  }
}

/** @returns ms since 1970 by the database's clock @throws RelayError RELAY_STORE_UNAVAILABLE */
async function askState(database: pg.Pool | pg.Client): Promise<number> {
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
async function probe(settings: PoolSettings, writes: boolean): Promise<void> {
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

/** @throws RelayError RELAY_CONFIG_INVALID; without the address, which holds a password */
function refuseUnreadable(url: string): void {
  // Without a host it is that of a socket, which the parameters name.
  const address = URL.parse(url.replace('@/', '@localhost/'))
  if (address === null || address.hostname.includes(',')) {
    throw new RelayError(
      'RELAY_CONFIG_INVALID',
      'the address of the PostgreSQL database cannot be read; give one host, and write characters such as / # ? @ : in user and password percent-encoded'
    )
  }
  for (const name of certificates) {
    const file = address.searchParams.get(name)
    if (file === null || existsSync(file)) continue
    throw new RelayError(
      'RELAY_CONFIG_INVALID',
      `${name} of the address of the PostgreSQL database names ${file}, which is not there`
    )
  }
}

/** Parameters of an address that name files. */
const certificates = ['sslrootcert', 'sslcert', 'sslkey']

/** A connection that holds the store for as long as it lasts. @throws RelayError RELAY_STORE_UNAVAILABLE */
async function holdFor(settings: PoolSettings): Promise<pg.Client> {
  const client = openClient(settings)
  client.on('error', () => undefined)
  try {
    await client.connect()
    await holdAlone(client)
    return client
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error instanceof RelayError ? error : asUnavailable(error)
  }
}

/** @throws RelayError as {@link openPostgres} */
async function prepareSchema(
  settings: PoolSettings,
  { migrate, patienceMs = 0, alone, onMigrated, log }: StoreOptions
): Promise<void> {
  const patience = performance.now() + patienceMs
  let said = false
  for (;;) {
    const client = openClient(settings)
    // What breaks the connection is told by the statement under way too.
    client.on('error', () => undefined)
    try {
      await client.connect()
      await refuseForgetful(client)
      await refuseEncoding(client)
      if (!alone) await refuseWhereAlone(client)
      if (migrate === 'start') await migratePostgres(client, { pooled: settings.pooled, alone, onMigrated })
      else refuseOlder(await missingIn(client, alone))
      return
    } catch (error) {
      if (error instanceof RelayError) throw error
      if (!isNotThereYet(error)) throw asUnavailable(error)
      if (performance.now() >= patience) {
        const { message } = error as Error
        throw unavailable(`waited ${Math.round(patienceMs / 1000)} s for PostgreSQL: ${message}`)
      }
      if (!said) log?.warn({ event: 'store.awaited', err: asUnavailable(error), patienceMs })
      said = true
      await rest(CONNECT_AGAIN_MS)
    } finally {
      await client.end().catch(() => undefined)
    }
  }
}

/** Through a pooler, or by the address, a session may call committed what is not on disk yet. @throws RelayError */
async function refuseForgetful(client: pg.Client): Promise<void> {
  const { rows } = await client.query('show synchronous_commit')
  if (rows[0]?.synchronous_commit !== 'off') return
  throw new RelayError(
    'RELAY_CONFIG_INVALID',
    'the PostgreSQL database has synchronous_commit off: what was acknowledged could be lost; set it on for the relay’s role (alter role … set synchronous_commit = on), or take it out of the address'
  )
}

/** SQL_ASCII takes every byte as it is. @throws RelayError where a name may not fit, which then would wait for ever */
async function refuseEncoding(client: pg.Client): Promise<void> {
  const { rows } = await client.query('show server_encoding')
  const told = `${rows[0]?.server_encoding}`
  if (/^(UTF-?8|SQL_ASCII)$/i.test(told)) return
  throw new RelayError(
    'RELAY_CONFIG_INVALID',
    `the PostgreSQL database has encoding ${told}, which has no place for most names; create it with encoding 'UTF8' (create database … template template0 encoding 'UTF8')`
  )
}

/**
 * A server that is not up yet, is starting, stops in the middle of it, or has no connection left (57P0x, 53300). A wrong
 * password or name will not mend itself.
 */
function isNotThereYet(error: unknown): boolean {
  const { code = '', message } = error as { code?: string; message: string }
  if (/^(timeout expired|Connection terminated|Query read timeout)/.test(message)) return true
  return /^(ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|57P0\d|53300)$/.test(code)
}
