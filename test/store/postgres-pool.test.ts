import { sql } from 'kysely'
import pg from 'pg'
import t from 'tap'
import { asUnavailable } from '../../src/store/postgres-pool.ts'
import { openStore } from '../../src/store/store.ts'
import { emptyDatabase } from '../postgres/empty-database.ts'
import { column } from '../postgres/query.ts'
import { eventually } from '../run-relay.ts'

t.test('options of the address stand beside the relay’s own time-outs, and beat them', async t => {
  const url = new URL(await emptyDatabase(t))
  url.searchParams.set('options', '-c search_path=public,elsewhere -c lock_timeout=1234')
  const store = await openStore(url.href, { databaseTimeoutMs: 4_321 })
  t.teardown(() => store.close())
  const { rows } = await sql`select current_setting('search_path') as path,
    current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
    current_setting('idle_in_transaction_session_timeout') as idle`.execute(store.db)
  t.strictSame(rows, [{ path: 'public,elsewhere', statement: '4321ms', lock: '1234ms', idle: '5s' }])
})

t.test(
  'what is committed is on disk, whatever the database says; where a session cannot say so it is refused',
  async t => {
    const url = new URL(await emptyDatabase(t))
    const admin = new pg.Client(url.href)
    await admin.connect()
    t.teardown(() => admin.end())
    await admin.query(`alter database "${url.pathname.slice(1)}" set synchronous_commit = off`)
    const store = await openStore(url.href)
    t.teardown(() => store.close())
    const { rows } = await sql`select current_setting('synchronous_commit') as told`.execute(store.db)
    t.strictSame(rows, [{ told: 'on' }])

    const refusal = { code: 'RELAY_CONFIG_INVALID', message: /synchronous_commit off/ }
    await t.rejects(openStore(url.href, { databasePooler: 'transaction' }), refusal)
    url.searchParams.set('options', '-c synchronous_commit=off')
    await t.rejects(openStore(url.href), refusal)
  }
)

t.test('a transaction sees what others have committed meanwhile, whatever is set elsewhere', async t => {
  const url = new URL(await emptyDatabase(t))
  url.searchParams.set('options', '-c default_transaction_isolation=serializable')
  const admin = new pg.Client(url.href)
  await admin.connect()
  t.teardown(() => admin.end())
  await admin.query(
    `alter database "${url.pathname.slice(1)}" set default_transaction_isolation = serializable`
  )
  for (const databasePooler of ['none', 'transaction'] as const) {
    const store = await openStore(url.href, { databasePooler })
    t.teardown(() => store.close())
    const ask = {
      sql: `select current_setting('transaction_isolation') as level`,
      rows: [[]],
      returning: true
    }
    // Two groups are a transaction, and no statement by itself.
    const told = await store.commit([ask, ask])
    t.match(told, { committed: true, results: [{ rows: [{ level: 'read committed' }] }] }, databasePooler)
  }
})

t.test('who is at work is seen though the server ends sessions that do nothing', async t => {
  const url = await emptyDatabase(t)
  await column(url, `alter database "${new URL(url).pathname.slice(1)}" set idle_session_timeout = '500ms'`)
  const alone = await openStore(url, { alone: true })
  t.teardown(() => alone.close())
  const sessions = () =>
    column(
      url,
      `select pid from pg_locks join pg_database d on d.oid = database where locktype = 'advisory' and datname = current_database()`
    )
  const [holding] = await sessions()
  const idle = new pg.Client(url)
  await idle.connect()
  // That its connection is gone comes as a second error.
  const ended = new Promise<Error>(resolve => idle.on('error', resolve))
  t.match(await ended, { code: '57P05' }, 'the server ends who does nothing for as long')
  await t.rejects(openStore(url), { code: 'RELAY_STORE_UNAVAILABLE', message: /has it for itself/ })
  await alone.ping()
  t.strictSame(await sessions(), [holding])

  await column(url, `select pg_terminate_backend(${holding})`)
  await eventually(
    async () =>
      (await alone.ping().catch(error => /is gone, and others/.test(error.message))) === true
        ? true
        : undefined,
    'a refusal'
  )
  const refusal = { code: 'RELAY_STORE_UNAVAILABLE', message: /begin again/ }
  await t.rejects(alone.commit([]), refusal)
  await t.rejects(alone.db.selectFrom('deliveries').selectAll().execute(), refusal)
})

t.test('a database whose encoding has no place for most names is refused', async t => {
  const url = await emptyDatabase(t, { encoding: 'LATIN1' })
  await t.rejects(openStore(url), { code: 'RELAY_CONFIG_INVALID', message: /LATIN1.*encoding 'UTF8'/ })
  const store = await openStore(await emptyDatabase(t, { encoding: 'SQL_ASCII' }))
  await store.close()
})

t.test('what a pooler refuses is told with what to do about it', async t => {
  const answer = Object.assign(new pg.DatabaseError('unsupported startup parameter', 1, 'error'), {
    code: '08P01'
  })
  t.match(asUnavailable(answer).message, /unsupported startup parameter.*RELAY_DATABASE_POOLER=transaction/)
})

t.test('an address that names several hosts, or a file that is not there, is refused in words', async t => {
  for (const address of ['h1:5432,h2:5432', 'h1,h2']) {
    await t.rejects(openStore(`postgres://relay:made-up@${address}/relay`), {
      code: 'RELAY_CONFIG_INVALID',
      message: /give one host/
    })
  }
  for (const name of ['sslrootcert', 'sslcert', 'sslkey']) {
    const url = new URL(await emptyDatabase(t))
    url.searchParams.set(name, '/nowhere/ca.crt')
    await t.rejects(openStore(url.href), {
      code: 'RELAY_CONFIG_INVALID',
      message: `${name} of the address of the PostgreSQL database names /nowhere/ca.crt, which is not there`
    })
  }
})
