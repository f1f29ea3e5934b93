import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { type Checkpoints, checkpointsOf } from './sqlite-checkpoints.ts'
import { refuseElsewhere } from './sqlite-file.ts'
import { type Opening, openFile } from './sqlite-opening.ts'
import type { Committed, Write, WriteResult } from './write.ts'

/**
 * A thread with a connection to the SQLite file, one of two: whatever is asked of one is done in turn, and the main thread stays
 * free to answer while this one waits for the disk.
 */

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
  const { database, migrated, file } = openFile(workerData)
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
