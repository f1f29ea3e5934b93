import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { makeFolder } from '../make-folder.ts'
import { type Made, missingFrom, refuseNewer, refuseOlder } from './migrating.ts'
import { type Checkpoints, checkpointsOf } from './sqlite-checkpoints.ts'
import { fileAt, refuseElsewhere } from './sqlite-file.ts'
import type { Committed, Write, WriteResult } from './write.ts'

/**
 * A thread with a connection to the SQLite file, one of two: whatever is asked of one is done in turn, and the main thread stays
 * free to answer while this one waits for the disk.
 */

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

/** What was handed over at once, to be committed with whatever else waits. */
export interface Handful {
  id: number
  commit: Write[][]
  runs: SingleRuns[]
}

export type Request =
  | Handful
  | { id: number; read: { sql: string; parameters: readonly unknown[] } }
  | { id: number; ping: true }
  | { id: number; giveBack: true }
  | { id: number; close: true }

/**
 * Groups that are nothing but one run of the same statement, folded: a burst of deliveries is one text and a list of
 * rows on its way between the threads. Answered by how many rows each run touched.
 */
export interface SingleRuns {
  sql: string
  rows: (readonly unknown[])[]
}

export interface HandfulCommitted {
  committed: (Committed | { failed: string })[]
  runs: (number | { failed: string })[][]
  /** Told once for each transaction, with its oldest handful: how many groups it had. */
  shared?: number
}

export type Reply =
  | { id: number; rows: Record<string, unknown>[] }
  | ({ id: number } & HandfulCommitted)
  | { id: number; given: number }
  | { id: number; failed: string }
  | { ready: true; migrated: string[]; file: string | undefined }
  | { notReady: string; code: string | undefined }

// Null only where this runs as no thread, and nobody starts it so.
const port = parentPort as MessagePort

const answer = (...replies: Reply[]) => port.postMessage(replies)

try {
  const { path } = workerData as Opening
  const { database, migrated, file } = open(workerData)
  const run = runner(database, checkpointsOf(database, path), () => refuseElsewhere(path, file))
  const next = (): Request | undefined => receiveMessageOnPort(port)?.message
  port.on('message', (first: Request) => {
    for (let request: Request | undefined = first; request !== undefined; ) {
      if (!('commit' in request)) {
        answer(replyTo(request, database, run))
        if ('close' in request) return port.close()
        request = next()
        continue
      }
      // No time window: whatever was handed over while the last commit ran goes into this one.
      const handfuls = [request]
      for (request = next(); request !== undefined && 'commit' in request; request = next())
        handfuls.push(request)
      answer(...repliesTo(handfuls, run))
    }
  })
  answer({ ready: true, migrated, file })
} catch (error) {
  const { code } = error as { code?: string }
  answer({ notReady: messageOf(error), code })
}

function replyTo(request: Exclude<Request, Handful>, database: DatabaseSync, run: Runner): Reply {
  const { id } = request
  try {
    if ('read' in request) return { id, rows: run.read(request.read.sql, request.read.parameters) }
    if ('ping' in request) return { id, rows: run.ping() }
    if ('giveBack' in request) return { id, given: giveBack(database) }
    run.close()
    return { id, rows: [] }
  } catch (error) {
    return { id, failed: messageOf(error) }
  }
}

function repliesTo(handfuls: Handful[], run: Runner): Reply[] {
  try {
    const committed = run.commit(handfuls)
    return handfuls.map(({ id }, place) => ({ id, ...(committed[place] as HandfulCommitted) }))
  } catch (error) {
    return handfuls.map(({ id }) => ({ id, failed: messageOf(error) }))
  }
}

interface Opened {
  database: DatabaseSync
  migrated: string[]
  file: string | undefined
}

