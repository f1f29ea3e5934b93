import { type RawBuilder, sql } from 'kysely'

/** Behind every character. */
const LAST = '\u{10FFFF}'

/** Texts that begin so, in words that an index on the column serves. */
export function beginsWith(column: string, text: string): RawBuilder<boolean> {
  return sql<boolean>`(${sql.ref(column)} >= ${text} and ${sql.ref(column)} < ${text + LAST})`
}
