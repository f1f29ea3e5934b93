import { lookUp, readText } from '../config/environment.ts'
import { loadConfig } from '../config.ts'
import { RelayError } from '../errors.ts'
import { type Copied, copyStore, type Progress } from '../store/copy.ts'
import { openAlone, type Store, storeExists } from '../store/store.ts'
import { spanOf } from './terminal/moments.ts'
import { usage } from './usage.ts'

export interface StoreCopyCommand {
  /** `file:…`, `postgres://…`, or `env:NAME` for a variable that holds one of them. */
  from: string
  to: string
  json?: boolean
  env: NodeJS.ProcessEnv
  say(line: string): void
  /** For people, while {@link StoreCopyCommand.say} has nothing but what machines read. */
  note(line: string): void
  /** ms, from any start */
  now(): number
}

/** Statements that look at a whole table take longer than any of a relay. */
const LEAST_TIMEOUT_MS = 60_000

/**
 * Copies a store into an empty one, and compares them.
 * @throws RelayError as `copyStore` does; RELAY_BAD_REQUEST for addresses that cannot be meant
 */
export async function storeCopy(command: StoreCopyCommand): Promise<number> {
  const { env, json, say } = command
  const { databaseTimeoutMs } = loadConfig(env)
  const [old, copy] = [addressOf('from', command), addressOf('to', command)]
  if (old === copy) throw usage('store copy: <from> and <to> are the same store')
  if (!storeExists(old)) throw usage(`store copy: there is no ${nameOf(old)}`)
  const note = json ? command.note : say
  note(`Copies ${nameOf(old)} into ${nameOf(copy)}.`)
  const timeouts = { databaseTimeoutMs: Math.max(databaseTimeoutMs, LEAST_TIMEOUT_MS) }
  const copied = await withStores([old, copy], timeouts, ([from, to]) =>
    copyStore({ from, to, onProgress: progressLines(note, command.now) })
  )
  if (json) say(JSON.stringify({ tables: copied }, undefined, 2))
  for (const line of summary(copied)) note(line)
  return 0
}

type Opening = Parameters<typeof openAlone>[1]

async function withStores<T>(
  [old, copy]: [string, string],
  options: Opening,
  work: (stores: [Store, Store]) => Promise<T>
): Promise<T> {
  const from = await naming(old, () => openAlone(old, options))
  try {
    const to = await naming(copy, () => openAlone(copy, options))
    try {
      return await work([from, to])
    } finally {
      await to.close()
    }
  } finally {
    await from.close()
  }
}

/** Of two stores the reader has to know which one. */
async function naming<T>(url: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (cause) {
    const code = cause instanceof RelayError ? cause.code : 'RELAY_STORE_UNAVAILABLE'
    throw new RelayError(code, `${nameOf(url)}: ${(cause as Error).message}`, { cause })
  }
}

/** @throws RelayError RELAY_BAD_REQUEST; the address itself, which may hold a password, is not part of it */
function addressOf(which: 'from' | 'to', { env, ...command }: StoreCopyCommand): string {
  const [, name] = /^env:(.*)$/s.exec(command[which]) ?? []
  const { value, problem } = name === undefined ? { value: command[which] } : lookUp(env, name, readText)
  if (problem !== undefined) throw usage(`store copy: <${which}>: ${name} ${problem}`)
  if (value === undefined) throw usage(`store copy: <${which}>: ${name} is not set`)
  if (value !== 'file::memory:' && /^(file:.|postgres(ql)?:\/\/.)/.test(value)) return value
  throw usage(
    `store copy: <${which}> must be file: and a path, postgres://user:password@host:port/database, or env: and the name of a variable that holds one of them`
  )
}

/** Which store, without what opens it. */
function nameOf(url: string): string {
  if (url.startsWith('file:')) return url
  const { host, pathname } = URL.parse(url) ?? { host: '', pathname: '' }
  return `postgres://${host}${pathname}`
}

/** A table that takes long is told of this often. */
const TELL_EVERY_MS = 5_000

function progressLines(note: (line: string) => void, now: () => number): (progress: Progress) => void {
  const start = now()
  let began = start
  let last = start
  /** Rows of the tables before. */
  let before = 0
  return ({ step, table, rows, of, left, done }) => {
    const at = now()
    const speed = rate(rows, at - began)
    // Of a table without rows there is nothing to be seen.
    if (done && rows > 0) note(`  ${table}: ${counted(rows)} ${step}, ${speed}`)
    if (!done && at - last >= TELL_EVERY_MS) {
      const leftMs = (left * (at - start)) / (before + rows)
      note(
        `  ${table}: ${rows.toLocaleString('en')} of ${counted(of)} ${step}, ${speed}; about ${spanOf(leftMs / 1_000)} left in all`
      )
    }
    if (done || at - last >= TELL_EVERY_MS) last = at
    if (done) {
      began = at
      before += rows
    }
  }
}

function rate(rows: number, ms: number): string {
  return `${Math.round((rows * 1_000) / Math.max(1, ms)).toLocaleString('en')}/s`
}

function counted(rows: number): string {
  return rows === 1 ? '1 row' : `${rows.toLocaleString('en')} rows`
}

function* summary(copied: Copied[]): Generator<string> {
  for (const { table, altered } of copied) {
    for (const [column, rows] of Object.entries(altered)) {
      yield `Not quite the same: ${counted(rows)} of ${table} with NUL characters in ${column}. PostgreSQL keeps none in text, and U+FFFD stands in their place. In the old store: select * from ${table} where instr(${column}, char(0)) > 0`
    }
  }
  const rows = copied.reduce((sum, each) => sum + each.rows, 0)
  yield `All of it is there: ${counted(rows)} in ${copied.length} tables, the same in both by count and by SHA-256.`
  yield 'Now set DATABASE_URL to the new store, and start. Keep the old one until that works; it is as it was.'
}
