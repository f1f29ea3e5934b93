import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { ClusterOptions } from './cluster.ts'

/**
 * A PostgreSQL server of one's own. It ends with the process that opened it, at the latest, and does not keep that from ending.
 */
export interface PostgresServer {
  /** With the rights of an administrator. It stays the same over {@link kill} and {@link start}. */
  url: string
  /** Resolves once it takes connections; what a killed one had committed is there again. */
  start(): Promise<void>
  /** SIGKILL to all of its processes at once; resolves when they are gone. */
  kill(): Promise<void>
  /** All of its processes stand still: connections stay open, new ones are taken by the system, and nothing answers. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** As an administrator would: connections are closed with an error, and the data is left in order. */
  stopGently(): Promise<void>
  /** Stops it and removes its data. */
  close(): Promise<void>
}

export interface Order {
  id: number
  act: 'start' | 'kill' | 'pause' | 'resume' | 'stopGently'
}

export interface Answer {
  id: number
  url?: string
  failure?: string
}

/**
 * Starts a server with empty data on a free port of 127.0.0.1, in a second or two.
 * @throws where there is no PostgreSQL for this machine, or it does not run here; the message says what to do
 */
export async function openPostgres(options: ClusterOptions = {}): Promise<PostgresServer> {
  const keeper = fork(join(import.meta.dirname, 'keeper.ts'), [JSON.stringify(options)], {
    // A group of its own: Ctrl-C reaches the tests, and through their end the keeper. Nothing of the test runner's goes along, and no
    // output is shared, for the runner waits until that is closed.
    detached: true,
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc']
  })
  const waiting = new Map<number, (answer: Answer) => void>()
  let orders = 0
  keeper.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer))
  keeper.once('exit', () => {
    for (const [id, settle] of waiting) settle({ id, failure: 'the process that keeps PostgreSQL is gone' })
  })

  /** Only while something is asked of the keeper does it keep this process alive. */
  async function answerTo(id: number): Promise<Answer> {
    keeper.ref()
    keeper.channel?.ref()
    const answer = await new Promise<Answer>(settle => waiting.set(id, settle))
    waiting.delete(id)
    if (waiting.size === 0) {
      keeper.unref()
      keeper.channel?.unref()
    }
    if (answer.failure !== undefined) throw new Error(answer.failure)
    return answer
  }

  async function order(act: Order['act']): Promise<void> {
    if (!keeper.connected) throw new Error('this PostgreSQL was closed')
    orders += 1
    const answered = answerTo(orders)
    // Where that fails, the keeper's exit tells.
    keeper.send({ id: orders, act } satisfies Order, () => undefined)
    await answered
  }

  async function close(): Promise<void> {
    if (keeper.exitCode !== null || keeper.signalCode !== null) return
    const gone = once(keeper, 'exit')
    keeper.ref()
    if (keeper.connected) keeper.disconnect()
    await gone
  }

  const { url = '' } = await answerTo(0).catch(async error => {
    await close()
    throw error
  })
  return {
    url,
    start: () => order('start'),
    kill: () => order('kill'),
    pause: () => order('pause'),
    resume: () => order('resume'),
    stopGently: () => order('stopGently'),
    close
  }
}

/** A server that the test may kill, pause and start again, and whose commits are on disk. Gone with the test. */
export async function restartablePostgres(t: Pick<Test, 'teardown'>): Promise<PostgresServer> {
  const server = await openPostgres({ durable: true })
  t.teardown(server.close)
  return server
}
