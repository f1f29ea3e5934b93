import type { Selectable } from 'kysely'
import type { Kind } from '../model/kind.ts'
import { inParts } from './parts.ts'
import type { ResourceRef } from './resources.ts'
import type { Store } from './store.ts'
import type { AttemptsTable } from './tables.ts'

/** Of a workspace; keys are unique among those of one kind and one customer only, as far as the store knows. */
export interface ResourceOf extends ResourceRef {
  customerKey: string
}

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

/** Enough to see what went on; what is tried for ever makes a call every few hours. */
const MOST_CALLS = 20

/** Which calls told Seam what a delivery had brought. */
export function reportedCallsOf({ db }: Store) {
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

  return {
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
    }
  }
}

/** Within a workspace. */
export function nameOf({ kind, customerKey, key }: ResourceOf): string {
  return JSON.stringify([kind, customerKey, key])
}
