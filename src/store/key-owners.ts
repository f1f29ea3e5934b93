import { sql } from 'kysely'
import { type KeysSpokenOf, keyTurns } from './key-turns.ts'
import { inParts, partsOf } from './parts.ts'
import { isDirty } from './resource-states.ts'
import type { Lane, ResourceRef } from './resources.ts'
import type { Store } from './store.ts'
import { type Write, write } from './write.ts'

/** Who has a key. */
export interface Owner extends ResourceRef {
  customerKey: string
  /** Deleted, and Seam knows it: others may take the key. */
  isGone: boolean
  /** Deleted, and Seam is still to be told: others may take the key after that. */
  isBeingDeleted: boolean
}

/** As {@link Owner.isGone} tells, in the words of a query. */
const isHad = sql<boolean>`(fields is not null or offered = 1 or upsert_stamp > removed_stamp)`

/** Which customer has a key: a deletion at Seam names keys and no customer, so a key is one customer's in all of its workspace. */
export function keyOwnersOf(store: Store) {
  const { db } = store
  const turnsOf = keyTurns(store)

  return {
    /** Who in the workspace has these keys, or had them before they were deleted; whatever the kind. */
    async owners(workspaceId: string, keys: string[]): Promise<Owner[]> {
      const rows = await inParts(keys, part =>
        db
          .selectFrom('resources')
          .select(['kind', 'key', 'customer_key', 'upsert_stamp', 'removed_stamp', 'fields', 'offered'])
          .select(isDirty.as('dirty'))
          .where('workspace_id', '=', workspaceId)
          .where('key', 'in', part)
          .where('customer_key', '!=', '')
          .execute()
      )
      return rows.map(row => {
        const isDeleted = row.fields === null && row.upsert_stamp <= row.removed_stamp
        return {
          kind: row.kind,
          key: row.key,
          customerKey: row.customer_key,
          isGone: isDeleted && row.offered === 0,
          // Where Seam has refused it, Seam goes on holding it.
          isBeingDeleted: isDeleted && row.offered === 1 && Boolean(row.dirty)
        }
      })
    },

    /** Undoes the commit where another customer has come to have one of these keys, whatever the kind. */
    nobodyElseHas(lane: Lane, keys: KeysSpokenOf): Write[] {
      const others = (part: string[]) =>
        db
          .selectFrom('resources')
          .select('key')
          .where('workspace_id', '=', lane.workspaceId)
          .where('key', 'in', part)
          .where('customer_key', 'not in', [lane.customerKey, ''])
          .where(isHad)
          .limit(1)
      return [
        ...turnsOf(lane.workspaceId, keys),
        ...partsOf([...new Set([...keys.made, ...keys.named])]).map(part =>
          write(others(part), { expect: 0 })
        )
      ]
    },

    /** Undoes the commit where a customer has one of these. */
    nobodyHas(stray: Lane, refs: ResourceRef[]): Write[] {
      return [...Map.groupBy(refs, ref => ref.kind)].flatMap(([kind, ofKind]) =>
        partsOf(ofKind.map(ref => ref.key)).map(keys => {
          const had = db
            .selectFrom('resources')
            .select('key')
            .where('workspace_id', '=', stray.workspaceId)
            .where('key', 'in', keys)
            .where('kind', '=', kind)
            .where('customer_key', '!=', stray.customerKey)
          const same = db
            .updateTable('lanes')
            .set(eb => ({ revision: eb.ref('revision') }))
            .where('workspace_id', '=', stray.workspaceId)
            .where('customer_key', '=', stray.customerKey)
            .where(eb => eb.not(eb.exists(had)))
          return write(same, { expect: 1 })
        })
      )
    }
  }
}
