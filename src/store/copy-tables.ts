import { type RawBuilder, sql } from 'kysely'
import { openStore, type Store } from './store.ts'

/** A table of the relay, as the migrations make it. */
export interface CopiedTable {
  name: string
  columns: string[]
  /** Columns of the primary key, in its order. */
  key: string[]
  /** Columns of any size: text and bytes. */
  sized: string[]
  /** The column whose numbers the engine gives; undefined where there is none. */
  serial: string | undefined
}

export type Row = Record<string, unknown>

interface ColumnRow {
  table: string
  name: string
  type: string
  /** Its place in the primary key, from 1; 0 where it is no part of it. */
  place: number
}

/**
 * Every table that this release's migrations make but the list of migrations. Asked of a new store: a database may hold
 * tables of others beside the relay's, and a list written down here would sooner or later lack one.
 */
export async function relayTables(): Promise<CopiedTable[]> {
  const blank = await openStore('file::memory:')
  try {
    const { rows } = await sql<ColumnRow>`
      select tables.name as "table", columns.name as name, lower(columns.type) as type, columns.pk as place
      from sqlite_master as tables join pragma_table_info(tables.name) as columns
      where tables.type = 'table' and tables.name not like 'sqlite\\_%' escape '\\' and tables.name <> 'migrations'
      order by tables.name, columns.name`.execute(blank.db)
    return [...Map.groupBy(rows, row => row.table)].map(([name, columns]) => tableOf(name, columns))
  } finally {
    await blank.close()
  }
}

function tableOf(name: string, columns: ColumnRow[]): CopiedTable {
  const keyed = columns.filter(each => each.place > 0).sort((a, b) => a.place - b.place)
  const [first, second] = keyed
  return {
    name,
    columns: columns.map(each => each.name),
    key: keyed.map(each => each.name),
    sized: columns.filter(each => each.type !== 'integer').map(each => each.name),
    serial: second === undefined && first?.type === 'integer' ? first.name : undefined
  }
}

/** Of one page, at most; a row that is larger has one of its own. */
export const MOST_ROWS = 1_000
export const MOST_BYTES = 4 * 1024 * 1024

/**
 * All rows, in pages by the primary key, so that a page costs the same wherever it is. What a page will weigh is asked
 * first: a thousand bodies of webhooks may be a gigabyte.
 */
export async function* pagesOf({ db }: Store, table: CopiedTable): AsyncGenerator<Row[]> {
  const from = sql.table(table.name)
  const columns = sql.join(table.columns.map(each => sql.ref(each)))
  const key = sql.join(table.key.map(each => sql.ref(each)))
  const keyOf = (row: Row) => sql.join(table.key.map(each => row[each]))
  let after = sql`where true`
  for (;;) {
    const { rows: weighed } = await sql<Weighed>`
      select ${key}, ${bytesOf(table)} as bytes from ${from} ${after} order by ${key} limit ${sql.lit(MOST_ROWS)}
    `.execute(db)
    const last = lastOf(weighed)
    if (last === undefined) return
    const { rows } = await sql<Row>`
      select ${columns} from ${from} ${after} and (${key}) <= (${keyOf(last)}) order by ${key}
    `.execute(db)
    yield rows
    after = sql`where (${key}) > (${keyOf(last)})`
  }
}

type Weighed = Row & { bytes: number }

function bytesOf({ sized }: CopiedTable): RawBuilder<unknown> {
  const lengths = sized.map(each => sql`coalesce(octet_length(${sql.ref(each)}), 0)`)
  return sql.join([sql.lit(0), ...lengths], sql` + `)
}

/** The last row of the page; undefined where there is none. */
function lastOf(weighed: Weighed[]): Row | undefined {
  let bytes = 0
  const over = weighed.findIndex(row => {
    bytes += row.bytes
    return bytes > MOST_BYTES
  })
  return weighed.at(over === -1 ? -1 : Math.max(0, over - 1))
}