function open({ path, file, ...schema }: Opening): Opened {
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

/** Pages that one step gives back at most, 1 MiB: each is moved from the end of the file, and commits wait meanwhile. */
const MOST_PAGES = 128
/** Of all pages, so many stay free: what comes next needs them, and moving pages for it would be work for nothing. */
const SPARE_SHARE = 1 / 8

/** Gives free pages back; the file is shorter at the next checkpoint. @returns bytes */
function giveBack(database: DatabaseSync): number {
  const value = (pragma: string) =>
    Number(Object.values(database.prepare(`pragma ${pragma}`).get() as object)[0])
  const free = value('freelist_count')
  const spare = Math.ceil(value('page_count') * SPARE_SHARE)
  const pages = Math.min(free - spare, MOST_PAGES)
  if (pages <= 0) return 0
  // Runs row by row, a page each.
  database.prepare(`pragma incremental_vacuum(${pages})`).all()
  return (free - value('freelist_count')) * value('page_size')
}

type Runner = ReturnType<typeof runner>

/** @param refuseMoved throws where the file is not in its place any more */
function runner(database: DatabaseSync, checkpoints: Checkpoints, refuseMoved: () => void) {
  const statements = new Map<string, StatementSync>()

  function statement(sql: string): StatementSync {
    let prepared = statements.get(sql)
    if (prepared === undefined) {
      // Lists of different lengths make different texts; the cache must not grow with them for ever.
      if (statements.size >= 500) statements.clear()
      prepared = database.prepare(sql)
      statements.set(sql, prepared)
    }
    return prepared
  }

  function read(sql: string, parameters: readonly unknown[]): Record<string, unknown>[] {
    return statement(sql).all(...(parameters as SQLInputValue[]))
  }

  function runWrite({ sql, rows, returning }: Write): WriteResult {
    const prepared = statement(sql)
    const result: WriteResult = { changes: 0, rows: [] }
    for (const parameters of rows) {
      if (returning) {
        const given = prepared.all(...(parameters as SQLInputValue[]))
        result.rows.push(...given)
        result.changes += given.length
      } else {
        result.changes += Number(prepared.run(...(parameters as SQLInputValue[])).changes)
      }
    }
    return result
  }

  function runGroup(writes: Write[]): Committed {
    const results: WriteResult[] = []
    for (const each of writes) {
      const result = runWrite(each)
      if (each.expect !== undefined && result.changes !== each.expect) return { committed: false }
      results.push(result)
    }
    return { committed: true, results }
  }

  function attempt(group: Write[]): Committed | { failed: string } {
    try {
      return runGroup(group)
    } catch (error) {
      return failureOf(error)
    }
  }

  function ping(): Record<string, unknown>[] {
    refuseMoved()
    return read('select 1', [])
  }

  /** One commit, and so one fsync, for all. */
  function commit(handfuls: Handful[]): HandfulCommitted[] {
    refuseMoved()
    statement('begin immediate').run()
    try {
      const outcomes = handfuls.map(runHandful)
      statement('commit').run()
      checkpoints.look()
      const shared = outcomes.flatMap(({ committed, runs }) => [committed, ...runs]).flat().length
      return outcomes.map((each, place) => (place === 0 ? { ...each, shared } : each))
    } catch (error) {
      if (database.isTransaction) database.exec('rollback')
      throw error
    }
  }

  /** Savepoints keep the groups apart. */
  function runHandful({ commit: groups, runs: singleRuns }: Handful): HandfulCommitted {
    const runs = singleRuns.map(({ sql, rows }) => rows.map(row => runOnce(statement(sql), row)))
    const committed = groups.map(group => {
      statement('savepoint one').run()
      const outcome = attempt(group)
      if (!('committed' in outcome && outcome.committed)) statement('rollback to one').run()
      statement('release one').run()
      return outcome
    })
    return { committed, runs }
  }

  /** A single run undoes itself where it fails; savepoints around it would cost more than the run. */
  function runOnce(prepared: StatementSync, row: readonly unknown[]): number | { failed: string } {
    try {
      return Number(prepared.run(...(row as SQLInputValue[])).changes)
    } catch (error) {
      return failureOf(error)
    }
  }

  function close(): void {
    checkpoints.close()
    database.close()
  }

  return { read, ping, commit, close }
}

/**
 * Result codes that are no fault of a statement: no memory, read-only, I/O error, damaged, full, cannot open, no database
 * (https://www.sqlite.org/rescode.html). After some of them SQLite has undone the whole transaction already.
 */
const troubles = new Set([7, 8, 10, 11, 13, 14, 26])

/** What one group failed at. @throws where the disk or the database refuses: then nothing of the commit counts */
function failureOf(error: unknown): { failed: string } {
  const { errcode = 0 } = error as { errcode?: number }
  if (troubles.has(errcode & 0xff)) throw error
  return { failed: messageOf(error) }
}

function messageOf(error: unknown): string {
  return (error as Error).message
}
