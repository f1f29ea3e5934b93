import { sql } from 'kysely'
import { Client } from 'pg'
import t, { type Test } from 'tap'
import { type Copied, copyStore, type Progress } from '../../src/store/copy.ts'
import { MOST_BYTES, MOST_ROWS, relayTables } from '../../src/store/copy-tables.ts'
import { deliveriesOf } from '../../src/store/deliveries.ts'
import { listen } from '../../src/store/postgres-listen.ts'
import { openAlone, openStore, type Store } from '../../src/store/store.ts'
import type { Write } from '../../src/store/write.ts'
import { emptyDatabase } from '../postgres/empty-database.ts'
import { column } from '../postgres/query.ts'
import { eventually } from '../run-relay.ts'
import { contentsOf, fill, tablesIn } from './full-store.ts'
import { aDelivery } from './given.ts'

type Engine = Store['engine']

let files = 0

async function newUrl(t: Test, engine: Engine): Promise<string> {
  if (engine === 'postgres') return emptyDatabase(t)
  files += 1
  return `file:${t.testdir()}/store-${files}.db`
}

/** Open for this alone; closed with the test. */
async function alone(t: Test, url: string): Promise<Store> {
  const store = await openAlone(url)
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= store.close()
    return closed
  }
  t.teardown(close)
  return { ...store, close }
}

async function pair(t: Test, [old, copy]: [Engine, Engine]) {
  const urls = { from: await newUrl(t, old), to: await newUrl(t, copy) }
  return { urls, from: await alone(t, urls.from), to: await alone(t, urls.to) }
}

async function copyOf(from: Store, to: Store): Promise<Copied[]> {
  return copyStore({ from, to, onProgress: () => undefined })
}

async function run(store: Store, text: string, ...parameters: unknown[]): Promise<void> {
  await store.commit([{ sql: text, rows: [parameters], returning: false }])
}

/** A store whose commits go another way. */
function tamed(store: Store, commit: (writes: Write[], before: Write[][]) => Write[]): Store {
  const before: Write[][] = []
  return {
    ...store,
    commit(writes) {
      const changed = commit(writes, before)
      before.push(writes)
      return store.commit(changed)
    }
  }
}

const directions: [Engine, Engine][] = [
  ['sqlite', 'postgres'],
  ['postgres', 'sqlite'],
  ['sqlite', 'sqlite'],
  ['postgres', 'postgres']
]

for (const direction of directions) {
  t.test(
    `${direction.join(' → ')}: every table of the store arrives as it was, and the store works on`,
    async t => {
      const { from, to, urls } = await pair(t, direction)
      await fill(from, [1, 2, 3, 4])
      await run(from, 'delete from change_log where id in (1, 3)')
      const before = await contentsOf(from)
      const copied = await copyOf(from, to)

      const names = (await tablesIn(from)).map(each => each.name)
      t.ok(names.length > 20)
      t.strictSame(
        new Set(copied.map(each => each.table)),
        new Set(names),
        'every table that the engine lists'
      )
      t.ok(copied.every(each => each.rows === (each.table === 'change_log' ? 2 : 4)))
      t.strictSame(await contentsOf(to), before)
      t.strictSame(await contentsOf(from), before, 'the old one is as it was')

      await Promise.all([from.close(), to.close()])
      const store = await openStore(urls.to)
      t.teardown(() => store.close())
      await run(
        store,
        `insert into change_log (delivery_id, event_index, at, workspace_id, customer_key, kind, key, version, outcome)
        values ('d', 0, 0, 'w', 'c', 'guest', 'g', 0, 'changed')`
      )
      const { rows } = await sql<{ id: number }>`select id from change_log order by id`.execute(store.db)
      t.strictSame(
        rows.map(row => row.id),
        [2, 4, 5],
        'numbers stay, and go on'
      )
      await deliveriesOf(store).append(aDelivery('d1'))
    }
  )
}

t.test('an empty store is copied too', async t => {
  const { from, to } = await pair(t, ['sqlite', 'postgres'])
  t.ok((await copyOf(from, to)).every(each => each.rows === 0))
})

t.test('every table has a primary key, by which it is paged', async t => {
  for (const { name, key } of await relayTables()) t.ok(key.length > 0, name)
})

