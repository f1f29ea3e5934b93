import { firstIdAt } from '../model/ids.ts'
import { endStates } from './delivery-states.ts'
import { padded } from './parts.ts'
import type { Store } from './store.ts'
import type { DeliveriesTable } from './tables.ts'

/** Of each sort that one look finds, at most: what is newest. */
export const MOST_FOUND = 200

export type OperateTail = ReturnType<typeof operateTailOf>
export type DeliveryMark = Pick<DeliveriesTable, 'id' | 'state' | 'done_at'>

/** What has just happened, found from the new end of an index, so that a look costs the same however much there is. */
export function operateTailOf({ db }: Pick<Store, 'db'>) {
  return {
    /** Deliveries that have come since, and those that have come to their end since. @param at ms since 1970 */
    async deliveries(at: number): Promise<DeliveryMark[]> {
      const marks = db.selectFrom('deliveries').select(['id', 'state', 'done_at']).limit(MOST_FOUND)
      const come = await marks.where('id', '>=', firstIdAt(at)).orderBy('id', 'desc').execute()
      const gone: DeliveryMark[] = []
      // For as long as an end is news, nothing of it has been let go.
      for (const state of endStates) {
        const rows = await marks
          .where('state', '=', state)
          .where('emptied', '=', 0)
          .where('done_at', '>=', at)
          .orderBy('done_at', 'desc')
          .execute()
        gone.push(...rows)
      }
      const found = new Map([...come, ...gone].map(each => [each.id, each]))
      return [...found.values()]
    },

    async marksOf(ids: string[]): Promise<DeliveryMark[]> {
      if (ids.length === 0) return []
      return db
        .selectFrom('deliveries')
        .select(['id', 'state', 'done_at'])
        .where('id', 'in', padded(ids))
        .execute()
    }
  }
}
