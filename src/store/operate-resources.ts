import { type Selectable, sql } from 'kysely'
import type { Kind, NamedRole } from '../model/kind.ts'
import { resourceLivesOf } from './operate-resource-life.ts'
import { type Page, pageOf } from './page.ts'
import { padded } from './parts.ts'
import { beginsWith } from './ranges.ts'
import { isDirty, isHeld, isRefused } from './resource-states.ts'
import type { Lane, ResourceRef, ResourceRow } from './resources.ts'
import type { Store } from './store.ts'
import type { ResourcesTable } from './tables.ts'

/** `gone`: Seam should not hold it, and does not. */
export type StateAtSeam = 'synced' | 'waiting' | 'held' | 'refused' | 'gone'

/** What of the resources is asked for; everything that is told has to hold. */
export interface ResourceFilter {
  workspaceId?: string | undefined
  customerKey?: string | undefined
  kind?: Kind | undefined
  state?: StateAtSeam | undefined
  /** How the key begins. */
  prefix?: string | undefined
}

/** Names a resource whichever customer has it. */
export interface ResourceId extends Lane, ResourceRef {}

/** Resources that one page looks at, at most; see the same of deliveries. */
const MOST_EXAMINED = 2_000
/** So many that wait or were refused are sorted in memory. */
const MOST_CANDIDATES = 2_000

const listed = [
  'workspace_id',
  'customer_key',
  'kind',
  'key',
  'connection_id',
  'booking',
  'held',
  'warnings',
  'revision',
  'synced_revision',
  'buried_revision',
  'buried_reason',
  'buried_at',
  'starts_at',
  'updated_at'
] as const

/** Whether Seam shall hold it, as 1 or 0. */
const isWanted = sql<0 | 1>`case when fields is null then 0 else 1 end`
const refusedFields = sql<string | null>`case when ${isRefused} then fields end`
const ofFields = [isWanted.as('wanted'), refusedFields.as('refused_fields')] as const

export interface ListedResource extends Pick<Selectable<ResourcesTable>, (typeof listed)[number]> {
  wanted: 0 | 1
  /** Of one that Seam refused: the fields. */
  refused_fields: string | null
}

/** In the words of the index resources_buried. */
const isBuried = sql<boolean>`buried_reason is not null`

/** Not a deletion of a key that nobody is known to have. */
const isOwned = sql<boolean>`customer_key <> ''`

export type OperateResources = ReturnType<typeof operateResourcesOf>

