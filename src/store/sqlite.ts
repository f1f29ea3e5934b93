import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler
} from 'kysely'
import { openThread, type SqliteThread, unavailable } from './sqlite-thread.ts'
import type { Reply } from './sqlite-worker.ts'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'
import type { Committed, Write } from './write.ts'

interface Waiting<T> {
  resolve(value: T): void
  reject(error: unknown): void
}

type Group = Waiting<Committed> & { writes: Write[] }

/** Groups that are one run of the same statement. */
interface Folded {
  groups: Group[]
  rows: (readonly unknown[])[]
}

/** Groups that are one run of one statement apart from the others, by statement. */
function folded(batch: Group[]): { groups: Group[]; runs: Map<string, Folded> } {
  const groups: Group[] = []
  const runs = new Map<string, Folded>()
  for (const each of batch) {
    const [first, second] = each.writes
    const [row, another] = first?.rows ?? []
    const single = second === undefined && another === undefined
    if (
      first === undefined ||
      row === undefined ||
      !single ||
      first.returning ||
      first.expect !== undefined
    ) {
      groups.push(each)
      continue
    }
    const run = runs.get(first.sql) ?? { groups: [], rows: [] }
    runs.set(first.sql, run)
    run.groups.push(each)
    run.rows.push(row)
  }
  return { groups, runs }
}

function committedOf(run: number | { failed: string }): Committed | { failed: string } {
  return typeof run === 'number' ? { committed: true, results: [{ changes: run, rows: [] }] } : run
}

function settle(waiting: Waiting<Committed> | undefined, outcome: Committed | { failed: string }): void {
  if ('committed' in outcome) waiting?.resolve(outcome)
  else waiting?.reject(unavailable(outcome.failed))
}

/** Changes nothing, and has to be written all the same. */
const touch: Write = { sql: 'update migrations set name = name', rows: [[]], returning: false }

/** SQLite through one worker thread. @param path file name, or `:memory:` */
export async function openSqlite(path: string): Promise<Store> {
  const thread = await openThread(path)
  const queue: Group[] = []
  let underWay = false
  /** The last commit failed as a whole: the disk is full, or read-only. */
  let refuses = false
  let closed: Promise<void> | undefined

  // No time window: whoever comes while a commit runs goes into the next one.
  function flush(): void {
    if (underWay || queue.length === 0) return
    underWay = true
    const batch = queue.splice(0)
    const { groups, runs } = folded(batch)
    const singleRuns = [...runs].map(([sql, { rows }]) => ({ sql, rows }))
    thread
      .ask({ commit: groups.map(each => each.writes), runs: singleRuns })
      .then(
        reply => {
          refuses = false
          const { committed, runs: counts } = reply as CommitReply
          for (const [position, outcome] of committed.entries()) settle(groups[position], outcome)
          const lists = [...runs.values()]
          for (const [list, outcomes] of counts.entries()) {
            for (const [position, outcome] of outcomes.entries())
              settle(lists[list]?.groups[position], committedOf(outcome))
          }
        },
        error => {
          refuses = true
          for (const each of batch) each.reject(error)
        }
      )
      .finally(() => {
        underWay = false
        flush()
      })
  }

  /** What waits is committed first. */
  async function end(): Promise<void> {
    await store.commit([]).catch(() => undefined)
    await thread.close()
  }

  const store: Store = {
    db: new Kysely<Tables>({
      dialect: {
        createAdapter: () => new SqliteAdapter(),
        createQueryCompiler: () => new SqliteQueryCompiler(),
        createIntrospector: db => new SqliteIntrospector(db),
        createDriver: () => new ReadDriver(thread.ask)
      }
    }),
    commit(writes) {
      return new Promise((resolve, reject) => {
        queue.push({ writes, resolve, reject })
        // At the end of this turn of the event loop: the other requests that came with this one share the commit.
        if (queue.length === 1) setImmediate(flush)
      })
    },
    waiting: () => queue.length,
    async ping() {
      await thread.ask({ read: { sql: 'select 1', parameters: [] } })
      // Reading works on a full disk too; only another write tells that it is over.
      if (refuses) await store.commit([touch])
    },
    close() {
      closed ??= end()
      return closed
    }
  }
  return store
}

type ReadReply = Extract<Reply, { rows: unknown }>
type CommitReply = Extract<Reply, { committed: unknown }>

/** Every connection is the thread's one, so there is nothing to be opened or given back. */
class ReadDriver implements Driver {
  readonly #ask: SqliteThread['ask']
  readonly init = nothing
  readonly releaseConnection = nothing
  readonly destroy = nothing
  readonly beginTransaction = refuseTransaction
  readonly commitTransaction = refuseTransaction
  readonly rollbackTransaction = refuseTransaction

  constructor(ask: SqliteThread['ask']) {
    this.#ask = ask
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return new ReadConnection(this.#ask)
  }
}

async function nothing(): Promise<void> {}

async function refuseTransaction(): Promise<never> {
  throw new TypeError('the store has no interactive transactions; use commit()')
}

class ReadConnection implements DatabaseConnection {
  readonly #ask: SqliteThread['ask']

  constructor(ask: SqliteThread['ask']) {
    this.#ask = ask
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const reply = await this.#ask({ read: { sql: query.sql, parameters: query.parameters } })
    return { rows: (reply as ReadReply).rows as R[] }
  }

  streamQuery(): never {
    throw new TypeError('the store does not stream; page by key')
  }
}
