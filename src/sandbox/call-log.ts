import { type Static, Type } from '@sinclair/typebox'
import type { SandboxStorage } from './storage.ts'

/** One call as the stand-in saw it. */
export const CallRecord = Type.Object({
  /** Counts up; the order in which calls were processed. */
  call: Type.Integer(),
  time: Type.String(),
  workspace: Type.Union([Type.String(), Type.Null()]),
  operation: Type.String(),
  method: Type.String(),
  /** `reset` where the connection was broken. */
  status: Type.Union([Type.Integer(), Type.Literal('reset')]),
  request_id: Type.String(),
  /** Whether it changed the state; a call can be processed and still fail from its caller's point of view. */
  applied: Type.Boolean(),
  /** By list as the body names it. */
  keys: Type.Record(Type.String(), Type.Array(Type.String())),
  body: Type.Unknown()
})
export type CallRecord = Static<typeof CallRecord>

export interface CallLogLimits {
  calls: number
  bytes: number
}

/** The newest calls, bounded in number and in bytes. */
export class CallLog {
  readonly #storage: SandboxStorage
  readonly #limits: CallLogLimits
  readonly #kept = new Map<number, { record: CallRecord; bytes: number }>()
  #bytes = 0
  #newest = 0

  constructor(storage: SandboxStorage, limits: CallLogLimits) {
    this.#storage = storage
    this.#limits = limits
    for (const { value } of storage.load('call')) {
      const record: CallRecord = JSON.parse(value)
      this.#newest = record.call
      this.#hold(record, value.length)
    }
  }

  get newest(): number {
    return this.#newest
  }

  add(facts: Omit<CallRecord, 'call'>): void {
    this.#newest += 1
    const record = { call: this.#newest, ...facts }
    const value = JSON.stringify(record)
    this.#storage.keep('call', shelfKey(record), value)
    this.#hold(record, value.length)
  }

  /** @param after number of the last call already seen @param key only calls that named it */
  list(after = 0, key?: string): CallRecord[] {
    return Array.from(this.#kept.values(), ({ record }) => record)
      .filter(({ call }) => call > after)
      .filter(({ keys }) => key === undefined || Object.values(keys).flat().includes(key))
  }

  clear(): void {
    this.#kept.clear()
    this.#bytes = 0
    this.#newest = 0
    this.#storage.empty('call')
  }

  #hold(record: CallRecord, bytes: number): void {
    this.#kept.set(record.call, { record, bytes })
    this.#bytes += bytes
    for (const [call, oldest] of this.#kept) {
      if (this.#kept.size <= this.#limits.calls && this.#bytes <= this.#limits.bytes) break
      this.#kept.delete(call)
      this.#bytes -= oldest.bytes
      this.#storage.keep('call', shelfKey(oldest.record), undefined)
    }
  }
}

/** Padded, so that the order of the keys is the order of the calls. */
function shelfKey(record: CallRecord): string {
  return String(record.call).padStart(12, '0')
}
