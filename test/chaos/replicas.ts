import type { Test } from 'tap'
import { type RelayProcess, runRelay } from '../run-relay.ts'
import type { Moment } from './faults.ts'
import { gatewayTo } from './gateway.ts'
import type { World } from './world.ts'

/** One of several relays on a database, and its supervisor: whoever is killed is started again. */
export interface Replica {
  name: string
  /** Where it takes webhooks. One that is paused has its address, since nobody knows; undefined where there is none. */
  origin(): string | undefined
  /** Runs, and nobody has stopped it. */
  isUp(): boolean
  kill(): Promise<void>
  /** SIGSTOP, and SIGCONT after a while. */
  pause(ms: number): void
  /** Resolves when it runs. */
  up(): Promise<void>
  /** SIGTERM. @returns its exit code */
  stop(): Promise<number | null>
}

export interface ReplicaEvents {
  onMoment(moment: Moment, replica: Replica): void
  /** A line of the log. */
  onLogged(event: string): void
  /** What should not happen: a relay that ends by itself. */
  onSurprise(what: string): void
}

/** How often a supervisor tries: a relay that meets a database which goes away while it starts, may end. */
const MOST_STARTS = 5

export async function openReplica(
  t: Test,
  name: string,
  world: World,
  { onMoment, onLogged, onSurprise }: ReplicaEvents
): Promise<Replica> {
  let running: RelayProcess | undefined
  let starting: Promise<void> | undefined
  let resuming: { timer: NodeJS.Timeout; done: PromiseWithResolvers<void> } | undefined
  const tell = (moment: Moment) => {
    if (replica.isUp()) onMoment(moment, replica)
  }
  const seam = await gatewayTo(t, world.sandbox, () => tell('Seam called'))
  const options = { cwd: world.cwd, env: { ...world.env, SEAM_ENDPOINT: seam } }

  async function start(): Promise<void> {
    for (let tries = 1; running === undefined; tries += 1) {
      try {
        running = await runRelay(t, options)
      } catch (error) {
        const isStore = error instanceof Error && /ended with 1:/.test(error.message)
        if (!isStore || tries === MOST_STARTS) throw error
      }
    }
    const own = running
    own.onLogged(({ event }) => {
      onLogged(event)
      if (event === 'delivery.translated') tell('translated')
      if (event === 'resources.synced') tell('synced')
    })
    void own.exited.then(({ code, signal }) => {
      if (own === running) onSurprise(`${name} ended with ${code ?? signal}`)
    })
  }

  function resume(): void {
    if (resuming === undefined) return
    clearTimeout(resuming.timer)
    running?.kill('SIGCONT')
    resuming.done.resolve()
    resuming = undefined
  }

  /** It is nobody's surprise that it ends. */
  function letGo(): RelayProcess | undefined {
    const own = running
    running = undefined
    return own
  }

  const replica: Replica = {
    name,
    origin: () => running?.origin,
    isUp: () => running !== undefined && resuming === undefined,
    async kill() {
      const own = letGo()
      own?.kill('SIGKILL')
      starting = own?.exited.then(start)
      // Told where somebody waits for it.
      starting?.catch(() => undefined)
      await own?.exited
    },
    pause(ms) {
      running?.kill('SIGSTOP')
      resuming = { timer: setTimeout(resume, ms), done: Promise.withResolvers() }
    },
    async up() {
      await starting
      await resuming?.done.promise
    },
    async stop() {
      const own = letGo()
      own?.kill('SIGTERM')
      return (await own?.exited)?.code ?? null
    }
  }
  starting = start()
  await starting
  return replica
}
