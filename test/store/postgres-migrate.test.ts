import { Client } from 'pg'
import t, { type Test } from 'tap'
import { deliveriesOf } from '../../src/store/deliveries.ts'
import { type Migration, migrations } from '../../src/store/migrations.ts'
import { openStore, type StoreOptions } from '../../src/store/store.ts'
import { emptyDatabase } from '../postgres/empty-database.ts'
import { column } from '../postgres/query.ts'
import { eventually } from '../run-relay.ts'
import { aDelivery } from './given.ts'

const names = migrations.map(each => each.name)

/** As a later release has it, until the test ends. */
function released(t: Test, told: Partial<Migration>): void {
  const later: Migration = { name: '9999-later', statements: () => [], ...told }
  migrations.push(later)
  t.teardown(() => void migrations.splice(migrations.indexOf(later), 1))
}

/** Opens a store until the test ends. @returns the migrations that this took */
async function opened(t: Test, url: string, options: Partial<StoreOptions> = {}): Promise<string[]> {
  const made: string[] = []
  const store = await openStore(url, { ...options, onMigrated: name => made.push(name) })
  t.teardown(() => store.close())
  return made
}

async function connected(t: Test, url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  return client
}

const ten = <T>(open: () => Promise<T>) => Promise.all(Array.from({ length: 10 }, open))
const madeIn = (url: string) => column(url, 'select name from migrations order by name')
const invalidIn = (url: string) =>
  column(url, 'select indexrelid::regclass::text from pg_index where not indisvalid')

t.test('ten relays that start together on an empty database make the schema once', async t => {
  const url = await emptyDatabase(t)
  const made = await ten(() => opened(t, url))
  t.strictSame(new Set(made.flat()), new Set(names))
  t.equal(made.flat().length, names.length)
  t.strictSame(await madeIn(url), names)
  t.strictSame(await invalidIn(url), [])
})

t.test('ten that start together behind a pooler do the same', async t => {
  const url = await emptyDatabase(t)
  const made = await ten(() => opened(t, url, { databasePooler: 'transaction' }))
  t.equal(made.flat().length, names.length)
  t.strictSame(await madeIn(url), names)
})

t.test('they do not wait for each other while one makes an index', async t => {
  const url = await emptyDatabase(t)
  await opened(t, url)
  released(t, { online: true, statements: () => ['create unique index later on deliveries (id)'] })
  t.strictSame((await ten(() => opened(t, url))).flat(), ['9999-later'])
  t.strictSame(await invalidIn(url), [])
})

t.test(
  'who comes while somebody else is at it waits, without a statement that others would wait for',
  async t => {
    const url = await emptyDatabase(t)
    await opened(t, url)
    const other = await connected(t, url)
    for (const online of [undefined, true] as const) {
      await other.query('select pg_advisory_lock(7350031926)')
      const name = online ? '9999-later-indexes' : '9999-later'
      released(t, { name, ...(online && { online }) })
      const opening = opened(t, url)
      await eventually(
        async () => ((await column(url, between)).length === 1 ? true : undefined),
        'somebody who has looked whether it is his turn'
      )
      await other.query('select pg_advisory_unlock(7350031926)')
      t.strictSame(await opening, [name])
    }
  }
)

/** Somebody has asked and goes on waiting, in no statement and no transaction. */
const between = `select pid from pg_stat_activity where datname = current_database() and state = 'idle'
  and (query like 'select pg_try_advisory_lock(%' or query = 'rollback')`

t.test('a server that goes away in the middle is told, and nothing of it was made', async t => {
  const url = await emptyDatabase(t)
  await opened(t, url)
  const reader = await connected(t, url)
  await reader.query('begin; lock table drift in access share mode')
  released(t, {
    statements: () => ['create table later (id bigint)', 'alter table drift add column later bigint']
  })
  const opening = t.rejects(openStore(url), {
    code: 'RELAY_STORE_UNAVAILABLE',
    message: /terminating connection/
  })
  const kill = waitingFor.replace('select pid', 'select pg_terminate_backend(pid)')
  await eventually(async () => ((await column(url, kill)).length === 1 ? true : undefined), 'it to wait')
  await opening
  t.strictSame(await column(url, `select to_regclass('later')::text`), [null])
})

t.test('a migration that fails leaves nothing behind, and what went before stays', async t => {
  const url = await emptyDatabase(t)
  released(t, {
    statements: () => ['create table later (id bigint)', 'alter table nowhere add column id bigint']
  })
  await t.rejects(openStore(url), {
    code: 'RELAY_STORE_UNAVAILABLE',
    message: 'the store: PostgreSQL answered 42P01 (relation "nowhere" does not exist)'
  })
  t.strictSame(await madeIn(url), names)
  t.strictSame(await column(url, `select to_regclass('later')::text`), [null])
})

