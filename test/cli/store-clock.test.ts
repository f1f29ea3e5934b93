import t from 'tap'
import { storeRooms } from '../../src/store/rooms.ts'
import { openStore } from '../../src/store/store.ts'
import { emptyDatabase } from '../postgres/empty-database.ts'
import { aDelivery, lane } from '../store/given.ts'
import { demoFolder } from './demo-relay.ts'
import { run } from './terminal.ts'

t.test('what commands let run at once does not wait for the clock of their machine', async t => {
  const { env } = demoFolder(t, { env: { DATABASE_URL: await emptyDatabase(t) } })
  const store = await openStore(env.DATABASE_URL)
  t.teardown(() => store.close())
  const { deliveries, queries } = storeRooms(store)
  await store.commit([
    deliveries.insertOf(aDelivery('one', { receivedAt: store.now() })),
    deliveries.insertOf(aDelivery('all', { receivedAt: store.now(), connectionId: 'demo-hospitable' })),
    ...queries.lanes.advance(lane, undefined, undefined)
  ])
  const claimed = await deliveries.claim(store.now(), 60_000, 2)
  await store.commit(claimed.map(each => deliveries.end(each, 'dead', [], store.now())))

  const { now } = Date
  t.teardown(() => {
    Date.now = now
  })
  Date.now = () => now() + 3_600_000
  t.equal((await run(['replay', 'one'], env)).code, 0)
  t.equal((await run(['replay', '--dead', 'demo-hospitable'], env)).code, 0)
  t.match(await run(['push-again', lane.customerKey], env), { code: 0, err: '' })
  const due = await store.db.selectFrom('deliveries').select(['id', 'due_at']).execute()
  const lanes = await store.db.selectFrom('lanes').select(['customer_key as id', 'due_at']).execute()
  const told = [...due, ...lanes]
  t.equal(told.length, 3)
  for (const { id, due_at } of told) t.ok(Number(due_at) < store.now() + 60_000, id)
})
