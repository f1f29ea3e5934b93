import fc from 'fast-check'
import t, { type Test } from 'tap'
import { SeamError } from '../../src/seam/seam-error.ts'
import { type FakeCall, listsOf, ok, refusal } from '../seam/fake-seam.ts'
import { aResource, lane } from '../store/given.ts'
import { aBooking, type Customers, DAY_MS, later, off, openCustomers } from './open-customers.ts'
import { openRoom } from './open-room.ts'

const QUIET_MS = 1_000
/** As long as a customer waits at most after a failure, with the chance of these tests. */
const MINUTE_MS = 60_000

t.test(
  'of a refused body only the offender is buried, with Seam’s words, and the others go through',
  async t => {
    const relay = await openCustomers(t)
    for (const id of ['b1', 'b2', 'b3', 'b4', 'b5']) await relay.tell('a', aBooking(id))
    relay.seam.respond = call =>
      JSON.stringify(call.body).includes('a:guest-b3')
        ? refusal(400, 'invalid_input', 'b3 is not good enough')
        : ok
    await relay.after(QUIET_MS)
    const taken = relay.seam.calls
      .filter(call => !JSON.stringify(call.body).includes('a:guest-b3'))
      .map(listsOf)
    t.same(
      taken.flatMap(each => each.guests ?? []),
      ['guest-b1', 'guest-b2', 'guest-b4', 'guest-b5'].map(key => `a:${key}`)
    )
    t.same(
      taken.flatMap(each => each.reservations ?? []),
      ['b1_r1', 'b2_r1', 'b4_r1', 'b5_r1'].map(key => `a:${key}`)
    )
    const buried = relay.store.db
      .selectFrom('resources')
      .select(['kind', 'key', 'buried_reason'])
      .where('buried_reason', 'is not', null)
      .orderBy('kind')
    const reason = 'Seam push_data: invalid_input: b3 is not good enough'
    t.same(await buried.execute(), [
      { kind: 'guest', key: 'a:guest-b3', buried_reason: reason },
      { kind: 'reservation', key: 'a:b3_r1', buried_reason: reason }
    ])
    const lines = relay.logged.filter(line => line.includes('"resource.buried"'))
    t.match(
      lines.map(line => JSON.parse(line)),
      [
        { customerKey: 'a', kind: 'guest', key: 'a:guest-b3', status: 400, requestId: 'req_2' },
        { customerKey: 'a', kind: 'reservation', key: 'a:b3_r1' }
      ]
    )

    const calls = relay.seam.calls.length
    await relay.after(DAY_MS)
    t.equal(relay.seam.calls.length, calls, 'a dead letter is not tried again')
    relay.seam.respond = () => ok
    relay.sent()
    await relay.tell('a', later(aBooking('b3'), { arrival: '2027-03-13' }))
    await relay.after(QUIET_MS)
    t.same(relay.sent(), [{ push_data: 'a', reservations: ['a:b3_r1'] }], 'only what has changed')
    t.same(
      (await buried.execute()).map(each => each.kind),
      ['guest']
    )
  }
)

t.test('413 halves a body until it is small enough', async t => {
  const relay = await openCustomers(t)
  for (const id of ['b1', 'b2', 'b3', 'b4', 'b5', 'b6']) await relay.tell('a', aBooking(id))
  const sizes: number[] = []
  relay.seam.respond = call => {
    const size = Object.values(listsOf(call)).flat().length
    if (size > 4) return { status: 413, body: 'Body exceeded 1mb limit' }
    sizes.push(size)
    return ok
  }
  await relay.after(QUIET_MS)
  t.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    13
  )
  t.same(
    await relay.store.db.selectFrom('resources').select('key').where('buried_revision', '>', 0).execute(),
    []
  )
})

