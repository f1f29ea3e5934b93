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

/** A migration waits for its lock as long as it takes; no statement of it is broken off in the middle. */
const patient = 'set local lock_timeout = 0; set local statement_timeout = 0'

/**
 * Brings the schema up to date. Relays that start together take turns, migration by migration.
 * @param pooled no lock outlasts a transaction then, so that indexes are made inside of one, and writers wait for them
 * @throws RelayError RELAY_CONFIG_INVALID where a newer release has left a schema that this one cannot work with
 */
export async function migratePostgres(client: pg.Client, pooled: boolean): Promise<void> {
  for (;;) {
    const [next] = await missingIn(client)
    if (next === undefined) return
    if (next.online === true && !pooled) await migrateOnline(client, next)
    else await migrateOne(client)
  }
}

/** What the schema lacks. @throws RelayError RELAY_CONFIG_INVALID as {@link migratePostgres} */
export async function missingIn(client: pg.Client): Promise<Migration[]> {
  const { rows } = await client.query(`select to_regclass('migrations') is not null as known`)
  const made: Made[] = rows[0].known ? (await client.query('select * from migrations')).rows : []
  refuseNewer(made)
  return missingFrom(made)
}

/** Whatever is next by the time it is our turn. */
async function migrateOne(client: pg.Client): Promise<void> {
  await client.query(`begin; ${patient}; select pg_advisory_xact_lock(${LOCK})`)
  try {
    await client.query(`create table if not exists migrations (name ${types.text} primary key)`)
    const [next] = await missingIn(client)
    if (next !== undefined) {
      for (const statement of next.statements(types)) await client.query(statement)
      await note(client, next)
    }
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

/** Indexes, while others go on writing: that cannot be part of a transaction. */
async function migrateOnline(client: pg.Client, migration: Migration): Promise<void> {
  await client.query(`set lock_timeout = 0; set statement_timeout = 0`)
  await client.query(`select pg_advisory_lock(${LOCK})`)
  try {
    const stillMissing = (await missingIn(client)).some(each => each.name === migration.name)
    if (!stillMissing) return
    for (const statement of migration.statements(types)) {
      const [, name = ''] = /^create index (\w+)/.exec(statement) ?? []
      // One that was broken off leaves an index that is of no use and in the way.
      await client.query(`drop index if exists ${name}`)
      await client.query(statement.replace('create index', 'create index concurrently'))
    }
    await note(client, migration)
  } finally {
    await client.query(`select pg_advisory_unlock(${LOCK})`)
  }
}

async function note(client: pg.Client, { name, contracts }: Migration): Promise<void> {
  if (contracts === true)
    await client.query('insert into migrations (name, contracts) values ($1, 1)', [name])
  else await client.query('insert into migrations (name) values ($1)', [name])
}
