import type { Operation } from '../model/call.ts'
import { type Kind, kinds, pushOrder } from '../model/kind.ts'
import { keysNamedIn } from '../model/names.ts'
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

/** List names and braces of a body, rounded up. */
const ENVELOPE_BYTES = 1024

/**
 * Changed resources → calls, in the order in which they must be made: stays that end first (a cancelled guest must not
 * wait for a large push), then pushes with parents before the stays that name them, then people and places that go.
 */
export function batchesOf(resources: DirtyResource[], customerKey: string, limits: BatchLimits): Batch[] {
  const envelopeBytes = ENVELOPE_BYTES + Buffer.byteLength(JSON.stringify(customerKey))
  const cut = (operation: Operation, list: DirtyResource[]) => cutAt(operation, list, limits, envelopeBytes)
  const gone = resources.filter(
    each => each.fields === null && each.offered && kinds[each.kind].deleteList !== undefined
  )
  const staysGone = gone.filter(each => roleOf(each) === 'stay')
  const othersGone = gone
    .filter(each => roleOf(each) !== 'stay')
    .sort((a, b) => pushOrder[b.kind] - pushOrder[a.kind])
  const pushed = inPushOrder(resources.filter(each => each.fields !== null))
  return [...cut('delete_data', staysGone), ...cut('push_data', pushed), ...cut('delete_data', othersGone)]
}

/** Resources that need no call: gone before Seam ever heard of them, or of a kind Seam cannot delete. */
export function settledWithoutCall(resources: DirtyResource[]): DirtyResource[] {
  return resources.filter(
    each => each.fields === null && (!each.offered || kinds[each.kind].deleteList === undefined)
  )
}

/** Whether a call deletes places and people: what stays name. */
export function deletesNamed({ operation, resources }: Batch): boolean {
  return operation === 'delete_data' && resources.some(each => roleOf(each) !== 'stay')
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

/** Stays by arrival, each right behind its parents; whatever no stay names comes last. */
function inPushOrder(resources: DirtyResource[]): DirtyResource[] {
  const stays = resources.filter(each => roleOf(each) === 'stay').sort(byArrival)
  const others = resources
    .filter(each => roleOf(each) !== 'stay')
    .sort((a, b) => pushOrder[a.kind] - pushOrder[b.kind])
  const othersByKey = Map.groupBy(others, each => each.key)
  const ordered = new Set<DirtyResource>()
  const add = (resource: DirtyResource) => {
    if (ordered.has(resource)) return
    const named = keysNamedIn(resource.fields).flatMap(key => othersByKey.get(key) ?? [])
    // Kinds have keys of their own: what comes later in push order only happens to have the same key.
    for (const each of named) if (pushOrder[each.kind] < pushOrder[resource.kind]) add(each)
    ordered.add(resource)
  }
  for (const each of [...stays, ...others]) add(each)
  return [...ordered]
}

function byArrival(a: DirtyResource, b: DirtyResource): number {
  return arrivalOf(a) - arrivalOf(b) || (a.key < b.key ? -1 : 1)
}

/** A stay that has ended, or whose arrival nobody knows, comes after all others. */
function arrivalOf({ startsAt }: DirtyResource): number {
  return startsAt ?? Number.MAX_SAFE_INTEGER
}

function cutAt(
  operation: Operation,
  resources: DirtyResource[],
  limits: BatchLimits,
  envelopeBytes: number
): Batch[] {
  const batches: Batch[] = []
  let current: DirtyResource[] = []
  let bytes = envelopeBytes
  for (const each of resources) {
    const size = sizeOf(operation, each)
    if (current.length > 0 && (current.length >= limits.resources || bytes + size > limits.bytes)) {
      batches.push({ operation, resources: current })
      current = []
      bytes = envelopeBytes
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
