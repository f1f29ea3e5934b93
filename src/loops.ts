import { type Loop, startLoop } from './loop.ts'

/** One step of each room that works by itself; says whether there may be more to do at once. */
export type Steps = Record<
  | 'translateOnce'
  | 'lookAgainOnce'
  | 'readPlaceOnce'
  | 'redrawOnce'
  | 'syncOnce'
  | 'pruneOnce'
  | 'tallyOnce'
  | 'replayOnce',
  () => Promise<'busy' | 'idle'>
>

type StepName = keyof Steps

interface Pace {
  idleMs: number
  pauseMs?: number
}

/** Work that falls due by the clock is found this late at most. */
const IDLE_MS = 500

const paces: Record<StepName, Pace> = {
  translateOnce: { idleMs: IDLE_MS },
  // What is looked at again has waited for a minute already.
  lookAgainOnce: { idleMs: 5_000 },
  readPlaceOnce: { idleMs: IDLE_MS },
  redrawOnce: { idleMs: IDLE_MS },
  syncOnce: { idleMs: IDLE_MS },
  // What is too old may be so for an hour longer. Between two steps that take something away, webhooks come first.
  pruneOnce: { idleMs: 3_600_000, pauseMs: 200 },
  // So late at most a minute that is over is counted. After a long stop there are many of them, and webhooks come first.
  tallyOnce: { idleMs: 20_000, pauseMs: 50 },
  // What was put into the queues takes a moment; meanwhile there is nothing to be seen of it.
  replayOnce: { idleMs: IDLE_MS, pauseMs: 50 }
}

export interface Loops {
  /** There is something to do. Where nothing runs yet, it is found as soon as it does. */
  wake(name: StepName): void
  /** @param atOnce how many loops share the work of a room; one where nothing is told */
  run(steps: Steps, atOnce: Partial<Record<StepName, number>>): void
  /** Resolves when the steps under way have ended. */
  stop(): Promise<void>
}

/** The loops of all rooms. */
export function loopsOf(): Loops {
  const running = new Map<StepName, Loop[]>()
  return {
    wake(name) {
      for (const loop of running.get(name) ?? []) loop.wake()
    },
    run(steps, atOnce) {
      for (const name of Object.keys(paces) as StepName[]) {
        const loops = Array.from({ length: atOnce[name] ?? 1 }, () =>
          startLoop({ step: steps[name], ...paces[name] })
        )
        running.set(name, loops)
      }
    },
    async stop() {
      await Promise.all([...running.values()].flat().map(loop => loop.stop()))
    }
  }
}
