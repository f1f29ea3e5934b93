import t, { type Test } from 'tap'
import { RelayError } from '../../src/errors.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import type { Store } from '../../src/store/store.ts'
import { away, unavailable } from '../../src/store/unavailable.ts'
import type { Write } from '../../src/store/write.ts'
import { type FakeCall, ok, refusal } from '../seam/fake-seam.ts'
import { emptyStore } from '../store/empty-store.ts'
import { lane } from '../store/given.ts'
import {
  aBooking,
  type Customers,
  type CustomersOptions,
  DAY_MS,
  later,
  NOON,
  off,
  openCustomers
} from './open-customers.ts'
import { openRoom } from './open-room.ts'

const QUIET_MS = 1_000
const LEASE_MS = 25_000

/** A store whose commits fail where `fails` says so. */
function failing(store: Store, fails: (writes: Write[]) => boolean): Store {
  return {
    ...store,
    async commit(writes) {
      if (fails(writes))
        throw new RelayError('RELAY_STORE_UNAVAILABLE', 'the test says so', { retryable: true })
      return store.commit(writes)
    }
  }
}

/** As {@link failing}, and from then on, as if the process had died there. */
function mortal(store: Store, dies: (writes: Write[]) => boolean): Store {
  let dead = false
  return failing(store, writes => {
    dead ||= dies(writes)
    return dead
  })
}

const settles = (writes: Write[]) => writes.some(each => each.sql.includes('"synced_revision" = ?'))
const offers = (writes: Write[]) =>
  writes.some(each => each.sql.startsWith('update "resources" set "offered"'))

/** A worker whose call gets no answer until the test gives one; its lease is over by then. */
async function lateWorker(relay: Customers): Promise<{ call: FakeCall; step: Promise<string> }> {
  relay.seam.respond = () => undefined
  const step = relay.relay.steps.syncOnce()
  const call = await relay.seam.next()
  relay.seam.respond = () => ok
  relay.clock.now += LEASE_MS
  return { call, step }
}

/** A customer with one booking, of which the first worker is late to hear that Seam took it. */
async function lateCustomer(t: Test, options: CustomersOptions = {}) {
  const relay = await openCustomers(t, options)
  await relay.tell('a', aBooking('b1'))
  relay.clock.now += QUIET_MS
  return { relay, ...(await lateWorker(relay)) }
}

t.test('a worker whose lease went to another one settles nothing more', async t => {
  const { relay, call, step } = await lateCustomer(t)
  await relay.tell('a', later(aBooking('b1'), { code: '2222' }))
  await relay.sync()
  t.match(relay.seam.calls[1]?.body, { reservations: [{ preferred_code: '2222' }] })
  const settled = relay.store.db.selectFrom('resources').select(['key', 'synced_revision']).orderBy('kind')
  const before = await settled.execute()
  const attempts = await relay.store.db.selectFrom('attempts').select('id').execute()

  call.answer(ok)
  t.equal(await step, 'idle')
  t.match(
    relay.logged.map(line => JSON.parse(line)).filter(line => line.event === 'lane.lease_lost'),
    [{ customerKey: 'a' }]
  )
  t.same(await settled.execute(), before)
  t.same(await relay.store.db.selectFrom('attempts').select('id').execute(), attempts)
  await relay.after(DAY_MS)
  t.equal(relay.seam.calls.length, 3, 'what it carried goes once more, as it shall be now')
  t.match(relay.seam.calls[2]?.body, { reservations: [{ preferred_code: '2222' }] })
})

t.test('a worker whose lease goes to another one before it has sent anything calls nobody', async t => {
  const store = await emptyStore()
  let late = false
  const relay = await openCustomers(t, {
    store: {
      ...store,
      async commit(writes) {
        if (!late && offers(writes)) {
          late = true
          relay.clock.now += LEASE_MS
          t.equal(await relay.relay.steps.syncOnce(), 'busy')
        }
        return store.commit(writes)
      }
    }
  })
  await relay.tell('a', aBooking('b1'))
  relay.clock.now += QUIET_MS
  t.equal(await relay.relay.steps.syncOnce(), 'idle')
  t.equal(relay.seam.calls.length, 1, 'but for the other one')
  t.ok(relay.logged.some(line => line.includes('"lane.lease_lost"')))
  await relay.after(DAY_MS)
  t.equal(relay.seam.calls.length, 1)
})

