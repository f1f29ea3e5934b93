import type { Selectable } from 'kysely'
import { pausedConnections } from './pauses.ts'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'
import { resultsOf, type Write } from './write.ts'

/** Tables of what is read from platforms' APIs at its time, one at a time. */
type Readings = 'place_readings' | 'second_looks'

/**
 * The row that is due longest, leased; none of a connection that is paused.
 * @param lease what puts it behind the lease, unless somebody else was first
 */
export async function claimFirstDue<Table extends Readings>(
  store: Store,
  table: Table,
  now: number,
  lease: (due: Selectable<Tables[Table]>) => Write
): Promise<Selectable<Tables[Table]> | undefined> {
  const { db } = store
  const due = await db
    .selectFrom(table as Readings)
    .selectAll()
    .where('due_at', '<=', now)
    .where('connection_id', 'not in', pausedConnections(db))
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst()
  if (due === undefined) return undefined
  const row = due as Selectable<Tables[Table]>
  const committed = await store.commit([lease(row)])
  // Where somebody else was first, there may be another one next time.
  return resultsOf(committed)[0]?.changes === 1 ? row : undefined
}
