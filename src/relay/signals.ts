import { type ChangeSignal, changeSignal } from '../change-signal.ts'
import type { Loops } from '../loops.ts'
import type { Store } from '../store/store.ts'

/**
 * What one room has done and others wait for: the loops and waiting requests of this process hear of it at once, other
 * processes on the same store because they may have nothing else to do.
 */
export interface Signals {
  /** For whoever waits to hear what became of a call. */
  readonly settled: ChangeSignal
  /** For those who watch. */
  readonly news: ChangeSignal
  /** A delivery is on disk. */
  onStored(): void
  /** Something waits to be drawn again. */
  onRedraw(): void
  /** Something was translated, or Seam has answered. */
  onSettled(): void
  /** Something is to be sent, so many ms from now. */
  onDue(afterMs: number): void
  /** Nobody waits any more, now or later. */
  end(): void
}

/** What other processes tell, and whose work that is. */
const heard = { stored: 'translateOnce', redraw: 'redrawOnce', due: 'syncOnce' } as const

export function signalsOf(store: Store, loops: Loops): Signals {
  const settled = changeSignal()
  const news = changeSignal()
  store.onTold(topic => {
    if (topic === 'settled') settled.changed()
    else loops.wake(heard[topic])
    news.changed()
  })
  return {
    settled,
    news,
    onStored() {
      loops.wake('translateOnce')
      news.changed()
      store.tell('stored')
    },
    onRedraw() {
      loops.wake('redrawOnce')
      store.tell('redraw')
    },
    onSettled() {
      settled.changed()
      news.changed()
      store.tell('settled')
    },
    onDue(afterMs) {
      setTimeout(() => {
        loops.wake('syncOnce')
        store.tell('due')
      }, afterMs).unref()
    },
    end() {
      settled.end()
      news.end()
    }
  }
}
