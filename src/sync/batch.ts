import { type Kind, kindNames, kinds, pushOrder } from '../model/kind.ts'
import type { Operation } from '../seam/seam.ts'
import type { DirtyResource } from '../store/outbox.ts'

export interface BatchLimits {
  /** Resources in one body, at most. */
  resources: number
  /** Bytes of one body, at most; a single resource larger than that travels alone. */
  bytes: number
}

/** Resources that travel in one call. */
export interface Batch {
  operation: Operation
  resources: DirtyResource[]
}

/** Rounded up: list names, customer key and braces of a body. */
const ENVELOPE_BYTES = 1024

/**
 * Changed resources → calls, in the order in which they must be made: stays that end first (a cancelled guest must not
 * wait for a large push), then pushes with parents before the stays that name them, then people and places that go.
 */
export function batchesOf(resources: DirtyResource[], limits: BatchLimits): Batch[] {
  const gone = resources.filter(each => each.fields === null && each.offered && kinds[each.kind].deleteList !== undefined)
  const staysGone = gone.filter(each => roleOf(each) === 'stay')
  const othersGone = gone
    .filter(each => roleOf(each) !== 'stay')
    .sort((a, b) => pushOrder[b.kind] - pushOrder[a.kind])
  const pushed = inPushOrder(resources.filter(each => each.fields !== null))
  return [
    ...cut('delete_data', staysGone, limits),
    ...cut('push_data', pushed, limits),
    ...cut('delete_data', othersGone, limits)
  ]
}

/** Resources that need no call: gone before Seam ever heard of them, or of a kind Seam cannot delete. */
export function settledWithoutCall(resources: DirtyResource[]): DirtyResource[] {
  return resources.filter(each => each.fields === null && (!each.offered || kinds[each.kind].deleteList === undefined))
}

/** The body of a call. */
export function bodyOf({ operation, resources }: Batch, customerKey: string): object {
  const lists: Record<string, unknown[]> = {}
  const add = (list: string | undefined, entry: unknown) => {
    if (list === undefined) return
    const entries = lists[list] ?? []
    entries.push(entry)
    lists[list] = entries
  }
  for (const { kind, key, fields } of resources) {
    if (operation === 'push_data') add(kinds[kind].list, fields)
    else add(kinds[kind].deleteList, key)
  }
  return operation === 'push_data' ? { customer_key: customerKey, ...lists } : lists
}

/** Keys of the places and people that a stay names. */
export function parentKeys(stay: DirtyResource): string[] {
  if (stay.fields === null) return []
  const named = new Set(kindNames.map(kind => kinds[kind].refField).filter(field => field !== undefined))
  return [...named].flatMap(field => {
    const value = stay.fields?.[field]
    if (typeof value === 'string') return [value]
    return Array.isArray(value) ? value.map(String) : []
  })
}

/** Stays by arrival, each right behind its parents; whatever no stay names comes last. */
function inPushOrder(resources: DirtyResource[]): DirtyResource[] {
  const stays = resources.filter(each => roleOf(each) === 'stay').sort(byArrival)
  const others = resources.filter(each => roleOf(each) !== 'stay').sort((a, b) => pushOrder[a.kind] - pushOrder[b.kind])
  const ordered = new Set<DirtyResource>()
  for (const stay of stays) {
    const parents = new Set(parentKeys(stay))
    for (const parent of others) if (parents.has(parent.key)) ordered.add(parent)
    ordered.add(stay)
  }
  for (const other of others) ordered.add(other)
  return [...ordered]
}

function byArrival(a: DirtyResource, b: DirtyResource): number {
  return (a.startsAt ?? 0) - (b.startsAt ?? 0) || (a.key < b.key ? -1 : 1)
}

function cut(operation: Operation, resources: DirtyResource[], limits: BatchLimits): Batch[] {
  const batches: Batch[] = []
  let current: DirtyResource[] = []
  let bytes = ENVELOPE_BYTES
  for (const each of resources) {
    const size = sizeOf(operation, each)
    if (current.length > 0 && (current.length >= limits.resources || bytes + size > limits.bytes)) {
      batches.push({ operation, resources: current })
      current = []
      bytes = ENVELOPE_BYTES
    }
    current.push(each)
    bytes += size
  }
  if (current.length > 0) batches.push({ operation, resources: current })
  return batches
}

function sizeOf(operation: Operation, { key, fields }: DirtyResource): number {
  return Buffer.byteLength(JSON.stringify(operation === 'push_data' ? fields : key)) + 1
}

function roleOf({ kind }: { kind: Kind }): string {
  return kinds[kind].role
}
