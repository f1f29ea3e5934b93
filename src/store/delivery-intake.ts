import { hash } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Delivery } from '../model/delivery.ts'
import type { SpanRef } from '../model/trace.ts'
import type { Store } from './store.ts'
import type { DeliveriesTable } from './tables.ts'
import { turnsOf } from './turns.ts'
import { prepare, resultsOf, type Write, write } from './write.ts'

export interface NewDelivery extends Delivery {
  dedupeKey: string | undefined
  /** Under which span it goes on, where it is traced. */
  trace?: SpanRef | undefined
}

export interface Appended {
  id: string
  /** True where the platform's id of the delivery was known already; `id` is then the first one's. */
  duplicate: boolean
}

type InsertedRow = Pick<
  Selectable<DeliveriesTable>,
  | 'id'
  | 'connection_id'
  | 'platform'
  | 'dedupe_key'
  | 'received_at'
  | 'headers'
  | 'query'
  | 'body'
  | 'turn'
  | 'trace'
>

/** Characters of a platform's id that are kept as they are: PostgreSQL's indexes take some 2,700 bytes. */
const LONGEST_DEDUPE_KEY = 500

/** How deliveries come into the store: each once, as far as the platform tells them apart. */
export function deliveryIntakeOf(store: Store) {
  const { db } = store
  const turns = turnsOf()

  const insert = prepare<InsertedRow>(row =>
    db
      .insertInto('deliveries')
      .values({ ...columns(row), state: 'received', due_at: row.received_at, turn: row.turn })
      .onConflict(conflict => conflict.doNothing())
  )

  /**
   * Stores a delivery; on disk when it answers.
   * @throws RelayError RELAY_STORE_UNAVAILABLE
   */
  async function append(delivery: NewDelivery): Promise<Appended> {
    const [inserted] = resultsOf(await store.commit([insertOf(delivery)]))
    if (inserted?.changes === 1) return { id: delivery.id, duplicate: false }
    return duplicateOf(delivery)
  }

  async function duplicateOf(delivery: NewDelivery): Promise<Appended> {
    return { id: (await first(delivery))?.id ?? delivery.id, duplicate: true }
  }

  /**
   * Stores several at once, all or none; on disk when it answers. A key that comes twice among them counts once.
   * @throws RelayError RELAY_STORE_UNAVAILABLE
   */
  async function appendAll(list: NewDelivery[]): Promise<Appended[]> {
    const inserted = resultsOf(await store.commit(list.map(insertOf)))
    const appended: Appended[] = []
    for (const [position, delivery] of list.entries()) {
      const isNew = inserted[position]?.changes === 1
      appended.push(isNew ? { id: delivery.id, duplicate: false } : await duplicateOf(delivery))
    }
    return appended
  }

  /** The stored delivery with the same key of its connection's. */
  async function first({
    connectionId,
    dedupeKey
  }: Pick<NewDelivery, 'connectionId' | 'dedupeKey'>): Promise<
    Pick<Delivery, 'id' | 'receivedAt' | 'headers' | 'body'> | undefined
  > {
    const row = await db
      .selectFrom('deliveries')
      .select(['id', 'received_at', 'headers', 'body'])
      .where('connection_id', '=', connectionId)
      .where('dedupe_key', '=', indexable(dedupeKey))
      .executeTakeFirst()
    return (
      row && { id: row.id, receivedAt: row.received_at, headers: JSON.parse(row.headers), body: row.body }
    )
  }

  /** Its key may be used again. */
  async function forgetDedupeKey(id: string): Promise<void> {
    await store.commit([write(db.updateTable('deliveries').set({ dedupe_key: null }).where('id', '=', id))])
  }

  /** The write of {@link append}, for a commit that does more. */
  function insertOf(delivery: NewDelivery): Write {
    return insert([
      {
        id: delivery.id,
        connection_id: delivery.connectionId,
        platform: delivery.platform,
        dedupe_key: indexable(delivery.dedupeKey),
        received_at: delivery.receivedAt,
        headers: JSON.stringify(delivery.headers),
        query: JSON.stringify(delivery.query),
        // A copy: Node's buffers are windows on larger ones, and all of that would travel to the store's thread.
        body: new Uint8Array(delivery.body),
        turn: turns.next(delivery.connectionId, delivery.receivedAt),
        trace: delivery.trace ?? null
      }
    ])
  }

  return { append, appendAll, first, forgetDedupeKey, insertOf }
}

function indexable(dedupeKey: string | undefined): string | null {
  if (dedupeKey === undefined || dedupeKey.length <= LONGEST_DEDUPE_KEY) return dedupeKey ?? null
  return `sha256:${hash('sha256', dedupeKey)}`
}

function columns(row: InsertedRow): Omit<InsertedRow, 'turn'> {
  const { id, connection_id, platform, dedupe_key, received_at, headers, query, body, trace } = row
  return { id, connection_id, platform, dedupe_key, received_at, headers, query, body, trace }
}
