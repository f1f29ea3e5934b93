import type pg from 'pg'
import { type Folded, type Group, singleRun } from './folding.ts'
import { asUnavailable, isRefusal, isWorthAnotherTry } from './postgres-pool.ts'
import { firstColumn, insertOfMany } from './postgres-rows.ts'
import { changesOf, type Step, transaction } from './postgres-transaction.ts'
import type { StoreOptions } from './store.ts'
import type { Committed, Write } from './write.ts'

export interface CommitOptions {
  /** Connections for bursts of single statements; nothing that waits for a lane uses them. */
  bursts: pg.Pool
  /** Connections for everything else. */
  pool: pg.Pool
  statement(sql: string, parameters: readonly unknown[]): pg.QueryConfig
  /** What begins a transaction. */
  begin: string
  onCommit?: StoreOptions['onCommit']
}

export interface Commits {
  commit(writes: Write[]): Promise<Committed>
  /** Those that have not ended. */
  waiting(): number
  /** For how long the oldest of them has been under way, ms; 0 where there is none. */
  longestMs(): number
  /** Resolves when all have ended. */
  idle(): Promise<void>
}

/** Transactions that waited for each other are tried again so often. */
const MOST_TRIES = 5
/** Rows of one burst: more make its commit slow, and those who came first wait with it. */
const MOST_IN_BURST = 512

/**
 * Commits on PostgreSQL. Each group is a transaction of its own; the server lets those that end at the same moment share
 * an fsync. Groups that are one run of the same statement, such as the deliveries of a burst, share a transaction.
 */
export function postgresCommits({ bursts, pool, statement, begin, onCommit }: CommitOptions): Commits {
  const collected = new Map<string, Folded>()
  const underWay = new Set<string>()
  /** When each began, the oldest first. */
  const open = new Map<Promise<Committed>, number>()

  function commit(writes: Write[]): Promise<Committed> {
    const committed = new Promise<Committed>((resolve, reject) => {
      const group = { writes, resolve, reject }
      const single = singleRun(group)
      if (single === undefined) return void runAlone(group)
      const burst = collected.get(single.sql) ?? { groups: [], rows: [] }
      collected.set(single.sql, burst)
      burst.groups.push(group)
      burst.rows.push(single.row)
      // At the end of this turn of the event loop: the other requests that came with this one share the commit.
      if (burst.groups.length === 1) setImmediate(() => flush(single.sql))
    })
    open.set(committed, performance.now())
    const ended = () => open.delete(committed)
    committed.then(ended, ended)
    return committed
  }

  /** No time window: whoever comes while a burst is under way goes into the next one of its kind. */
  function flush(sql: string): void {
    const burst = collected.get(sql)
    if (burst === undefined || underWay.has(sql)) return
    const groups = burst.groups.splice(0, MOST_IN_BURST)
    const rows = burst.rows.splice(0, MOST_IN_BURST)
    if (burst.groups.length === 0) collected.delete(sql)
    underWay.add(sql)
    void runBurst(sql, { groups, rows }).finally(() => {
      underWay.delete(sql)
      flush(sql)
    })
  }

  async function runBurst(sql: string, { groups, rows }: Folded): Promise<void> {
    try {
      const changes = await timed(rows.length, () => runRows(sql, rows))
      for (const [position, group] of groups.entries())
        group.resolve({ committed: true, results: [{ changes: changes[position] as number, rows: [] }] })
    } catch (error) {
      // One that is refused must not take its neighbours with it.
      if (isRefusal(error) && groups.length > 1) for (const group of groups) await runAlone(group)
      else for (const group of groups) group.reject(asUnavailable(error))
    }
  }

  /** What waited for another transaction, and is tried again, is no failure; nor is a statement that was wrong. */
  async function timed<T>(commits: number, run: () => Promise<T>): Promise<T> {
    const began = performance.now()
    const ended = (failed: boolean) =>
      onCommit?.({ commits, seconds: (performance.now() - began) / 1000, failed })
    try {
      const result = await run()
      ended(false)
      return result
    } catch (error) {
      ended(!isRefusal(error))
      throw error
    }
  }

  /** @returns how many rows each run touched */
  async function runRows(sql: string, rows: Folded['rows']): Promise<number[]> {
    const inserted = await insertTogether(sql, rows)
    if (inserted !== undefined) return inserted
    const statements = rows.map(row => statement(sql, row))
    // Nothing is expected, so that each statement has its answer.
    const [answered] = (await transaction(bursts, begin, [
      { statements, expect: undefined, harmless: false }
    ])) as [pg.QueryResult[]]
    return answered.map(each => each.rowCount ?? 0)
  }

  /** Undefined where the rows cannot be inserted by one statement, or could not be told apart afterwards. */
  async function insertTogether(sql: string, rows: Folded['rows']): Promise<number[] | undefined> {
    const column = firstColumn(sql)
    if (column === undefined || new Set(rows.map(row => row[0])).size < rows.length) return undefined
    const [insert, another] = insertOfMany(sql, rows, ` returning "${column}"`) ?? []
    if (insert === undefined || another !== undefined) return undefined
    const result = await bursts.query(statement(insert.sql, insert.parameters))
    if (result.rowCount === rows.length) return rows.map(() => 1)
    const inserted = new Set(result.rows.map(row => row[column]))
    return rows.map(row => (inserted.has(row[0]) ? 1 : 0))
  }

  async function runAlone({ writes, resolve, reject }: Group): Promise<void> {
    const steps = writes.map(stepOf)
    for (let tries = 1; ; tries += 1) {
      try {
        const answered = await timed(1, () => transaction(pool, begin, steps))
        if (answered === undefined) return resolve({ committed: false })
        const results = answered.map(each => ({
          changes: changesOf(each),
          rows: each.flatMap(({ rows }) => rows)
        }))
        return resolve({ committed: true, results })
      } catch (error) {
        if (!isWorthAnotherTry(error) || tries === MOST_TRIES) return reject(asUnavailable(error))
      }
    }
  }

  function stepOf({ sql, rows, expect, harmless = sql.startsWith('select') }: Write): Step {
    const together = rows.length > 1 ? insertOfMany(sql, rows) : undefined
    const statements =
      together?.map(each => statement(each.sql, each.parameters)) ?? rows.map(row => statement(sql, row))
    return { statements, expect, harmless }
  }

  return {
    commit,
    waiting: () => open.size,
    longestMs() {
      const [oldest] = open.values()
      return oldest === undefined ? 0 : performance.now() - oldest
    },
    async idle() {
      while (open.size > 0) await Promise.allSettled(open.keys())
    }
  }
}