t.test('a push that comes late after the deletion is followed by a deletion', async t => {
  const { relay, call, step } = await lateCustomer(t)
  await relay.tell('a', off(aBooking('b1')))
  await relay.sync()
  const deletions = [
    { delete_data: '', reservation_keys: ['a:b1_r1'] },
    { push_data: 'a', spaces: ['a:p1'] },
    { delete_data: '', guest_keys: ['a:guest-b1'] }
  ]
  t.same(relay.sent().slice(1), deletions)
  call.answer(ok)
  await step
  await relay.sync()
  t.same(relay.sent(), deletions)
  await relay.after(DAY_MS)
  t.same(relay.sent(), [])
  const offered = relay.store.db.selectFrom('resources').select('kind').where('offered', '=', 1)
  t.same(await offered.execute(), [{ kind: 'space' }])
  t.ok(relay.logged.some(line => line.includes('"resources.in_doubt"')))
})

t.test('a deletion that comes late after the booking is back is followed by a push', async t => {
  const relay = await openCustomers(t)
  await relay.tell('a', aBooking('b1'))
  await relay.after(QUIET_MS)
  await relay.tell('a', off(aBooking('b1')))
  relay.clock.now += QUIET_MS
  await relay.seam.next()
  const { call, step } = await lateWorker(relay)
  await relay.tell('a', later(off(aBooking('b1')), { status: 'confirmed' }))
  await relay.sync()
  relay.sent()
  call.answer(ok)
  await step
  await relay.sync()
  t.same(relay.sent(), [{ push_data: 'a', reservations: ['a:b1_r1'] }])
})

t.test('a push that comes late while the deletion is under way is followed by one more', async t => {
  const { relay, call, step } = await lateCustomer(t)
  await relay.tell('a', off(aBooking('b1')))
  relay.seam.respond = () => undefined
  const second = relay.relay.steps.syncOnce()
  const deletion = await relay.seam.next()
  t.match(deletion.body, { reservation_keys: ['a:b1_r1'] })
  relay.seam.respond = () => ok
  call.answer(ok)
  await step
  deletion.answer(ok)
  await second
  relay.sent()
  await relay.after(DAY_MS)
  t.match(relay.sent()[0], { delete_data: '', reservation_keys: ['a:b1_r1'] })
})

t.test('what Seam refused while another call with it was late is tried once more', async t => {
  const { relay, call, step } = await lateCustomer(t)
  await relay.tell('a', later(aBooking('b1'), { code: '2222' }))
  relay.seam.respond = made =>
    JSON.stringify(made.body).includes('2222') ? refusal(400, 'invalid_input') : ok
  await relay.sync()
  relay.sent()
  call.answer(ok)
  await step
  relay.seam.respond = () => ok
  await relay.after(DAY_MS)
  t.match(relay.sent(), [{ push_data: 'a', reservations: ['a:b1_r1'] }])
})

t.test('workers that are late one after the other end with the last late call', async t => {
  const relay = await openCustomers(t)
  await relay.tell('a', aBooking('b1'))
  relay.clock.now += QUIET_MS
  const late: Awaited<ReturnType<typeof lateWorker>>[] = []
  for (let worker = 0; worker < 4; worker += 1) late.push(await lateWorker(relay))
  for (const { call, step } of late) {
    call.answer(ok)
    await step
  }
  t.equal(relay.sent().length, 4)
  await relay.after(DAY_MS)
  t.equal(relay.sent().length, 1)
  await relay.after(DAY_MS)
  t.equal(relay.sent().length, 0)
})

t.test('a late call is not forgotten where the store fails at that moment', async t => {
  let isDown = false
  const store = failing(await emptyStore(), () => isDown)
  const { relay, call, step } = await lateCustomer(t, { store })
  await relay.tell('a', off(aBooking('b1')))
  await relay.sync()
  relay.sent()
  isDown = true
  call.answer(ok)
  t.equal(await step, 'idle')
  await relay.sync()
  isDown = false
  await relay.sync()
  t.match(relay.sent()[0], { delete_data: '', reservation_keys: ['a:b1_r1'] })
  await relay.after(DAY_MS)
  t.match(relay.sent(), [])
})

