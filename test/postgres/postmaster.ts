import { type SpawnOptions, spawn } from 'node:child_process'
import { freeze, signal } from './processes.ts'

/** A PostgreSQL server that runs: its first process and all that it started. */
export interface Postmaster {
  /** Whether all of its processes are gone. */
  isGone(): boolean
  /** SIGKILL to all of them at once; resolves when they are gone. */
  kill(): Promise<void>
  pause(): void
  resume(): void
  /** SIGINT: connections are closed with an error, the data is left in order. SIGQUIT: at once; the next start recovers. */
  stop(name: 'SIGINT' | 'SIGQUIT'): Promise<void>
}

const READY = 'ready to accept connections'
const LOG_CHARS = 8_000
const PATIENCE_MS = 20_000

/**
 * Resolves when it takes connections.
 * @throws with the end of its log where it does not come to that
 */
export async function launch(program: string, args: string[], options: SpawnOptions): Promise<Postmaster> {
  const server = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
  const { stderr, pid } = server
  let log = ''
  let isGone = false
  // Every process of it holds the pipe of the log; it is at its end when the last one is gone, not only the first.
  const gone = new Promise<void>(resolve => {
    server.once('close', () => {
      isGone = true
      resolve()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.once('close', () => reject(new Error(`PostgreSQL did not start:\n${log}`)))
    stderr?.on('data', chunk => {
      log = (log + chunk).slice(-LOG_CHARS)
      if (log.includes(READY)) resolve()
    })
  })
  if (pid === undefined) throw new Error('PostgreSQL did not start')

  const kill = async () => {
    if (isGone) return
    signal(freeze(pid), 'SIGKILL')
    await gone
  }
  const frozen: number[] = []
  const resume = () => signal(frozen.splice(0), 'SIGCONT')
  return {
    isGone: () => isGone,
    kill,
    pause() {
      frozen.push(...freeze(pid))
    },
    resume,
    async stop(name) {
      if (isGone) return
      resume()
      signal([pid], name)
      const patience = setTimeout(() => void kill(), PATIENCE_MS)
      await gone
      clearTimeout(patience)
    }
  }
}
