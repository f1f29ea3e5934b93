import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { RelayError } from '../../errors.ts'
import type { Job, Outcome } from './evaluation.ts'

/**
 * One evaluation, and how long it took without the wait for its turn.
 * @throws RelayError RELAY_INTERNAL, retryable, where there is no process to be had
 */
export type Evaluate = (job: Job) => Promise<Outcome & { ms: number }>

export interface EvaluatorOptions {
  /** Another program than the relay's own, for tests. */
  program?: string
}

/** Heap of the process; a body of the largest size takes a part of it, and a runaway expression no more than it. */
const MOST_MEMORY_MB = 128

/** Beyond the limit that the evaluation itself keeps: then it is in a place where it cannot, such as a regular expression. */
const GRACE_MS = 250

/** So long may a process take to start on a machine that is busy with everything else. */
const START_MS = 30_000

export interface Evaluator {
  /** A queue of its own: whoever's jobs take long makes the others wait for one of them at most. */
  queue(): Evaluate
}

/**
 * Evaluates expressions in a process of its own, which starts at the first one. One job at a time, from each queue in
 * turn. A job that does not come to its end is ended with its process, and tried once more with a new one: the machine
 * may have been busy.
 */
export function evaluator({ program = ownProgram() }: EvaluatorOptions = {}): Evaluator {
  let running: Promise<ChildProcess> | undefined
  const queues = new Map<object, (() => Promise<void>)[]>()
  let working = false

  async function run(job: Job): Promise<Outcome> {
    running ??= started(program)
    const process = await running.catch(cause => {
      running = undefined
      throw new RelayError('RELAY_INTERNAL', 'the process for expressions does not start', {
        cause,
        retryable: true
      })
    })
    const answer = await answerOf(process, job)
    if (answer !== undefined) return answer
    running = undefined
    return { fails: { message: 'it took too much time or memory and was ended', offset: 0, stopped: true } }
  }

  async function twice(job: Job): Promise<Outcome & { ms: number }> {
    const startedAt = performance.now()
    const first = await run(job)
    const outcome = 'fails' in first && first.fails.stopped ? await run(job) : first
    return { ...outcome, ms: performance.now() - startedAt }
  }

  async function work(): Promise<void> {
    working = true
    // A queue that is filled again while the others have their turn is found again at the end.
    for (const [name, jobs] of queues) {
      queues.delete(name)
      const [first, ...more] = jobs
      if (more.length > 0) queues.set(name, more)
      await first?.()
    }
    working = false
  }

  return {
    queue() {
      const name = {}
      return job =>
        new Promise((resolve, reject) => {
          const task = () => twice(job).then(resolve, reject)
          queues.set(name, [...(queues.get(name) ?? []), task])
          if (!working) void work()
        })
    }
  }
}

/** The same extension as this file's: the sources run as they are, and the build beside them as JavaScript. */
function ownProgram(): string {
  return fileURLToPath(import.meta.url.replace(/evaluator(\.\w+)$/, 'evaluation-process$1'))
}

async function started(program: string): Promise<ChildProcess> {
  const child = fork(program, [], {
    execArgv: [`--max-old-space-size=${MOST_MEMORY_MB}`],
    // Nothing of the relay's: its environment holds secrets.
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc']
  })
  const end = () => void child.kill('SIGKILL')
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
  if ((await nextFrom(child, START_MS)) !== undefined) return child
  throw new Error(`${program} ended before it was ready`)
}

/** Undefined where there is none. */
async function answerOf(child: ChildProcess, job: Job): Promise<Outcome | undefined> {
  if (!child.connected) return undefined
  const answer = nextFrom(child, job.limits.milliseconds + GRACE_MS)
  child.send(job, () => undefined)
  return (await answer) as Outcome | undefined
}

/** The next message of a process; undefined where it ends before, or is ended because it takes too long. */
function nextFrom(child: ChildProcess, patienceMs: number): Promise<unknown> {
  return new Promise(resolve => {
    let immediate: NodeJS.Immediate | undefined
    const timer = setTimeout(() => {
      // Where this process itself was busy all the time, the answer may wait behind the timer.
      immediate = setImmediate(() => child.kill('SIGKILL'))
    }, patienceMs)
    const settle = (message?: unknown) => {
      clearTimeout(timer)
      clearImmediate(immediate)
      child.off('message', settle).off('exit', gone).off('error', gone)
      // Idle, it keeps nobody from ending.
      child.unref()
      child.channel?.unref()
      resolve(message)
    }
    const gone = () => settle()
    child.ref()
    child.channel?.ref()
    child.once('message', settle).once('exit', gone).once('error', gone)
  })
}
