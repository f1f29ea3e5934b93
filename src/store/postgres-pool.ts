import pg from 'pg'
import { RelayError } from '../errors.ts'
import { away, notWriting, unavailable } from './unavailable.ts'

export interface PoolSettings {
  /** `postgres://…`; TLS as in libpq. */
  url: string
  /** How long to wait for a connection, and for a statement, ms. */
  timeoutMs: number
  /** Whether a pooler in transaction mode stands between: then nothing lasts longer than a transaction. */
  pooled: boolean
}

/** Whoever stops in the middle of a transaction, with a lane in hand, must not hold up others for longer, ms. */
const MOST_IDLE_IN_TRANSACTION_MS = 5_000
const IDLE_CONNECTION_MS = 60_000
const KEEP_ALIVE_MS = 10_000
/** Texts that get a name, and so a plan that is kept; lists of different lengths make ever new texts. */
const MOST_NAMED = 500

const { builtins, getTypeParser } = pg.types
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    // Counts and times are far below 2^53.
    oid === builtins.INT8 || oid === builtins.NUMERIC
      ? Number
      : getTypeParser(oid, format as 'text')) as typeof getTypeParser
}

function clientSettings({ url, timeoutMs, pooled }: PoolSettings): pg.ClientConfig {
  return {
    connectionString: withSession(withLibpqTls(url), pooled ? '' : sessionSettings(timeoutMs)),
    application_name: 'seam-relay',
    connectionTimeoutMillis: timeoutMs,
    // The server gives up first, and says why; a server that has stopped says nothing.
    query_timeout: timeoutMs + 1_000,
    keepAlive: true,
    // Else the system asks first after two hours whether the other side is still there.
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    pipeline: true,
    types
  }
}

function sessionSettings(timeoutMs: number): string {
  const settings = {
    // A 2xx is only sent for what survives a power cut, whatever the database's own default.
    synchronous_commit: 'on',
    // Commits lock what they rest upon, and look at it once they have the lock: not at how things were before.
    default_transaction_isolation: 'read\\ committed',
    statement_timeout: timeoutMs,
    lock_timeout: timeoutMs,
    idle_in_transaction_session_timeout: MOST_IDLE_IN_TRANSACTION_MS
  }
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ')
}

/**
 * What begins a transaction, whose isolation no address may change; through a pooler the session's settings are another's by the
 * next one.
 */
export function beginning({ timeoutMs, pooled }: PoolSettings): string {
  const begin = 'begin isolation level read committed'
  if (!pooled) return begin
  return (
    `${begin}; set local statement_timeout = ${timeoutMs}; set local lock_timeout = ${timeoutMs}; ` +
    `set local idle_in_transaction_session_timeout = ${MOST_IDLE_IN_TRANSACTION_MS}`
  )
}

/** `sslmode=require` and the like mean what they mean to psql. */
function withLibpqTls(url: string): string {
  if (!/[?&]sslmode=/.test(url) || url.includes('uselibpqcompat=')) return url
  return `${url}&uselibpqcompat=true`
}

/** What the address itself sets comes last, and so counts. Beside such an address pg would pass over options of its own. */
function withSession(url: string, session: string): string {
  const [base = '', ...query] = url.split('?')
  const parameters = new URLSearchParams(query.join('?'))
  parameters.set('options', [session, ...parameters.getAll('options')].join(' ').trim())
  return `${base}?${parameters}`
}

export function openPool(settings: PoolSettings, connections: number): pg.Pool {
  const pool = new pg.Pool({
    ...clientSettings(settings),
    max: connections,
    idleTimeoutMillis: IDLE_CONNECTION_MS
  })
  // A connection that breaks while nobody uses it; whoever asks next gets another.
  pool.on('error', () => undefined)
  // One that breaks in somebody's hands is told by the statement under way; unheard, it would end the process.
  pool.on('connect', client => void client.on('error', () => undefined))
  return pool
}

/** A connection of its own, outside of the pool. */
export function openClient(settings: PoolSettings): pg.Client {
  return new pg.Client(clientSettings(settings))
}

/** How a statement is asked: under a name where the connection is ours, so that the server keeps its plan. */
export function statementsFor({ pooled }: PoolSettings) {
  const names = new Map<string, string>()
  function nameOf(sql: string): string | undefined {
    const known = names.get(sql)
    if (known !== undefined || pooled || names.size >= MOST_NAMED) return known
    const name = `s${names.size}`
    names.set(sql, name)
    return name
  }
  return (sql: string, parameters: readonly unknown[]): pg.QueryConfig => {
    const name = nameOf(sql)
    const values = parameters.map(writable)
    return name === undefined ? { text: sql, values } : { name, text: sql, values }
  }
}

/** PostgreSQL keeps no NUL in text. A person's name loses nothing by it, and a key that has one is no key. */
export function writable(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value
}

/** Whether the database itself answered, and said no to a statement. */
export function isRefusal(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && !troubles.test(String(error.code))
}

/**
 * SQLSTATE classes that are no fault of a statement: connection, resources, operator intervention, system error, read-only
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */
const troubles = /^(08|53|57|58|XX|25006)/

/**
 * Those of them that may concern everybody. A statement that took too long (57014) is alone, and so is whoever is one
 * connection too many (53300): those that there are go on.
 */
const outages = /^(08|53(?!300)|57P0[1-4]|58|XX|25006)/

/** Those of them in which a database may go on reading: the disk or something else is short (53100), or fails (58030). */
const writeTroubles = /^(53|58)/

/** Two transactions that waited for each other, or for too long: the same again may well succeed. */
export function isWorthAnotherTry(error: unknown): boolean {
  return error instanceof pg.DatabaseError && /^(40001|40P01|55P03)$/.test(String(error.code))
}

/** A protocol violation: what PgBouncer says of parameters of a session, where its connections are shared. */
const POOLERS_REFUSAL = '08P01'

/** In words that hold nobody's data: PostgreSQL's own may quote values, but not where the statement or the login is wrong. */
export function asUnavailable(error: unknown) {
  if (error instanceof RelayError) return error
  if (!(error instanceof pg.DatabaseError)) return away((error as Error).message)
  const { code = '', table, constraint, message } = error
  const about = /^(08|25|28|3D|3F|42|53|57)/.test(code) ? [message] : [table, constraint]
  const details = about.filter(each => each !== undefined).join(', ')
  const advice = code === POOLERS_REFUSAL ? '; behind a pooler set RELAY_DATABASE_POOLER=transaction' : ''
  const why = `PostgreSQL answered ${code}${details === '' ? '' : ` (${details})`}${advice}`
  if (!outages.test(code)) return unavailable(why)
  return writeTroubles.test(code) ? notWriting(why) : away(why)
}