for (const direction of directions.slice(0, 2)) {
  t.test(
    `${direction.join(' → ')}: pages are many rows, or few large ones, and none is left out between them`,
    async t => {
      const { from, to } = await pair(t, direction)
      await run(
        from,
        `insert into drift (connection_id, platform, kind, detail, count, first_at, last_at, last_delivery_id)
        with recursive counted (n) as (select 1 union all select n + 1 from counted where n < ${2 * MOST_ROWS + 1})
        select 'lakeside', 'acme', 'event', 'detail ' || n, n, 1, 1, 'd' from counted`
      )
      const deliveries = deliveriesOf(from)
      const bytes = [3, 1, 1, 5, 0.1, 3, 0.1].map(share => Math.round(share * 1024 * 1024))
      for (const [serial, size] of bytes.entries())
        await deliveries.append(aDelivery(`d${serial}`, { body: Buffer.alloc(size, serial) }))
      const pages: { table: string; rows: number; bytes: number }[] = []
      const watched = tamed(to, writes => {
        for (const { sql: text, rows } of writes) {
          const [, table] = /^insert into "(\w+)"/.exec(text) ?? []
          const sizes = rows.flat().map(value => (value instanceof Uint8Array ? value.length : 0))
          const bytes = sizes.reduce((sum, each) => sum + each, 0)
          if (table !== undefined) pages.push({ table, rows: rows.length, bytes })
        }
        return writes
      })
      const progress: Progress[] = []
      const copied = await copyStore({ from, to: watched, onProgress: each => progress.push(each) })
      t.strictSame(
        pages.filter(each => each.table === 'drift').map(each => each.rows),
        [MOST_ROWS, MOST_ROWS, 1]
      )
      const large = pages.filter(each => each.table === 'deliveries')
      t.strictSame(
        large.map(each => each.rows),
        [1, 2, 1, 3]
      )
      t.ok(large.every(each => each.rows === 1 || each.bytes <= MOST_BYTES))
      t.match(
        copied.filter(each => each.rows > 0).map(({ table, rows }) => [table, rows]),
        [
          ['deliveries', 7],
          ['drift', 2 * MOST_ROWS + 1]
        ]
      )
      t.strictSame(
        progress.filter(each => each.table === 'drift').map(({ step, rows, done }) => [step, rows, done]),
        ['copied', 'compared'].flatMap(step => [
          [step, MOST_ROWS, false],
          [step, 2 * MOST_ROWS, false],
          [step, 2 * MOST_ROWS + 1, false],
          [step, 2 * MOST_ROWS + 1, true]
        ])
      )
    }
  )
}

for (const direction of directions.slice(0, 2)) {
  const [, engine] = direction
  t.test(
    `a copy into ${engine} that was broken off opens for nobody, and the next one begins anew`,
    async t => {
      const { from, to, urls } = await pair(t, direction)
      await fill(from, [1, 2, 3])
      const breaking = tamed(to, (writes, before) => {
        if (before.length === 12) throw new Error('the power is gone')
        return writes
      })
      await t.rejects(copyOf(from, breaking), { message: 'the power is gone' })
      await to.close()
      const unfinished = {
        code: 'RELAY_CONFIG_INVALID',
        message: /was broken off.*run it into this store again/
      }
      await t.rejects(openStore(urls.to), unfinished)
      await t.rejects(openStore(urls.to, { migrate: 'never' }), unfinished)

      const half = await alone(t, urls.to)
      await t.rejects(copyOf(half, from), unfinished, 'nor is it copied')
      await fill(from, [4])
      t.ok((await copyOf(from, half)).every(each => each.rows === 4))
      await half.close()
      await (await openStore(urls.to)).close()
    }
  )
}

t.test('what the new store holds is not touched', async t => {
  for (const direction of directions.slice(0, 2)) {
    const { from, to, urls } = await pair(t, direction)
    await fill(from, [1])
    await deliveriesOf(to).append(aDelivery('mine'))
    await t.rejects(copyOf(from, to), {
      code: 'RELAY_BAD_REQUEST',
      message:
        /holds something already \(deliveries\).*name a file that is not there yet, or an empty database/
    })
    await to.close()
    const store = await openStore(urls.to)
    t.teardown(() => store.close())
    t.equal((await store.db.selectFrom('deliveries').select('id').execute()).length, 1)
  }
})

t.test('tables of others in the same database are neither copied nor in the way', async t => {
  const { from, to } = await pair(t, ['postgres', 'postgres'])
  for (const store of [from, to]) await run(store, 'create table invoices (id bigint primary key)')
  await run(to, 'insert into invoices values (1)')
  await fill(from, [])
  const copied = await copyOf(from, to)
  t.notOk(copied.some(each => each.table === 'invoices'))
})

t.test('a store that differs in the end stays marked, and what differs is told', async t => {
  const { from, to, urls } = await pair(t, ['sqlite', 'postgres'])
  await fill(from, [1, 2])
  const forgetting = tamed(to, writes =>
    writes.map(each =>
      each.sql.startsWith('insert into "answers"') ? { ...each, rows: each.rows.slice(1) } : each
    )
  )
  const altering = tamed(to, writes =>
    writes.map(each =>
      each.sql.startsWith('insert into "answers"')
        ? { ...each, rows: each.rows.map(row => row.map(value => (typeof value === 'number' ? 7 : value))) }
        : each
    )
  )
  await t.rejects(copyOf(from, forgetting), {
    code: 'RELAY_STORE_UNAVAILABLE',
    message: /of rows answers has 2 in the old store and 1 in the new one/
  })
  await t.rejects(copyOf(from, altering), {
    code: 'RELAY_STORE_UNAVAILABLE',
    message: /answers has 2 in both, and some of them differ/
  })
  await to.close()
  await t.rejects(openStore(urls.to), { code: 'RELAY_CONFIG_INVALID' })
})

