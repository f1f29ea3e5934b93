import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'

/**
 * What the engines say differently. SQLite has one connection and so one writer: a commit there sees what every earlier one
 * wrote, and needs no locks. On PostgreSQL commits run beside each other (READ COMMITTED), and rows that a decision rests
 * upon are locked.
 */
export type Dialect = ReturnType<typeof dialectOf>

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

    /** A member of an object that is kept as JSON; null where it has none. */
    member(column: string, name: string): RawBuilder<string | null> {
      return isShared
        ? sql`(${sql.ref(column)}::json ->> ${sql.lit(name)})`
        : sql`(${sql.ref(column)} ->> ${sql.lit(`$.${name}`)})`
    }
  }
}
