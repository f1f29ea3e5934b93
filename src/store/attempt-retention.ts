import { firstIdAt } from '../model/ids.ts'
import { inParts, padded } from './parts.ts'
import { changesIn, type Portion } from './portion.ts'
import type { Store } from './store.ts'
import { write } from './write.ts'

/** Calls to Seam carry hundreds of resources each: rows that go in one commit with their attempts. */
const MOST_CARRIED = 1_000

/** How calls to Seam that are old go, with what they carried; see {@link retentionOf} for how steps are. */
export function attemptRetentionOf(store: Store) {
  const { db } = store
  const changed = changesIn(store)

  /**
   * Calls to Seam that were made before, with what they carried. Not the last one that carried something which Seam has
   * not agreed to: it says why.
   */
  async function forgetAttempts(before: number, limit: number, from = ''): Promise<Portion<string>> {
    const rows = await db
      .selectFrom('attempts')
      .select('id')
      .where('id', '>', from)
      .where('id', '<', firstIdAt(before))
      .orderBy('id')
      .limit(limit)
      .execute()
    const old = rows.map(row => row.id)
    const ids = withinWeight(old, await carriedBy(old), MOST_CARRIED)
    const needed = new Set(await lastOfUnsettled(ids))
    const free = padded(ids.filter(id => !needed.has(id)))
    const removed =
      free.length === 0
        ? 0
        : await changed(
            write(db.deleteFrom('attempts').where('id', 'in', free)),
            write(db.deleteFrom('attempt_resources').where('attempt_id', 'in', free))
          )
    return { removed, next: rows.length === limit || ids.length < old.length ? ids.at(-1) : undefined }
  }

  /** How many resources each of these calls carried. */
  async function carriedBy(attemptIds: string[]): Promise<Map<string, number>> {
    const rows = await inParts(attemptIds, part =>
      db
        .selectFrom('attempt_resources')
        .select(['attempt_id', db.fn.countAll<number>().as('resources')])
        .where('attempt_id', 'in', part)
        .groupBy('attempt_id')
        .execute()
    )
    return new Map(rows.map(row => [row.attempt_id, row.resources]))
  }

  async function lastOfUnsettled(attemptIds: string[]): Promise<string[]> {
    const rows = await inParts(attemptIds, part =>
      db
        .selectFrom('attempt_resources as carried')
        .innerJoin('attempts', 'attempts.id', 'carried.attempt_id')
        .innerJoin('resources', join =>
          join
            .onRef('resources.workspace_id', '=', 'carried.workspace_id')
            .onRef('resources.customer_key', '=', 'attempts.customer_key')
            .onRef('resources.kind', '=', 'carried.kind')
            .onRef('resources.key', '=', 'carried.key')
        )
        .select('carried.attempt_id')
        .where('carried.attempt_id', 'in', part)
        .whereRef('resources.revision', '>', 'resources.synced_revision')
        .where(eb =>
          eb.not(
            eb.exists(
              eb
                .selectFrom('attempt_resources as newer')
                .select('newer.attempt_id')
                .whereRef('newer.workspace_id', '=', 'carried.workspace_id')
                .whereRef('newer.kind', '=', 'carried.kind')
                .whereRef('newer.key', '=', 'carried.key')
                .whereRef('newer.attempt_id', '>', 'carried.attempt_id')
            )
          )
        )
        .distinct()
        .execute()
    )
    return rows.map(row => row.attempt_id)
  }

  return { forgetAttempts }
}

/** The first ones that together weigh no more, and one at least. */
function withinWeight(ids: string[], weights: Map<string, number>, most: number): string[] {
  let weight = 0
  return ids.filter((id, position) => {
    weight += weights.get(id) ?? 0
    return position === 0 || weight <= most
  })
}
