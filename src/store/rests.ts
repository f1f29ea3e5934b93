import { sql } from 'kysely'
import type { Store } from './store.ts'
import { resultsOf, type Write, write } from './write.ts'

/** A platform's API that is not to be asked for a while, by way of one connection, or not of its places. */
export interface Rest {
  /** ms since 1970. */
  until: number
  /** Failures one after the other. */
  failures: number
  /** The platform refused our credentials, rather than being busy: mended settings may have changed that. */
  unauthorized: boolean
}

export type KeptRests = ReturnType<typeof keptRestsOf>

/** The rest of a connection's places alone; no connection's id has a blank. */
export function restOfPlaces(connectionId: string): string {
  return `${connectionId} places`
}

/** In the store, so that all relays on it keep the same rests, over a restart too. */
export function keptRestsOf(store: Store) {
  const { db } = store
  return {
    async get(id: string): Promise<Rest | undefined> {
      const row = await db
        .selectFrom('rests')
        .select(['until', 'failures', 'unauthorized'])
        .where('connection_id', '=', id)
        .executeTakeFirst()
      return row && { ...row, unauthorized: row.unauthorized === 1 }
    },

    /** Of all connections and their places, by id. */
    async all(): Promise<Map<string, Rest>> {
      const rows = await db.selectFrom('rests').selectAll().execute()
      return new Map(
        rows.map(({ connection_id, until, failures, unauthorized }) => [
          connection_id,
          { until, failures, unauthorized: unauthorized === 1 }
        ])
      )
    },

    /** @returns whether it is for the asker alone, until `probingUntil`, to find out whether the platform answers again */
    async probe(id: string, now: number, probingUntil: number): Promise<boolean> {
      const committed = await store.commit([
        write(
          db
            .updateTable('rests')
            .set({ probing_until: probingUntil })
            .where('connection_id', '=', id)
            .where('until', '<=', now)
            .where('probing_until', '<=', now)
        )
      ])
      return resultsOf(committed)[0]?.changes === 1
    },

    /** A longer rest that somebody else was told stays. */
    async begin(id: string, { until, failures, unauthorized }: Rest): Promise<void> {
      const values = { failures, unauthorized: unauthorized ? (1 as const) : (0 as const), probing_until: 0 }
      const longer = sql<number>`case when rests.until > ${until} then rests.until else ${until} end`
      await store.commit([
        write(
          db
            .insertInto('rests')
            .values({ connection_id: id, until, ...values })
            .onConflict(conflict =>
              conflict.column('connection_id').doUpdateSet({ ...values, until: longer })
            )
        )
      ])
    },

    /** Whoever was to find out did not: somebody else may. */
    async release(id: string): Promise<void> {
      await store.commit([
        write(db.updateTable('rests').set({ probing_until: 0 }).where('connection_id', '=', id))
      ])
    },

    /** Whoever was to find out was answered. What somebody else was told to wait meanwhile is waited. */
    async end(id: string, now: number): Promise<void> {
      await store.commit([
        write(db.deleteFrom('rests').where('connection_id', '=', id).where('until', '<=', now))
      ])
    },

    /** However long it was to be. */
    async forget(id: string): Promise<void> {
      await store.commit([write(db.deleteFrom('rests').where('connection_id', '=', id))])
    },

    /** After a start: credentials may have been mended, and whoever was finding out may be gone. */
    recover(now: number): Write[] {
      return [
        write(db.deleteFrom('rests').where('unauthorized', '=', 1)),
        write(db.updateTable('rests').set({ probing_until: 0 }).where('probing_until', '>', now))
      ]
    }
  }
}