t.test('a push that got no answer is deleted where its booking is cancelled meanwhile', async t => {
  const relay = await openCustomers(t)
  await relay.tell('a', aBooking('b1'))
  relay.seam.respond = () => 'reset'
  await relay.after(QUIET_MS)
  await relay.tell('a', off(aBooking('b1')))
  relay.sent()
  relay.seam.respond = () => ok
  await relay.after(LEASE_MS)
  t.match(relay.sent()[0], { delete_data: '', reservation_keys: ['a:b1_r1'] })
})

t.test(
  'a worker that was late with everything counts no failure, and what it carried goes once more',
  async t => {
    const { relay, call, step } = await lateCustomer(t)
    await relay.sync()
    call.answer({ status: 503 })
    await step
    t.same(await relay.store.db.selectFrom('lanes').select(['due_at', 'failures']).execute(), [
      { due_at: relay.clock.now, failures: 0 }
    ])
    relay.sent()
    await relay.after(DAY_MS)
    t.equal(relay.sent().length, 1)
  }
)

t.test('while a step goes on call by call, its lease goes on with it', async t => {
  const relay = await openCustomers(t, { env: { RELAY_BATCH_RESOURCES: '3' } })
  for (const id of ['b1', 'b2', 'b3'])
    await relay.tell('a', aBooking(id, { rooms: [{ id: 'r1', place: id }] }))
  relay.clock.now += QUIET_MS
  relay.seam.respond = () => undefined
  const step = relay.relay.steps.syncOnce()
  for (let call = 0; call < 3; call += 1) {
    const made = await relay.seam.next()
    relay.clock.now += LEASE_MS - 1
    t.equal(await relay.relay.steps.syncOnce(), 'idle')
    made.answer(ok)
  }
  t.equal(await step, 'busy')
  t.equal(relay.seam.calls.length, 3)
})

t.test(
  'a crash between Seam’s answer and its being remembered repeats the call, and does no harm',
  async t => {
    const store = await emptyStore()
    const first = await openCustomers(t, { store: mortal(store, settles) })
    await first.tell('a', aBooking('b1'))
    await first.after(QUIET_MS)
    t.equal(first.seam.calls.length, 1)
    t.ok(first.logged.some(line => line.includes('"sync.failed"')))
    const second = await openCustomers(t, { store, seam: first.seam, now: first.clock.now + 1 })
    await second.sync()
    t.same(first.seam.calls[1]?.body, first.seam.calls[0]?.body)
    await second.after(DAY_MS)
    t.equal(first.seam.calls.length, 2)
  }
)

t.test(
  'a crash right after Seam was about to hear of a stay: its cancellation deletes it all the same',
  async t => {
    const store = await emptyStore()
    let offered = false
    const dies = (writes: Write[]) => {
      const already = offered
      offered ||= offers(writes)
      return already
    }
    const first = await openCustomers(t, { store: mortal(store, dies) })
    await first.tell('a', aBooking('b1'))
    first.seam.respond = () => 'reset'
    await first.after(QUIET_MS)
    const second = await openCustomers(t, { store, seam: first.seam, now: first.clock.now + 1 })
    first.seam.respond = () => ok
    await second.tell('a', off(aBooking('b1')))
    second.sent()
    await second.after(QUIET_MS)
    t.match(second.sent(), [
      { delete_data: '', reservation_keys: ['a:b1_r1'] },
      { push_data: 'a', spaces: ['a:p1'] },
      { delete_data: '', guest_keys: ['a:guest-b1'] }
    ])
  }
)

t.test(
  'without a start of the relay, the customers of a worker that died go on when its lease has ended',
  async t => {
    const store = await emptyStore()
    const relay = await openCustomers(t, { store })
    await relay.tell('a', aBooking('b1'))
    relay.clock.now += QUIET_MS
    const ofTheDead = await storeRooms(store).queries.lanes.claim(relay.clock.now, LEASE_MS)
    t.match(ofTheDead, { customerKey: 'a' })
    await relay.after(LEASE_MS - 1)
    t.equal(relay.sent().length, 0)
    await relay.after(1)
    t.equal(relay.sent().length, 1)
  }
)