/** The desired state as operators look at it. */
export function operateResourcesOf(store: Pick<Store, 'db'>) {
  const { db } = store

  /** In the order of the list; in that of keys where those are asked for. */
  function ordered(workspaceId: string, filter: ResourceFilter, after: ResourceId | undefined) {
    const { customerKey, kind, prefix } = filter
    const columns =
      prefix === undefined
        ? (['customer_key', 'kind', 'key'] as const)
        : (['key', 'customer_key', 'kind'] as const)
    const inWorkspace = db
      .selectFrom('resources')
      .where('workspace_id', '=', workspaceId)
      .where(isOwned)
      .$if(prefix !== undefined, query => query.where(beginsWith('key', String(prefix))))
      .$if(customerKey !== undefined, query => query.where('customer_key', '=', String(customerKey)))
      .$if(customerKey !== undefined && kind !== undefined, query => query.where('kind', '=', kind as Kind))
      .$if(after !== undefined, query =>
        query.where(eb => {
          const { key, customerKey: customer, kind: ofKind } = after as ResourceId
          const behind =
            prefix === undefined ? eb.tuple(customer, ofKind, key) : eb.tuple(key, customer, ofKind)
          return eb(
            eb.refTuple(...(columns as readonly ['customer_key', 'kind', 'key'])),
            '>',
            behind as never
          )
        })
      )
    return columns.reduce((query, column) => query.orderBy(column), inWorkspace)
  }

  async function inWorkspace(
    workspaceId: string,
    filter: ResourceFilter,
    after: ResourceId | undefined,
    limit: number
  ): Promise<Page<ListedResource, ResourceId>> {
    const { state, kind } = filter
    const few = state === 'waiting' || state === 'refused' ? await fewIn(workspaceId, filter) : undefined
    if (few !== undefined) return sortedPage(few, filter, after, limit)
    const isHeldOnly = state === 'held'
    const isSifted = (state !== undefined && !isHeldOnly) || kind !== undefined
    const window = ordered(workspaceId, filter, after)
      .$if(isHeldOnly, query => query.where(isHeld))
      .limit(isSifted ? MOST_EXAMINED : limit + 1)
      .select(listed)
      .select(ofFields)
    const looked = await window.execute()
    const rows = looked.filter(row => fits(row, filter))
    if (rows.length > limit) return pageOf(rows, limit, idOf)
    return { rows, next: looked.length === MOST_EXAMINED ? lastOf(looked) : undefined }
  }

  /** All that wait or were refused, where they are few enough to be sorted here; else undefined. */
  async function fewIn(workspaceId: string, { state, customerKey }: ResourceFilter) {
    const rows = await db
      .selectFrom('resources')
      .select(listed)
      .select(ofFields)
      .where(isOwned)
      .where(state === 'refused' ? isBuried : isDirty)
      .$if(customerKey !== undefined, query =>
        query.where('workspace_id', '=', workspaceId).where('customer_key', '=', String(customerKey))
      )
      // An expression, or SQLite would take an index that has all of the workspace for one that has these few.
      .$if(customerKey === undefined, query =>
        query.where(sql<boolean>`(workspace_id || '') = ${workspaceId}`)
      )
      .limit(MOST_CANDIDATES + 1)
      .execute()
    return rows.length > MOST_CANDIDATES ? undefined : rows
  }

  return {
    ...resourceLivesOf(store),

    /**
     * In the order of workspace, customer, kind and key. A page may hold fewer than asked for although there are more: it
     * looks at so many resources and no more.
     * @param workspaceIds in which to look
     */
    async list(
      workspaceIds: string[],
      filter: ResourceFilter,
      after: ResourceId | undefined,
      limit: number
    ): Promise<Page<ListedResource, ResourceId>> {
      const rows: ListedResource[] = []
      const left = workspaceIds
        .filter(id => after === undefined || id >= after.workspaceId)
        .sort((a, b) => (a < b ? -1 : 1))
      for (const id of left) {
        const from = after?.workspaceId === id ? after : undefined
        const page = await inWorkspace(id, filter, from, limit - rows.length)
        rows.push(...page.rows)
        if (page.next !== undefined) return { rows, next: page.next }
        if (rows.length >= limit) return { rows, next: id === left.at(-1) ? undefined : lastOf(rows) }
      }
      return { rows, next: undefined }
    },

    async one({ workspaceId, customerKey, kind, key }: ResourceId): Promise<ResourceRow | undefined> {
      return db
        .selectFrom('resources')
        .selectAll()
        .where('workspace_id', '=', workspaceId)
        .where('customer_key', '=', customerKey)
        .where('kind', '=', kind)
        .where('key', '=', key)
        .executeTakeFirst()
    },

    /** Whatever has one of these keys. */
    async withKeys(workspaceId: string, keys: string[], limit: number): Promise<ListedResource[]> {
      return db
        .selectFrom('resources')
        .select(listed)
        .select(ofFields)
        .where('workspace_id', '=', workspaceId)
        .where('key', 'in', padded(keys))
        .limit(limit)
        .execute()
    },

    /** Of a customer, in order. */
    async staysOfBooking(lane: Lane, booking: string, limit: number): Promise<ListedResource[]> {
      return (
        db
          .selectFrom('resources')
          .select(listed)
          .select(ofFields)
          .where('workspace_id', '=', lane.workspaceId)
          .where('customer_key', '=', lane.customerKey)
          .where('booking', '=', booking)
          // An expression, or SQLite would read the whole workspace in the order of its keys.
          .orderBy(sql`key || ''`)
          .limit(limit)
          .execute()
      )
    },

    /** Live stays that name one of these places or guests, in the platform's terms. */
    async staysNaming(lane: Lane, role: NamedRole, keys: string[], limit: number) {
      return db
        .selectFrom('stay_names')
        .innerJoin('resources', join =>
          join
            .onRef('resources.workspace_id', '=', 'stay_names.workspace_id')
            .onRef('resources.customer_key', '=', 'stay_names.customer_key')
            .onRef('resources.kind', '=', 'stay_names.stay_kind')
            .onRef('resources.key', '=', 'stay_names.stay_key')
        )
        .select(listed.map(column => `resources.${column}` as const))
        .select(ofFields)
        .where('stay_names.workspace_id', '=', lane.workspaceId)
        .where('stay_names.customer_key', '=', lane.customerKey)
        .where('ref', '=', role)
        .where('ref_key', 'in', padded(keys))
        .limit(limit)
        .execute()
    }
  }
}

/** How far Seam has followed. */
export function stateOf(row: Omit<ListedResource, 'refused_fields'>): StateAtSeam {
  if (row.held !== null) return 'held'
  if (row.revision > row.synced_revision) {
    return row.buried_reason !== null && row.buried_revision >= row.revision ? 'refused' : 'waiting'
  }
  return row.wanted === 0 ? 'gone' : 'synced'
}

function fits(row: ListedResource, { state, kind, customerKey, prefix }: ResourceFilter): boolean {
  return (
    (state === undefined || stateOf(row) === state) &&
    (kind === undefined || row.kind === kind) &&
    (customerKey === undefined || row.customer_key === customerKey) &&
    (prefix === undefined || row.key.startsWith(prefix))
  )
}

function sortedPage(
  all: ListedResource[],
  filter: ResourceFilter,
  after: ResourceId | undefined,
  limit: number
): Page<ListedResource, ResourceId> {
  const isKeyed = filter.prefix !== undefined
  const placeOf = ({ customerKey, kind, key }: ResourceId) =>
    isKeyed ? [key, customerKey, kind] : [customerKey, kind, key]
  const rows = all
    .filter(row => fits(row, filter))
    .map(row => ({ row, place: placeOf(idOf(row)) }))
    .filter(({ place }) => after === undefined || compare(place, placeOf(after)) > 0)
    .sort((a, b) => compare(a.place, b.place))
    .map(({ row }) => row)
  return pageOf(rows, limit, idOf)
}

function compare(a: string[], b: string[]): number {
  const at = a.findIndex((text, position) => text !== b[position])
  if (at === -1) return 0
  return `${a[at]}` < `${b[at]}` ? -1 : 1
}

export function idOf(
  row: Pick<ListedResource, 'workspace_id' | 'customer_key' | 'kind' | 'key'>
): ResourceId {
  return { workspaceId: row.workspace_id, customerKey: row.customer_key, kind: row.kind, key: row.key }
}

function lastOf(rows: ListedResource[]): ResourceId | undefined {
  const row = rows.at(-1)
  return row && idOf(row)
}