t.test('rows that cannot be found by their key are missed', async t => {
  const { from, to } = await pair(t, ['sqlite', 'sqlite'])
  await run(from, `insert into connections (id, settings_hash) values (null, 'x')`)
  await t.rejects(copyOf(from, to), {
    message: /connections has 1 in the old store and 0 in the new one/
  })
})

t.test('a store that a newer release has changed is left to that release', async t => {
  for (const side of ['from', 'to'] as const) {
    const stores = await pair(t, ['sqlite', 'postgres'])
    await run(stores[side], `insert into migrations (name) values ('9999-later')`)
    await t.rejects(copyOf(stores.from, stores.to), {
      code: 'RELAY_CONFIG_INVALID',
      message: /newer release has brought one of the stores to 9999-later; copy with that release/
    })
  }
})

t.test('NUL in text is told, and all else has to agree', async t => {
  const { from, to } = await pair(t, ['sqlite', 'postgres'])
  await deliveriesOf(from).append(aDelivery('d1', { body: Buffer.from('\0'), query: {} }))
  await run(from, `update deliveries set last_error = ?, facts = ?`, 'a\0b', 'plain')
  // By bytes this one stands before its neighbour, and behind it once it is altered.
  await driftRow(from, 'a\0b')
  await driftRow(from, 'ab')
  const copied = await copyOf(from, to)
  const altered = copied.filter(each => Object.keys(each.altered).length > 0)
  t.strictSame(
    altered.map(each => [each.table, each.altered]),
    [
      ['deliveries', { last_error: 1 }],
      ['drift', { detail: 1 }]
    ]
  )
  const rows = await to.db.selectFrom('drift').select('detail').orderBy('detail').execute()
  t.strictSame(
    rows.map(row => row.detail),
    ['ab', 'a\uFFFDb']
  )
  const files = await pair(t, ['sqlite', 'sqlite'])
  await driftRow(files.from, 'a\0b')
  t.strictSame(Object.assign({}, ...(await copyOf(files.from, files.to)).map(each => each.altered)), {})
})

async function driftRow(store: Store, detail: string): Promise<void> {
  await run(
    store,
    `insert into drift (connection_id, platform, kind, detail, count, first_at, last_at, last_delivery_id)
      values ('lakeside', 'acme', 'event', ?, 1, 1, 1, 'd')`,
    detail
  )
}

t.test('a store on which relays work is had by nobody alone, and the other way round', async t => {
  const file = await newUrl(t, 'sqlite')
  const held = await alone(t, file)
  await t.rejects(openAlone(file), {
    code: 'RELAY_STORE_UNAVAILABLE',
    message: /relay works on .*try again$/
  })
  await held.close()
  await (await openAlone(file)).close()

  const url = await emptyDatabase(t)
  const relay = await openStore(url)
  t.teardown(() => relay.close())
  await shows(url)
  await t.rejects(openAlone(url), {
    code: 'RELAY_STORE_UNAVAILABLE',
    message: 'the store is in use: relays or commands work on it; stop them all, and try again'
  })
  await relay.close()
  const mine = await alone(t, url)
  const taken = { code: 'RELAY_STORE_UNAVAILABLE', message: /"seam-relay store copy" has it for itself/ }
  await t.rejects(openStore(url), taken)
  await t.rejects(openStore(url, { databasePooler: 'transaction' }), taken)
  await mine.close()
  const again = await openStore(url)
  await shows(url)
  await again.close()
})

t.test('a relay that comes back while somebody has the store alone shows itself afterwards', async t => {
  const url = await emptyDatabase(t)
  const mine = await openAlone(url)
  let tries = 0
  const ears = listen({
    connect() {
      tries += 1
      return new Client({ connectionString: url })
    },
    self: 'me',
    onTold: () => undefined
  })
  t.teardown(() => ears.close())
  await eventually(async () => (tries > 1 ? true : undefined), 'another try')
  await mine.close()
  await shows(url)
})

const presence = `locktype = 'advisory' and mode = 'ShareLock' and granted
  and database = (select oid from pg_database where datname = current_database())`

/** Until one relay does. */
async function shows(url: string): Promise<void> {
  await eventually(
    async () =>
      (await column(url, `select pid from pg_locks where ${presence}`)).length === 1 ? true : undefined,
    'a relay that shows itself'
  )
}

t.test('a database that does not answer, or whose schema cannot be, is let go of', async t => {
  await t.rejects(openAlone('postgres://nobody@127.0.0.1:1/none'), { code: 'RELAY_STORE_UNAVAILABLE' })
  const url = await emptyDatabase(t)
  const store = await openAlone(url)
  await run(store, `insert into migrations (name, contracts) values ('9999-later', 1)`)
  await store.close()
  for (let tries = 1; tries <= 2; tries += 1)
    await t.rejects(openAlone(url), { code: 'RELAY_CONFIG_INVALID' })
  const file = await newUrl(t, 'sqlite')
  const one = await openAlone(file)
  await run(one, `insert into migrations (name, contracts) values ('9999-later', 1)`)
  await one.close()
  for (let tries = 1; tries <= 2; tries += 1)
    await t.rejects(openAlone(file), { code: 'RELAY_CONFIG_INVALID' })
})
