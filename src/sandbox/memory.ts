import { createHash } from 'node:crypto'
import { type Static, Type } from '@sinclair/typebox'
import type { Operation } from '../model/call.ts'
import type { Kind } from '../model/kind.ts'
import { CallLog, type CallLogLimits, type CallRecord } from './call-log.ts'
import { CustomerView, SandboxState, type SavedResource } from './state.ts'
import type { SandboxStorage } from './storage.ts'

const Counts = Type.Record(Type.String(), Type.Integer())

/** Everything there is to see of Seam's side. */
export const SandboxView = Type.Object({
  workspaces: Type.Array(
    Type.Object({
      /** The beginning of the hash of its API key. */
      workspace: Type.String(),
      customers: Type.Array(CustomerView),
      unknown_deletes: Type.Integer(),
      /** How often two calls about one customer were under way at once, by customer. */
      overlaps: Counts
    })
  ),
  /** Number of calls by operation and status. */
  calls: Type.Object({ push_data: Counts, delete_data: Counts })
})
export type SandboxView = Static<typeof SandboxView>

type CountName = ['call', Operation, string] | ['unknown_delete', string] | ['overlap', string, string]

/** What the stand-in remembers: a state per workspace, counts and the newest calls. Nothing is safe before `commit`. */
export class SandboxMemory {
  readonly log: CallLog
  readonly #storage: SandboxStorage
  readonly #states = new Map<string, SandboxState>()
  readonly #counts = new Map<string, number>()

  constructor(storage: SandboxStorage, limits: CallLogLimits) {
    this.#storage = storage
    this.log = new CallLog(storage, limits)
    const saved = storage.load('resource').map(({ key: address, value }) => {
      const [workspace, kind, key]: [string, Kind, string] = JSON.parse(address)
      return { workspace, kind, key, resource: JSON.parse(value) }
    })
    for (const [workspace, resources] of Map.groupBy(saved, each => each.workspace)) {
      this.#open(workspace, resources)
    }
    for (const { key, value } of storage.load('count')) this.#counts.set(key, Number(value))
  }

  state(workspace: string): SandboxState {
    return this.#states.get(workspace) ?? this.#open(workspace, [])
  }

  /** The call into the log and into the counts. */
  record(facts: Omit<CallRecord, 'call' | 'operation'> & { operation: Operation }): void {
    this.log.add(facts)
    this.count(['call', facts.operation, String(facts.status)])
  }

  count(name: CountName, by = 1): void {
    if (by === 0) return
    const key = JSON.stringify(name)
    const sum = (this.#counts.get(key) ?? 0) + by
    this.#counts.set(key, sum)
    this.#storage.keep('count', key, String(sum))
  }

  view(customerKey?: string): SandboxView {
    return {
      workspaces: Array.from(this.#states, ([workspace, state]) => ({
        workspace,
        customers: state
          .view()
          .filter(customer => customerKey === undefined || customer.customer_key === customerKey),
        unknown_deletes: this.#counts.get(JSON.stringify(['unknown_delete', workspace])) ?? 0,
        overlaps: this.#countsUnder('overlap', workspace)
      })),
      calls: {
        push_data: this.#countsUnder('call', 'push_data'),
        delete_data: this.#countsUnder('call', 'delete_data')
      }
    }
  }

  reset(): void {
    this.#states.clear()
    this.#counts.clear()
    this.log.clear()
    this.#storage.empty('resource')
    this.#storage.empty('count')
  }

  commit(): void {
    this.#storage.commit()
  }

  #open(workspace: string, saved: SavedResource[]): SandboxState {
    const state = new SandboxState({
      saved,
      keep: (kind, key, resource) =>
        this.#storage.keep(
          'resource',
          JSON.stringify([workspace, kind, key]),
          resource && JSON.stringify(resource)
        )
    })
    this.#states.set(workspace, state)
    return state
  }

  #countsUnder(...prefix: string[]): Record<string, number> {
    return Object.fromEntries(
      Array.from(this.#counts, ([key, sum]) => ({ name: JSON.parse(key) as string[], sum }))
        .filter(({ name }) => prefix.every((part, position) => name[position] === part))
        .map(({ name, sum }) => [String(name[prefix.length]), sum])
    )
  }
}

/** A workspace belongs to an API key; its name here does not tell the key. */
export function workspaceOf(apiKey: string): string {
  return createHash('sha256').update(apiKey).digest('hex').slice(0, 8)
}
