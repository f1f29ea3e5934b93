import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { type Made, missingFrom, refuseNewer, refuseOlder } from './migrating.ts'
import type { Committed, Write, WriteResult } from './write.ts'

/**
 * The thread that owns the SQLite file. One connection, so reads and commits follow each other; the main thread stays
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
}

export type Request =
  | { id: number; read: { sql: string; parameters: readonly unknown[] } }
  | { id: number; commit: Write[][]; runs: SingleRuns[] }
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

export type Reply =
  | { id: number; rows: Record<string, unknown>[] }
  | { id: number; committed: (Committed | { failed: string })[]; runs: (number | { failed: string })[][] }
  | { id: number; given: number }
  | { id: number; failed: string }
  | { ready: true; migrated: string[] }
  | { notReady: string; code: string | undefined }

// Null only where this runs as no thread, and nobody starts it so.
const port = parentPort as MessagePort

const answer = (reply: Reply) => port.postMessage(reply)

try {
  const { database, migrated } = open(workerData)
  const run = runner(database)
  port.on('message', (request: Request) => {
    try {
      if ('commit' in request) answer({ id: request.id, ...run.commit(request.commit, request.runs) })
      else if ('read' in request)
        answer({ id: request.id, rows: run.read(request.read.sql, request.read.parameters) })
      else if ('giveBack' in request) answer({ id: request.id, given: giveBack(database) })
      else {
        answer({ id: request.id, rows: [] })
        port.close()
        database.close()
      }
    } catch (error) {
      answer({ id: request.id, failed: messageOf(error) })
    }
  })
  answer({ ready: true, migrated })
} catch (error) {
  const { code } = error as { code?: string }
  answer({ notReady: messageOf(error), code })
}

function open({ path, ...schema }: Opening): { database: DatabaseSync; migrated: string[] } {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
  const database = new DatabaseSync(path)
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
  database.exec('pragma cache_size = -16384; pragma temp_store = memory; pragma wal_autocheckpoint = 4000')
  return { database, migrated: bringUpToDate(database, schema) }
}

/** @returns the names of the migrations that were made */
function bringUpToDate(database: DatabaseSync, { migrate, alone }: Omit<Opening, 'path'>): string[] {
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
  const value = (pragma: string) => Number(Object.values(database.prepare(`pragma ${pragma}`).get() ?? {})[0])
  const free = value('freelist_count')
  const spare = Math.ceil(value('page_count') * SPARE_SHARE)
  const pages = Math.min(free - spare, MOST_PAGES)
  if (pages <= 0) return 0
  // Runs row by row, a page each.
  database.prepare(`pragma incremental_vacuum(${pages})`).all()
  return (free - value('freelist_count')) * value('page_size')
}

function runner(database: DatabaseSync) {
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

  /** One commit, and so one fsync, for all; savepoints keep the groups apart. */
  function commit(groups: Write[][], singleRuns: SingleRuns[]) {
    statement('begin immediate').run()
    try {
      const runs = singleRuns.map(({ sql, rows }) => rows.map(row => runOnce(statement(sql), row)))
      const committed = groups.map(group => {
        statement('savepoint one').run()
        const outcome = attempt(group)
        if (!('committed' in outcome && outcome.committed)) statement('rollback to one').run()
        statement('release one').run()
        return outcome
      })
      statement('commit').run()
      return { committed, runs }
    } catch (error) {
      if (database.isTransaction) database.exec('rollback')
      throw error
    }
  }

  /** A single run undoes itself where it fails; savepoints around it would cost more than the run. */
  function runOnce(prepared: StatementSync, row: readonly unknown[]): number | { failed: string } {
    try {
      return Number(prepared.run(...(row as SQLInputValue[])).changes)
    } catch (error) {
      return failureOf(error)
    }
  }

  return { read, commit }
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