t.test('what Seam does not know counts as deleted, and the others of the same call are deleted', async t => {
  const relay = await openCustomers(t)
  const ids = ['b1', 'b2', 'b3']
  for (const id of ids) await relay.tell('a', aBooking(id))
  await relay.after(QUIET_MS)
  relay.sent()
  relay.seam.respond = call =>
    listsOf(call).reservation_keys?.includes('a:b2_r1') ? refusal(404, 'reservation_not_found') : ok
  for (const id of ids) await relay.tell('a', off(aBooking(id)))
  await relay.after(QUIET_MS)
  t.same(relay.sent(), [
    { delete_data: '', reservation_keys: ['a:b1_r1', 'a:b2_r1', 'a:b3_r1'] },
    { delete_data: '', reservation_keys: ['a:b1_r1', 'a:b2_r1'] },
    { delete_data: '', reservation_keys: ['a:b1_r1'] },
    { delete_data: '', reservation_keys: ['a:b2_r1'] },
    { delete_data: '', reservation_keys: ['a:b3_r1'] },
    { delete_data: '', guest_keys: ['a:guest-b1', 'a:guest-b2', 'a:guest-b3'] }
  ])
  const offered = relay.store.db.selectFrom('resources').select('kind').where('offered', '=', 1)
  t.same(await offered.execute(), [{ kind: 'space' }])
})

t.test(
  'trouble in the middle of taking a body apart puts the rest off, and what went through is not sent again',
  async t => {
    const relay = await openCustomers(t)
    const ids = ['b1', 'b2', 'b3', 'b4']
    for (const id of ids) await relay.tell('a', aBooking(id))
    let calls = 0
    relay.seam.respond = call => {
      calls += 1
      if (calls === 4) return { status: 503 }
      return JSON.stringify(call.body).includes('a:guest-b4') ? refusal(400, 'invalid_input') : ok
    }
    await relay.after(QUIET_MS)
    const first = relay.sent()
    t.equal(first.length, 4)
    await relay.after(60_000)
    const again = relay.sent()
    const through = new Set([first[1]?.reservations].flat())
    t.same([...through], ['a:b1_r1', 'a:b2_r1'])
    t.notOk(again.some(each => [each.reservations ?? []].flat().some(key => through.has(key))))
  }
)

const guest = (id: string) => ({ id, name: `Guest ${id}`, email: null, phone: null })

/** A stay of g1 at Seam; then its guest is g2, and Seam will not have that. */
async function refusedChange(relay: Customers): Promise<void> {
  await relay.tell('a', aBooking('b1', { guest: guest('g1') }))
  await relay.after(QUIET_MS)
  relay.seam.respond = call =>
    JSON.stringify(call.body.reservations ?? '').includes('a:g2') ? refusal(400, 'invalid_input') : ok
  await relay.tell('a', later(aBooking('b1'), { guest: guest('g2') }))
  await relay.after(QUIET_MS)
}

const deletedGuests = (relay: Customers) => relay.sent().flatMap(each => each.guest_keys ?? [])

t.test('a guest whom a refused stay still names at Seam stays until the stay has gone through', async t => {
  const relay = await openCustomers(t)
  await refusedChange(relay)
  await relay.tell('a', aBooking('b2', { guest: guest('g3') }))
  await relay.after(QUIET_MS)
  await relay.tell('a', off(aBooking('b2', { guest: guest('g3') })))
  await relay.after(DAY_MS)
  t.same(deletedGuests(relay), ['a:g3'], 'others go')
  await relay.tell('a', later(later(aBooking('b1')), { guest: guest('g4') }))
  await relay.after(QUIET_MS)
  t.same(relay.sent(), [
    { push_data: 'a', guests: ['a:g4'], reservations: ['a:b1_r1'] },
    { delete_data: '', guest_keys: ['a:g1', 'a:g2'] }
  ])
})

t.test('a guest whom a refused stay still names at Seam goes with the stay', async t => {
  const relay = await openCustomers(t)
  await refusedChange(relay)
  relay.sent()
  await relay.tell('a', off(later(aBooking('b1'), { guest: guest('g2') })))
  await relay.after(QUIET_MS)
  t.same(relay.sent(), [
    { delete_data: '', reservation_keys: ['a:b1_r1'] },
    { delete_data: '', guest_keys: ['a:g1', 'a:g2'] }
  ])
})

