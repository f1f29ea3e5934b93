import t, { type Test } from 'tap'
import { firstIdAt } from '../../src/model/ids.ts'
import { stampOf } from '../../src/model/stamp.ts'
import type { Platform, PlatformEvent } from '../../src/platforms/platform.ts'
import { standard } from '../../src/platforms/standard/standard.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import type { Store } from '../../src/store/store.ts'
import { env, serviceOf } from '../api/call.ts'
import { openRelay, type TestRelay } from '../open-relay.ts'
import { aDelivery, aResource } from '../store/given.ts'
import { watchThreads } from '../store/threads.ts'
import { aBooking, type Customers, DAY_MS, later, NOON, off, openCustomers } from '../sync/open-customers.ts'

async function prune({ relay }: TestRelay): Promise<void> {
  while ((await relay.steps.pruneOnce()) === 'busy');
}

/** What the log says of rounds so far. */
function rounds({ logged }: TestRelay): Record<string, unknown>[] {
  const lines = logged.map(line => JSON.parse(line))
  return lines
    .filter(line => line.event === 'history.pruned')
    .map(({ level, time, pid, hostname, event, msg, ...counts }) => counts)
}

async function countsIn({ db }: Store): Promise<Record<string, number>> {
  const tables = [
    'deliveries',
    'change_log',
    'attempts',
    'attempt_resources',
    'resources',
    'bookings'
  ] as const
  const counts: Record<string, number> = {}
  for (const table of tables) counts[table] = (await db.selectFrom(table).selectAll().execute()).length
  return counts
}

const keysIn = async ({ db }: Store) =>
  (await db.selectFrom('resources').select('key').orderBy('key').execute()).map(row => row.key)

/** Booked, at Seam, cancelled, and gone there. */
async function cameAndWent(relay: Customers, customer: string, id: string): Promise<void> {
  const booking = aBooking(id)
  await relay.tell(customer, booking)
  await relay.after(60_000)
  await relay.tell(customer, off(booking))
  await relay.after(60_000)
}

t.test('a booking is forgotten bit by bit, and in the end only its place is known', async t => {
  const relay = await openCustomers(t)
  const { store, clock } = relay
  await cameAndWent(relay, 'a', 'b1')
  await prune(relay)
  t.same(rounds(relay), [], 'nothing is old')
  const before = await countsIn(store)
  t.same(await keysIn(store), ['a:b1_r1', 'a:guest-b1', 'a:p1'])

  clock.now += 31 * DAY_MS
  await prune(relay)
  t.same(rounds(relay).splice(0), [{ bodies: 2 }])
  t.same(await countsIn(store), before)
  const [delivery] = await store.db.selectFrom('deliveries').selectAll().execute()
  t.equal(delivery?.body.byteLength, 0)
  t.equal(
    await storeRooms(store).deliveries.replay({ connectionId: 'a', states: ['translated'] }, clock.now),
    0
  )

  clock.now += 60 * DAY_MS
  await prune(relay)
  t.match(rounds(relay)[1], { deliveries: 2, changes: before.change_log, attempts: before.attempts })
  const none = { deliveries: 0, change_log: 0, attempts: 0, attempt_resources: 0 }
  t.match(await countsIn(store), { ...none, resources: 3, bookings: 1 })

  clock.now += 90 * DAY_MS
  await prune(relay)
  t.match(rounds(relay)[2], { resources: 2, bookings: 1 })
  t.same(await countsIn(store), { ...none, resources: 1, bookings: 0 })
  t.same(await keysIn(store), ['a:p1'])
  await prune(relay)
  t.equal(rounds(relay).length, 3)
})

t.test('a stay that is at Seam, and its guest, outlive everything that told of them', async t => {
  const relay = await openCustomers(t)
  await relay.tell('a', aBooking('b1'))
  await relay.after(60_000)
  relay.sent()
  relay.clock.now += 900 * DAY_MS
  await prune(relay)
  t.match(await countsIn(relay.store), { deliveries: 0, attempts: 0, resources: 3, bookings: 1 })
  await relay.tell('a', off(aBooking('b1', { updatedAt: relay.clock.now })))
  await relay.after(60_000)
  t.match(relay.sent(), [
    { delete_data: '', reservation_keys: ['a:b1_r1'] },
    { delete_data: '', guest_keys: ['a:guest-b1'] }
  ])
})

