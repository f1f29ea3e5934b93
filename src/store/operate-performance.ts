import { firstIdAt } from '../model/ids.ts'
import { stayKinds } from '../model/kind.ts'
import type { Store } from './store.ts'
import type { AttemptsTable } from './tables.ts'

/** A call, as far as it tells how well calls go. */
export type CallMade = Pick<
  AttemptsTable,
  'id' | 'workspace_id' | 'customer_key' | 'operation' | 'started_at' | 'duration_ms' | 'error'
>

/** A stay that a call brought to Seam, and the delivery that had told of it. */
export interface Arrived {
  delivery_id: string
  started_at: number
  duration_ms: number
}

export type OperatePerformance = ReturnType<typeof operatePerformanceOf>

/** The newest calls, which are few enough to be looked at one by one. */
export function operatePerformanceOf({ db }: Pick<Store, 'db'>) {
  return {
    /** Newest first. @param since ms since 1970 */
    async calls(since: number, most: number): Promise<CallMade[]> {
      return db
        .selectFrom('attempts')
        .select(['id', 'workspace_id', 'customer_key', 'operation', 'started_at', 'duration_ms', 'error'])
        .where('id', '>=', firstIdAt(since))
        .orderBy('id', 'desc')
        .limit(most)
        .execute()
    },

    /** Stays that the newest calls that Seam took had carried, and who had told them in just that form. */
    async arrived(since: number, mostCalls: number, most: number): Promise<Arrived[]> {
      const taken = db
        .selectFrom('attempts')
        .select(['id', 'customer_key', 'started_at', 'duration_ms'])
        .where('id', '>=', firstIdAt(since))
        .where('error', 'is', null)
        .orderBy('id', 'desc')
        .limit(mostCalls)
      return (
        db
          .selectFrom(taken.as('taken'))
          .innerJoin('attempt_resources as carried', 'carried.attempt_id', 'taken.id')
          .innerJoin('change_log as told', join =>
            join
              .onRef('told.workspace_id', '=', 'carried.workspace_id')
              .onRef('told.kind', '=', 'carried.kind')
              .onRef('told.key', '=', 'carried.key')
              .onRef('told.revision', '=', 'carried.revision')
              .onRef('told.customer_key', '=', 'taken.customer_key')
          )
          // Places are told of by every stay: all that is known of one would be too much to look through.
          .where('carried.kind', 'in', stayKinds)
          .select(['told.delivery_id', 'taken.started_at', 'taken.duration_ms'])
          .limit(most)
          .execute()
      )
    }
  }
}
