import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'

/**
 * What the engines say differently. SQLite has one connection and so one writer: a commit there sees what every earlier one
 * wrote, and needs no locks. On PostgreSQL commits run beside each other (READ COMMITTED), and rows that a decision rests
 * upon are locked.
 */
export type Dialect = ReturnType<typeof dialectOf>

/** Names the turns of keys among the database's advisory locks. */
const TURNS = 1_936_941_421

export function dialectOf({ engine }: Pick<Store, 'engine'>) {
  const isShared = engine === 'postgres'
  return {
    /** Rows to be claimed: those that somebody else is claiming at the moment are passed over. */
    claimed<Query extends { forUpdate(): Query; skipLocked(): Query }>(query: Query): Query {
      return isShared ? query.forUpdate().skipLocked() : query
    },

    /** Rows that must stay as they are until the commit has ended. */
    unchanged<Table extends keyof Tables, Row>(
      query: SelectQueryBuilder<Tables, Table, Row>
    ): SelectQueryBuilder<Tables, Table, Row> {
      return isShared ? query.forShare() : query
    },

    /**
     * Waits for other commits that have had the same turn, until they have ended; what comes after it in the commit sees what
     * they wrote. Undefined where commits have their turns anyway.
     * @param alone whether also for, and before, those that do not mind each other
     */
    turn(number: number, alone: boolean): RawBuilder<unknown> | undefined {
      if (!isShared) return undefined
      return alone
        ? sql`select pg_advisory_xact_lock(${TURNS}, ${number})`
        : sql`select pg_advisory_xact_lock_shared(${TURNS}, ${number})`
    },

    /** Whether a text has another one within it, letter by letter. */
    contains(column: string, part: string): RawBuilder<boolean> {
      return isShared
        ? sql`strpos(${sql.ref(column)}, ${part}) > 0`
        : sql`instr(${sql.ref(column)}, ${part}) > 0`
    },

    /** A member of an object that is kept as JSON; null where it has none. */
    member(column: string, name: string): RawBuilder<string | null> {
      return isShared
        ? sql`(${sql.ref(column)}::json ->> ${sql.lit(name)})`
        : sql`(${sql.ref(column)} ->> ${sql.lit(`$.${name}`)})`
    }
  }
}