t.test(
  'an e-mail that is wanted again while Seam is told to forget its guest stays with the guest',
  async t => {
    const relay = await openCustomers(t, { customers: ['a', 'b'] })
    const guest = { id: 'g1', name: 'Ada', email: 'ada@example.com', phone: null }
    await relay.tell('a', aBooking('b1', { guest }))
    await relay.after(QUIET_MS)
    await relay.tell('a', off(aBooking('b1', { guest })))
    relay.clock.now += QUIET_MS
    relay.seam.respond = call => (call.body.guest_keys === undefined ? ok : undefined)
    const step = relay.relay.steps.syncOnce()
    for (let call = await relay.seam.next(); call.body.guest_keys === undefined; )
      call = await relay.seam.next()
    await relay.tell('a', aBooking('b2', { guest }))
    await relay.tell('b', aBooking('b9', { guest: { ...guest, id: 'g9' } }))
    relay.seam.respond = () => ok
    relay.seam.calls.at(-1)?.answer(ok)
    await step
    await relay.after(DAY_MS)
    const emails = new Map<string, unknown>()
    for (const { body } of relay.seam.calls) {
      for (const each of (body.guests ?? []) as Record<string, unknown>[])
        emails.set(String(each.guest_key), each.email_address)
    }
    t.same(
      [...emails],
      [
        ['a:g1', 'ada@example.com'],
        ['b:g9', undefined]
      ]
    )
  }
)

t.test('an e-mail whose guest is gone goes to the one who waits for it', async t => {
  const relay = await openCustomers(t, { customers: ['a', 'b'] })
  const guest = { id: 'g1', name: 'Ada', email: 'ada@example.com', phone: null }
  await relay.tell('a', aBooking('b1', { guest }))
  await relay.tell('b', aBooking('b9', { guest: { ...guest, id: 'g9' } }))
  await relay.after(QUIET_MS)
  relay.sent()
  await relay.tell('a', off(aBooking('b1', { guest })))
  await relay.after(QUIET_MS)
  await relay.after(QUIET_MS)
  t.match(relay.seam.calls.at(-1)?.body, {
    guests: [{ guest_key: 'b:g9', email_address: 'ada@example.com' }]
  })
})

/** A store that is away from when `goes` says so until `back` is called. */
function leaving(store: Store, goes: (writes: Write[]) => boolean) {
  let isGone = false
  const gone: Store = {
    ...store,
    async commit(writes) {
      isGone ||= goes(writes)
      if (isGone) throw away('it is being started again')
      return store.commit(writes)
    }
  }
  const back = () => {
    isGone = false
  }
  return { store: gone, back }
}

/** A customer whose booking Seam took just as the store went away. */
async function leftInHand(t: Test) {
  const kept = await emptyStore()
  let calls = 0
  const { store, back } = leaving(kept, writes => calls === 1 && settles(writes))
  const relay = await openCustomers(t, { store })
  relay.seam.respond = () => {
    calls += 1
    return ok
  }
  await relay.tell('a', aBooking('b1'))
  relay.clock.now += QUIET_MS
  t.equal(await relay.relay.steps.syncOnce(), 'idle')
  return { relay, kept, calls: () => calls, back }
}

t.test('a lane that was in hand when the store went away does not wait for the end of its lease', async t => {
  const { relay, calls, back } = await leftInHand(t)
  t.equal(await relay.relay.steps.syncOnce(), 'idle', 'it is still away')
  t.equal(calls(), 1)
  back()
  await relay.sync()
  t.equal(calls(), 2, 'once more, as nobody knows what became of the first')
  t.notMatch(relay.logged.join(''), /"event":"sync\.failed"/)
})

