import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeFolder } from '../make-folder.ts'
import { type Made, missingFrom, refuseNewer, refuseOlder } from './migrating.ts'
import { fileAt, refuseElsewhere } from './sqlite-file.ts'

/** What the thread is started with. */
export interface Opening {
  /** File name, or `:memory:`. */
  path: string
  /** Whether to bring the schema up to date. */
  migrate: 'start' | 'never'
  /** As in the store's options. */
  alone?: boolean | undefined
  /** Where it was opened before: what stood at the path. Nothing else is opened in its place. */
  file?: string | undefined
}

export interface Opened {
  database: DatabaseSync
  /** The migrations that were made. */
  migrated: string[]
  /** What stands at the path, to be found again. */
  file: string | undefined
}

/** The file as promises need it, its schema brought up to date. @throws where it is not the one that it was, or of another release */
export function openFile({ path, file, ...schema }: Opening): Opened {
  if (file !== undefined) refuseElsewhere(path, file)
  if (path !== ':memory:') makeFolder(dirname(path))
  const database = new DatabaseSync(path)
  try {
    prepareFile(database)
    if (path !== ':memory:') sortBeside(database, dirname(path))
    const migrated = bringUpToDate(database, schema)
    sortInMemory(database)
    return { database, migrated, file: fileAt(path) }
  } catch (error) {
    // Not left to the end of the thread: whoever hears of the failure finds the file free.
    database.close()
    throw error
  }
}

function prepareFile(database: DatabaseSync): void {
  // Another process (the command line) may hold the write lock for a moment.
  // Pages of 8 KiB: a delivery of 2 KiB fills half of one of 4 KiB, and each commit writes whole pages. In one run of
  // 30 rows a commit, 4, 8 and 16 KiB cost 36, 32 and 28 µs of processor time a row; larger ones pay at a large store.
  // Free pages can be given back: of 60,000 rows each cost the same with and without. A file that was made without it keeps
  // its size.
  database.exec(
    'pragma busy_timeout = 10000; pragma page_size = 8192; pragma auto_vacuum = incremental; pragma journal_mode = wal; pragma synchronous = full'
  )
  // A promise rests on this: a 2xx is only sent for what survives a power cut.
  const { synchronous } = database.prepare('pragma synchronous').get() as { synchronous: number }
  /* c8 ignore next 2 -- needs an SQLite that was built to ignore the pragma */
  if (synchronous !== 2)
    throw new Error(`SQLite runs with synchronous=${synchronous}, and 2 (FULL) is needed`)
  // A small cache (KiB), because each commit looks through all of it: in one run 64, 16 and 8 MiB cost 48, 43 and 39 µs of
  // processor time a row, and of 200,000 rows 41, 38 and 40. What falls out is still in the system's own cache.
  database.exec('pragma cache_size = -16384')
}

/**
 * A new index sorts its whole table: of 1.5 million rows it took 130 MiB in memory, and 32 MiB with files, in half the time.
 * They are made where the store is, as in a container nothing else may be written, and are gone when they are closed.
 */
function sortBeside(database: DatabaseSync, folder: string): void {
  database.exec(`pragma temp_store = file; pragma temp_store_directory = '${folder.replaceAll("'", "''")}'`)
}

/** What queries sort is small. The folder is one for the whole process, and so it is given back. */
function sortInMemory(database: DatabaseSync): void {
  database.exec("pragma temp_store_directory = ''; pragma temp_store = memory")
}

/** @returns the names of the migrations that were made */
function bringUpToDate(
  database: DatabaseSync,
  { migrate, alone }: Pick<Opening, 'migrate' | 'alone'>
): string[] {
  database.exec('begin immediate')
  database.exec('create table if not exists migrations (name text primary key)')
  const made = database.prepare('select * from migrations').all() as unknown as Made[]
  refuseNewer(made, alone)
  const missing = missingFrom(made)
  if (migrate === 'never') refuseOlder(missing)
  const types = {
    text: 'text',
    integer: 'integer',
    blob: 'blob',
    serial: 'integer primary key autoincrement'
  }
  for (const { name, statements, contracts } of missing) {
    for (const statement of statements(types)) database.exec(statement)
    if (contracts === true)
      database.prepare('insert into migrations (name, contracts) values (?, 1)').run(name)
    else database.prepare('insert into migrations (name) values (?)').run(name)
  }
  database.exec('commit')
  return missing.map(each => each.name)
}
