import t from 'tap'
import { RelayError } from '../../src/errors.ts'
import type { Store } from '../../src/store/store.ts'
import type { Write } from '../../src/store/write.ts'
import { ok } from '../seam/fake-seam.ts'
import { emptyStore } from '../store/empty-store.ts'
import { lane } from '../store/given.ts'
import { aBooking, DAY_MS, later, NOON, off, openCustomers } from './open-customers.ts'
import { openRoom } from './open-room.ts'

const QUIET_MS = 1_000
const LEASE_MS = 60_000

/** A store whose commits fail from the moment that `fails` says so, as if the process had died there. */
function mortal(store: Store, fails: (writes: Write[]) => boolean): Store {
  let dead = false
  return {
    ...store,
    async commit(writes) {
      dead ||= fails(writes)
      if (dead)
        throw new RelayError('RELAY_STORE_UNAVAILABLE', 'the test ended the process', { retryable: true })
      return store.commit(writes)
    }
  }
}

const settles = (writes: Write[]) => writes.some(each => each.sql.includes('"synced_revision" = ?'))
const offers = (writes: Write[]) =>
  writes.some(each => each.sql.startsWith('update "resources" set "offered"'))

t.test('a worker whose lease went to another one settles nothing more', async t => {
  const relay = await openCustomers(t)
  relay.seam.respond = () => undefined
  await relay.tell('a', aBooking('b1'))
  relay.clock.now += QUIET_MS
  const late = relay.relay.steps.syncOnce()
  const hanging = await relay.seam.next()

  relay.clock.now += LEASE_MS
  await relay.tell('a', later(aBooking('b1'), { code: '2222' }))
  relay.seam.respond = () => ok
  await relay.sync()
  t.match(relay.seam.calls[1]?.body, { reservations: [{ preferred_code: '2222' }] })
  const settled = await relay.store.db.selectFrom('resources').selectAll().orderBy('kind').execute()
  const attempts = await relay.store.db.selectFrom('attempts').select('id').execute()

  hanging.answer(ok)
  t.equal(await late, 'idle')
  t.match(
    relay.logged.map(line => JSON.parse(line)).filter(line => line.event === 'lane.lease_lost'),
    [{ customerKey: 'a' }]
  )
  t.same(await relay.store.db.selectFrom('resources').selectAll().orderBy('kind').execute(), settled)
  t.same(await relay.store.db.selectFrom('attempts').select('id').execute(), attempts)
  await relay.after(DAY_MS)
  t.equal(relay.seam.calls.length, 2)
})

t.test('a worker that was late with everything does not put its customer back into the queue', async t => {
  const relay = await openCustomers(t)
  relay.seam.respond = () => undefined
  await relay.tell('a', aBooking('b1'))
  relay.clock.now += QUIET_MS
  const late = relay.relay.steps.syncOnce()
  const hanging = await relay.seam.next()
  relay.clock.now += LEASE_MS
  relay.seam.respond = () => ok
  await relay.sync()
  hanging.answer({ status: 503 })
  await late
  t.same(await relay.store.db.selectFrom('lanes').select(['due_at', 'failures']).execute(), [
    { due_at: null, failures: 0 }
  ])
})

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
    let dying = true
    const relay = await openCustomers(t, {
      store: {
        ...store,
        async commit(writes) {
          if (dying && settles(writes)) throw new RelayError('RELAY_STORE_UNAVAILABLE')
          return store.commit(writes)
        }
      }
    })
    await relay.tell('a', aBooking('b1'))
    await relay.after(QUIET_MS)
    dying = false
    await relay.after(LEASE_MS - 1)
    t.equal(relay.sent().length, 1)
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

t.test('when the store fails, nothing is lost and the log says so', async t => {
  const store = await emptyStore()
  let failing = false
  const relay = await openCustomers(t, {
    store: {
      ...store,
      async commit(writes) {
        if (failing) throw new RelayError('RELAY_STORE_UNAVAILABLE')
        return store.commit(writes)
      }
    }
  })
  await relay.tell('a', aBooking('b1'))
  failing = true
  await relay.after(QUIET_MS)
  t.equal(relay.seam.calls.length, 0, 'Seam hears of nothing that is not on disk')
  t.match(
    relay.logged.map(line => JSON.parse(line)).find(line => line.event === 'sync.failed'),
    { err: { code: 'RELAY_STORE_UNAVAILABLE' } }
  )
  failing = false
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
    const leases = store.db.selectFrom('lanes').select(['lease_token', 'lease_until'])
    t.same(await leases.execute(), [{ lease_token: 2, lease_until: 1_000 + 2 * LEASE_MS + 1 }])
  }
)
