import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { RelayError, reasonOf } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'

export type Shelf = 'resource' | 'count' | 'call' | 'world'

/** Where the stand-in's memory outlives its process. Values are JSON. */
export interface SandboxStorage {
  /** In the order of the keys. */
  load(shelf: Shelf): { key: string; value: string }[]
  /** Remembered with the next commit; undefined removes. */
  keep(shelf: Shelf, key: string, value: string | undefined): void
  empty(shelf: Shelf): void
  /** Everything kept since the last one, in one transaction; done before a call is answered. */
  commit(): void
  close(): void
}

/**
 * @param file name of an SQLite file; without it nothing outlives the process
 * @throws RelayError RELAY_CONFIG_INVALID where it cannot be opened
 */
export function openStorage(file?: string): SandboxStorage {
  return file === undefined ? forgetful : openFile(file)
}

const forgetful: SandboxStorage = {
  load: () => [],
  keep: () => undefined,
  empty: () => undefined,
  commit: () => undefined,
  close: () => undefined
}

function opened(file: string): DatabaseSync {
  try {
    makeFolder(dirname(file))
    const database = new DatabaseSync(file)
    // `off` survives the end of the process, which is all a stand-in promises; a power cut is not its subject.
    database.exec(`pragma busy_timeout = 5000; pragma journal_mode = wal; pragma synchronous = off;
      create table if not exists kept (
        shelf text not null, key text not null, value text not null, primary key (shelf, key)
      ) without rowid`)
    return database
  } catch (cause) {
    const reason = (cause as { errstr?: string }).errstr ?? reasonOf(cause)
    const message = `${file}: the sandbox’s file cannot be opened (${reason}); check RELAY_SANDBOX_FILE or --file, and the permissions`
    throw new RelayError('RELAY_CONFIG_INVALID', message, { cause })
  }
}

function openFile(file: string): SandboxStorage {
  const database = opened(file)
  const select = database.prepare('select key, value from kept where shelf = ? order by key')
  const put = database.prepare('insert or replace into kept (shelf, key, value) values (?, ?, ?)')
  const drop = database.prepare('delete from kept where shelf = ? and key = ?')
  const dropAll = database.prepare('delete from kept where shelf = ?')
  let pending: (() => void)[] = []

  return {
    load: shelf => select.all(shelf).map(row => ({ key: String(row.key), value: String(row.value) })),
    keep(shelf, key, value) {
      pending.push(value === undefined ? () => drop.run(shelf, key) : () => put.run(shelf, key, value))
    },
    empty(shelf) {
      pending.push(() => dropAll.run(shelf))
    },
    commit() {
      const writes = pending
      pending = []
      database.exec('begin immediate')
      for (const write of writes) write()
      database.exec('commit')
    },
    close: () => database.close()
  }
}
