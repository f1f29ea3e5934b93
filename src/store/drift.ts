import { sql } from 'kysely'
import type { Drift } from '../model/delivery.ts'
import type { Store } from './store.ts'
import { prepare, type Write } from './write.ts'

export interface DriftSeen {
  connectionId: string
  platform: string
  kind: Drift
  /** The platform's word, or the field that does not fit. */
  detail: string
  deliveryId: string
}

export interface DriftCount extends DriftSeen {
  count: number
  /** ms since 1970. */
  firstAt: number
  lastAt: number
}

/** A platform that says something else each time must not fill the store; what is beyond is counted as one. */
const MOST_DETAILS = 200
const MOST_DETAIL_LENGTH = 200
const OTHERS = '(others)'

export type DriftCounts = ReturnType<typeof driftOf>

/** What platforms said that their adapters do not know. */
export function driftOf(store: Store) {
  const { db } = store

  const insert = prepare<DriftSeen & { now: number }>(row => {
    const known = db
      .selectFrom('drift as known')
      .select('known.detail')
      .where('known.connection_id', '=', row.connectionId)
    const same = known.where('known.kind', '=', row.kind).where('known.detail', '=', row.detail)
    const isFull = sql<boolean>`(select count(*) from ${known} as details) >= ${MOST_DETAILS}`
    return db
      .insertInto('drift')
      .values({
        connection_id: row.connectionId,
        platform: row.platform,
        kind: row.kind,
        detail: sql<string>`case when ${isFull} and not exists ${same} then ${OTHERS} else ${row.detail} end`,
        count: 1,
        first_at: row.now,
        last_at: row.now,
        last_delivery_id: row.deliveryId
      })
      .onConflict(conflict =>
        conflict.columns(['connection_id', 'kind', 'detail']).doUpdateSet(eb => ({
          count: eb('drift.count', '+', 1),
          last_at: row.now,
          last_delivery_id: row.deliveryId
        }))
      )
  })

  /** For the commit that ends the delivery. */
  function count(seen: DriftSeen[], now: number): Write {
    return insert(seen.map(each => ({ ...each, detail: each.detail.slice(0, MOST_DETAIL_LENGTH), now })))
  }

  /** Newest first. */
  async function list(): Promise<DriftCount[]> {
    const rows = await db
      .selectFrom('drift')
      .selectAll()
      .orderBy('last_at', 'desc')
      .orderBy('detail')
      .execute()
    return rows.map(row => ({
      connectionId: row.connection_id,
      platform: row.platform,
      kind: row.kind,
      detail: row.detail,
      deliveryId: row.last_delivery_id,
      count: row.count,
      firstAt: row.first_at,
      lastAt: row.last_at
    }))
  }

  return { count, list }
}
