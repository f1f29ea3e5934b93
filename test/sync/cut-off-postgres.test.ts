import t, { type Test } from 'tap'
import { openStore } from '../../src/store/store.ts'
import { postgres } from '../engines.ts'
import { ok } from '../seam/fake-seam.ts'
import { aBooking, type Customers, openCustomers } from './open-customers.ts'

const QUIET_MS = 1_000
const BACKOFF_MS = 1_000
const KEEP_BACK_MS = 1_500

/** Relays on one database. Each has a Seam of its own, which may not answer. */
async function openOnOne(t: Test, count: number): Promise<Customers[]> {
  const address = await postgres.address(t)
  const relays: Customers[] = []
  while (relays.length < count) {
    const store = await openStore(address)
    t.teardown(() => store.close())
    relays.push(await openCustomers(t, { store }))
  }
  return relays
}

async function failFirst(t: Test, relay: Customers): Promise<void> {
  relay.seam.respond = () => 'reset'
  await relay.tell('a', aBooking('b1'))
  await relay.after(QUIET_MS)
  t.match(relay.sent(), [{ push_data: 'a' }], 'it has tried')
}

t.test('a relay whose call Seam did not answer leaves the next try to another one', async t => {
  const [cutOff, other] = (await openOnOne(t, 2)) as [Customers, Customers]
  await failFirst(t, cutOff)
  await cutOff.after(BACKOFF_MS + KEEP_BACK_MS - 1)
  t.same(cutOff.sent(), [])
  await other.after(QUIET_MS + BACKOFF_MS)
  t.match(other.sent(), [{ push_data: 'a', reservations: ['a:b1_r1'] }])
})

t.test('a workspace that does not answer puts off no other one', async t => {
  const store = await openStore(await postgres.address(t))
  t.teardown(() => store.close())
  const relay = await openCustomers(t, { store, customers: ['a@lost', 'b@well'] })
  await failFirst(t, relay)
  relay.seam.respond = () => ok
  await relay.tell('b', aBooking('b1'))
  await relay.after(BACKOFF_MS)
  t.match(relay.sent(), [{ push_data: 'b' }])
  await relay.after(KEEP_BACK_MS)
  t.match(relay.sent(), [{ push_data: 'a' }])
})

t.test('alone it tries again itself, and is as quick as ever once Seam answers', async t => {
  const [relay] = (await openOnOne(t, 1)) as [Customers]
  await failFirst(t, relay)
  relay.seam.respond = () => ok
  await relay.after(BACKOFF_MS + KEEP_BACK_MS)
  t.match(relay.sent(), [{ push_data: 'a' }])
  await relay.tell('a', aBooking('b2'))
  await relay.after(QUIET_MS)
  t.match(relay.sent(), [{ push_data: 'a', reservations: ['a:b2_r1'] }])
})