t.test('a guest whom a refused stay still names at Seam goes when the stay is over', async t => {
  const relay = await openCustomers(t)
  await refusedChange(relay)
  relay.sent()
  await relay.after(Date.UTC(2027, 2, 15, 10) - 1 - relay.clock.now)
  t.same(relay.sent(), [])
  await relay.after(1)
  t.same(relay.sent(), [{ delete_data: '', guest_keys: ['a:g1'] }])
})

t.test('whom a stay may name after a call without an answer stays too', async t => {
  const relay = await openCustomers(t)
  await relay.tell('a', aBooking('b1', { guest: guest('g0') }))
  await relay.after(QUIET_MS)
  relay.seam.respond = () => 'reset'
  await relay.tell('a', later(aBooking('b1'), { guest: guest('g1') }))
  await relay.after(QUIET_MS)
  relay.seam.respond = call =>
    JSON.stringify(call.body.reservations ?? '').includes('a:g2') ? refusal(400, 'invalid_input') : ok
  await relay.tell('a', later(later(aBooking('b1')), { guest: guest('g2') }))
  await relay.after(DAY_MS)
  t.same(deletedGuests(relay), [])
})

t.test('people who are kept, more than fit into one call, keep nobody else waiting', async t => {
  const relay = await openCustomers(t, { env: { RELAY_BATCH_RESOURCES: '2' } })
  const ids = ['b1', 'b2', 'b3', 'b4']
  for (const id of ids) await relay.tell('a', aBooking(id))
  await relay.after(QUIET_MS)
  relay.seam.respond = call =>
    JSON.stringify(call.body.reservations ?? '').includes('a:new') ? refusal(400, 'invalid_input') : ok
  for (const id of ids) await relay.tell('a', later(aBooking(id), { guest: guest(`new-${id}`) }))
  await relay.after(QUIET_MS)
  relay.sent()
  await relay.tell('a', aBooking('b9'))
  await relay.after(QUIET_MS)
  t.same(
    relay.sent().flatMap(each => each.reservations ?? []),
    ['a:b9_r1']
  )
})

t.test('a deletion that Seam refuses is tried again every six hours, and no sooner', async t => {
  const relay = await openCustomers(t, { env: { RELAY_BATCH_RESOURCES: '3' } })
  const ids = ['b1', 'b2', 'b3', 'b4']
  for (const id of ids) await relay.tell('a', aBooking(id))
  await relay.after(QUIET_MS)
  relay.seam.respond = call => (call.operation === 'delete_data' ? refusal(400, 'invalid_input') : ok)
  for (const id of ids) await relay.tell('a', off(aBooking(id)))
  await relay.after(QUIET_MS)
  relay.sent()
  await relay.tell('a', aBooking('b9'))
  await relay.after(DAY_MS / 4 - 1)
  t.same(
    relay.sent().map(each => each.push_data),
    ['a']
  )
  await relay.after(1)
  t.ok(relay.sent().length > 0)
  relay.seam.respond = () => ok
  await relay.after(DAY_MS / 4)
  const sent = relay.sent()
  t.same(sent.flatMap(each => each.reservation_keys ?? []).length, 4)
  t.same(sent.flatMap(each => each.guest_keys ?? []).length, 4)
  await relay.after(DAY_MS)
  t.same(relay.sent(), [])
})

t.test('a start tries once more what Seam refused', async t => {
  const first = await openCustomers(t)
  await first.tell('a', aBooking('b1'))
  await first.after(QUIET_MS)
  first.seam.respond = () => refusal(400, 'invalid_input')
  await first.tell('a', off(aBooking('b1')))
  await first.tell('a', aBooking('b2'))
  await first.after(QUIET_MS)
  const { store, seam } = first
  seam.respond = () => ok
  const second = await openCustomers(t, { store, seam, now: first.clock.now + 1 })
  second.sent()
  await second.sync()
  t.same(second.sent(), [
    { delete_data: '', reservation_keys: ['a:b1_r1'] },
    { push_data: 'a', guests: ['a:guest-b2'], reservations: ['a:b2_r1'] },
    { delete_data: '', guest_keys: ['a:guest-b1'] }
  ])
  const left = store.db.selectFrom('resources').select('key').where('buried_reason', 'is not', null)
  t.same(await left.execute(), [])
})

