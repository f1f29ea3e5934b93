import { setTimeout as rest } from 'node:timers/promises'
import type { Logger } from 'pino'
import { away, isAway, isNotWriting } from './unavailable.ts'

export interface OutageOptions {
  /**
   * Asks the database on a connection of its own, within moments. @param writes whether it has to take something, too
   * @throws RelayError
   */
  probe(writes: boolean): Promise<unknown>
  /** The database is there again. */
  onBack(): void
  log: Pick<Logger, 'error' | 'info'> | undefined
}

/** What stands between the relay and a database that may go away, and come back. */
export interface Outages {
  /**
   * Asks the database. While it is away nobody waits for it: whoever asks is refused at once, and so is whoever had asked
   * before; what those wanted may have been done all the same.
   * @throws RelayError RELAY_STORE_UNAVAILABLE
   */
  through<T>(ask: () => Promise<T>): Promise<T>
  /** The database takes long to answer: is it still there? @param writes to take something: does it still commit? */
  suspect(writes?: boolean): void
  isAway(): boolean
  close(): void
}

const LOOK_EVERY_MS = 500

/**
 * Notices that the database is away, and that it is back, and says each once: the loops ask twice a second, and an hour
 * of their failures would tell nothing more. One failure is only a reason to look: a connection may break alone.
 */
export function watchOutages({ probe, onBack, log }: OutageOptions): Outages {
  const waiting = new Set<(reason: Error) => void>()
  let reason: Error | undefined
  let lostAt: number | undefined
  /** A database whose disk is full, or whose standby is gone, goes on reading for hours: that it answers is not enough then. */
  let writesFailed = false
  let looking = false
  let closed = false

  function lost(error: Error): void {
    writesFailed ||= isNotWriting(error)
    if (lostAt !== undefined) return
    lostAt = performance.now()
    log?.error({ event: 'store.lost', err: error })
  }

  function back(): void {
    reason = undefined
    writesFailed = false
    if (lostAt === undefined) return
    log?.info({ event: 'store.back', awayMs: Math.round(performance.now() - lostAt) })
    lostAt = undefined
    onBack()
  }

  function shut(error: Error): void {
    reason = error
    for (const refuse of waiting) refuse(error)
    waiting.clear()
  }

  async function look(): Promise<void> {
    if (looking) return
    looking = true
    while (!closed) {
      try {
        await probe(writesFailed)
        back()
        break
      } catch (error) {
        lost(error as Error)
        shut(error as Error)
        await rest(LOOK_EVERY_MS, undefined, { ref: false })
      }
    }
    looking = false
  }

  return {
    through(ask) {
      if (reason !== undefined) return Promise.reject(reason)
      return new Promise((resolve, reject) => {
        waiting.add(reject)
        ask().then(
          answer => {
            waiting.delete(reject)
            resolve(answer)
          },
          error => {
            waiting.delete(reject)
            reject(error)
            if (!isAway(error) || closed) return
            lost(error)
            void look()
          }
        )
      })
    },
    suspect(writes = false) {
      writesFailed ||= writes
      void look()
    },
    isAway: () => reason !== undefined,
    close() {
      closed = true
      shut(away('it is being closed'))
    }
  }
}
