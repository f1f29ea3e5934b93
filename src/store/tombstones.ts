import { type Expression, type SqlBool, sql } from 'kysely'
import { firstIdAt, TIME_DIGITS } from '../model/ids.ts'
import { firstStampAt, ORDER_AT } from '../model/stamp.ts'
import { isOpen, isReceived } from './delivery-states.ts'
import { lanesOf } from './lanes.ts'
import { padded } from './parts.ts'
import type { ResourcePrimaryKey } from './primary-key.ts'
import type { BookingRow, Lane, ResourceRow } from './resources.ts'
import type { Store } from './store.ts'
import type { DeliveriesTable } from './tables.ts'
import { prepare, type Write, write } from './write.ts'

/** A resource that Seam neither shall hold nor holds; its time and key are its place among the others. */
export type GoneRow = Pick<
  ResourceRow,
  'workspace_id' | 'customer_key' | 'kind' | 'key' | 'connection_id' | 'updated_at'
>

/** What a commit rests upon that forgets what is gone. */
export interface Forgetting {
  lane: Lane
  /** Of the lane, when it was decided; undefined where the customer has none. */
  revision: number | undefined
  /** Nothing that came before this time may be taken in afterwards. */
  until: number
  /** Whose held deliveries may speak of the lane. */
  connections: string[]
}

export type Tombstones = ReturnType<typeof tombstonesOf>

/** In the words of the indexes resources_gone and bookings_empty. */
const isGone = sql<boolean>`fields is null and offered = 0`
const isEmpty = sql<boolean>`empty_because is not null`

const DELETIONS = 'deletions'

/** When the deliveries were received, before which nobody remembers what is gone. */
const forgottenUntil = sql<number>`coalesce((select until from forgotten where what = ${sql.lit(DELETIONS)}), 0)`

/**
 * Whether a stored delivery may be taken in again: its body is there, and what was deleted since it came is remembered.
 * While one is held or under way, nothing is forgotten that it may speak of.
 */
export const mayRunAgain = sql<SqlBool>`(emptied = 0 and (state in ('received', 'held') or received_at >= ${forgottenUntil}))`

/** As {@link mayRunAgain}, of many that were read. @param until as {@link forgottenAt} tells */
export function mayRun(
  { emptied, state, received_at }: Pick<DeliveriesTable, 'state' | 'received_at'> & { emptied: number },
  until: number
): boolean {
  return emptied === 0 && (state === 'received' || state === 'held' || received_at >= until)
}

/** When deliveries were received, ms since 1970, before which nobody remembers what is gone. */
export async function forgottenAt({ db }: Pick<Store, 'db'>): Promise<number> {
  const row = await db
    .selectFrom('forgotten')
    .select('until')
    .where('what', '=', DELETIONS)
    .executeTakeFirst()
  return row?.until ?? 0
}

/** First in a commit that lets deliveries run again, and in one that forgets: so each of them sees what the other has done. */
export function inTurn({ db }: Pick<Store, 'db'>, until = 0): Write {
  return write(
    db
      .insertInto('forgotten')
      .values({ what: DELETIONS, until })
      .onConflict(conflict =>
        conflict.column('what').doUpdateSet({
          until: sql<number>`case when forgotten.until < excluded.until then excluded.until else forgotten.until end`
        })
      )
  )
}

