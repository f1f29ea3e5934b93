import { randomBytes } from 'node:crypto'
import { setTimeout as rest } from 'node:timers/promises'
import {
  type CompiledQuery,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler
} from 'kysely'
import { RelayError } from '../errors.ts'
import { refuseOlder } from './migrating.ts'
import { postgresCommits } from './postgres-commits.ts'
import { listen, telling } from './postgres-listen.ts'
import { migratePostgres, missingIn } from './postgres-migrate.ts'
import {
  asUnavailable,
  beginning,
  openClient,
  openPool,
  type PoolSettings,
  statementsFor
} from './postgres-pool.ts'
import { ReadDriver } from './read-driver.ts'
import type { Store, StoreOptions, Topic } from './store.ts'
import type { Tables } from './tables.ts'
import { unavailable } from './unavailable.ts'

/** Connections for bursts of deliveries; one more listens. */
const FOR_BURSTS = 2
const FOR_LISTENING = 1
/** Clocks drift by some milliseconds an hour, and are set by more than that. */
const CLOCK_EVERY_MS = 10_000
const CONNECT_AGAIN_MS = 500

/**
 * PostgreSQL, which several relays may share. @param url `postgres://…`
 * @throws RelayError RELAY_STORE_UNAVAILABLE where nobody answers within `patienceMs`; RELAY_CONFIG_INVALID where the schema does not fit
 */
export async function openPostgres(url: string, options: StoreOptions): Promise<Store> {
  const pooled = options.databasePooler === 'transaction'
  const settings: PoolSettings = { url, timeoutMs: options.databaseTimeoutMs, pooled }
  await prepareSchema(settings, options)

  const bursts = openPool(settings, FOR_BURSTS)
  const pool = openPool(settings, Math.max(1, options.databasePool - FOR_BURSTS - FOR_LISTENING))
  const statement = statementsFor(settings)
  const commits = postgresCommits({ bursts, pool, statement, begin: beginning(settings) })
  const self = randomBytes(6).toString('hex')
  const heard = new Set<(topic: Topic) => void>()
  const ears = pooled
    ? undefined
    : listen({
        connect: () => openClient(settings),
        self,
        onTold: topic => {
          for (const listener of heard) listener(topic as Topic)
        }
      })
  const voice = telling(
    (channel, payload) => pool.query('select pg_notify($1, $2)', [channel, payload]),
    self
  )
  let clockAheadMs = 0
  let closed: Promise<void> | undefined

  async function read({ sql, parameters }: CompiledQuery): Promise<Record<string, unknown>[]> {
    try {
      return (await pool.query(statement(sql, parameters))).rows
    } catch (error) {
      throw asUnavailable(error)
    }
  }

  /** Half of the way there and back is taken off; what is left of the error is small against a lease. */
  async function ping(): Promise<void> {
    const asked = Date.now()
    let answer: { now: number; refuses: boolean } | undefined
    try {
      const { rows } = await pool.query(
        `select extract(epoch from clock_timestamp())::float8 * 1000 as now, pg_is_in_recovery() as refuses`
      )
      answer = rows[0]
    } catch (error) {
      throw asUnavailable(error)
    }
    if (answer?.refuses) throw unavailable('the database is a copy that takes no writes')
    clockAheadMs = Math.round(Number(answer?.now) - (asked + Date.now()) / 2)
  }

  await ping()
  const clock = setInterval(() => void ping().catch(() => undefined), CLOCK_EVERY_MS).unref()

  async function end(): Promise<void> {
    clearInterval(clock)
    await commits.idle()
    voice.close()
    await ears?.close()
    await Promise.all([bursts.end(), pool.end()])
  }

  return {
    engine: 'postgres',
    db: new Kysely<Tables>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createQueryCompiler: () => new PostgresQueryCompiler(),
        createIntrospector: db => new PostgresIntrospector(db),
        createDriver: () => new ReadDriver(read)
      }
    }),
    commit: commits.commit,
    waiting: commits.waiting,
    ping,
    clockAheadMs: () => clockAheadMs,
    tell: voice.tell,
    onTold: listener => void heard.add(listener),
    close() {
      closed ??= end()
      return closed
    }
  }
}

/** @throws RelayError as {@link openPostgres} */
async function prepareSchema(
  settings: PoolSettings,
  { migrate, patienceMs = 0 }: StoreOptions
): Promise<void> {
  const patience = Date.now() + patienceMs
  for (;;) {
    const client = openClient(settings)
    // What breaks the connection is told by the statement under way too.
    client.on('error', () => undefined)
    try {
      await client.connect()
      if (migrate === 'start') await migratePostgres(client, settings.pooled)
      else refuseOlder(await missingIn(client))
      return
    } catch (error) {
      if (error instanceof RelayError) throw error
      if (!isNotThereYet(error) || Date.now() > patience) throw asUnavailable(error)
      await rest(CONNECT_AGAIN_MS)
    } finally {
      await client.end().catch(() => undefined)
    }
  }
}

/** A server that is not up yet, or is starting: 57P03. A wrong password or name will not mend itself. */
function isNotThereYet(error: unknown): boolean {
  const { code = '' } = error as { code?: string }
  return /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|57P03)$/.test(code)
}
