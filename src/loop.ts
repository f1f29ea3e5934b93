export interface LoopOptions {
  /** One step; says whether there may be more to do at once. Errors are its own business: it must not throw. */
  step(): Promise<'busy' | 'idle'>
  /** How long to rest after an idle step, ms; work that falls due by the clock is found this late at most. */
  idleMs: number
  /** How long to rest after a busy step, ms; where nothing is told, not at all. */
  pauseMs?: number
}

export interface Loop {
  /** Something was stored: do not rest, and if a step runs just now, run another after it. */
  wake(): void
  /** Resolves when the step under way has ended; no other begins. */
  stop(): Promise<void>
}

/** Repeats one step until stopped. A wake-up in the middle of a step is remembered. */
export function startLoop({ step, idleMs, pauseMs = 0 }: LoopOptions): Loop {
  let woken = false
  let stopped = false
  let rouse: () => void = () => {}

  async function rest(ms: number): Promise<void> {
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, ms)
      rouse = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    rouse = () => {}
  }

  async function run(): Promise<void> {
    while (!stopped) {
      woken = false
      const outcome = await step()
      // The step may have been stopped or woken while it ran.
      const restMs = outcome === 'idle' ? idleMs : pauseMs
      if (restMs > 0 && !woken && !stopped) await rest(restMs)
    }
  }

  const ended = run()
  return {
    wake() {
      woken = true
      rouse()
    },
    async stop() {
      stopped = true
      rouse()
      await ended
    }
  }
}
