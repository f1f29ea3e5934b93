import { sql } from 'kysely'
import { relayTables } from '../../src/store/copy-tables.ts'
import type { Store } from '../../src/store/store.ts'

interface Column {
  name: string
  dataType: string
  isNullable: boolean
  isAutoIncrementing: boolean
}

/** Every table of the store as the engine itself lists them, but the list of migrations. */
export async function tablesIn({ db }: Store): Promise<{ name: string; columns: Column[] }[]> {
  return (await db.introspection.getTables()).filter(each => !each.name.startsWith('migrations'))
}

/**
 * Puts rows into every table: with every value that may be null once null and once not, and text of all kinds.
 * @param serials one row each; rows of different serials have nothing in common
 */
export async function fill(store: Store, serials: number[]): Promise<void> {
  const keys = new Map((await relayTables()).map(each => [each.name, each.key]))
  for (const { name, columns } of await tablesIn(store)) {
    // SQLite alone has keys that may be null, and nobody writes any.
    const isKey = (column: Column) => keys.get(name)?.includes(column.name) === true
    const given = columns.filter(each => !(each.isAutoIncrementing || isSerial(name, each)))
    for (const serial of serials) {
      const values = given.map((column, place) =>
        column.isNullable && !isKey(column) && (serial + place) % 2 === 0 ? null : valueFor(column, serial)
      )
      const insert = sql`insert into ${sql.table(name)} (${sql.join(given.map(each => sql.ref(each.name)))})
        values (${sql.join(values)})`.compile(store.db)
      await store.commit([{ sql: insert.sql, rows: [insert.parameters], returning: false }])
    }
  }
}

const isSerial = (table: string, { name }: Column) => table === 'change_log' && name === 'id'

function valueFor({ name, dataType }: Column, serial: number): unknown {
  switch (dataType.toLowerCase()) {
    case 'text':
      return `${name} ${serial} "'\\\n\t\u{1F6AA} é Ω z'`
    case 'blob':
    case 'bytea':
      return Buffer.from([0, 255, serial % 256, 10, 92])
    default:
      return serial % 3 === 0 ? serial : 1_800_000_000_000 + serial
  }
}

/** Everything in the store, as text by table, in an order that is the same for all engines. */
export async function contentsOf(store: Store): Promise<Record<string, string[]>> {
  const contents: Record<string, string[]> = {}
  for (const { name } of await tablesIn(store)) {
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(store.db)
    contents[name] = rows.map(shown).sort()
  }
  return contents
}

function shown(row: Record<string, unknown>): string {
  const values = Object.entries(row).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
  ])
  return JSON.stringify(values.sort())
}
