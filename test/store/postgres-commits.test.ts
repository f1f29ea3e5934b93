import pg from 'pg'
import t, { type Test } from 'tap'
import { deliveriesOf } from '../../src/store/deliveries.ts'
import { insertOfMany } from '../../src/store/postgres-rows.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import type { Write } from '../../src/store/write.ts'
import { emptyDatabase } from '../postgres/empty-database.ts'
import { aDelivery } from './given.ts'

async function open(t: Test, options = {}): Promise<{ store: Store; other: pg.Client; url: string }> {
  const url = await emptyDatabase(t)
  const store = await openStore(url, options)
  const other = new pg.Client({ connectionString: url })
  other.on('error', () => undefined)
  await other.connect()
  t.teardown(async () => {
    await other.end()
    await store.close()
  })
  return { store, other, url }
}

const put = (...rows: unknown[][]): Write => ({
  sql: 'insert into "tokens" ("connection_id", "name", "token", "expires_at") values ($1, $2, $3, $4) on conflict do nothing',
  rows,
  returning: false
})
const add = (id: string, by: number): Write => ({
  sql: 'update tokens set expires_at = expires_at + $2 where connection_id = $1',
  rows: [[id, by]],
  returning: false
})
const stored = async ({ db }: Store) =>
  Object.fromEntries(
    (await db.selectFrom('tokens').select(['connection_id', 'expires_at']).execute()).map(row => [
      row.connection_id,
      row.expires_at
    ])
  )

t.test('a burst of the same insert is one statement, and each knows whether its row was new', async t => {
  const { store } = await open(t)
  await store.commit([put(['b', 'n', 't', 1])])
  const outcomes = await Promise.all(['a', 'b', 'c', 'd'].map(id => store.commit([put([id, 'n', 't', 2])])))
  t.same(
    outcomes.map(each => each.committed && each.results[0]?.changes),
    [1, 0, 1, 1]
  )
  t.same(await stored(store), { a: 2, b: 1, c: 2, d: 2 })
})

t.test('rows that cannot be told apart by their first column each know all the same', async t => {
  const { store } = await open(t)
  const outcomes = await Promise.all(
    [
      ['a', 'n'],
      ['a', 'm'],
      ['a', 'n']
    ].map(([id, name]) => store.commit([put([id, name, 't', 1])]))
  )
  t.same(
    outcomes.map(each => each.committed && each.results[0]?.changes),
    [1, 1, 0]
  )
})

t.test('one of a burst that is refused takes none of its neighbours along', async t => {
  const { store } = await open(t)
  const outcomes = await Promise.allSettled(
    [
      ['a', 1],
      ['b', 'no number'],
      ['c', 3]
    ].map(([id, at]) => store.commit([put([id, 'n', 't', at])]))
  )
  t.same(
    outcomes.map(each => each.status),
    ['fulfilled', 'rejected', 'fulfilled']
  )
  t.same(await stored(store), { a: 1, c: 3 })
})

t.test('what is refused is told without the values', async t => {
  const { store } = await open(t)
  await t.rejects(store.commit([put(['a', 'n', 't', 'ada@example.com'])]), {
    code: 'RELAY_STORE_UNAVAILABLE',
    message: 'the store: PostgreSQL answered 22P02'
  })
  await t.rejects(
    store.commit([{ sql: 'select nothing', rows: [[]], returning: true }]),
    /PostgreSQL answered 42703 \(column "nothing" does not exist\)/
  )
})

t.test('two commits that wait for each other both go through', async t => {
  const { store, other } = await open(t)
  await store.commit([put(['a', 'n', 't', 0], ['b', 'n', 't', 0])])
  await other.query('begin')
  await other.query(`update tokens set token = 'held' where connection_id = 'b'`)
  // Has a, and waits for b.
  const waiting = store.commit([add('a', 1), add('b', 1)])
  await untilSomebodyWaits(other)
  // Wants a: now each waits for the other, and the server ends one of the two.
  const ended = await other.query(`update tokens set token = 'held' where connection_id = 'a'`).then(
    () => 'other',
    () => 'ours'
  )
  await other.query(ended === 'other' ? 'commit' : 'rollback')
  t.ok((await waiting).committed)
  t.same(await stored(store), { a: 1, b: 1 })
})

t.test(
  'an expectation that does not hold undoes what came before it, and an earlier failure is told',
  async t => {
    const { store } = await open(t)
    t.same(await store.commit([put(['a', 'n', 't', 1]), { ...add('nobody', 1), expect: 1 }]), {
      committed: false
    })
    t.same(await stored(store), {})
    await t.rejects(
      store.commit([put(['a', 'n', 't', 1], ['b', 'n', 't', 'no number']), { ...add('a', 1), expect: 1 }])
    )
    t.same(await stored(store), {})
    t.same(
      await store.commit([{ ...add('nobody', 1), expect: 1 }, put(['b', 'n', 't', 'no number'])]),
      { committed: false },
      'what would have failed after it does not count'
    )
  }
)