t.test('indexes are made while others write; one that was broken off is made anew', async t => {
  const url = await emptyDatabase(t)
  const store = await openStore(url)
  t.teardown(() => store.close())
  for (const id of ['d1', 'd2']) await deliveriesOf(store).append(aDelivery(id))
  const statements = () => ['create unique index later on deliveries (platform)']
  released(t, { online: true, statements })
  await t.rejects(openStore(url), {
    code: 'RELAY_STORE_UNAVAILABLE',
    message: 'the store: PostgreSQL answered 23505 (deliveries, later)'
  })
  t.strictSame(await invalidIn(url), ['later'])
  t.strictSame(await madeIn(url), names, 'it does not count as made')
  await column(url, `update deliveries set platform = id returning id`)

  const writer = await connected(t, url)
  await writer.query(`begin; update deliveries set attempts = 1 where id = 'd1'`)
  const opening = openStore(url)
  await eventually(async () => ((await column(url, indexing)).length === 1 ? true : undefined), 'the index')
  await deliveriesOf(store).append(aDelivery('d3', { platform: 'other' }))
  await writer.query('commit')
  await (await opening).close()
  t.strictSame(await invalidIn(url), [])
  t.strictSame((await madeIn(url)).at(-1), '9999-later')
})

t.test('an index that the server made after its relay was gone is taken as it is', async t => {
  const url = await emptyDatabase(t)
  await opened(t, url)
  await column(url, 'create index later on deliveries (platform)')
  const filenode = () => column(url, `select pg_relation_filenode('later')`)
  const before = await filenode()
  released(t, { online: true, statements: () => ['create index later on deliveries (platform)'] })
  t.strictSame(await opened(t, url), ['9999-later'])
  t.strictSame(await filenode(), before)
})

const indexing = `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
  and query like '%index concurrently%' and state = 'active'`

t.test('a pooler keeps no lock between statements, so that indexes are made in a transaction', async t => {
  const url = await emptyDatabase(t)
  const statements = () => [
    'create index later on deliveries (platform)',
    'create index wrong on nowhere (id)'
  ]
  released(t, { online: true, statements })
  await t.rejects(openStore(url, { databasePooler: 'transaction' }), { code: 'RELAY_STORE_UNAVAILABLE' })
  t.strictSame(await column(url, `select to_regclass('later')::text`), [null], 'undone with the rest')
  t.strictSame(await madeIn(url), names)
})

t.test('who waits for a table that somebody reads does not keep others from it', async t => {
  const url = await emptyDatabase(t)
  const store = await openStore(url)
  t.teardown(() => store.close())
  const backup = await connected(t, url)
  await backup.query('begin; lock table deliveries in access share mode')
  released(t, { statements: () => ['alter table deliveries add column later bigint'] })
  const opening = opened(t, url, { databaseTimeoutMs: 300 })
  // Each try of it queues before these: they pass when it gives way.
  for (const id of ['d1', 'd2', 'd3']) {
    await eventually(
      async () => ((await column(url, waitingFor)).length === 1 ? true : undefined),
      'the migration to wait'
    )
    await deliveriesOf(store).append(aDelivery(id))
  }
  await backup.query('commit')
  t.strictSame(await opening, ['9999-later'])
})

const waitingFor = `select pid from pg_locks where not granted and mode = 'AccessExclusiveLock'
  and database = (select oid from pg_database where datname = current_database())`

t.test('a migration may take longer than any statement of a relay', async t => {
  const url = await emptyDatabase(t)
  await opened(t, url)
  const writer = await connected(t, url)
  await writer.query(`begin; insert into connections values ('a', 'b')`)
  released(t, { online: true, statements: () => ['create index later on connections (settings_hash)'] })
  const began = performance.now()
  const opening = opened(t, url, { databaseTimeoutMs: 100 })
  // A relay's own connections give up after a second more than that.
  await eventually(
    async () =>
      performance.now() - began > 1_500 && (await column(url, indexing)).length === 1 ? true : undefined,
    'the index to have waited'
  )
  await writer.query('commit')
  t.strictSame(await opening, ['9999-later'])
})

t.test('what takes something away is said to, for releases that do not know it', async t => {
  const url = await emptyDatabase(t)
  released(t, { contracts: true, statements: () => ['alter table drift drop column first_at'] })
  await opened(t, url)
  t.strictSame(await column(url, 'select name from migrations where contracts = 1'), ['9999-later'])
})
