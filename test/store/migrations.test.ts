import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import t from 'tap'
import { deliveriesOf } from '../../src/store/deliveries.ts'
import { migrations } from '../../src/store/migrations.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { aDelivery } from './given.ts'

const names = migrations.map(each => each.name)

async function migrated(store: Store): Promise<unknown[]> {
  const { rows } = await sql<{ name: string }>`select name from migrations order by name`.execute(store.db)
  return rows.map(row => row.name)
}

t.test('a new store gets the whole schema, and opening it again changes nothing', async t => {
  const url = `file:${t.testdir()}/relay.db`
  for (const id of ['d1', 'd2']) {
    const store = await openStore(url)
    t.same(await migrated(store), names)
    await deliveriesOf(store).append(aDelivery(id))
    await store.close()
  }
  const store = await openStore(url)
  t.equal((await deliveriesOf(store).claim(9_000, 1, 10)).length, 2)
  await store.close()
})

t.test('the tables of a store can be listed', async t => {
  const store = await openStore('file::memory:')
  t.teardown(() => store.close())
  const tables = (await store.db.introspection.getTables()).map(each => each.name)
  for (const name of ['migrations', 'deliveries', 'lanes', 'resources']) t.ok(tables.includes(name), name)
})

t.test('names of migrations are in the order in which they are made', t => {
  t.ok(names.every((name, place) => place === 0 || name > String(names[place - 1])))
  t.equal(new Set(names).size, names.length)
  t.end()
})

t.test('processes that open a new store together both get it, and the schema is made once', async t => {
  const url = `file:${t.testdir()}/relay.db`
  const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(url)))
  for (const [serial, store] of stores.entries()) {
    t.same(await migrated(store), names)
    await deliveriesOf(store).append(aDelivery(`d${serial}`))
  }
  const [first] = stores
  t.equal((await first?.db.selectFrom('deliveries').select('id').execute())?.length, 4)
  for (const store of stores) await store.close()
})

t.test('a schema that cannot be made leaves nothing behind', async t => {
  const file = `${t.testdir()}/relay.db`
  const database = new DatabaseSync(file)
  database.exec('create table attempts (something_else text)')
  await t.rejects(openStore(`file:${file}`), { code: 'RELAY_STORE_UNAVAILABLE', message: /attempts/ })
  t.same(
    database
      .prepare(`select name from sqlite_master where type = 'table'`)
      .all()
      .map(row => row.name),
    ['attempts']
  )
  t.doesNotThrow(() => database.exec('begin exclusive; rollback'), 'nobody else holds the file')
  database.close()
})
