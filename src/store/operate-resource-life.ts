import type { Selectable } from 'kysely'
import type { ResourceId } from './operate-resources.ts'
import type { Store } from './store.ts'
import type { AttemptsTable, ChangeLogTable } from './tables.ts'

/** One line of the life of a resource: a delivery told of it, or a call carried it. */
export interface LifeChange extends Selectable<ChangeLogTable> {
  type: 'change'
}
export interface LifeCall extends Selectable<AttemptsTable> {
  type: 'call'
  /** That the call carried. */
  revision: number
}

/** How far the life of a resource has been told. */
export interface LifePosition {
  change: number
  call: string
}

export const LIFE_BEGINS: LifePosition = { change: 0, call: '' }

/** What a resource has gone through, for as long as it is kept. */
export function resourceLivesOf({ db }: Pick<Store, 'db'>) {
  return {
    /** What deliveries told of it and which calls carried it, each in its order, behind a position. */
    async life({ workspaceId, customerKey, kind, key }: ResourceId, after: LifePosition, limit: number) {
      const changes = await db
        .selectFrom('change_log')
        .selectAll()
        .where('workspace_id', '=', workspaceId)
        .where('kind', '=', kind)
        .where('key', '=', key)
        .where('customer_key', '=', customerKey)
        .where('id', '>', after.change)
        .orderBy('id')
        .limit(limit)
        .execute()
      const calls = await db
        .selectFrom('attempt_resources')
        .innerJoin('attempts', 'attempts.id', 'attempt_resources.attempt_id')
        .selectAll('attempts')
        .select('attempt_resources.revision')
        .where('attempt_resources.workspace_id', '=', workspaceId)
        .where('attempt_resources.kind', '=', kind)
        .where('attempt_resources.key', '=', key)
        .where('attempts.customer_key', '=', customerKey)
        .where('attempts.id', '>', after.call)
        .orderBy('attempts.id')
        .limit(limit)
        .execute()
      return {
        changes: changes.map(row => ({ type: 'change' as const, ...row })),
        calls: calls.map(row => ({ type: 'call' as const, ...row }))
      }
    }
  }
}
