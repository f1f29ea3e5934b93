import { type Selectable, sql } from 'kysely'
import { firstIdAt } from '../model/ids.ts'
import type { Kind } from '../model/kind.ts'
import { type Page, pageOf } from './page.ts'
import { padded } from './parts.ts'
import type { Store } from './store.ts'
import type { AttemptsTable, RejectedTable, ResourcesTable } from './tables.ts'

export interface AttemptFilter {
  /** Together with the customer. */
  workspaceId?: string | undefined
  customerKey?: string | undefined
  /** Whether Seam took it. */
  failed?: boolean | undefined
  /** Ended at or after, ms since 1970. */
  since?: number | undefined
  until?: number | undefined
}

/** See the same of deliveries. */
const MOST_EXAMINED = 5_000
/** Of one call, that are shown. */
const MOST_CARRIED = 200
/** Of all calls of a page, that are read to tell what they said. */
const MOST_SENT = 5_000

const rejectedColumns = [
  'id',
  'connection_id',
  'platform',
  'received_at',
  'cause',
  'remote_address',
  'headers',
  'query',
  'bytes'
] as const

export type Attempt = Selectable<AttemptsTable>
/** Without fields: its deletion. */
export type SentResource = Pick<Selectable<ResourcesTable>, 'kind' | 'fields'>
export type ListedRejection = Pick<Selectable<RejectedTable>, (typeof rejectedColumns)[number]>
export type OperateAttempts = ReturnType<typeof operateAttemptsOf>

/** Calls to Seam, and requests that were not taken in, as operators look at them. */
export function operateAttemptsOf({ db }: Pick<Store, 'db'>) {
  return {
    /** Newest first; pages as those of deliveries. */
    async list(filter: AttemptFilter, before: string | undefined, limit: number): Promise<Page<Attempt>> {
      const { workspaceId, customerKey, failed, since, until } = filter
      const most = failed === undefined ? limit + 1 : MOST_EXAMINED
      const window = db
        .selectFrom('attempts')
        .selectAll()
        .$if(workspaceId !== undefined, query => query.where('workspace_id', '=', String(workspaceId)))
        .$if(customerKey !== undefined, query => query.where('customer_key', '=', String(customerKey)))
        .$if(since !== undefined, query => query.where('id', '>=', firstIdAt(Number(since))))
        .$if(until !== undefined, query => query.where('id', '<', firstIdAt(Number(until))))
        .$if(before !== undefined, query => query.where('id', '<', String(before)))
        .orderBy('id', 'desc')
        .limit(most)
      if (failed === undefined) {
        const rows = await window.execute()
        return pageOf(rows, limit, row => row.id)
      }
      const rows = await db
        .selectFrom(window.as('seen'))
        .selectAll()
        .where(sql<boolean>`(error is ${failed ? sql`not null` : sql`null`})`)
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute()
      if (rows.length > limit) return pageOf(rows, limit, row => row.id)
      const last = await db
        .selectFrom(window.clearSelect().select('id').as('seen'))
        .select(({ fn }) => [fn.countAll<number>().as('examined'), fn.min('id').as('id')])
        .executeTakeFirst()
      return { rows, next: last?.examined === most ? last.id : undefined }
    },

    async one(id: string): Promise<Attempt | undefined> {
      return db.selectFrom('attempts').selectAll().where('id', '=', id).executeTakeFirst()
    },

    /** What a call carried; so many and no more. */
    async carried(id: string): Promise<{ kind: Kind; key: string; revision: number }[]> {
      return db
        .selectFrom('attempt_resources')
        .select(['kind', 'key', 'revision'])
        .where('attempt_id', '=', id)
        .orderBy('kind')
        .orderBy('key')
        .limit(MOST_CARRIED)
        .execute()
    },

    /**
     * What calls told Seam, by their ids: of those whose resources still are as they were then, and of so many of them.
     * Nothing of the others.
     */
    async sent(ids: string[]): Promise<Map<string, SentResource[]>> {
      const rows = await db
        .selectFrom('attempt_resources')
        .innerJoin('attempts', 'attempts.id', 'attempt_resources.attempt_id')
        .leftJoin('resources', join =>
          join
            .onRef('resources.workspace_id', '=', 'attempt_resources.workspace_id')
            .onRef('resources.customer_key', '=', 'attempts.customer_key')
            .onRef('resources.kind', '=', 'attempt_resources.kind')
            .onRef('resources.key', '=', 'attempt_resources.key')
            .onRef('resources.revision', '=', 'attempt_resources.revision')
        )
        .select(['attempt_id', 'attempt_resources.kind', 'resources.fields', 'resources.revision'])
        .where('attempts.id', 'in', padded(ids))
        .orderBy('attempts.id', 'desc')
        .limit(MOST_SENT + 1)
        .execute()
      const read = rows.length > MOST_SENT ? ids.filter(id => id > `${rows.at(-1)?.attempt_id}`) : ids
      const carried = Map.groupBy(rows, row => row.attempt_id)
      const sent = read.map(id => [id, carried.get(id) ?? []] as const)
      return new Map(sent.filter(([, all]) => all.every(row => row.revision !== null)))
    },

    /** Kept requests, newest first; there are few of each connection. */
    async rejected(
      { connectionId, cause }: { connectionId?: string | undefined; cause?: string | undefined },
      before: string | undefined,
      limit: number
    ): Promise<Page<ListedRejection>> {
      const rows = await db
        .selectFrom('rejected')
        .select(rejectedColumns)
        .$if(connectionId !== undefined, query => query.where('connection_id', '=', String(connectionId)))
        .$if(cause !== undefined, query => query.where('cause', '=', String(cause)))
        .$if(before !== undefined, query => query.where('id', '<', String(before)))
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute()
      return pageOf(rows, limit, row => row.id)
    },

    async rejection(id: string): Promise<Selectable<RejectedTable> | undefined> {
      return db.selectFrom('rejected').selectAll().where('id', '=', id).executeTakeFirst()
    }
  }
}
