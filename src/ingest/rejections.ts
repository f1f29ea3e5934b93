import type { Logger } from 'pino'
import type { Incoming } from '../model/delivery.ts'
import type { Platform } from '../platforms/platform.ts'
import type { RejectionCause } from '../platforms/verify.ts'
import type { KeepLimits, Rejected } from '../store/rejected.ts'
import { digestOf, withoutSecrets } from './redact.ts'

export interface RejectionsOptions {
  rejected: Rejected
  limits: KeepLimits
  now(): number
  nextId(): string
  log: Logger
}

export interface Rejections {
  /** Counts, and keeps the request where it may be worth taking in later. Never waits for the disk. */
  add(cause: RejectionCause, request: { connectionId: string; incoming?: Incoming; platform?: Platform }): void
  /** Resolves when everything added is stored. */
  flushed(): Promise<void>
}

/** Requests of strangers must not buy unlimited writes: beyond this many waiting, they are only counted. */
const MOST_WAITING = 64

/** Under this name, since the names that strangers make up have no end. */
export const UNKNOWN_CONNECTION = '(unknown)'

export function rejectionsOf({ rejected, limits, now, nextId, log }: RejectionsOptions): Rejections {
  const counts = new Map<string, { connectionId: string; cause: string; count: number }>()
  const waiting: (() => Promise<void>)[] = []
  let flushing: Promise<void> | undefined

  async function flush(): Promise<void> {
    while (counts.size > 0 || waiting.length > 0) {
      const batch = [...counts.values()]
      const requests = waiting.splice(0)
      counts.clear()
      try {
        await rejected.count(batch, now())
        for (const keep of requests) await keep()
      } catch (error) {
        // Nobody was told that this is safe; the sender got its answer already.
        log.error({ event: 'rejections.not_stored', err: error })
      }
    }
    flushing = undefined
  }

  return {
    add(cause, { connectionId, incoming, platform }) {
      const id = `${connectionId} ${cause}`
      const known = counts.get(id)
      counts.set(id, { connectionId, cause, count: (known?.count ?? 0) + 1 })
      if (incoming !== undefined && platform !== undefined && waiting.length < MOST_WAITING) {
        const { verification, name } = platform
        const { receivedAt, remoteAddress, body } = incoming
        const kept = {
          id: nextId(),
          platform: name,
          cause,
          connectionId,
          receivedAt,
          remoteAddress,
          body,
          ...withoutSecrets(incoming, verification),
          credentialDigest: digestOf(incoming, verification)
        }
        waiting.push(() => rejected.keep(kept, limits))
      }
      log.warn({ event: 'request.rejected', connectionId, cause })
      flushing ??= flush()
    },
    async flushed() {
      await flushing
    }
  }
}
