import type { Store } from '../src/store/store.ts'

/** Where a process may be stopped, as SIGSTOP does: before or after a commit is made, before or after a call is made to Seam. */
export type Stop = 'commit' | 'committed' | 'call' | 'called'

/** What of a process waits for others, and so shows when it stands still: its commits, and its calls to Seam. */
export interface PausingProcess {
  store: Store
  /** Waits there while the process stands still. */
  at(stop: Stop): Promise<void>
  /** It stands still when it is there for the so-and-so-many-th time from now. */
  pauseAt(stop: Stop, times: number): void
  /** It stops nowhere after all. */
  disarm(): void
  /** Resolves when it stands still. */
  paused(): Promise<void>
  /** Where it stands, if it does. */
  stoppedAt(): Stop | undefined
  /** Whether it is to stop, or does. */
  isArmed(): boolean
  resume(): void
}

export function pausing(store: Store): PausingProcess {
  let armed: { stop: Stop; left: number } | undefined
  let stoppedAt: Stop | undefined
  let stopped = Promise.withResolvers<void>()
  let going = Promise.withResolvers<void>()

  async function at(stop: Stop): Promise<void> {
    if (armed?.stop === stop && stoppedAt === undefined) {
      armed.left -= 1
      if (armed.left <= 0) {
        armed = undefined
        stoppedAt = stop
        stopped.resolve()
        return going.promise
      }
    }
    // What was sent before the process stopped is on its way; nothing else moves.
    if (stoppedAt !== undefined && stop !== 'call') await going.promise
  }

  return {
    at,
    store: {
      ...store,
      async commit(writes) {
        await at('commit')
        const committed = await store.commit(writes)
        await at('committed')
        return committed
      }
    },
    pauseAt(stop, times) {
      armed = { stop, left: times }
    },
    disarm() {
      armed = undefined
    },
    paused: () => stopped.promise,
    stoppedAt: () => stoppedAt,
    isArmed: () => armed !== undefined || stoppedAt !== undefined,
    resume() {
      stoppedAt = undefined
      stopped = Promise.withResolvers()
      going.resolve()
      going = Promise.withResolvers()
    }
  }
}
