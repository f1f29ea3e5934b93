/** Lets whoever waits for a change look at once where it happened in this process; others look again after a while. */
export interface ChangeSignal {
  /** There is something to look at. */
  changed(): void
  /** Resolves at the next change, or when the time is up. */
  wait(timeoutMs: number): Promise<void>
  /** Nobody waits any more, now or later. */
  end(): void
  ended(): boolean
}

export function changeSignal(): ChangeSignal {
  let hasEnded = false
  let next: PromiseWithResolvers<void> | undefined

  function wake(): void {
    next?.resolve()
    next = undefined
  }

  return {
    changed: wake,
    async wait(timeoutMs) {
      if (hasEnded) return
      next ??= Promise.withResolvers()
      const timeout = Promise.withResolvers<void>()
      const timer = setTimeout(timeout.resolve, timeoutMs)
      await Promise.race([next.promise, timeout.promise])
      clearTimeout(timer)
    },
    end() {
      hasEnded = true
      wake()
    },
    ended: () => hasEnded
  }
}