t.test(
  'a stay that went through without its guest is told again when the guest has gone through',
  async t => {
    for (const answer of [refusal(400, 'invalid_input'), refusal(500, 'internal')]) {
      const relay = await openCustomers(t)
      await relay.tell('a', aBooking('b1'))
      await relay.tell('a', aBooking('b2'))
      relay.seam.respond = call => (listsOf(call).guests?.includes('a:guest-b1') ? answer : ok)
      for (let attempt = 0; attempt < 6; attempt += 1) await relay.after(MINUTE_MS)
      const settled = relay.store.db
        .selectFrom('resources')
        .select('key')
        .whereRef('synced_revision', '=', 'revision')
        .where('kind', '=', 'reservation')
      t.equal((await settled.execute()).length, 2)
      relay.sent()
      relay.seam.respond = () => ok
      const mended = { id: 'guest-b1', name: 'Ada Lovelace', email: 'ada@example.com', phone: null }
      await relay.tell('a', later(aBooking('b1'), { guest: mended }))
      await relay.after(MINUTE_MS)
      t.same(relay.sent(), [
        { push_data: 'a', guests: ['a:guest-b1'] },
        { push_data: 'a', reservations: ['a:b1_r1'] }
      ])
      await relay.after(DAY_MS)
      t.same(relay.sent(), [])
    }
  }
)

/** Lets the relay try so often. */
async function attempts(relay: Customers, count: number): Promise<void> {
  for (let attempt = 0; attempt < count; attempt += 1) await relay.after(MINUTE_MS)
}

t.test(
  'a resource that Seam stumbles over again and again keeps the others waiting only so long',
  async t => {
    const relay = await openCustomers(t)
    for (const id of ['b1', 'b2', 'b3', 'b4', 'b5']) await relay.tell('a', aBooking(id))
    relay.seam.respond = call =>
      listsOf(call).guests?.includes('a:guest-b3') ? refusal(500, 'internal') : ok
    await attempts(relay, 4)
    t.equal(relay.sent().length, 4, 'at first they go together')
    await attempts(relay, 1)
    const through = relay.seam.calls
      .filter(call => !listsOf(call).guests?.includes('a:guest-b3'))
      .map(listsOf)
    t.same(
      through.flatMap(each => each.reservations ?? []),
      ['b1_r1', 'b2_r1', 'b3_r1', 'b4_r1', 'b5_r1'].map(key => `a:${key}`)
    )
    t.ok(relay.sent().length <= 10)
    t.match(await relay.store.db.selectFrom('lanes').select('failures').execute(), [{ failures: 5 }])
    await attempts(relay, 1)
    t.same(relay.sent(), [{ push_data: 'a', guests: ['a:guest-b3'] }], 'and is tried on, alone')
    relay.seam.respond = () => ok
    await attempts(relay, 1)
    t.match(await relay.store.db.selectFrom('lanes').select(['failures', 'due_at']).execute(), [
      { failures: 0, due_at: null }
    ])
  }
)

t.test(
  'a deletion that Seam stumbles over keeps no push waiting, and whom its stay names is not deleted',
  async t => {
    const relay = await openCustomers(t)
    for (const id of ['b1', 'b2']) await relay.tell('a', aBooking(id))
    await relay.after(MINUTE_MS)
    relay.sent()
    relay.seam.respond = call => (listsOf(call).reservation_keys === undefined ? ok : 'reset')
    await relay.tell('a', off(aBooking('b1')))
    await relay.tell('a', later(aBooking('b2'), { arrival: '2027-03-13' }))
    await attempts(relay, 5)
    t.same(relay.sent().slice(4), [
      { delete_data: '', reservation_keys: ['a:b1_r1'] },
      { push_data: 'a', reservations: ['a:b2_r1'] }
    ])
    relay.seam.respond = () => ok
    await attempts(relay, 1)
    t.same(relay.sent(), [
      { delete_data: '', reservation_keys: ['a:b1_r1'] },
      { delete_data: '', guest_keys: ['a:guest-b1'] }
    ])
  }
)

