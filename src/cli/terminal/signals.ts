/** The part of `process` that signals need. */
export interface SignalSource {
  pid: number
  on(signal: NodeJS.Signals, listener: () => void): unknown
  off(signal: NodeJS.Signals, listener: () => void): unknown
  exit(code: number): void
}

/**
 * Ctrl-C reaches every process of a terminal, and npm and `bin/seam-relay.js` pass it on besides: what comes this soon
 * after the first one is the same keystroke.
 */
const SAME_KEYSTROKE_MS = 500

/** What a shell tells of a process that a signal has ended. */
const exitCodes = { SIGTERM: 143, SIGINT: 130 } as const
const signals = Object.keys(exitCodes) as (keyof typeof exitCodes)[]

/** Ends the process at a signal. @returns takes that back */
function endAtSignal(source: SignalSource): () => void {
  const ends = signals.map(signal => [signal, () => source.exit(exitCodes[signal])] as const)
  for (const [signal, end] of ends) source.on(signal, end)
  return () => {
    for (const [signal, end] of ends) source.off(signal, end)
  }
}

/** The first signal asks for an orderly stop; a second one ends the process at once. */
function untilSignal(source: SignalSource, now: () => number): Promise<NodeJS.Signals> {
  let firstAt: number | undefined
  return new Promise(resolve => {
    for (const signal of signals) {
      source.on(signal, () => {
        if (firstAt !== undefined && now() - firstAt >= SAME_KEYSTROKE_MS) source.exit(1)
        firstAt ??= now()
        resolve(signal)
      })
    }
  })
}

/**
 * What a process that runs until it is told to stop waits for. Before somebody waits, a signal ends the process, as the
 * system does by itself for all but the first process of a container.
 * @param now ms, on a clock that does not jump
 */
export function signalsTo(source: SignalSource, now: () => number): () => Promise<NodeJS.Signals> {
  if (source.pid !== 1) return () => untilSignal(source, now)
  const listenInstead = endAtSignal(source)
  return () => {
    listenInstead()
    return untilSignal(source, now)
  }
}