t.test('one with which nothing had been sent by then waits no longer either', async t => {
  let goes = true
  const { store, back } = leaving(await emptyStore(), writes => goes && offers(writes))
  const relay = await openCustomers(t, { store })
  await relay.tell('a', aBooking('b1'))
  relay.clock.now += QUIET_MS
  for (const when of ['it goes away', 'it is still away'])
    t.equal(await relay.relay.steps.syncOnce(), 'idle', when)
  t.equal(relay.seam.calls.length, 0)
  goes = false
  back()
  await relay.sync()
  t.equal(relay.seam.calls.length, 1)
  t.notMatch(relay.logged.join(''), /"event":"sync\.failed"/)
})

t.test(
  'one whose write the store refused once rests for five seconds, not for the rest of its lease',
  async t => {
    let refused = 0
    const kept = await emptyStore()
    const store: Store = {
      ...kept,
      async commit(writes) {
        if (refused > 0 || !settles(writes)) return kept.commit(writes)
        refused += 1
        throw unavailable('no connection is left')
      }
    }
    const relay = await openCustomers(t, { store })
    await relay.tell('a', aBooking('b1'))
    relay.clock.now += QUIET_MS
    t.equal(await relay.relay.steps.syncOnce(), 'idle')
    t.match(relay.logged.join(''), /"event":"sync\.failed"/)
    await relay.sync()
    relay.clock.now += 4_999
    await relay.sync()
    t.equal(relay.seam.calls.length, 1)
    relay.clock.now += 1
    await relay.sync()
    t.equal(relay.seam.calls.length, 2)
  }
)

t.test('one that somebody else has taken over meanwhile is left to them', async t => {
  const { relay, kept, calls, back } = await leftInHand(t)
  relay.clock.now += LEASE_MS
  const other = await storeRooms(kept).queries.lanes.claim(relay.clock.now, LEASE_MS)
  t.match(other, { customerKey: 'a' })
  back()
  t.equal(await relay.relay.steps.syncOnce(), 'idle')
  t.equal(calls(), 1)
  relay.clock.now += LEASE_MS
  await relay.sync()
  t.equal(calls(), 2)
})

t.test('a store that fails is told of once each time it does', async t => {
  let isDown = false
  const relay = await openCustomers(t, { store: failing(await emptyStore(), () => isDown) })
  const told = () => relay.logged.filter(line => line.includes('"sync.failed"')).length
  for (const [id, times] of [
    ['b1', 1],
    ['b2', 2]
  ] as const) {
    await relay.tell('a', aBooking(id))
    isDown = true
    for (let round = 0; round < 5; round += 1) await relay.after(QUIET_MS)
    t.equal(told(), times)
    isDown = false
    await relay.after(QUIET_MS)
  }
  t.equal(relay.seam.calls.length, 2)
})

t.test('when the store fails, nothing is lost and the log says so', async t => {
  let isDown = false
  const relay = await openCustomers(t, { store: failing(await emptyStore(), () => isDown) })
  await relay.tell('a', aBooking('b1'))
  isDown = true
  await relay.after(QUIET_MS)
  t.equal(relay.seam.calls.length, 0, 'Seam hears of nothing that is not on disk')
  t.match(
    relay.logged.map(line => JSON.parse(line)).find(line => line.event === 'sync.failed'),
    { err: { code: 'RELAY_STORE_UNAVAILABLE' } }
  )
  isDown = false
  await relay.sync()
  t.equal(relay.seam.calls.length, 1)
  t.equal(relay.clock.now, NOON + QUIET_MS)
})

t.test(
  'a worker that finds nothing to send and was too late does not touch the other one’s lease',
  async t => {
    const { store, queries, outbox, room } = await openRoom(() => t.fail('nothing is to be sent'))
    await store.commit(queries.lanes.advance(lane, undefined, { dueAt: 0, arrivalAt: null }))
    const late = room({
      ...outbox,
      async dirtyOthers(...asked) {
        t.ok(await queries.lanes.claim(1_000 + LEASE_MS + 1, LEASE_MS), 'another one takes over')
        return outbox.dirtyOthers(...asked)
      }
    })
    t.equal(await late.syncOnce(), 'idle')
    const leases = store.db.selectFrom('lanes').select('lease_until')
    t.same(await leases.execute(), [{ lease_until: 1_000 + 2 * LEASE_MS + 1 }])
  }
)
