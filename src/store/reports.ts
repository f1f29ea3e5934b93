import type { Selectable } from 'kysely'
import { type DeliveryState, parseJson } from '../model/delivery.ts'
import { type Kind, kinds } from '../model/kind.ts'
import { inParts } from './parts.ts'
import type { ResourceRef } from './resources.ts'
import type { Store } from './store.ts'
import type { AttemptsTable, ChangeLogTable, ResourcesTable } from './tables.ts'

/** A delivery as it lies in the store, without its body. */
export interface StoredDelivery {
  id: string
  connectionId: string
  receivedAt: number
  state: DeliveryState
  headers: Record<string, string>
  events: { type: string; outcome: string; reason?: string; code?: string }[]
  lastError: string | null
}

/** Of a workspace; keys are unique among those of one kind and one customer only, as far as the store knows. */
export interface ResourceOf extends ResourceRef {
  customerKey: string
}

/** What a delivery did to one resource, and how far that has come. */
export interface Told extends ResourceOf {
  workspaceId: string
  outcome: ChangeLogTable['outcome']
  /** The revision it led to; null where it changed nothing. */
  revision: number | null
  note: string | null
  /** Undefined where nothing of the resource is known any more. */
  row: ToldRow | undefined
  /** What Seam does not get of it by now, and why; nobody's data. */
  warnings: string[]
}

type ToldRow = Pick<
  Selectable<ResourcesTable>,
  'revision' | 'synced_revision' | 'buried_revision' | 'buried_reason' | 'held'
>

/** How far Seam has followed a resource. */
export type Progress = ResourceOf &
  Pick<Selectable<ResourcesTable>, 'synced_revision' | 'buried_revision' | 'buried_reason'>

/** One call to Seam, and what came of it. */
export type MadeCall = Pick<
  Selectable<AttemptsTable>,
  'id' | 'operation' | 'started_at' | 'duration_ms' | 'status' | 'request_id' | 'error' | 'seam_error'
>

const ofCall = [
  'attempts.id',
  'attempts.operation',
  'attempts.started_at',
  'attempts.duration_ms',
  'attempts.status',
  'attempts.request_id',
  'attempts.error',
  'attempts.seam_error'
] as const

const progressOf = [
  'customer_key as customerKey',
  'kind',
  'key',
  'synced_revision',
  'buried_revision',
  'buried_reason'
] as const

/** Enough to see what went on; what is tried for ever makes a call every few hours. */
const MOST_CALLS = 20

export type Reports = ReturnType<typeof reportsOf>

