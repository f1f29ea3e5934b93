import type { Logger } from 'pino'
import type { Incoming } from '../model/delivery.ts'
import type { RejectionCause } from '../model/rejection.ts'
import type { Platform } from '../platforms/platform.ts'
import type { Secrets } from '../platforms/verify.ts'
import type { KeepLimits, KeptRequest, Rejected } from '../store/rejected.ts'
import { digestOf, withoutSecrets } from './redact.ts'

export interface RejectionsOptions {
  rejected: Rejected
  limits: KeepLimits
  now(): number
  nextId(): string
  log: Logger
  onRejected?(connectionId: string, cause: RejectionCause): void
}

export interface RejectedRequest {
  requestId: string
  connectionId: string
  /** All are given where the request may be worth taking in later. */
  incoming?: Incoming
  platform?: Platform
  secrets?: Secrets
}

export interface Rejections {
  /** Counts, and keeps the request where it may be worth taking in later. Never waits for the disk. */
  add(cause: RejectionCause, request: RejectedRequest): void
  /** Resolves when everything added is stored. */
  flushed(): Promise<void>
}

/** Requests of strangers must not buy unlimited memory and writes: of more than these, the oldest are only counted. */
const MOST_WAITING = 64

/** Under this name, since the names that strangers make up have no end. */
export const UNKNOWN_CONNECTION = '(unknown)'

export function rejectionsOf(options: RejectionsOptions): Rejections {
  const { rejected, limits, now, nextId, log } = options
  const counts = new Map<string, { connectionId: string; cause: string; count: number }>()
  const waiting: KeptRequest[] = []
  let flushing: Promise<void> | undefined

  async function flush(): Promise<void> {
    while (counts.size > 0) {
      const batch = [...counts.values()]
      counts.clear()
      try {
        await rejected.count(batch, now())
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          await rejected.keep(next, limits)
        }
      } catch (error) {
        // Nobody was told that this is safe; the sender got its answer already.
        log.error({ event: 'rejections.not_stored', err: error })
      }
    }
    flushing = undefined
  }

  function keep(
    cause: RejectionCause,
    incoming: Incoming,
    { name, verification }: Platform,
    secrets: Secrets = {}
  ): void {
    if (limits.count === 0 || incoming.body.byteLength > limits.bytes) return
    const { connectionId, receivedAt, remoteAddress, body } = incoming
    waiting.push({
      id: nextId(),
      platform: name,
      cause,
      connectionId,
      receivedAt,
      remoteAddress,
      body,
      ...withoutSecrets(incoming, verification),
      credentialDigest: digestOf(incoming, verification, secrets)
    })
    let bytes = 0
    const beyond = waiting.findLastIndex(each => {
      bytes += each.body.byteLength
      return bytes > limits.bytes
    })
    waiting.splice(0, Math.max(beyond + 1, waiting.length - MOST_WAITING))
  }

  return {
    add(cause, { requestId, connectionId, incoming, platform, secrets }) {
      const id = `${connectionId} ${cause}`
      const known = counts.get(id)
      counts.set(id, { connectionId, cause, count: (known?.count ?? 0) + 1 })
      if (incoming !== undefined && platform !== undefined) keep(cause, incoming, platform, secrets)
      log.warn({ event: 'request.rejected', requestId, connectionId, cause })
      options.onRejected?.(connectionId, cause)
      flushing ??= flush()
    },
    async flushed() {
      await flushing
    }
  }
}
