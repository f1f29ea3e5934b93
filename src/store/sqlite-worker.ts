import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { migrations } from './migrations.ts'
import type { Committed, Write, WriteResult } from './write.ts'

/**
 * The thread that owns the SQLite file. One connection, so reads and commits follow each other; the main thread stays
 * free to answer while this one waits for the disk.
 */

export type Request =
  | { id: number; read: { sql: string; parameters: readonly unknown[] } }
  | { id: number; commit: Write[][] }
  | { id: number; close: true }

export type Reply =
  | { id: number; rows: Record<string, unknown>[] }
  | { id: number; committed: (Committed | { failed: string })[] }
  | { id: number; failed: string }
  | { ready: true }
  | { notReady: string }

const port = parentPort
if (port === null) throw new TypeError('sqlite-worker.ts runs as a worker thread')

const answer = (reply: Reply) => port.postMessage(reply)

try {
  const database = open(String(workerData))
  const run = runner(database)
  port.on('message', (request: Request) => {
    try {
      if ('commit' in request) answer({ id: request.id, committed: run.commit(request.commit) })
      else if ('read' in request)
        answer({ id: request.id, rows: run.read(request.read.sql, request.read.parameters) })
      else {
        database.close()
        answer({ id: request.id, rows: [] })
        port.close()
      }
    } catch (error) {
      answer({ id: request.id, failed: messageOf(error) })
    }
  })
  answer({ ready: true })
} catch (error) {
  answer({ notReady: messageOf(error) })
}

function open(path: string): DatabaseSync {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
  const database = new DatabaseSync(path)
  // Another process (the command line) may hold the write lock for a moment.
  database.exec('pragma busy_timeout = 10000; pragma journal_mode = wal; pragma synchronous = full')
  // A promise rests on this: a 2xx is only sent for what survives a power cut.
  const { synchronous } = database.prepare('pragma synchronous').get() as { synchronous: number }
  if (synchronous !== 2)
    throw new Error(`SQLite runs with synchronous=${synchronous}, and 2 (FULL) is needed`)
  database.exec('pragma cache_size = -65536; pragma temp_store = memory; pragma wal_autocheckpoint = 4000')
  migrate(database)
  return database
}

function migrate(database: DatabaseSync): void {
  database.exec('begin immediate')
  database.exec('create table if not exists migrations (name text primary key)')
  const done = new Set(
    database
      .prepare('select name from migrations')
      .all()
      .map(row => row.name)
  )
  for (const migration of migrations) {
    if (done.has(migration.name)) continue
    const types = { integer: 'integer', blob: 'blob', serial: 'integer primary key autoincrement' }
    for (const statement of migration.statements(types)) database.exec(statement)
    database.prepare('insert into migrations (name) values (?)').run(migration.name)
  }
  database.exec('commit')
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

  /** One commit, and so one fsync, for all groups; a savepoint each keeps them apart. */
  function commit(groups: Write[][]): (Committed | { failed: string })[] {
    database.exec('begin immediate')
    try {
      const outcomes = groups.map(group => {
        database.exec('savepoint one')
        let outcome: Committed | { failed: string }
        try {
          outcome = runGroup(group)
        } catch (error) {
          outcome = { failed: messageOf(error) }
        }
        if (!('committed' in outcome && outcome.committed)) database.exec('rollback to one')
        database.exec('release one')
        return outcome
      })
      database.exec('commit')
      return outcomes
    } catch (error) {
      if (database.isTransaction) database.exec('rollback')
      throw error
    }
  }

  return { read, commit }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
