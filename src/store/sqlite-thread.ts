import { Worker } from 'node:worker_threads'
import { RelayError } from '../errors.ts'
import { beside } from './beside.ts'
import type { Opening } from './sqlite-opening.ts'
import type { Reply, Request } from './sqlite-worker.ts'
import { unavailable } from './unavailable.ts'

type Question = Request extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never
type Answer = Extract<Reply, { id: number }>

/** Asks the thread, in order. @throws RelayError RELAY_STORE_UNAVAILABLE */
type Ask = (question: Question) => Promise<Answer>

export interface SqliteThread {
  /** Names of the migrations that were made when it was opened. */
  migrated: string[]
  /** The file that was opened. */
  file: string | undefined
  ask: Ask
  close(): Promise<void>
}

/** One worker thread, for as long as it lives. */
interface Running {
  migrated: string[]
  file: string | undefined
  ask: Ask
  died: boolean
  ended: Promise<void>
}

/**
 * A thread that has the file open. One that dies, of no memory for instance, fails everybody who waits and is replaced when
 * it is next asked: everything that was acknowledged is in the file. @throws RelayError RELAY_STORE_UNAVAILABLE where
 * the file cannot be opened; RELAY_CONFIG_INVALID where the schema does not fit
 */
export async function openThread(opening: Opening): Promise<SqliteThread> {
  let running = await start(opening)
  let starting: Promise<unknown> | undefined
  let closing = false
  // A database in memory is gone with its thread; an empty one in its place would be a lie.
  const mayReplace = () => running.died && !closing && opening.path !== ':memory:'

  async function replace(): Promise<void> {
    starting ??= start({ ...opening, file: running.file })
      .then(started => {
        running = started
      })
      .finally(() => {
        starting = undefined
      })
    await starting
  }

  return {
    migrated: running.migrated,
    file: running.file,
    async ask(question) {
      if (mayReplace()) await replace()
      return running.ask(question)
    },
    async close() {
      closing = true
      await starting?.catch(() => undefined)
      // A thread that is gone leaves nothing to be closed.
      await running.ask({ close: true }).catch(() => undefined)
      await running.ended
    }
  }
}

interface Waiting {
  resolve(answer: Answer): void
  reject(error: RelayError): void
}

async function start(opening: Opening): Promise<Running> {
  const worker = new Worker(beside(import.meta.url, 'sqlite-worker'), { workerData: opening, name: 'sqlite' })
  const open = new Map<number, Waiting>()
  let last = 0
  let broken: RelayError | undefined

  const ended = new Promise<void>(resolve => worker.once('exit', () => resolve()))
  const running: Running = {
    migrated: [],
    file: undefined,
    ended,
    died: false,
    ask: question =>
      new Promise((resolve, reject) => {
        if (broken !== undefined) return reject(broken)
        last += 1
        open.set(last, { resolve, reject })
        worker.postMessage({ id: last, ...question })
      })
  }
  const breakOff = (reason: string) => {
    broken ??= unavailable(reason)
    running.died = true
    for (const waiting of open.values()) waiting.reject(broken)
    open.clear()
  }
  worker.on('error', error => breakOff(error.message))
  worker.on('exit', () => breakOff('its thread ended'))

  await new Promise<void>((resolve, reject) => {
    const take = (reply: Reply) => {
      if ('ready' in reply) {
        running.migrated = reply.migrated
        running.file = reply.file
        return resolve()
      }
      if ('notReady' in reply) return reject(notReady(opening, reply))
      const waiting = open.get(reply.id)
      open.delete(reply.id)
      if ('failed' in reply) waiting?.reject(unavailable(reply.failed))
      else waiting?.resolve(reply)
    }
    worker.on('message', (replies: Reply[]) => replies.forEach(take))
    worker.once('error', error => reject(unavailable(error.message)))
    worker.once('exit', () => reject(unavailable('its thread ended before it was open')))
  })
  return running
}

/** Between threads an error loses its class. */
function notReady({ path }: Opening, { code, notReady }: Extract<Reply, { notReady: string }>): RelayError {
  if (code === 'RELAY_CONFIG_INVALID') return new RelayError(code, notReady)
  return unavailable(`${path}: ${notReady}`)
}
