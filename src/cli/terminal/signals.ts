/** The part of `process` that signals need. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown
  exit(code: number): void
}

/**
 * Ctrl-C reaches every process of a terminal, and npm and `bin/seam-relay.js` pass it on besides: what comes this soon
 * after the first one is the same keystroke.
 */
const SAME_KEYSTROKE_MS = 500

/**
 * The first signal asks for an orderly stop; a second one ends the process at once.
 * @param now ms, on a clock that does not jump
 */
export function untilSignal(source: SignalSource, now: () => number): Promise<NodeJS.Signals> {
  let firstAt: number | undefined
  return new Promise(resolve => {
    for (const signal of ['SIGTERM', 'SIGINT'] satisfies NodeJS.Signals[]) {
      source.on(signal, () => {
        if (firstAt !== undefined && now() - firstAt >= SAME_KEYSTROKE_MS) source.exit(1)
        firstAt ??= now()
        resolve(signal)
      })
    }
  })
}