t.test('a commit of nothing is a commit', async t => {
  const { store } = await open(t)
  t.same(await store.commit([]), { committed: true, results: [] })
  t.equal(store.waiting(), 0)
})

t.test('more rows than one statement takes are several, in one commit', async t => {
  const { store } = await open(t)
  const rows = Array.from({ length: 10_000 }, (_each, index) => [`c${index}`, 'n', 't', index])
  const committed = await store.commit([put(...rows)])
  t.equal(committed.committed && committed.results[0]?.changes, 10_000)
  const [first, second] = insertOfMany(put().sql, rows) ?? []
  t.equal(Number(first?.parameters.length) % 4, 0)
  t.match(second?.sql, /values \(\$1, \$2, \$3, \$4\), \(\$5/)
  t.equal(insertOfMany('update "tokens" set "token" = $1', [['a'], ['b']]), undefined)
})

t.test('rows that replace those that are there are one statement, unless one replaces another', async t => {
  const replacing = (...rows: unknown[][]): Write => ({
    sql:
      'insert into "tokens" ("connection_id", "name", "token", "expires_at") values ($1, \'n\', $2, $3) ' +
      'on conflict ("connection_id", "name") do update set "expires_at" = "excluded"."expires_at"',
    rows,
    returning: false
  })
  const apart = replacing(['a', 't', 1], ['b', 't', 2], ['c', 't', 3])
  t.match(insertOfMany(apart.sql, apart.rows), [{ rows: 3 }])
  const twice = replacing(['a', 't', 4], ['b', 't', 5], ['a', 't', 6])
  t.equal(insertOfMany(twice.sql, twice.rows), undefined)
  const { store } = await open(t)
  await store.commit([apart])
  await store.commit([twice])
  t.same(await stored(store), { a: 6, b: 5, c: 3 })
  t.match(await store.commit([{ ...replacing(['a', 't', 7], ['d', 't', 8]), expect: 2 }]), {
    committed: true
  })
  t.same(await stored(store), { a: 7, b: 5, c: 3, d: 8 })
})

t.test('more deliveries at once than one burst takes are all stored', async t => {
  const { store } = await open(t)
  const deliveries = deliveriesOf(store)
  const appended = await Promise.all(
    Array.from({ length: 1_300 }, (_each, index) => deliveries.append(aDelivery(`d${index}`)))
  )
  t.equal(appended.filter(each => !each.duplicate).length, 1_300)
})

t.test('text loses the one character that PostgreSQL does not keep', async t => {
  const { store } = await open(t)
  await store.commit([put(['a\0b', 'n', 't', 1])])
  t.same(await stored(store), { 'a\uFFFDb': 1 })
})

t.test('through a pooler nothing outlasts a transaction, and everything works', async t => {
  const { store, other } = await open(t, { databasePooler: 'transaction' })
  const deliveries = deliveriesOf(store)
  for (let serial = 0; serial < 3; serial += 1) await deliveries.append(aDelivery(`d${serial}`))
  t.equal((await deliveries.claim(2_000, 1_000, 10)).length, 3)
  const { rows } = await other.query(
    'select count(*) as listening from pg_stat_activity where query ilike $1',
    ['listen%']
  )
  t.equal(Number(rows[0].listening), 0)
})

t.test('a statement that waits for a row is broken off in time', async t => {
  const { store, other } = await open(t, { databaseTimeoutMs: 200 })
  await store.commit([put(['a', 'n', 't', 0])])
  await other.query('begin')
  await other.query(`update tokens set token = 'held'`)
  await t.rejects(store.commit([{ ...add('a', 1), expect: 1 }]), { code: 'RELAY_STORE_UNAVAILABLE' })
  await other.query('rollback')
  t.ok((await store.commit([{ ...add('a', 1), expect: 1 }])).committed)
})

t.test('who stops in the middle of a transaction does not hold up the others for ever', async t => {
  const { store } = await open(t)
  const { rows } = await store.db.executeQuery<{ value: string }>({
    sql: `select current_setting('idle_in_transaction_session_timeout') as value`,
    parameters: [],
    query: { kind: 'RawNode' },
    queryId: { queryId: 'settings' }
  } as never)
  t.equal(rows[0]?.value, '5s')
})

t.test('an address that leads nowhere, or a wrong password, is told without the address', async t => {
  const url = new URL(await emptyDatabase(t))
  const told = async (address: string) => {
    const error: Error = await openStore(address, { databaseTimeoutMs: 2_000 }).then(
      () => t.fail('it was opened') as never,
      error => error
    )
    t.notMatch(error.message, url.password)
    return error.message
  }
  url.password = 'wrong'
  t.match(await told(url.href), /28P01|password/)
  t.match(await told('postgres://relay:secret@127.0.0.1:1/relay'), /ECONNREFUSED/)
})

async function untilSomebodyWaits(other: pg.Client): Promise<void> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const { rows } = await other.query('select count(*) as waiting from pg_locks where not granted')
    if (Number(rows[0].waiting) > 0) return
    if (Date.now() > deadline) throw new Error('nobody came to wait')
  }
}
