import { existsSync } from 'node:fs'
import type { Kysely } from 'kysely'
import { RelayError } from '../errors.ts'
import { lockFile } from './lock.ts'
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
  readonly db: Kysely<Tables>
  /** @throws RelayError RELAY_STORE_UNAVAILABLE (retryable) where the disk or the database refuses */
  commit(writes: Write[]): Promise<Committed>
  /** Commits that wait for the one under way; what admission control looks at. */
  waiting(): number
  /** @throws RelayError RELAY_STORE_UNAVAILABLE where the store does not answer */
  ping(): Promise<void>
  close(): Promise<void>
}

/** Whether there is a store already; opening makes one. */
export function storeExists(url: string): boolean {
  return url.startsWith(FILE) && existsSync(url.slice(FILE.length))
}

/**
 * Holds an open store for one relay; see {@link lockFile}. @returns lets go
 * @throws RelayError RELAY_STORE_UNAVAILABLE where another relay holds it
 */
export function lockStore(url: string): () => void {
  const path = url.slice(FILE.length)
  return path === ':memory:' ? () => undefined : lockFile(path)
}

/** @param url `file:<path>`; missing folders are made, and the schema is brought up to date */
export async function openStore(url: string): Promise<Store> {
  if (url.startsWith(FILE)) return openSqlite(url.slice(FILE.length))
  throw new RelayError('RELAY_CONFIG_INVALID', 'DATABASE_URL: give a file, such as file:./data/relay.db')
}
