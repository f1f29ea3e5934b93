import type { Selectable } from 'kysely'
import type { Incoming } from '../model/delivery.ts'
import type { Deliveries } from './deliveries.ts'
import type { NewDelivery } from './delivery-intake.ts'
import type { Store } from './store.ts'
import type { RejectedTable } from './tables.ts'
import { talliesOf } from './tallies.ts'
import { type Write, write } from './write.ts'

export interface KeptRequest extends Incoming {
  id: string
  platform: string
  cause: string
}

export interface KeepLimits {
  /** Newest requests kept per connection. */
  count: number
  /** And at most this many bytes of bodies per connection. */
  bytes: number
}

export type Rejected = ReturnType<typeof rejectedOf>

/** Requests that were not taken in: counted by cause, the newest kept so that a mended secret can let them in. */
export function rejectedOf(store: Store) {
  const { db } = store
  const tallies = talliesOf(store)

  async function count(
    counts: { connectionId: string; cause: string; count: number }[],
    now: number
  ): Promise<void> {
    const tallied = counts.map(({ connectionId, cause, count }) => ({
      connectionId,
      what: `rejected ${cause}`,
      count
    }))
    await store.commit([
      ...counts.map(each =>
        write(
          db
            .insertInto('rejected_counts')
            .values({ connection_id: each.connectionId, cause: each.cause, count: each.count, last_at: now })
            .onConflict(conflict =>
              conflict.columns(['connection_id', 'cause']).doUpdateSet(eb => ({
                count: eb('rejected_counts.count', '+', each.count),
                last_at: now
              }))
            )
        )
      ),
      tallies.add(now, tallied)
    ])
  }

  /** Keeps one and lets the oldest beyond the limits go. */
  async function keep(request: KeptRequest, limits: KeepLimits): Promise<void> {
    await store.commit([
      write(
        db.insertInto('rejected').values({
          id: request.id,
          connection_id: request.connectionId,
          platform: request.platform,
          received_at: request.receivedAt,
          cause: request.cause,
          headers: JSON.stringify(request.headers),
          query: JSON.stringify(request.query),
          remote_address: request.remoteAddress ?? null,
          credential_salt: request.credentialDigest?.salt ?? null,
          credential_hash: request.credentialDigest?.hash ?? null,
          body: new Uint8Array(request.body),
          bytes: request.body.byteLength
        })
      )
    ])
    await prune(request.connectionId, limits)
  }

  async function prune(connectionId: string, limits: KeepLimits): Promise<void> {
    const rows = await db
      .selectFrom('rejected')
      .select(['id', 'bytes'])
      .where('connection_id', '=', connectionId)
      .orderBy('id', 'desc')
      .execute()
    let bytes = 0
    const tooOld = rows.filter((row, position) => {
      bytes += row.bytes
      return position >= limits.count || bytes > limits.bytes
    })
    if (tooOld.length === 0) return
    const ids = tooOld.map(row => row.id)
    await store.commit([write(db.deleteFrom('rejected').where('id', 'in', ids))])
  }

  async function list(connectionId: string): Promise<KeptRequest[]> {
    const rows = await db
      .selectFrom('rejected')
      .selectAll()
      .where('connection_id', '=', connectionId)
      .orderBy('id')
      .execute()
    return rows.map(keptOf)
  }

  async function counts(): Promise<{ connectionId: string; cause: string; count: number; lastAt: number }[]> {
    const rows = await db
      .selectFrom('rejected_counts')
      .selectAll()
      .orderBy('connection_id')
      .orderBy('cause')
      .execute()
    return rows.map(row => ({
      connectionId: row.connection_id,
      cause: row.cause,
      count: row.count,
      lastAt: row.last_at
    }))
  }

  /** Out of the rejected, into the inbox; one commit. */
  async function takeIn(taken: NewDelivery[], deliveries: Deliveries, also: Write[] = []): Promise<void> {
    await store.commit([
      ...taken.flatMap(delivery => [
        deliveries.insertOf(delivery),
        write(db.deleteFrom('rejected').where('id', '=', delivery.id))
      ]),
      ...also
    ])
  }

  return { count, keep, list, counts, takeIn }
}

function keptOf(row: Selectable<RejectedTable>): KeptRequest {
  const { credential_salt: salt, credential_hash: hash } = row
  return {
    id: row.id,
    connectionId: row.connection_id,
    platform: row.platform,
    receivedAt: row.received_at,
    cause: row.cause,
    headers: JSON.parse(row.headers),
    query: JSON.parse(row.query),
    remoteAddress: row.remote_address ?? undefined,
    credentialDigest: salt !== null && hash !== null ? { salt, hash } : undefined,
    body: row.body
  }
}
