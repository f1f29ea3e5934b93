import { sql } from 'kysely'
import t from 'tap'
import { openStore, type Store } from '../../src/store/store.ts'

let shared: Store | undefined

/** Takes everything out of a store but its schema. */
export async function empty(store: Store): Promise<void> {
  const tables =
    store.engine === 'sqlite'
      ? sql<{ name: string }>`select name from sqlite_master where type = 'table' and name <> 'migrations'`
      : sql<{ name: string }>`select tablename as name from pg_tables
          where schemaname = current_schema() and tablename <> 'migrations'`
  const { rows } = await tables.execute(store.db)
  await store.commit(rows.map(({ name }) => ({ sql: `delete from ${name}`, rows: [[]], returning: false })))
}

/** An empty store, the same one for all tests of a file: opening takes longer than most tests. Closing it does nothing. */
export async function emptyStore(): Promise<Store> {
  if (shared === undefined) {
    shared = await openStore('file::memory:')
    t.teardown(() => shared?.close())
  }
  await empty(shared)
  return { ...shared, close: async () => undefined }
}