/** What remains of what is gone, so that an older word of it does not bring it back; and how it is forgotten in the end. */
export function tombstonesOf(store: Store) {
  const { db } = store
  const lanes = lanesOf(store)

  const deleteResource = prepare<ResourcePrimaryKey>(row =>
    db
      .deleteFrom('resources')
      .where('workspace_id', '=', row.workspace_id)
      .where('customer_key', '=', row.customer_key)
      .where('kind', '=', row.kind)
      .where('key', '=', row.key)
      .where(isGone)
      .whereRef('revision', '<=', 'synced_revision')
      .where(eb => {
        const of = (table: 'contacts' | 'rerenders' | 'stay_names') =>
          eb
            .selectFrom(table)
            .select(eb.lit(1).as('one'))
            .whereRef(`${table}.workspace_id`, '=', 'resources.workspace_id')
            .whereRef(`${table}.customer_key`, '=', 'resources.customer_key')
        const ofSame = (table: 'contacts' | 'rerenders') =>
          of(table).where(
            sql<boolean>`${sql.ref(`${table}.kind`)} = resources.kind and ${sql.ref(`${table}.key`)} = resources.key`
          )
        const naming = of('stay_names').where(
          sql<boolean>`ref in ('place', 'guest') and ref_key = resources.key`
        )
        const none = (query: Expression<unknown>) => eb.not(eb.exists(query))
        return eb.and([none(ofSame('contacts')), none(ofSame('rerenders')), none(naming)])
      })
  )

  const deleteBooking = prepare<Pick<BookingRow, 'workspace_id' | 'customer_key' | 'booking' | 'stamp'>>(
    row =>
      db
        .deleteFrom('bookings')
        .where('workspace_id', '=', row.workspace_id)
        .where('customer_key', '=', row.customer_key)
        .where('booking', '=', row.booking)
        .where('stamp', '=', row.stamp)
        .where(eb =>
          eb.not(
            eb.exists(
              eb
                .selectFrom('resources')
                .select(eb.lit(1).as('one'))
                .whereRef('resources.workspace_id', '=', 'bookings.workspace_id')
                .whereRef('resources.customer_key', '=', 'bookings.customer_key')
                .whereRef('resources.booking', '=', 'bookings.booking')
            )
          )
        )
  )

  /** Undoes the commit where a delivery that came before is under way, or held for one of these connections. */
  function nothingOlder({ until, connections }: Forgetting): Write[] {
    const older = db.selectFrom('deliveries').select('id').limit(1)
    return [
      write(older.where(isReceived).where('received_at', '<', until), { expect: 0 }),
      write(
        older
          .where(isOpen)
          .where('state', '=', 'held')
          .where('connection_id', 'in', padded(connections))
          .where('id', '<', firstIdAt(until)),
        { expect: 0 }
      )
    ]
  }

  return {
    /** Resources that last changed before, oldest first; also those that are held, or that a stay may come to need. */
    async gone(before: number, limit: number, from: GoneRow | undefined): Promise<GoneRow[]> {
      return db
        .selectFrom('resources')
        .select(['workspace_id', 'customer_key', 'kind', 'key', 'connection_id', 'updated_at'])
        .where(isGone)
        .where('updated_at', '<', before)
        .$if(from !== undefined, query =>
          query.where(eb =>
            eb(eb.refTuple('updated_at', 'key'), '>', eb.tuple(Number(from?.updated_at), String(from?.key)))
          )
        )
        .orderBy('updated_at')
        .orderBy('key')
        .limit(limit)
        .execute()
    },

    /** Bookings of which the platform said before, and was heard before, that they have no stays; by their stamps. */
    async emptyBookings(before: number, limit: number, from: string): Promise<BookingRow[]> {
      // A stamp holds the platform's clock, and in the id of the delivery that of the relay.
      const heard = sql<string>`substr(stamp, ${sql.lit(ORDER_AT + 1)}, ${sql.lit(TIME_DIGITS)})`
      return db
        .selectFrom('bookings')
        .selectAll()
        .where(isEmpty)
        .where('stamp', '>', from)
        .where('stamp', '<', firstStampAt(before))
        .where(heard, '<', firstIdAt(before))
        .orderBy('stamp')
        .limit(limit)
        .execute()
    },

    /** Connections of which deliveries are held or dead. */
    async connectionsWithOpen(): Promise<string[]> {
      const rows = await db
        .selectFrom('deliveries')
        .select('connection_id')
        .where(isOpen)
        .distinct()
        .execute()
      return rows.map(row => row.connection_id)
    },

    /** Whether there is so much under way that asking for its age would take long. */
    async isBacklog(most: number): Promise<boolean> {
      const under = db.selectFrom('deliveries').select('id').where(isReceived)
      return (await under.limit(most + 1).execute()).length > most
    },

    forgetResources(forgetting: Forgetting, rows: ResourcePrimaryKey[]): Write[] {
      return [
        inTurn(store, forgetting.until),
        ...nothingOlder(forgetting),
        ...lanes.unmoved(forgetting.lane, forgetting.revision),
        deleteResource(rows)
      ]
    },

    forgetBookings(forgetting: Forgetting, rows: BookingRow[]): Write[] {
      return [
        inTurn(store, forgetting.until),
        ...nothingOlder(forgetting),
        ...lanes.unmoved(forgetting.lane, forgetting.revision),
        deleteBooking(rows)
      ]
    }
  }
}