t.test('a guest and a stay that Seam stumbles over, of one booking, keep no other one waiting', async t => {
  const relay = await openCustomers(t)
  const isBad = (call: FakeCall) => JSON.stringify(call.body).includes('a:guest-b1')
  relay.seam.respond = call => (isBad(call) ? refusal(500, 'internal') : ok)
  await relay.tell('a', aBooking('b1', { arrival: '2027-02-10' }))
  await attempts(relay, 10)
  await relay.tell('a', aBooking('b2', { rooms: [{ id: 'r1', place: 'p2' }] }))
  await attempts(relay, 2)
  const through = relay.seam.calls.filter(call => !isBad(call)).map(listsOf)
  t.same(
    through.flatMap(each => each.reservations ?? []),
    ['a:b2_r1']
  )
})

t.test('two deletions that Seam stumbles over keep no third one waiting, and no push', async t => {
  const relay = await openCustomers(t)
  for (const id of ['b1', 'b2', 'b3']) await relay.tell('a', aBooking(id))
  await relay.after(MINUTE_MS)
  relay.sent()
  relay.seam.respond = call =>
    listsOf(call).reservation_keys?.some(key => key !== 'a:b3_r1') ? refusal(500, 'internal') : ok
  for (const id of ['b1', 'b2']) await relay.tell('a', off(aBooking(id)))
  await attempts(relay, 10)
  await relay.tell('a', off(aBooking('b3')))
  await relay.tell('a', aBooking('b4'))
  await attempts(relay, 3)
  const sent = relay.sent()
  t.match(
    sent.filter(each => each.reservation_keys?.toString() === 'a:b3_r1'),
    [{ delete_data: '' }]
  )
  t.match(
    sent.filter(each => each.reservations?.toString() === 'a:b4_r1'),
    [{ push_data: 'a' }]
  )
})

t.test('a body that is too much for Seam in one go goes in parts', async t => {
  const relay = await openCustomers(t)
  for (let serial = 10; serial < 30; serial += 1) await relay.tell('a', aBooking(`b${serial}`))
  const sizeOf = (call: FakeCall) => Object.values(listsOf(call)).flat().length
  relay.seam.respond = call => (sizeOf(call) > 8 ? 'reset' : ok)
  await attempts(relay, 5)
  const taken = relay.seam.calls
    .filter(call => sizeOf(call) <= 8)
    .flatMap(call => listsOf(call).reservations ?? [])
  t.equal(taken.length, 20)
})

t.test('where Seam fails at everything, that costs two calls more and not one for each resource', async t => {
  const relay = await openCustomers(t)
  for (let serial = 10; serial < 30; serial += 1) await relay.tell('a', aBooking(`b${serial}`))
  relay.seam.respond = () => refusal(500, 'internal')
  await attempts(relay, 4)
  t.equal(relay.sent().length, 4)
  await attempts(relay, 3)
  t.equal(relay.sent().length, 9)
  relay.seam.respond = () => ok
  await attempts(relay, 1)
  t.equal(relay.sent().length, 1)
})

t.test('however many it stumbles over, the calls of one step have an end', async t => {
  const relay = await openCustomers(t)
  for (let serial = 100; serial < 180; serial += 1) await relay.tell('a', aBooking(`b${serial}`))
  relay.seam.respond = call => (listsOf(call).guests === undefined ? ok : { status: 502 })
  await attempts(relay, 4)
  relay.sent()
  await attempts(relay, 1)
  t.equal(relay.sent().length, 41)
})

