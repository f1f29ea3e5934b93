import { Worker } from 'node:worker_threads'
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
import { RelayError } from '../errors.ts'
import type { Reply, Request } from './sqlite-worker.ts'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'
import type { Committed, Write } from './write.ts'

interface Waiting<T> {
  resolve(value: T): void
  reject(error: unknown): void
}

/** SQLite through one worker thread. @param path file name, or `:memory:` */
export async function openSqlite(path: string): Promise<Store> {
  const thread = await startThread(path)
  const queue: (Waiting<Committed> & { writes: Write[] })[] = []
  let underWay = false

  // No time window: whoever comes while a commit runs goes into the next one.
  function flush(): void {
    if (underWay || queue.length === 0) return
    underWay = true
    const batch = queue.splice(0)
    thread
      .ask({ commit: batch.map(each => each.writes) })
      .then(
        reply => {
          const outcomes = 'committed' in reply ? reply.committed : []
          batch.forEach((each, position) => {
            const outcome = outcomes[position]
            if (outcome !== undefined && 'committed' in outcome) each.resolve(outcome)
            else each.reject(unavailable(outcome === undefined ? 'no answer' : outcome.failed))
          })
        },
        error => {
          for (const each of batch) each.reject(error)
        }
      )
      .finally(() => {
        underWay = false
        flush()
      })
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
        flush()
      })
    },
    waiting: () => queue.length,
    async ping() {
      await thread.ask({ read: { sql: 'select 1', parameters: [] } })
    },
    async close() {
      await thread.ask({ close: true })
      await thread.ended
    }
  }
  return store
}

type Question = Request extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never
type Answer = Extract<Reply, { id: number }>
type Ask = (question: Question) => Promise<Answer>

/** Starts the thread and numbers its questions. @throws RelayError RELAY_STORE_UNAVAILABLE where the file cannot be opened */
async function startThread(path: string): Promise<{ ask: Ask; ended: Promise<void> }> {
  const file = import.meta.url.endsWith('.ts') ? './sqlite-worker.ts' : './sqlite-worker.js'
  const worker = new Worker(new URL(file, import.meta.url), { workerData: path, name: 'sqlite' })
  const open = new Map<number, Waiting<Answer>>()
  let last = 0
  let broken: RelayError | undefined

  const ended = new Promise<void>(resolve => worker.once('exit', () => resolve()))
  const breakOff = (reason: string) => {
    broken ??= unavailable(reason)
    for (const waiting of open.values()) waiting.reject(broken)
    open.clear()
  }
  worker.on('error', error => breakOff(error.message))
  worker.on('exit', () => breakOff('the store is closed'))

  await new Promise<void>((resolve, reject) => {
    worker.on('message', (reply: Reply) => {
      if ('ready' in reply) return resolve()
      if ('notReady' in reply) return reject(unavailable(`${path}: ${reply.notReady}`))
      const waiting = open.get(reply.id)
      open.delete(reply.id)
      if ('failed' in reply) waiting?.reject(unavailable(reply.failed))
      else waiting?.resolve(reply)
    })
    worker.once('error', error => reject(unavailable(error.message)))
  })

  const ask: Ask = question =>
    new Promise((resolve, reject) => {
      if (broken !== undefined) return reject(broken)
      last += 1
      open.set(last, { resolve, reject })
      worker.postMessage({ id: last, ...question })
    })
  return { ask, ended }
}

class ReadDriver implements Driver {
  readonly #ask: Ask

  constructor(ask: Ask) {
    this.#ask = ask
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new ReadConnection(this.#ask)
  }

  async beginTransaction(): Promise<void> {
    throw new TypeError('the store has no interactive transactions; use commit()')
  }

  async commitTransaction(): Promise<void> {}
  async rollbackTransaction(): Promise<void> {}
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}

class ReadConnection implements DatabaseConnection {
  readonly #ask: Ask

  constructor(ask: Ask) {
    this.#ask = ask
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const reply = await this.#ask({ read: { sql: query.sql, parameters: query.parameters } })
    return { rows: 'rows' in reply ? (reply.rows as R[]) : [] }
  }

  streamQuery(): never {
    throw new TypeError('the store does not stream; page by key')
  }
}

function unavailable(reason: string): RelayError {
  return new RelayError('RELAY_STORE_UNAVAILABLE', `the store: ${reason}`, {
    retryable: true,
    statusCode: 503
  })
}
