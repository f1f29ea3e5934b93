import { sql } from 'kysely'
import { CALLERS } from '../model/call.ts'
import { firstIdAt } from '../model/ids.ts'
import { attemptRetentionOf } from './attempt-retention.ts'
import { inParts, padded } from './parts.ts'
import { changesIn, type Portion } from './portion.ts'
import type { Store } from './store.ts'
import { type Write, write } from './write.ts'

export type Retention = ReturnType<typeof retentionOf>

type Done = { state: 'translated' | 'ignored' | 'dead'; emptied: 0 | 1 }

/** In these states a delivery can be found with its body until that is let go. */
const emptiable = ['translated', 'ignored'] as const

/** What is left in the end: dead letters can run again until they go, and so they keep their bodies until then. */
const ended: Done[] = [
  { state: 'translated', emptied: 1 },
  { state: 'ignored', emptied: 1 },
  { state: 'dead', emptied: 0 }
]

/** Before every time there is. */
const START = -1

/**
 * What is old and finished, and how it goes: a few rows a commit, found by an index or from the old end of a primary key,
 * so that a step costs the same however much there is. Each says again in its commit what it rests upon, so that several
 * processes may do it at once.
 */
export function retentionOf(store: Store) {
  const { db } = store
  const changed = changesIn(store)

  /** Of the commit's own deliveries only those that nobody has let run again meanwhile. */
  const stillDone = ({ state, emptied }: Done, before: number) =>
    sql<boolean>`state = ${state} and emptied = ${emptied} and done_at < ${before}`

  /** Body, headers, query and facts of deliveries that ended before; what became of them stays. */
  async function emptyBodies(before: number, limit: number): Promise<Portion<true>> {
    let removed = 0
    let next: true | undefined
    for (const state of emptiable) {
      const done: Done = { state, emptied: 0 }
      const rows = await endedBefore(done, before, START, limit)
      if (rows.length === 0) continue
      const emptied = db
        .updateTable('deliveries')
        .set({
          body: new Uint8Array(),
          // Those of a call are the relay's own words: whose it was, and what it asked for.
          headers: sql<string>`case when connection_id = ${CALLERS} then headers else '{}' end`,
          query: '{}',
          facts: null,
          emptied: 1
        })
        .where('id', 'in', padded(rows.map(row => row.id)))
        .where(stillDone(done, before))
      removed += await changed(write(emptied))
      if (rows.length === limit) next = true
    }
    return { removed, next }
  }

  async function endedBefore({ state, emptied }: Done, before: number, after: number, limit: number) {
    return db
      .selectFrom('deliveries')
      .select(['id', 'done_at'])
      .where('state', '=', state)
      .where('emptied', '=', emptied)
      .where('done_at', '<', before)
      .where('done_at', '>', after)
      .orderBy('done_at')
      .limit(limit)
      .$narrowType<{ done_at: number }>()
      .execute()
  }

  /**
   * Deliveries that ended before, with the answers that were kept for their callers. Not those that tell why something is
   * held or still to be sent. The platform's id of a delivery goes with it: where it comes once more, it is translated once
   * more, and versions decide.
   * @param from of each list in {@link ended}, up to when it has been looked through
   */
  async function forgetDeliveries(
    before: number,
    limit: number,
    from: number[] = ended.map(() => START)
  ): Promise<Portion<number[]>> {
    let removed = 0
    let isMore = false
    const next = [...from]
    for (const [list, done] of ended.entries()) {
      const rows = await endedBefore(done, before, Number(from[list]), limit)
      const needed = new Set(await explaining(rows.map(row => row.id)))
      const free = rows.map(row => row.id).filter(id => !needed.has(id))
      if (free.length > 0) removed += await changed(...deliveriesGone(done, before, padded(free)))
      if (rows.length < limit) continue
      isMore = true
      // Past those that stay. Others of the very same moment that were not looked at are found the next time.
      if (needed.size > 0) next[list] = Math.max(...rows.map(row => row.done_at))
    }
    return { removed, next: isMore ? next : undefined }
  }

  function deliveriesGone(done: Done, before: number, ids: string[]): Write[] {
    return [
      write(db.deleteFrom('deliveries').where('id', 'in', ids).where(stillDone(done, before))),
      write(
        db
          .deleteFrom('answers')
          .where('delivery_id', 'in', ids)
          .where(eb =>
            eb.not(
              eb.exists(
                eb
                  .selectFrom('deliveries')
                  .select('deliveries.id')
                  .whereRef('deliveries.id', '=', 'answers.delivery_id')
              )
            )
          )
      )
    ]
  }

  /** Those of the deliveries that told of a resource which is held, or which Seam has not agreed to. */
  async function explaining(deliveryIds: string[]): Promise<string[]> {
    const rows = await inParts(deliveryIds, part =>
      db
        .selectFrom('change_log')
        .innerJoin('resources', join =>
          join
            .onRef('resources.workspace_id', '=', 'change_log.workspace_id')
            .onRef('resources.customer_key', '=', 'change_log.customer_key')
            .onRef('resources.kind', '=', 'change_log.kind')
            .onRef('resources.key', '=', 'change_log.key')
        )
        .select('change_log.delivery_id')
        .where('change_log.delivery_id', 'in', part)
        .where(eb =>
          eb.or([
            eb('resources.held', 'is not', null),
            eb('resources.revision', '>', eb.ref('resources.synced_revision'))
          ])
        )
        .distinct()
        .execute()
    )
    return rows.map(row => row.delivery_id)
  }

  /**
   * What was written before of deliveries that are gone, and of places that were read without one. The log is in the order
   * of time, so its old end is looked through.
   */
  async function forgetChanges(before: number, limit: number, from = 0): Promise<Portion<number>> {
    const rows = await db
      .selectFrom('change_log')
      .select(['id', 'delivery_id', 'at'])
      .where('id', '>', from)
      .orderBy('id')
      .limit(limit)
      .execute()
    const old = rows.filter(row => row.at < before)
    const kept = new Set(await knownAmong([...new Set(old.map(row => row.delivery_id))]))
    const free = old.filter(row => !kept.has(row.delivery_id)).map(row => row.id)
    const removed =
      free.length === 0
        ? 0
        : await changed(write(db.deleteFrom('change_log').where('id', 'in', padded(free))))
    return { removed, next: old.length === limit ? old.at(-1)?.id : undefined }
  }

  async function knownAmong(deliveryIds: string[]): Promise<string[]> {
    const rows = await inParts(deliveryIds, part =>
      db.selectFrom('deliveries').select('id').where('id', 'in', part).execute()
    )
    return rows.map(row => row.id)
  }

  /** Rejected requests that came before: what is older than every delivery that can run again must not be taken in either. */
  async function forgetRejected(before: number, limit: number): Promise<Portion<true>> {
    const old = db.selectFrom('rejected').select('id').where('id', '<', firstIdAt(before)).limit(limit)
    if ((await old.limit(1).execute()).length === 0) return { removed: 0, next: undefined }
    const removed = await changed(write(db.deleteFrom('rejected').where('id', 'in', old)))
    return { removed, next: removed === limit ? true : undefined }
  }

  /**
   * What is few, and of no use any more: tokens that have expired, keys that were revoked or have expired before, and what
   * no platform has said since then.
   */
  async function forgetLittle(before: number, now: number): Promise<Portion<true>> {
    const isOver = {
      tokens: sql<boolean>`expires_at < ${now}`,
      sessions: sql<boolean>`expires_at < ${now}`,
      drift: sql<boolean>`last_at < ${before}`,
      api_keys: sql<boolean>`(revoked_at < ${before} or expires_at < ${before})`
    }
    let removed = 0
    for (const table of ['tokens', 'sessions', 'drift', 'api_keys'] as const) {
      const over = db.selectFrom(table).select(sql.lit(1).as('one')).where(isOver[table])
      if ((await over.limit(1).execute()).length === 0) continue
      removed += await changed(write(db.deleteFrom(table).where(isOver[table])))
    }
    return { removed, next: undefined }
  }

  return {
    ...attemptRetentionOf(store),
    emptyBodies,
    forgetDeliveries,
    forgetChanges,
    forgetRejected,
    forgetLittle
  }
}
