import type { Selectable } from 'kysely'
import { type DeliveryState, parseJson } from '../model/delivery.ts'
import { kinds } from '../model/kind.ts'
import { inParts } from './parts.ts'
import { nameOf, type ResourceOf, reportedCallsOf } from './reported-calls.ts'
import type { Store } from './store.ts'
import type { ChangeLogTable, ResourcesTable } from './tables.ts'

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

/** What a delivery did to one resource, and how far that has come. */
export interface ChangeReport extends ResourceOf {
  workspaceId: string
  outcome: ChangeLogTable['outcome']
  /** The revision it led to; null where it changed nothing. */
  revision: number | null
  note: string | null
  /** Undefined where nothing of the resource is known any more. */
  row: ReportedRow | undefined
  /** What Seam does not get of it by now, and why; nobody's data. */
  warnings: string[]
}

type ReportedRow = Pick<
  Selectable<ResourcesTable>,
  'revision' | 'synced_revision' | 'buried_revision' | 'buried_reason' | 'held'
>

/** How far Seam has followed a resource. */
export type Progress = ResourceOf &
  Pick<Selectable<ResourcesTable>, 'synced_revision' | 'buried_revision' | 'buried_reason'>

const progressOf = [
  'customer_key as customerKey',
  'kind',
  'key',
  'synced_revision',
  'buried_revision',
  'buried_reason'
] as const

export type Reports = ReturnType<typeof reportsOf>

/** What became of deliveries. */
export function reportsOf(store: Store) {
  const { db } = store

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
    ...reportedCallsOf(store),

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
    async placeInCall(
      id: string,
      list: string,
      { kind, key }: Pick<ChangeReport, 'kind' | 'key'>
    ): Promise<number> {
      const { [list]: entries = [] } = (await bodyOf(id)) as Record<
        string,
        (string | Record<string, unknown>)[]
      >
      return entries.findIndex(each => (typeof each === 'string' ? each : each[kinds[kind].keyField]) === key)
    },

    /** What the delivery did to each resource, in order; of several runs the last one counts. */
    async changes(id: string): Promise<ChangeReport[]> {
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
              } as ReportedRow)
      }))
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
