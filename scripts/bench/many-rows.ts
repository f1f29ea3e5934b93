import { type RawBuilder, sql } from 'kysely'
import type { Store } from '../../src/store/store.ts'
import { write } from '../../src/store/write.ts'

/** Of one statement: a commit of so many rows takes seconds. */
const MOST_ROWS = 500_000

/** Runs an insert that selects from `numbers`, whose one column `n` counts from 0. */
export async function insertNumbered(store: Store, rows: number, insert: RawBuilder<unknown>): Promise<void> {
  for (let first = 0; first < rows; first += MOST_ROWS) {
    const [from, last] = [first, Math.min(rows, first + MOST_ROWS) - 1].map(each => sql.lit(each))
    const numbers =
      store.engine === 'sqlite'
        ? sql`with recursive numbers(n) as (select ${from} union all select n + 1 from numbers where n < ${last})`
        : sql`with numbers as (select n from generate_series(${from}::bigint, ${last}::bigint) as n)`
    await store.commit([write({ compile: () => sql`${numbers} ${insert}`.compile(store.db) })])
  }
}

/** A number as so many hexadecimal digits. */
export function hexOf(store: Store, number: RawBuilder<unknown>, digits: number): RawBuilder<string> {
  return store.engine === 'sqlite'
    ? sql`printf(${sql.lit(`%0${digits}x`)}, ${number})`
    : sql`lpad(to_hex(${number}), ${sql.lit(digits)}, '0')`
}

/** So that the planner of a database server knows what is there. */
export async function analyzed(store: Store): Promise<void> {
  if (store.engine === 'postgres') await sql`analyze`.execute(store.db)
}
