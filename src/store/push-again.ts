import { earlier } from './lanes.ts'
import type { Lane } from './resources.ts'
import type { Store } from './store.ts'
import { resultsOf, type Write, write } from './write.ts'

export type PushingAgain = ReturnType<typeof pushingAgainOf>

/** A customer's whole desired state, once more: for when somebody has changed Seam behind the relay's back. */
export function pushingAgainOf(store: Store) {
  const { db } = store
  return {
    /**
     * Everything that Seam shall hold of a customer gets the lane's next revision, so that it also goes again after what is
     * being sent at this moment; what Seam refused has another chance. Deletions that are not settled are still to be made.
     * @returns how many resources Seam shall hold; undefined where there is no such customer
     */
    async pushAgain(lane: Lane, now: number, also: Write[]): Promise<number | undefined> {
      const moved = db
        .updateTable('lanes')
        .set(eb => ({
          revision: eb('revision', '+', 1),
          due_at: earlier('due_at', now),
          not_before: 0,
          arrival_at: db
            .selectFrom('resources')
            .select(({ fn }) => fn.min('starts_at').as('nearest'))
            .where('workspace_id', '=', lane.workspaceId)
            .where('customer_key', '=', lane.customerKey)
            .where('fields', 'is not', null)
        }))
        .where('workspace_id', '=', lane.workspaceId)
        .where('customer_key', '=', lane.customerKey)
      const ofLane = db
        .updateTable('resources')
        .set(eb => ({
          revision: eb
            .selectFrom('lanes')
            .select('lanes.revision')
            .where('lanes.workspace_id', '=', lane.workspaceId)
            .where('lanes.customer_key', '=', lane.customerKey)
            .$castTo<number>()
        }))
        .where('workspace_id', '=', lane.workspaceId)
        .where('customer_key', '=', lane.customerKey)
      const [, pushed] = resultsOf(
        await store.commit([
          // The lane first: whoever decides upon rows as they were is told that they have moved on.
          write(moved, { expect: 1 }),
          write(ofLane.where('fields', 'is not', null)),
          write(
            ofLane
              .where('fields', 'is', null)
              .where('buried_reason', 'is not', null)
              .whereRef('revision', '>', 'synced_revision')
          ),
          ...also
        ])
      )
      return pushed?.changes
    }
  }
}
