import { type CompiledQuery, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import { folded, type Group } from './folding.ts'
import { ReadDriver } from './read-driver.ts'
import type { Opening } from './sqlite-opening.ts'
import { openThread, type SqliteThread } from './sqlite-thread.ts'
import type { HandfulCommitted, Reply } from './sqlite-worker.ts'
import type { Store, StoreOptions } from './store.ts'
import type { Tables } from './tables.ts'
import { unavailable } from './unavailable.ts'
import type { Committed, Write } from './write.ts'

function committedOf(run: number | { failed: string }): Committed | { failed: string } {
  return typeof run === 'number' ? { committed: true, results: [{ changes: run, rows: [] }] } : run
}

function settle(waiting: Group | undefined, outcome: Committed | { failed: string }): void {
  if ('committed' in outcome) waiting?.resolve(outcome)
  else waiting?.reject(unavailable(outcome.failed))
}

/** Groups that go to the thread at once. */
const HANDFUL = 16

/** Changes nothing, and has to be written all the same. */
const touch: Write = { sql: 'update migrations set name = name', rows: [[]], returning: false }

/**
 * SQLite through two worker threads, one that commits and one that reads: reads do not wait for the disk, nor commits for them.
 * What is in memory only one connection can see, and so one thread. @param path file name, or `:memory:`
 */
export async function openSqlite(
  path: string,
  {
    migrate,
    alone,
    onMigrated,
    onCommit
  }: Pick<StoreOptions, 'migrate' | 'alone' | 'onMigrated' | 'onCommit'>
): Promise<Store> {
  const thread = await openThread({ path, migrate, alone })
  for (const name of thread.migrated) onMigrated?.(name)
  const { file } = thread
  const reader =
    path === ':memory:' ? thread : await openReader({ path, file, migrate: 'never', alone }, thread)
  const queue: Group[] = []
  /** Groups that have not ended. */
  let open = 0
  /** The last commit failed as a whole: the disk is full, or read-only. */
  let refuses = false
  let closed: Promise<void> | undefined

  /** The thread joins what it was handed while its last commit ran. */
  function flush(): void {
    if (queue.length === 0) return
    const batch = queue.splice(0)
    const { groups, runs } = folded(batch)
    const singleRuns = [...runs].map(([sql, { rows }]) => ({ sql, rows }))
    const began = performance.now()
    const made = (commits: number) =>
      onCommit?.({ commits, seconds: (performance.now() - began) / 1000, failed: refuses })
    thread
      .ask({ commit: groups.map(each => each.writes), runs: singleRuns })
      .then(
        reply => {
          refuses = false
          const { committed, runs: counts, shared } = reply as HandfulCommitted
          if (shared !== undefined) made(shared)
          for (const [position, outcome] of committed.entries()) settle(groups[position], outcome)
          const lists = [...runs.values()]
          for (const [list, outcomes] of counts.entries()) {
            for (const [position, outcome] of outcomes.entries())
              settle(lists[list]?.groups[position], committedOf(outcome))
          }
        },
        error => {
          refuses = true
          made(batch.length)
          for (const each of batch) each.reject(error)
        }
      )
      .finally(() => {
        open -= batch.length
      })
  }

  async function read({ sql, parameters }: CompiledQuery): Promise<Record<string, unknown>[]> {
    return ((await reader.ask({ read: { sql, parameters } })) as ReadReply).rows
  }

  /** What waits is committed first. */
  async function end(): Promise<void> {
    await store.commit([]).catch(() => undefined)
    await reader.close()
    // Last, and so it takes the log away.
    await thread.close()
  }

  const store: Store = {
    engine: 'sqlite',
    isShared: false,
    db: new Kysely<Tables>({
      dialect: {
        createAdapter: () => new SqliteAdapter(),
        createQueryCompiler: () => new SqliteQueryCompiler(),
        createIntrospector: db => new SqliteIntrospector(db),
        createDriver: () => new ReadDriver(read)
      }
    }),
    commit(writes) {
      return new Promise((resolve, reject) => {
        open += 1
        queue.push({ writes, resolve, reject })
        // Not one by one, which costs more than the rows do: requests go in step, and what they all have to write is here before
        // the next tick. Nor all of a long step, for which the thread and the disk would stand still.
        if (queue.length === 1) process.nextTick(flush)
        else if (queue.length === HANDFUL) flush()
      })
    },
    waiting: () => open,
    // One process, one clock, and nobody else to be told.
    now: Date.now,
    tell: () => undefined,
    onTold: () => undefined,
    async giveBack() {
      return ((await thread.ask({ giveBack: true })) as GivenReply).given
    },
    async ping() {
      await thread.ask({ ping: true })
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

async function openReader(opening: Opening, thread: SqliteThread): Promise<SqliteThread> {
  try {
    return await openThread(opening)
  } catch (error) {
    await thread.close()
    throw error
  }
}

type ReadReply = Extract<Reply, { rows: unknown }>
type GivenReply = Extract<Reply, { given: unknown }>