/** A customer with a stay to be deleted and one to be pushed; neither has gone through in four steps. */
async function failingBoth(t: Test): Promise<Customers> {
  const relay = await openCustomers(t)
  for (const id of ['b1', 'b2']) await relay.tell('a', aBooking(id))
  await relay.after(MINUTE_MS)
  await relay.tell('a', off(aBooking('b1')))
  await relay.tell('a', later(aBooking('b2'), { code: '5555' }))
  relay.seam.respond = () => ({ status: 503 })
  await attempts(relay, 4)
  return relay
}

t.test('a deletion alone that fails, and then everything else: it is Seam', async t => {
  const relay = await failingBoth(t)
  relay.sent()
  await attempts(relay, 1)
  t.same(relay.sent(), [
    { delete_data: '', reservation_keys: ['a:b1_r1'] },
    { push_data: 'a', reservations: ['a:b2_r1'] }
  ])
})

t.test('where nothing goes through, as long is waited as the last answer asks', async t => {
  const relay = await failingBoth(t)
  relay.seam.respond = call =>
    listsOf(call).reservations === undefined
      ? { status: 503 }
      : { status: 503, headers: { 'retry-after': '600' } }
  await attempts(relay, 1)
  relay.sent()
  relay.seam.respond = () => ok
  await attempts(relay, 8)
  t.equal(relay.sent().length, 0)
  await attempts(relay, 3)
  t.ok(relay.sent().length > 0)
})

t.test('a wait that Seam asks for while a body goes apart is waited by all', async t => {
  const relay = await openCustomers(t)
  for (const id of ['b1', 'b2', 'b3']) await relay.tell('a', aBooking(id))
  relay.seam.respond = () => ({ status: 503 })
  await attempts(relay, 4)
  relay.sent()
  relay.seam.respond = call =>
    listsOf(call).reservations === undefined
      ? { status: 429, headers: { 'retry-after': '600' } }
      : { status: 503 }
  await attempts(relay, 1)
  t.equal(relay.sent().length, 2)
  relay.seam.respond = () => ok
  await attempts(relay, 9)
  t.equal(relay.sent().length, 0)
  await attempts(relay, 1)
  t.equal(relay.sent().length, 1)
})

const keys = Array.from({ length: 24 }, (_none, serial) => `s${String(serial).padStart(2, '0')}`)

t.test(
  'whichever are at fault: exactly those are buried, the rest is at Seam, and the calls stay few',
  async t => {
    const property = fc.asyncProperty(
      fc.subarray(keys, { minLength: 1 }),
      fc.subarray(keys),
      async (present, bad) => {
        const atSeam = new Set<string>()
        let calls = 0
        const { store, outbox, queries, room } = await openRoom((_operation, body) => {
          calls += 1
          const { reservations = [] } = body as { reservations?: { reservation_key: string }[] }
          const named = reservations.map(each => each.reservation_key)
          if (named.some(key => bad.includes(key))) throw new SeamError('refused', 'no', { status: 400 })
          for (const key of named) atSeam.add(key)
        })
        const rows = present.map((key, serial) => aResource(key, { starts_at: serial }))
        await store.commit([
          ...queries.lanes.advance(lane, undefined, { dueAt: 0, arrivalAt: null }),
          queries.resources.upsert(rows)
        ])
        const { syncOnce } = room()
        while ((await syncOnce()) === 'busy');

        const buriedRows = await store.db
          .selectFrom('resources')
          .select('key')
          .where('buried_revision', '>', 0)
          .orderBy('key')
          .execute()
        const atFault = present.filter(key => bad.includes(key))
        t.same(
          buriedRows.map(row => row.key),
          atFault
        )
        t.same(
          [...atSeam].toSorted(byText),
          present.filter(key => !bad.includes(key))
        )
        const depth = Math.ceil(Math.log2(present.length))
        t.ok(
          calls <= 1 + 2 * atFault.length * depth,
          `${calls} calls for ${atFault.length} of ${present.length}`
        )
        t.same(await outbox.dirtyStays(lane, 1), [])
      }
    )
    await fc.assert(property, { numRuns: 60 })
  }
)

function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}
