import { randomBytes } from 'node:crypto'
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
import { postgresCommits } from './postgres-commits.ts'
import { listen, telling } from './postgres-listen.ts'
import { watchOutages } from './postgres-outage.ts'
import {
  asUnavailable,
  beginning,
  openClient,
  openPool,
  type PoolSettings,
  statementsFor
} from './postgres-pool.ts'
import { prepareSchema, refuseUnreadable } from './postgres-prepare.ts'
import { holdAlone } from './postgres-presence.ts'
import { askState, probe } from './postgres-probe.ts'
import { ReadDriver } from './read-driver.ts'
import type { Store, StoreOptions, Topic } from './store.ts'
import type { Tables } from './tables.ts'
import { unavailable } from './unavailable.ts'

/** Connections for bursts of deliveries; one more listens. */
const FOR_BURSTS = 2
const FOR_LISTENING = 1
/** Clocks drift by some milliseconds an hour; this is often enough to notice that the database has stopped to answer. */
const PING_EVERY_MS = 1_000
/** A commit that takes longer may wait for another transaction, or for a standby that is gone, ms. */
const SLOW_COMMIT_MS = 3_000
/** How long a database that may be away may take to let us in, ms. */
const PROBE_PATIENCE_MS = 2_000
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