/** The word in the webhook, and an adapter that does not know it yet, or does. */
const WORD = 'perhaps'
function knowing(): Platform {
  return {
    ...standard,
    async readEvents(delivery) {
      const events: PlatformEvent[] = await standard.readEvents(delivery)
      return events.map(({ type, payload }) => {
        const { data, ...rest } = payload as { data: Record<string, unknown> }
        return {
          type,
          payload: { ...rest, data: { ...data, status: data.status === WORD ? 'confirmed' : data.status } }
        }
      })
    }
  }
}

/** A delivery that is held: the booking as it was before all else, in a word that nobody knows. */
async function tellHeld(relay: Customers, customer: string, id: string): Promise<string> {
  const booking = aBooking(id, { updatedAt: NOON - 2 * DAY_MS })
  const context = { connection: relay.connection(customer), now: relay.clock.now, serial: 1 }
  const [sample] = standard.samples.tell(undefined, booking, context)
  const payload = JSON.parse(String(sample?.body))
  const body = JSON.stringify({ ...payload, data: { ...payload.data, status: WORD } })
  const reply = await relay.deliver(customer, { event: payload.type, body })
  while ((await relay.relay.steps.translateOnce()) === 'busy');
  return String(reply.body.delivery_id)
}

t.test('nothing is forgotten that a held delivery may speak of, and that never brings it back', async t => {
  const first = await openCustomers(t, { customers: ['a', 'b'] })
  const { store } = first
  const held = await tellHeld(first, 'a', 'b1')
  await cameAndWent(first, 'a', 'b1')
  await cameAndWent(first, 'b', 'b2')
  first.clock.now += 200 * DAY_MS
  await prune(first)
  t.same(await keysIn(store), ['a:b1_r1', 'a:guest-b1', 'a:p1', 'b:p1'])

  // A version of the relay that knows the word takes it in, and it is old news.
  const { now } = first.clock
  const second = await openCustomers(t, {
    customers: ['a', 'b'],
    store: { ...store, close: async () => undefined },
    platforms: { standard: knowing() },
    now
  })
  while ((await second.relay.steps.translateOnce()) === 'busy');
  await second.after(60_000)
  t.match(await storeRooms(store).reports.delivery(held), { state: 'translated' })
  t.same(second.sent(), [])

  // Nothing else speaks of the booking now. What does so once more may not run.
  await prune(second)
  t.same(await keysIn(store), ['a:p1', 'b:p1'])
  const { deliveries } = storeRooms(store)
  t.same(await deliveries.spent([held]), [held])
  t.equal(await deliveries.replay({ ids: [held] }, second.clock.now), 0)
})

t.test('nothing is forgotten while something older is under way, or too much is', async t => {
  const relay = await openCustomers(t)
  const { store, clock } = relay
  const { deliveries } = storeRooms(store)
  const many = Array.from({ length: 1_001 }, (_none, serial) =>
    aDelivery(`z${serial}`, { connectionId: 'a' })
  )
  await cameAndWent(relay, 'a', 'b1')
  clock.now += 200 * DAY_MS
  await deliveries.append(aDelivery('0', { connectionId: 'a', receivedAt: NOON }))
  await prune(relay)
  t.equal((await keysIn(store)).length, 3)
  while ((await relay.relay.steps.translateOnce()) === 'busy');
  await deliveries.appendAll(many.map(each => ({ ...each, receivedAt: clock.now })))
  await prune(relay)
  t.equal((await keysIn(store)).length, 3)
  while ((await relay.relay.steps.translateOnce()) === 'busy');
  await prune(relay)
  t.equal((await keysIn(store)).length, 1)
})

t.test('what callers deleted is remembered while a webhook of whomever is held', async t => {
  const relay = await openCustomers(t, { env })
  const { store, clock } = relay
  const service = serviceOf(relay)
  const { deliveries } = storeRooms(store)
  await service.push({ customer_key: 'a', spaces: [{ space_key: 's1', name: 'Lake' }] })
  while ((await relay.relay.steps.translateOnce()) === 'busy');
  await service.delete({ space_keys: ['s1', 'unknown'] })
  while ((await relay.relay.steps.translateOnce()) === 'busy');
  await relay.after(60_000)
  t.same(await keysIn(store), ['s1', 'unknown'])
  await deliveries.append(
    aDelivery('0'.repeat(26), { connectionId: 'former', platform: 'standard', receivedAt: clock.now })
  )
  while ((await relay.relay.steps.translateOnce()) === 'busy');
  clock.now += 200 * DAY_MS
  await prune(relay)
  t.same(await keysIn(store), ['s1', 'unknown'])
  const gone = { sql: `delete from deliveries where state = 'held'`, rows: [[]], returning: false }
  await store.commit([gone])
  await prune(relay)
  t.same(await keysIn(store), [])
})

