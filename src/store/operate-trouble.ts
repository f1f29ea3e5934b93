import { sql } from 'kysely'
import type { Kind } from '../model/kind.ts'
import { isOpen } from './delivery-states.ts'
import { inParts } from './parts.ts'
import { isRefused } from './resource-states.ts'
import type { Store } from './store.ts'

/** What Seam refused of one kind for the same reason. */
export interface RefusalTrouble {
  kind: Kind
  cause: string
  /** Of the newest one, whole. */
  reason: string
  /** That Seam refused with it; null where it was a deletion. */
  fields: string | null
  count: number
  /** ms since 1970 */
  firstAt: number
  lastAt: number
}

/** Of one state of deliveries, with the id in the place of the time. */
export interface DeliveryTrouble {
  connectionId: string
  cause: string
  /** Of the newest one, whole. */
  lastError: string
  count: number
  firstId: string
  lastId: string
}

/** So many characters of a cause tell it from others; the indexes deliveries_trouble and resources_refused have the same. */
export const CAUSE_LENGTH = 120

/** Whatever is dead or refused has one. */
export const causeOfColumn = (column: string) =>
  sql<string>`substr(${sql.ref(column)}, 1, ${sql.lit(CAUSE_LENGTH)})`

/** Held deliveries whose reasons are read, at most: they stand in what became of each. */
const MOST_HELD = 2_000
const MOST_GROUPS = 200

export type OperateTrouble = ReturnType<typeof operateTroubleOf>

/** What does not go on by itself, by cause. */
export function operateTroubleOf({ db }: Pick<Store, 'db'>) {
  return {
    /** Dead deliveries by connection and cause, the latest first. */
    async dead(): Promise<DeliveryTrouble[]> {
      const groups = db
        .selectFrom('deliveries')
        .select(({ fn }) => [
          'connection_id',
          causeOfColumn('last_error').as('cause'),
          fn.countAll<number>().as('count'),
          fn.min('id').as('first_id'),
          fn.max('id').as('last_id')
        ])
        .where(isOpen)
        .where('state', '=', 'dead')
        .groupBy(['connection_id', causeOfColumn('last_error')])
        .orderBy('last_id', 'desc')
        .limit(MOST_GROUPS)
      const rows = await db
        .selectFrom(groups.as('groups'))
        .innerJoin('deliveries', 'deliveries.id', 'groups.last_id')
        .selectAll('groups')
        .select('deliveries.last_error')
        .orderBy('groups.last_id', 'desc')
        .execute()
      return rows.map(row => ({
        connectionId: row.connection_id,
        cause: row.cause,
        lastError: `${row.last_error}`,
        count: row.count,
        firstId: row.first_id,
        lastId: row.last_id
      }))
    },

    /** What became of the newest held deliveries, as JSON; the oldest of very many are left out. */
    async held() {
      return db
        .selectFrom('deliveries')
        .select(['id', 'connection_id', 'outcome'])
        .where(isOpen)
        .where('state', '=', 'held')
        .orderBy('id', 'desc')
        .limit(MOST_HELD)
        .execute()
    },

    /** What Seam refused, by kind and reason, the latest first. */
    async refused(): Promise<RefusalTrouble[]> {
      const groups = db
        .selectFrom('resources')
        .select(({ fn }) => [
          'kind',
          causeOfColumn('buried_reason').as('cause'),
          fn.countAll<number>().as('count'),
          fn.min('buried_at').as('first_at'),
          fn.max('buried_at').as('last_at')
        ])
        .where(isRefused)
        .groupBy([causeOfColumn('buried_reason'), 'kind'])
        .orderBy('last_at', 'desc')
        .limit(MOST_GROUPS)
      const rows = await db
        .selectFrom(groups.as('groups'))
        .innerJoin('resources', join =>
          join
            .on(causeOfColumn('buried_reason'), '=', eb => eb.ref('groups.cause'))
            .onRef('resources.kind', '=', 'groups.kind')
            .onRef('resources.buried_at', '=', 'groups.last_at')
            .on(isRefused)
        )
        .selectAll('groups')
        .select(['resources.buried_reason', 'resources.fields'])
        .orderBy('groups.last_at', 'desc')
        .execute()
      // Several may have been refused in the same millisecond.
      const groupOf = new Map(rows.map(row => [JSON.stringify([row.cause, row.kind]), row]))
      return [...groupOf.values()].map(row => ({
        kind: row.kind,
        cause: row.cause,
        reason: `${row.buried_reason}`,
        fields: row.fields,
        count: row.count,
        firstAt: Number(row.first_at),
        lastAt: Number(row.last_at)
      }))
    },

    /** How many of each connection's are held and how many are dead. */
    async open(connectionIds: string[]) {
      return inParts(connectionIds, part =>
        db
          .selectFrom('deliveries')
          .select(({ fn }) => ['connection_id', 'state', fn.countAll<number>().as('count')])
          .where(isOpen)
          .where('state', 'in', ['held', 'dead'])
          .where('connection_id', 'in', part)
          .groupBy(['state', 'connection_id'])
          .execute()
      )
    }
  }
}
