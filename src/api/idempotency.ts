import { CALLERS, type Operation } from '../model/call.ts'
import { DAY_MS } from '../model/durations.ts'
import type { Answers, KeptAnswer } from '../store/answers.ts'
import type { Deliveries } from '../store/deliveries.ts'
import type { Appended, NewDelivery } from '../store/delivery-intake.ts'
import { type Failure, failed, invalid } from './envelope.ts'

/** So long a key is remembered. */
const KEPT_MS = DAY_MS

/** What was answered before; undefined where nobody waited for Seam's word, or has it yet. */
export type Again = { id: string; answer: KeptAnswer | undefined }

export interface IdempotencyOptions {
  deliveries: Deliveries
  answers: Answers
  now(): number
}

/**
 * Calls that carry an Idempotency-Key, as in draft-ietf-httpapi-idempotency-key-header: the same call is taken in once, and
 * answered the same each time.
 */
export interface Idempotency {
  /** False where a call with this key is under way in this process. */
  begin(key: string): boolean
  end(key: string): void
  /** Stores the call, or finds what became of the first one with its key. @throws RelayError RELAY_STORE_UNAVAILABLE */
  take(delivery: NewDelivery, operation: Operation): Promise<Appended | Again | Failure>
  /** For the next time. */
  keep(deliveryId: string, answer: KeptAnswer): Promise<void>
}

export function idempotencyOf({ deliveries, answers, now }: IdempotencyOptions): Idempotency {
  const underWay = new Set<string>()
  return {
    begin(key) {
      if (underWay.has(key)) return false
      underWay.add(key)
      return true
    },
    end: key => void underWay.delete(key),

    async take(delivery, operation) {
      const appended = await deliveries.append(delivery)
      if (!appended.duplicate) return appended
      const first = await deliveries.first({ connectionId: CALLERS, dedupeKey: delivery.dedupeKey })
      if (first === undefined || first.receivedAt <= now() - KEPT_MS) {
        if (first !== undefined) await deliveries.forgetDedupeKey(first.id)
        return deliveries.append(delivery)
      }
      const isSame =
        first.headers['relay-operation'] === operation && Buffer.compare(first.body, delivery.body) === 0
      if (!isSame) return failed(422, 'This Idempotency-Key came with another call before; take a new key')
      return { id: first.id, answer: await answers.get(first.id) }
    },

    keep: (deliveryId, answer) => answers.keep(deliveryId, answer, now(), now() - KEPT_MS)
  }
}

/** The key, bare or as a string of RFC 8941. */
export function idempotencyKeyOf(header: string | string[]): { key: string } | Failure {
  const text = String(header).trim()
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text)?.[1]
  const key = quoted === undefined ? text : quoted.replace(/\\(.)/g, '$1')
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return { key }
  return invalid('Idempotency-Key must be 1 to 255 printable ASCII characters')
}