t.test('a booking that was never confirmed is forgotten too', async t => {
  const relay = await openCustomers(t)
  await relay.tell('a', aBooking('b1', { status: 'cancelled' }))
  t.match(await countsIn(relay.store), { bookings: 1 })
  relay.clock.now += 181 * DAY_MS
  await prune(relay)
  t.match(await countsIn(relay.store), { bookings: 0 })
})

t.test('whoever moves a customer meanwhile is not forgotten over', async t => {
  const relay = await openCustomers(t)
  await cameAndWent(relay, 'a', 'b1')
  relay.clock.now += 200 * DAY_MS
  const { store } = relay
  let moved = false
  const between: Store = {
    ...store,
    // Nor does every engine have a file that could be shorter.
    giveBack: undefined,
    async commit(writes) {
      if (!moved && writes.some(each => /^delete from "resources"/.test(each.sql))) {
        moved = true
        await relay.tell('a', later(aBooking('b1', { updatedAt: relay.clock.now })))
      }
      return store.commit(writes)
    },
    close: async () => undefined
  }
  const other = await openCustomers(t, { store: between, now: relay.clock.now })
  await prune(other)
  t.ok(moved)
  t.same(await keysIn(store), ['a:b1_r1', 'a:guest-b1', 'a:p1'])
})

t.test('a store that does not answer ends the round, and the next one does what is left', async t => {
  const threads = watchThreads(t)
  const relay = await openRelay(t)
  await threads.workers[0]?.terminate()
  t.equal(await relay.relay.steps.pruneOnce(), 'idle')
  t.match(relay.logged.map(line => JSON.parse(line)).at(-1), {
    event: 'prune.failed',
    err: { code: 'RELAY_STORE_UNAVAILABLE' }
  })
  await relay.relay.stop(0)
})

t.test('what takes many steps goes on where it was', async (t: Test) => {
  const relay = await openCustomers(t)
  const { store, clock } = relay
  const { deliveries } = storeRooms(store)
  const body = Buffer.from('{"type":"test.ping"}')
  const pings = Array.from({ length: 450 }, (_none, serial) =>
    aDelivery(`p${String(serial).padStart(4, '0')}`, {
      connectionId: 'a',
      platform: 'standard',
      receivedAt: clock.now,
      body
    })
  )
  await deliveries.appendAll(pings)
  while ((await relay.relay.steps.translateOnce()) === 'busy');
  clock.now += 100 * DAY_MS
  let steps = 0
  while ((await relay.relay.steps.pruneOnce()) === 'busy') steps += 1
  t.ok(steps >= 6, `${steps} steps`)
  t.match(rounds(relay), [{ bodies: 450, deliveries: 450 }])
})

t.test('what stays is passed over, however much of it there is', async t => {
  const relay = await openCustomers(t)
  const { store, clock } = relay
  const { queries } = storeRooms(store)
  const serials = Array.from({ length: 201 }, (_none, serial) => String(serial).padStart(3, '0'))
  const ofLane = { workspace_id: 'default', customer_key: 'a', connection_id: 'a' }
  const heard = firstIdAt(clock.now)
  await store.commit([
    ...queries.lanes.advance({ workspaceId: 'default', customerKey: 'a' }, undefined, undefined),
    queries.resources.upsert(
      serials.map(key =>
        aResource(key, {
          ...ofLane,
          booking: key,
          fields: null,
          held: 'no zone',
          revision: 0,
          updated_at: clock.now
        })
      )
    ),
    queries.resources.upsertBooking(
      serials.map(booking => ({
        ...ofLane,
        booking,
        stamp: stampOf(clock.now, `${heard}${booking}`),
        empty_because: 'cancelled'
      }))
    )
  ])
  clock.now += 200 * DAY_MS
  let steps = 0
  while ((await relay.relay.steps.pruneOnce()) === 'busy') steps += 1
  t.equal(steps, 2)
  t.match(await countsIn(store), { resources: 201, bookings: 201 })
  t.same(rounds(relay), [])
})
