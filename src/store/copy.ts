import { type RawBuilder, sql } from 'kysely'
import { RelayError } from '../errors.ts'
import { summing, type TableSum } from './copy-sum.ts'
import { type CopiedTable, pagesOf, type Row, relayTables } from './copy-tables.ts'
import { type Made, newerAmong, refuseUnfinished, UNFINISHED_COPY } from './migrating.ts'
import { writable } from './postgres-pool.ts'
import type { Store } from './store.ts'
import { prepare, type Write, write } from './write.ts'

export interface CopyOptions {
  from: Store
  /** Empty, or what a copy has left unfinished. */
  to: Store
  /** Called after each page. */
  onProgress(progress: Progress): void
}

export interface Progress {
  step: 'copied' | 'compared'
  table: string
  /** So far. */
  rows: number
  /** Of so many in the old store. */
  of: number
  /** Of all tables, to be copied or to be compared after this. */
  left: number
  /** Whether that was all of the table. */
  done: boolean
}

/** A table that both stores hold alike. */
export interface Copied extends TableSum {
  table: string
  /** By column, how many rows have text that the new store can only hold with other characters. */
  altered: Record<string, number>
}

/**
 * Copies every table, reads both stores again, and compares them. Until they agree the new store is marked, so that it
 * opens for nobody but the next copy. Both have to be open for this alone.
 * @throws RelayError RELAY_BAD_REQUEST where the new store is not empty; RELAY_CONFIG_INVALID where one of them is not of this
 *   release; RELAY_STORE_UNAVAILABLE where one of them fails, or they differ in the end
 */
export async function copyStore(options: CopyOptions): Promise<Copied[]> {
  const { from, to } = options
  const tables = await relayTables()
  const made = await migrationsIn(from)
  refuseUnfinished(made)
  refuseBeyond(made)
  await begin(to, tables)
  const copying = { from, to, onProgress: progressOf(options, await countsOf(from, tables)) }
  for (const table of tables) await copyTable(copying, table)
  const copied: Copied[] = []
  for (const table of tables) copied.push(await compare(copying, table))
  await finish(to, tables)
  return copied
}

/** What is told of a table alone. */
type TableProgress = Omit<Progress, 'of' | 'left'>

interface Copying extends Pick<CopyOptions, 'from' | 'to'> {
  onProgress(progress: TableProgress): void
}

/** Each row is copied, and compared. */
function progressOf({ onProgress }: CopyOptions, counts: Map<string, number>): Copying['onProgress'] {
  let left = 2 * [...counts.values()].reduce((sum, count) => sum + count, 0)
  return progress => {
    const { table, rows, done } = progress
    onProgress({ ...progress, of: Number(counts.get(table)), left: Math.max(0, left - rows) })
    if (done) left -= rows
  }
}

async function countsOf(from: Store, tables: CopiedTable[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const table of tables) counts.set(table.name, await countIn(from, table))
  return counts
}

async function migrationsIn({ db }: Store): Promise<Made[]> {
  return (await sql<Made>`select * from migrations`.execute(db)).rows
}

/** What is copied is what this release knows of. */
function refuseBeyond(made: Made[]): void {
  const beyond = newerAmong(made).map(each => each.name)
  if (beyond.length === 0) return
  throw new RelayError(
    'RELAY_CONFIG_INVALID',
    `a newer release has brought one of the stores to ${beyond.join(', ')}; copy with that release`
  )
}

/** What an earlier copy has left is taken away: it stands in the old store. */
async function begin(to: Store, tables: CopiedTable[]): Promise<void> {
  const made = await migrationsIn(to)
  refuseBeyond(made)
  if (made.some(each => each.name === UNFINISHED_COPY)) return empty(to, tables)
  const full: string[] = []
  for (const { name } of tables) {
    const { rows } = await sql`select 1 from ${sql.table(name)} limit 1`.execute(to.db)
    if (rows.length > 0) full.push(name)
  }
  if (full.length > 0) {
    throw new RelayError(
      'RELAY_BAD_REQUEST',
      `store copy: the new store holds something already (${full.join(', ')}), and is left as it is; name a file that is not there yet, or an empty database`
    )
  }
  await to.commit([
    statement(to, sql`insert into migrations (name, contracts) values (${UNFINISHED_COPY}, 1)`)
  ])
}

