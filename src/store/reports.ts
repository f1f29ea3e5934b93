import type { Selectable } from 'kysely'
import { type DeliveryState, parseJson } from '../model/delivery.ts'
import type { Kind } from '../model/kind.ts'
import { inParts } from './parts.ts'
import type { Lane } from './resources.ts'
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

/** What a delivery did to one resource, and how far that has come. */
export interface Told {
  workspaceId: string
  customerKey: string
  kind: Kind
  key: string
  outcome: ChangeLogTable['outcome']
  /** The revision it led to; null where it changed nothing. */
  revision: number | null
  note: string | null
  /** Undefined where nothing of the resource is known any more. */
  row: ToldRow | undefined
}

type ToldRow = Pick<
  Selectable<ResourcesTable>,
  'revision' | 'synced_revision' | 'buried_revision' | 'buried_reason' | 'held'
>

/** One call to Seam, and what came of it. */
export type MadeCall = Pick<
  Selectable<AttemptsTable>,
  'operation' | 'started_at' | 'status' | 'request_id' | 'error' | 'seam_error'
>

const ofCall = [
  'attempts.operation',
  'attempts.started_at',
  'attempts.status',
  'attempts.request_id',
  'attempts.error',
  'attempts.seam_error'
] as const

/** Enough to see what went on; what is tried for ever makes a call every few hours. */
const MOST_CALLS = 20

export type Reports = ReturnType<typeof reportsOf>

/** What became of deliveries. */
export function reportsOf(store: Store) {
  const { db } = store
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

    /** The customers that the body of a stored call names itself. */
    async customersNamedBy(id: string): Promise<string[]> {
      const row = await db.selectFrom('deliveries').select('body').where('id', '=', id).executeTakeFirst()
      if (row === undefined) return []
      const body = parseJson(row.body) as { customer_key?: string; customer_keys?: string[] }
      return [...(body.customer_key === undefined ? [] : [body.customer_key]), ...(body.customer_keys ?? [])]
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
          'resources.held'
        ])
        .where('delivery_id', '=', id)
        .orderBy('change_log.id')
        .execute()
      const last = new Map(log.map(row => [`${row.kind} ${row.customer_key} ${row.key}`, row]))
      return Array.from(last.values(), row => ({
        workspaceId: row.workspace_id,
        customerKey: row.customer_key,
        kind: row.kind,
        key: row.key,
        outcome: row.outcome,
        revision: row.revision,
        note: row.note,
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

    /** The newest calls that carried a resource in its given revision or a later one, oldest first. */
    async calls(
      told: Pick<Told, 'workspaceId' | 'customerKey' | 'kind' | 'key'>,
      sinceRevision: number
    ): Promise<MadeCall[]> {
      const rows = await db
        .selectFrom('attempt_resources')
        .innerJoin('attempts', 'attempts.id', 'attempt_resources.attempt_id')
        .select(ofCall)
        .where('attempt_resources.workspace_id', '=', told.workspaceId)
        .where('attempt_resources.kind', '=', told.kind)
        .where('attempt_resources.key', '=', told.key)
        .where('attempt_resources.revision', '>=', sinceRevision)
        .where('attempts.customer_key', '=', told.customerKey)
        .orderBy('attempts.id', 'desc')
        .limit(MOST_CALLS)
        .execute()
      return rows.reverse()
    },

    /**
     * The newest calls that told Seam to take the customer off, oldest first: deletions of nothing single. Ids grow with
     * time, so those after the delivery's are later than it.
     */
    async offboardCalls({ workspaceId, customerKey }: Lane, sinceDelivery: string): Promise<MadeCall[]> {
      const rows = await db
        .selectFrom('attempts')
        .leftJoin('attempt_resources', 'attempt_resources.attempt_id', 'attempts.id')
        .select(ofCall)
        .where('attempts.workspace_id', '=', workspaceId)
        .where('attempts.customer_key', '=', customerKey)
        .where('attempts.id', '>', sinceDelivery)
        .where('attempts.operation', '=', 'delete_data')
        .where('attempt_resources.attempt_id', 'is', null)
        .orderBy('attempts.id', 'desc')
        .limit(MOST_CALLS)
        .execute()
      return rows.reverse()
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
