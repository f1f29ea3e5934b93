import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { makeFolder } from '../make-folder.ts'
import { lockFile } from './lock.ts'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'
import type { Tables } from './tables.ts'
import type { Committed, Write } from './write.ts'

const FILE = 'file:'

/**
 * The contract of an engine.
 *
 * - `db` reads, and builds the statements of commits. It never opens a transaction: between two reads others may commit.
 *   Whoever decides upon what was read guards the commit with an expectation, first of all on the lane's revision.
 * - `commit` is atomic and on disk when it answers. Commits that wait at the same moment share one fsync, and still
 *   succeed or fail each for itself. An expectation that does not hold undoes the commit and is no error.
 * - Nothing acknowledged is lost by kill -9 or a power cut.
 */
export interface Store {
  /** For the few statements that the engines say differently. */
  readonly engine: 'sqlite' | 'postgres'
  /** Whether other relays may work on it at the same time, started with other settings perhaps. */
  readonly isShared: boolean
  readonly db: Kysely<Tables>
  /** @throws RelayError RELAY_STORE_UNAVAILABLE (retryable) where the disk or the database refuses */
  commit(writes: Write[]): Promise<Committed>
  /** Commits that have not ended; what admission control looks at. */
  waiting(): number
  /** @throws RelayError RELAY_STORE_UNAVAILABLE where the store does not answer */
  ping(): Promise<void>
  /** ms since 1970 by the store's clock. Processes on several machines have to agree on when a lease is over. */
  now(): number
  /** Tells other processes on the same store that there is something to do; those that miss it find it by looking. */
  tell(topic: Topic): void
  /** Called with what other processes tell. */
  onTold(listener: (topic: Topic) => void): void
  /**
   * Gives some of the space that deletions have left back to the system; only where nobody else does that.
   * @returns bytes; 0 where there is nothing to give
   */
  giveBack?(): Promise<number>
  close(): Promise<void>
}

/** `stored`: deliveries. `due`: something is to be sent. `redraw`: something waits to be drawn. `settled`: callers may be waiting for it. */
export type Topic = 'stored' | 'due' | 'redraw' | 'settled'

/** One transaction, from when it was handed over until it was on disk. */
export interface CommitMade {
  /** Commits that shared it. */
  commits: number
  seconds: number
  /** The disk or the database refused, or does not answer. */
  failed: boolean
}

/** Settings of an engine, under the names that they have in the settings. */
export interface StoreOptions {
  /** Whether the schema is brought up to date. */
  migrate: 'start' | 'never'
  /** Most connections to a database server. */
  databasePool: number
  databasePooler: 'none' | 'transaction'
  databaseTimeoutMs: number
  /** How long to wait for a database server that is not there yet, ms. */
  patienceMs?: number
  /** Is told when a database server is waited for, when it goes away, and when it is back. */
  log?: Pick<Logger, 'error' | 'warn' | 'info'>
  /** Is told the name of each migration that opening has made. */
  onMigrated?(name: string): void
  /** Is told of each way to the disk or the database; often, so it has to be quick. */
  onCommit?(commit: CommitMade): void
  /** Nobody else works on it until it is closed. It may be one into which a copy has not come to its end. */
  alone?: boolean
}

const ordinary: StoreOptions = {
  migrate: 'start',
  databasePool: 10,
  databasePooler: 'none',
  databaseTimeoutMs: 10_000
}

/** Whether there is a store already; opening makes one. */
export function storeExists(url: string): boolean {
  return !url.startsWith(FILE) || existsSync(url.slice(FILE.length))
}

/**
 * Holds an open file for one relay; see {@link lockFile}. A database server is shared. @returns lets go
 * @throws RelayError RELAY_STORE_UNAVAILABLE where another relay holds it
 */
export function lockStore(url: string): () => void {
  const path = url.slice(FILE.length)
  return !url.startsWith(FILE) || path === ':memory:' ? () => undefined : lockFile(path)
}

/**
 * @param url `file:<path>`, missing folders are made; or `postgres://…`
 * @throws RelayError RELAY_STORE_UNAVAILABLE; RELAY_CONFIG_INVALID where the schema does not fit
 */
export async function openStore(url: string, options: Partial<StoreOptions> = {}): Promise<Store> {
  const all = { ...ordinary, ...options }
  if (url.startsWith(FILE)) return openSqlite(url.slice(FILE.length), all)
  return openPostgres(url, all)
}

/**
 * A store that no relay works on until it is closed: none that does is found, and none that comes is let in. Of those
 * behind a pooler nothing can be seen.
 * @param url of a file or of the server itself, as for {@link openStore}
 * @throws RelayError RELAY_STORE_UNAVAILABLE where relays work on it; RELAY_CONFIG_INVALID where the schema does not fit
 */
export async function openAlone(url: string, options: Partial<StoreOptions> = {}): Promise<Store> {
  const all = { ...ordinary, ...options, alone: true }
  if (!url.startsWith(FILE)) return openPostgres(url, all)
  const path = url.slice(FILE.length)
  makeFolder(dirname(path))
  const unlock = lockFile(path, 'stop it, and try again')
  try {
    const store = await openSqlite(path, all)
    return { ...store, close: () => store.close().finally(unlock) }
  } catch (error) {
    unlock()
    throw error
  }
}