async function empty(to: Store, tables: CopiedTable[]): Promise<void> {
  // Row by row it would take as long as the copy did; SQLite does the same by itself.
  const emptying = to.engine === 'postgres' ? sql`truncate` : sql`delete from`
  await to.commit(tables.map(({ name }) => statement(to, sql`${emptying} ${sql.table(name)}`)))
}

async function copyTable({ from, to, onProgress }: Copying, table: CopiedTable): Promise<void> {
  const insert = insertInto(to, table)
  let rows = 0
  for await (const page of pagesOf(from, table)) {
    await to.commit([insert(page)])
    rows += page.length
    onProgress({ step: 'copied', table: table.name, rows, done: false })
  }
  // Until somebody looks PostgreSQL takes the table for an empty one, and plans for that, here and when a relay starts.
  if (to.engine === 'postgres') await to.commit([statement(to, sql`analyze ${sql.table(table.name)}`)])
  onProgress({ step: 'copied', table: table.name, rows, done: true })
}

/** Numbers that the engine would give by itself stay what they were. */
function insertInto({ engine, db }: Store, { name, columns, serial }: CopiedTable): (rows: Row[]) => Write {
  const overriding = engine === 'postgres' && serial !== undefined ? sql` overriding system value` : sql``
  const named = sql.join(columns.map(each => sql.ref(each)))
  return prepare<Row>(row => {
    const values = sql.join(columns.map(each => row[each]))
    const insert = sql`insert into ${sql.table(name)} (${named})${overriding} values (${values})`
    return { compile: () => insert.compile(db) }
  })
}

async function compare({ from, to, onProgress }: Copying, table: CopiedTable): Promise<Copied> {
  const held = to.engine === 'postgres' ? writable : (value: unknown) => value
  const altered: Record<string, number> = {}
  const [there, here] = [summing(table, held), summing(table)]

  async function readOld(): Promise<void> {
    for await (const page of pagesOf(from, table)) {
      for (const row of page) {
        there.add(row)
        for (const column of table.sized)
          if (held(row[column]) !== row[column]) altered[column] = (altered[column] ?? 0) + 1
      }
    }
  }

  async function readNew(): Promise<void> {
    for await (const page of pagesOf(to, table)) {
      for (const row of page) here.add(row)
      onProgress({ step: 'compared', table: table.name, rows: here.sum().rows, done: false })
    }
  }

  await Promise.all([readOld(), readNew()])
  // Counted without the pages, which both have gone through in the same way.
  const old = { ...there.sum(), rows: await countIn(from, table) }
  const copy = { ...here.sum(), rows: await countIn(to, table) }
  if (old.rows !== copy.rows || old.sha256 !== copy.sha256) throw differing(table, old, copy)
  onProgress({ step: 'compared', table: table.name, rows: copy.rows, done: true })
  return { table: table.name, ...copy, altered }
}

async function countIn({ db }: Store, { name }: CopiedTable): Promise<number> {
  const { rows } = await sql<{ rows: number }>`select count(*) as rows from ${sql.table(name)}`.execute(db)
  return Number(rows[0]?.rows)
}

function differing({ name }: CopiedTable, old: TableSum, copy: TableSum): RelayError {
  const how =
    old.rows === copy.rows
      ? `${name} has ${old.rows} in both, and some of them differ`
      : `${name} has ${old.rows} in the old store and ${copy.rows} in the new one`
  return new RelayError(
    'RELAY_STORE_UNAVAILABLE',
    `store copy: of rows ${how}; somebody has written to one of them meanwhile, or a disk is damaged. The old store is as it was; copy again`
  )
}

/** The numbers that the engine gives go on behind those that were copied; then the mark goes. */
async function finish(to: Store, tables: CopiedTable[]): Promise<void> {
  const serials = tables.flatMap(({ name, serial }) => (serial === undefined ? [] : [{ name, serial }]))
  const goOn = serials.map(({ name, serial }) =>
    statement(
      to,
      sql`select setval(pg_get_serial_sequence(${name}, ${serial}), max(${sql.ref(serial)})) from ${sql.table(name)}`
    )
  )
  await to.commit([
    ...(to.engine === 'postgres' ? goOn : []),
    statement(to, sql`delete from migrations where name = ${UNFINISHED_COPY}`)
  ])
}

function statement({ db }: Store, text: RawBuilder<unknown>): Write {
  return write({ compile: () => text.compile(db) })
}