/** What became of deliveries. */
export function reportsOf(store: Store) {
  const { db } = store

  /** Of whatever has these keys, the newest calls that carried it in the given revision or a later one, oldest first. */
  const newestCalls = (workspaceId: string, kind: Kind, keys: string[], sinceRevision: number) =>
    db
      .with('ranked', query =>
        query
          .selectFrom('attempt_resources')
          .innerJoin('attempts', 'attempts.id', 'attempt_resources.attempt_id')
          .select(['kind', 'key', 'revision', 'attempts.customer_key as customerKey'])
          .select(ofCall)
          .select(({ fn }) =>
            fn
              .agg<number>('row_number')
              .over(over => over.partitionBy(['key', 'attempts.customer_key']).orderBy('attempts.id', 'desc'))
              .as('place')
          )
          .where('attempt_resources.workspace_id', '=', workspaceId)
          .where('kind', '=', kind)
          .where('key', 'in', keys)
          .where('revision', '>=', sinceRevision)
      )
      .selectFrom('ranked')
      .selectAll()
      .where('place', '<=', MOST_CALLS)
      .orderBy('id')

  /** What a stored call said; nothing once it is not kept any more. */
  async function bodyOf(id: string): Promise<Record<string, unknown>> {
    const row = await db
      .selectFrom('deliveries')
      .select('body')
      .where('id', '=', id)
      .where('emptied', '=', 0)
      .executeTakeFirst()
    return row === undefined ? {} : (parseJson(row.body) as Record<string, unknown>)
  }

  return {
    async delivery(id: string): Promise<StoredDelivery | undefined> {
      const row = await db
        .selectFrom('deliveries')
        .select(['id', 'connection_id', 'received_at', 'state', 'headers', 'outcome', 'last_error'])
        .where('id', '=', id)
        .executeTakeFirst()
      if (row === undefined) return undefined
      return {
        id: row.id,
        connectionId: row.connection_id,
        receivedAt: row.received_at,
        state: row.state,
        headers: JSON.parse(row.headers),
        events: row.outcome === null ? [] : JSON.parse(row.outcome),
        lastError: row.last_error
      }
    },

    /** The customers that the body of a stored call names itself; none once the body is not kept any more. */
    async customersNamedBy(id: string): Promise<string[]> {
      const body = (await bodyOf(id)) as { customer_key?: string; customer_keys?: string[] }
      return [...(body.customer_key === undefined ? [] : [body.customer_key]), ...(body.customer_keys ?? [])]
    },

    /** Which entry of a list of the body of a stored call a resource is, counted from 0; -1 where it is none. */
    async placeInCall(id: string, list: string, { kind, key }: Pick<Told, 'kind' | 'key'>): Promise<number> {
      const { [list]: entries = [] } = (await bodyOf(id)) as Record<
        string,
        (string | Record<string, unknown>)[]
      >
      return entries.findIndex(each => (typeof each === 'string' ? each : each[kinds[kind].keyField]) === key)
    },

    /** What the delivery told of each resource, in order; of several runs the last one counts. */
    async told(id: string): Promise<Told[]> {
      const log = await db
        .selectFrom('change_log')
        .leftJoin('resources', join =>
          join
            .onRef('resources.workspace_id', '=', 'change_log.workspace_id')
            .onRef('resources.customer_key', '=', 'change_log.customer_key')
            .onRef('resources.kind', '=', 'change_log.kind')
            .onRef('resources.key', '=', 'change_log.key')
        )
        .select([
          'change_log.workspace_id',
          'change_log.customer_key',
          'change_log.kind',
          'change_log.key',
          'change_log.outcome',
          'change_log.revision',
          'change_log.note',
          'resources.revision as now_revision',
          'resources.synced_revision',
          'resources.buried_revision',
          'resources.buried_reason',
          'resources.held',
          'resources.warnings'
        ])
        .where('delivery_id', '=', id)
        .orderBy('change_log.id')
        .execute()
      const last = new Map(
        log.map(row => [nameOf({ kind: row.kind, key: row.key, customerKey: row.customer_key }), row])
      )
      return Array.from(last.values(), row => ({
        workspaceId: row.workspace_id,
        customerKey: row.customer_key,
        kind: row.kind,
        key: row.key,
        outcome: row.outcome,
        revision: row.revision,
        note: row.note,
        warnings: row.warnings === null ? [] : JSON.parse(row.warnings),
        row:
          row.now_revision === null
            ? undefined
            : ({
                revision: row.now_revision,
                synced_revision: row.synced_revision,
                buried_revision: row.buried_revision,
                buried_reason: row.buried_reason,
                held: row.held
              } as ToldRow)
      }))
    },

    /**
     * Of each of these the newest calls that carried it in the revision `since` or a later one, oldest first. Of a kind all
     * are asked for from the lowest one on, since the later a call, the later what it carries.
     * @returns by {@link nameOf}; nothing of those that no call has carried
     */
    async calls(
      workspaceId: string,
      wanted: (ResourceOf & { since: number })[]
    ): Promise<Map<string, MadeCall[]>> {
      const sinceOf = new Map(wanted.map(each => [nameOf(each), each.since]))
      const made: (MadeCall & ResourceOf)[] = []
      for (const [kind, ofKind] of Map.groupBy(wanted, each => each.kind)) {
        const keys = [...new Set(ofKind.map(each => each.key))]
        const least = ofKind.reduce((low, { since }) => Math.min(low, since), Number.MAX_SAFE_INTEGER)
        const found = await inParts(keys, part => newestCalls(workspaceId, kind, part, least).execute())
        for (const call of found) {
          const since = sinceOf.get(nameOf(call))
          if (since !== undefined && call.revision >= since) made.push(call)
        }
      }
      return Map.groupBy(made, nameOf)
    },

    /**
     * Of each of these customers the newest calls that told Seam to take it off, oldest first: deletions of nothing
     * single. Ids grow with time, so those after the delivery's are later than it.
     * @returns by customer; nothing of those of whom Seam has not been told
     */
    async offboardCalls(
      workspaceId: string,
      customerKeys: string[],
      sinceDelivery: string
    ): Promise<Map<string, MadeCall[]>> {
      const found = await inParts(customerKeys, part =>
        db
          .with('ranked', query =>
            query
              .selectFrom('attempts')
              .select('attempts.customer_key')
              .select(ofCall)
              .select(({ fn }) =>
                fn
                  .agg<number>('row_number')
                  .over(over => over.partitionBy('attempts.customer_key').orderBy('attempts.id', 'desc'))
                  .as('place')
              )
              .where('attempts.workspace_id', '=', workspaceId)
              .where('attempts.customer_key', 'in', part)
              .where('attempts.id', '>', sinceDelivery)
              .where('attempts.operation', '=', 'delete_data')
              .where(({ not, exists, selectFrom }) =>
                not(
                  exists(
                    selectFrom('attempt_resources')
                      .select('attempt_id')
                      .whereRef('attempt_id', '=', 'attempts.id')
                  )
                )
              )
          )
          .selectFrom('ranked')
          .selectAll()
          .where('place', '<=', MOST_CALLS)
          .orderBy('id')
          .execute()
      )
      return Map.groupBy(found, call => call.customer_key)
    },

    /** How far whatever has these keys is; of whichever kind and customer it is. */
    async progress(workspaceId: string, keys: string[]): Promise<Progress[]> {
      return inParts(keys, part =>
        db
          .selectFrom('resources')
          .select(progressOf)
          .where('workspace_id', '=', workspaceId)
          .where('key', 'in', part)
          .execute()
      )
    },

    /** What Seam has refused of these customers in the given revision or a later one, and does not have since. */
    async refused(workspaceId: string, customerKeys: string[], sinceRevision: number): Promise<Progress[]> {
      return inParts(customerKeys, part =>
        db
          .selectFrom('resources')
          .select(progressOf)
          .where('workspace_id', '=', workspaceId)
          .where('customer_key', 'in', part)
          // In the words of the index resources_buried.
          .where('buried_reason', 'is not', null)
          .where('buried_revision', '>=', sinceRevision)
          .execute()
      )
    },

    /** Those of the customers that are still to be taken off at Seam. */
    async leaving(workspaceId: string, customerKeys: string[]): Promise<string[]> {
      const rows = await inParts(customerKeys, part =>
        db
          .selectFrom('lanes')
          .select('customer_key')
          .where('workspace_id', '=', workspaceId)
          .where('customer_key', 'in', part)
          .where('offboard_due', '=', 1)
          .execute()
      )
      return rows.map(row => row.customer_key)
    }
  }
}

/** Within a workspace. */
export function nameOf({ kind, customerKey, key }: ResourceOf): string {
  return JSON.stringify([kind, customerKey, key])
}
