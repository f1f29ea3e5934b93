import { setTimeout as rest } from 'node:timers/promises'
import type pg from 'pg'
import { type Made, missingFrom, refuseNewer } from './migrating.ts'
import type { ColumnTypes, Migration } from './migrations.ts'

const types: ColumnTypes = {
  // Stamps, ids and keys are compared byte by byte, whatever the language of the database.
  text: 'text collate "C"',
  integer: 'bigint',
  blob: 'bytea',
  serial: 'bigint generated always as identity primary key'
}

/** Names the relay's migrations among the database's advisory locks. */
const LOCK = 7_350_031_926

/** How often somebody who waits looks whether it is his turn. */
const TURN_MS = 200
/**
 * A table whose columns change is locked, if only for a moment, and whoever comes later queues behind the one that waits for
 * that lock. So behind somebody who reads it for long, such as a backup, one waits this long, lets the others pass, and
 * tries again.
 */
const MOST_IN_QUEUE_MS = 1_000
const LOCK_TIMED_OUT = '55P03'

export interface MigrateOptions {
  /** No lock outlasts a transaction then, so that indexes are made inside of one, and writers wait for them. */
  pooled: boolean
  /** As in the store's options. */
  alone?: boolean | undefined
  onMigrated?: ((name: string) => void) | undefined
}

/**
 * Brings the schema up to date, however long it takes. Relays that start together take turns, migration by migration.
 * Nobody waits for his turn inside of a statement: `create index concurrently` waits for the statements of everybody else,
 * and the two would wait for each other.
 * @throws RelayError RELAY_CONFIG_INVALID where a newer release has left a schema that this one cannot work with
 */
export async function migratePostgres(client: pg.Client, options: MigrateOptions): Promise<void> {
  const { pooled, alone, onMigrated } = options
  for (;;) {
    const [next] = await missingIn(client, alone)
    if (next === undefined) return
    const isMade =
      next.online === true && !pooled
        ? await migrateOnline(client, next, options)
        : await migrateOne(client, next, options)
    if (isMade) onMigrated?.(next.name)
    else await rest(TURN_MS)
  }
}

/** What the schema lacks. @throws RelayError RELAY_CONFIG_INVALID as {@link migratePostgres} */
export async function missingIn(client: pg.Client, alone = false): Promise<Migration[]> {
  const { rows } = await client.query(`select to_regclass('migrations') is not null as known`)
  const made: Made[] = rows[0].known ? (await client.query('select * from migrations')).rows : []
  refuseNewer(made, alone)
  return missingFrom(made)
}

/** All of it or nothing. @returns false where others are at it, or have just been */
async function migrateOne(
  client: pg.Client,
  migration: Migration,
  { alone }: MigrateOptions
): Promise<boolean> {
  await client.query(`begin; set local lock_timeout = ${MOST_IN_QUEUE_MS}; set local statement_timeout = 0`)
  try {
    if (!(await hasTurn(client, 'pg_try_advisory_xact_lock'))) {
      await client.query('rollback')
      return false
    }
    await client.query(`create table if not exists migrations (name ${types.text} primary key)`)
    const due = await stillMissing(client, migration, alone)
    for (const each of due) {
      for (const statement of each.statements(types)) await patiently(client, statement)
      await note(client, each)
    }
    await client.query('commit')
    return due.length > 0
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    if ((error as pg.DatabaseError).code === LOCK_TIMED_OUT) return false
    throw error
  }
}

const creating = /^(create (?:unique )?index) (\w+)(.*)$/s

/** Indexes, while others go on writing: that cannot be part of a transaction. @returns as {@link migrateOne} */
async function migrateOnline(
  client: pg.Client,
  migration: Migration,
  { alone }: MigrateOptions
): Promise<boolean> {
  await client.query('set lock_timeout = 0; set statement_timeout = 0')
  if (!(await hasTurn(client, 'pg_try_advisory_lock'))) return false
  try {
    const due = await stillMissing(client, migration, alone)
    for (const each of due) {
      for (const statement of each.statements(types)) {
        if (await isMade(client, statement)) continue
        // One that was broken off leaves an index that is of no use and in the way.
        await patiently(client, statement.replace(creating, 'drop index concurrently if exists $2'))
        await patiently(client, statement.replace(creating, '$1 concurrently $2$3'))
      }
      await note(client, each)
    }
    return due.length > 0
  } finally {
    await client.query(`select pg_advisory_unlock(${LOCK})`)
  }
}

/** The server goes on with an index whose relay is gone: whoever comes next takes it as it is. */
async function isMade(client: pg.Client, statement: string): Promise<boolean> {
  const name = statement.replace(creating, '$2')
  const made = 'select 1 from pg_index where indexrelid = to_regclass($1) and indisvalid'
  return (await client.query(made, [name])).rows.length > 0
}

async function hasTurn(client: pg.Client, tryLock: string): Promise<boolean> {
  return (await client.query(`select ${tryLock}(${LOCK}) as mine`)).rows[0].mine
}

/** The migration; nothing where others were faster. */
async function stillMissing(
  client: pg.Client,
  { name }: Migration,
  alone: boolean | undefined
): Promise<Migration[]> {
  return (await missingIn(client, alone)).filter(each => each.name === name)
}

/** As much time as a timer can have, where a connection otherwise gives up by itself. */
const LONGEST_MS = 2 ** 31 - 1

async function patiently(client: pg.Client, text: string): Promise<void> {
  const asked: pg.QueryConfig & { query_timeout: number } = { text, query_timeout: LONGEST_MS }
  await client.query(asked)
}

async function note(client: pg.Client, { name, contracts }: Migration): Promise<void> {
  if (contracts === true)
    await client.query('insert into migrations (name, contracts) values ($1, 1)', [name])
  else await client.query('insert into migrations (name) values ($1)', [name])
}
