import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { deliveriesOf } from '../../src/store/deliveries.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { aDelivery } from './given.ts'

const MIB = 1_048_576

async function fill(store: Store): Promise<void> {
  const deliveries = deliveriesOf(store)
  const body = Buffer.alloc(8_192, 'x')
  await deliveries.appendAll(
    Array.from({ length: 1_000 }, (_none, serial) => aDelivery(`d${serial}`, { body }))
  )
}

async function emptied(store: Store): Promise<number> {
  await store.commit([{ sql: 'delete from deliveries', rows: [[]], returning: false }])
  let given = 0
  for (;;) {
    const bytes = Number(await store.giveBack?.())
    if (bytes === 0) return given
    t.ok(bytes <= MIB, 'in small steps')
    given += bytes
  }
}

t.test('a file gives the space of what was deleted back, but for some that is needed next', async t => {
  const file = `${t.testdir()}/relay.db`
  const store = await openStore(`file:${file}`)
  await fill(store)
  await store.close()
  const full = statSync(file).size
  t.ok(full > 8 * MIB)

  const again = await openStore(`file:${file}`)
  t.equal(await again.giveBack?.(), 0, 'nothing was deleted')
  const given = await emptied(again)
  await again.close()
  const left = statSync(file).size
  t.equal(full - left, given)
  t.ok(left < MIB, `${left} bytes are left`)
})

t.test('a file that was made without room for it keeps its size', async t => {
  const file = `${t.testdir()}/relay.db`
  const database = new DatabaseSync(file)
  database.exec('create table elsewhere (id integer)')
  database.close()
  const store = await openStore(`file:${file}`)
  await fill(store)
  t.equal(await emptied(store), 0)
  await store.close()
  t.ok(statSync(file).size > 8 * MIB)
})
