import type { Selectable } from 'kysely'
import type { DeliveryState } from '../model/delivery.ts'
import { type Kind, kindNames, kinds } from '../model/kind.ts'
import { type Lane, type ResourceRef, type ResourceRow, resourcesOf } from './resources.ts'
import type { Store } from './store.ts'
import type { ChangeLogTable, ChangeOutcome } from './tables.ts'

/** How far a delivery has come: its events, what they did, and whether Seam has agreed. */
export interface Followed {
  state: DeliveryState
  events: { type: string; outcome: string; reason?: string }[]
  /** What the delivery spoke of, and then what its stays name at Seam. */
  resources: FollowedResource[]
  /** Why it takes so long: the last trouble with the platform's API, or with Seam. */
  trouble: string | null
  /** Nothing of it is under way any more. */
  settled: boolean
}

export interface FollowedResource extends ResourceRef {
  /** What the delivery did to it; undefined where a stay only names it. */
  outcome: ChangeOutcome | undefined
  state: 'at Seam' | 'not at Seam' | 'on its way' | 'held' | 'refused by Seam'
  /** Why it is held or refused. */
  reason: string | null
  /** What Seam does not get of it, and why. */
  warnings: string[]
}

type LogRow = Selectable<ChangeLogTable>

/** Undefined where the store has no such delivery. */
export async function followDelivery(store: Store, id: string): Promise<Followed | undefined> {
  const { db } = store
  const delivery = await db
    .selectFrom('deliveries')
    .select(['state', 'outcome', 'last_error', 'connection_id'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (delivery === undefined) return undefined
  const log = await db
    .selectFrom('change_log')
    .selectAll()
    .where('delivery_id', '=', id)
    .orderBy('id')
    .execute()
  // All of a delivery belongs to one connection, and so to one customer.
  const lane = { workspaceId: log[0]?.workspace_id ?? '', customerKey: log[0]?.customer_key ?? '' }
  const resources = await resourcesIn(store, lane, log)
  const underWay =
    resources.some(each => each.state === 'on its way') ||
    (resources.some(each => each.state === 'held') && (await isPlaceToBeRead(store, delivery.connection_id)))
  return {
    state: delivery.state,
    events: delivery.outcome === null ? [] : JSON.parse(delivery.outcome),
    resources,
    trouble: delivery.last_error ?? (underWay ? await troubleOf(store, lane) : null),
    settled: delivery.state !== 'received' && !underWay
  }
}

/** What is held may go once a place has told its zone: the platform has not been asked yet. */
async function isPlaceToBeRead(store: Store, connectionId: string): Promise<boolean> {
  const unread = await store.db
    .selectFrom('place_readings')
    .select('place_id')
    .where('connection_id', '=', connectionId)
    .where('read_at', 'is', null)
    .where('failures', '=', 0)
    .limit(1)
    .execute()
  return unread.length > 0
}

async function resourcesIn(store: Store, lane: Lane, log: LogRow[]): Promise<FollowedResource[]> {
  const read = async (refs: ResourceRef[]) => {
    const wanted = new Set(refs.map(idOf))
    const found = await resourcesOf(store).byRef(lane, refs)
    return new Map(found.filter(row => wanted.has(idOf(row))).map(row => [idOf(row), row]))
  }
  // One that ran again has entries for each run; the last one counts.
  const spokenOf = new Map(log.map(entry => [idOf(entry), entry]))
  const rows = await read(log)
  const named = await read([...rows.values()].flatMap(namedBy))
  return [
    ...Array.from(spokenOf, ([id, { kind, key, outcome }]) => followed({ kind, key }, outcome, rows.get(id))),
    ...Array.from(named)
      .filter(([id]) => !spokenOf.has(id))
      .map(([, row]) => followed(row, undefined, row))
  ]
}

function idOf({ kind, key }: ResourceRef): string {
  return `${kind} ${key}`
}

/** What a stay names at Seam; `space_keys` may name two kinds. */
function namedBy(row: ResourceRow): ResourceRef[] {
  const fields: Record<string, unknown> = row.fields === null ? {} : JSON.parse(row.fields)
  return kindNames.flatMap((kind: Kind) => {
    const { refField } = kinds[kind]
    const keys = refField === undefined || kinds[row.kind].role !== 'stay' ? [] : [fields[refField] ?? []]
    return keys.flat().map(key => ({ kind, key: String(key) }))
  })
}

/** @param row undefined where Seam never heard of it, such as a booking that was cancelled before it was ever confirmed */
function followed(
  { kind, key }: ResourceRef,
  outcome: ChangeOutcome | undefined,
  row: ResourceRow | undefined
): FollowedResource {
  const resource = { kind, key, outcome, reason: null, warnings: [] }
  if (row === undefined) return { ...resource, state: 'not at Seam' }
  const { revision, synced_revision: synced, buried_revision: buried } = row
  const warnings: string[] = row.warnings === null ? [] : JSON.parse(row.warnings)
  const known = { ...resource, warnings }
  if (revision > synced && revision === buried) {
    return { ...known, state: 'refused by Seam', reason: row.buried_reason }
  }
  if (revision > synced) return { ...known, state: 'on its way' }
  if (row.held !== null) return { ...known, state: 'held', reason: row.held }
  return { ...known, state: row.fields === null ? 'not at Seam' : 'at Seam' }
}

async function troubleOf(store: Store, lane: Lane): Promise<string | null> {
  const { last_error } = await store.db
    .selectFrom('lanes')
    .select('last_error')
    .where('workspace_id', '=', lane.workspaceId)
    .where('customer_key', '=', lane.customerKey)
    .executeTakeFirstOrThrow()
  return last_error
}
