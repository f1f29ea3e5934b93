import t from 'tap'
import { RelayError } from '../../src/errors.ts'
import { type FakeAnswer, listsOf, ok, refusal } from '../seam/fake-seam.ts'
import { emptyStore } from '../store/empty-store.ts'
import { aBooking, type Customers, DAY_MS, NOON, off, openCustomers } from './open-customers.ts'

const QUIET_MS = 1_000

/** One booking for each, all due. */
async function bookingsOf(relay: Customers, customers: string[]): Promise<void> {
  for (const customer of customers) await relay.tell(customer, aBooking('b1'))
  relay.clock.now += QUIET_MS
}

/** Runs several workers' steps at once. */
async function together(relay: Customers, workers: number): Promise<void> {
  await Promise.all(Array.from({ length: workers }, () => relay.relay.steps.syncOnce()))
}

/** Moves the clock from one call to the next. @returns the waits between them, ms */
async function waitsUntil(relay: Customers, calls: number): Promise<number[]> {
  const waits: number[] = []
  let before = relay.clock.now
  while (waits.length < calls) {
    const made = relay.seam.calls.length
    await relay.sync()
    if (relay.seam.calls.length > made) {
      waits.push(relay.clock.now - before)
      before = relay.clock.now
    }
    relay.clock.now += 250
  }
  return waits
}

const logged = (relay: Customers, event: string) =>
  relay.logged.filter(line => line.includes(`"${event}"`)).map(line => JSON.parse(line))

for (const [form, header] of [
  ['seconds', '90'],
  ['an HTTP date', new Date(NOON + QUIET_MS + 90_000).toUTCString()]
] as const) {
  t.test(`429 makes the whole workspace wait in full, as ${form}; others do not`, async t => {
    const relay = await openCustomers(t, { customers: ['a', 'b', 'c@eu'] })
    await bookingsOf(relay, ['a', 'b', 'c'])
    relay.seam.respond = call =>
      call.path.startsWith('/eu/')
        ? ok
        : { ...refusal(429, 'too_many_requests'), headers: { 'retry-after': header } }
    await relay.sync()
    t.same(
      relay.sent().map(each => each.push_data),
      ['a', 'c']
    )
    await relay.after(89_999)
    t.same(relay.sent(), [])
    t.match(logged(relay, 'workspace.waits'), [{ workspaceId: 'default', status: 429, waitMs: 90_000 }])
    relay.seam.respond = () => ok
    await relay.after(1)
    t.same(
      relay.sent().map(each => each.push_data),
      ['a', 'b']
    )
    t.equal(logged(relay, 'workspace.works_again').length, 1)
    await relay.after(DAY_MS)
    t.same(relay.sent(), [])
  })
}

t.test('429 without a wait is retried with growing waits', async t => {
  const relay = await openCustomers(t, { random: () => 0.5 })
  await bookingsOf(relay, ['a'])
  relay.seam.respond = () => refusal(429, 'too_many_requests')
  t.same(await waitsUntil(relay, 8), [0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000])
})

t.test('one customer without an answer holds up no other', async t => {
  const relay = await openCustomers(t, { customers: ['a', 'b'], random: () => 0.5 })
  relay.seam.respond = ({ body }) => (body.customer_key === 'a' ? 'reset' : ok)
  await bookingsOf(relay, ['a'])
  for (let round = 0; round < 4; round += 1) await relay.after(60_000)
  relay.sent()
  await bookingsOf(relay, ['b'])
  await relay.sync()
  t.same(
    relay.sent().map(each => each.push_data),
    ['b']
  )
  t.same(logged(relay, 'workspace.waits'), [])
})

t.test('an answer to an older call does not end the wait that Seam asked for', async t => {
  const relay = await openCustomers(t, { customers: ['a', 'b', 'c'] })
  await bookingsOf(relay, ['a', 'b'])
  relay.seam.respond = () => undefined
  const steps = [relay.relay.steps.syncOnce(), relay.relay.steps.syncOnce()]
  const [first, second] = [await relay.seam.next(), await relay.seam.next()]
  relay.seam.respond = () => ok
  first.answer({ ...refusal(429, 'too_many_requests'), headers: { 'retry-after': '60' } })
  await steps[Number(first.body.customer_key === 'b')]
  second.answer(ok)
  await Promise.all(steps)
  relay.sent()
  await relay.tell('c', aBooking('b1'))
  await relay.after(59_999)
  t.same(relay.sent(), [])
  await relay.after(1)
  t.same(relay.sent().length, 2)
})

t.test(
  'a longer wait that another call is told counts, a shorter one does not, and neither is a further failure',
  async t => {
    const relay = await openCustomers(t, { customers: ['a', 'b', 'c'] })
    await bookingsOf(relay, ['a', 'b', 'c'])
    relay.seam.respond = () => undefined
    const steps = Array.from({ length: 3 }, () => relay.relay.steps.syncOnce())
    const calls = [await relay.seam.next(), await relay.seam.next(), await relay.seam.next()]
    const answers: Record<string, string>[] = [{ 'retry-after': '30' }, { 'retry-after': '90' }, {}]
    for (const [place, headers] of answers.entries()) {
      calls[place]?.answer({ ...refusal(429, 'too_many_requests'), headers })
      await Promise.race(steps)
    }
    await Promise.all(steps)
    relay.sent()
    relay.seam.respond = () => ok
    const failures = relay.store.db.selectFrom('workspaces').select('failures')
    t.same(await failures.execute(), [{ failures: 1 }])
    await relay.after(89_999)
    t.same(relay.sent(), [])
    await relay.after(1)
    t.equal(relay.sent().length, 3)
  }
)

t.test('a wait that a call is told while another one finds out outlives what that one finds', async t => {
  const relay = await openCustomers(t, { customers: ['a', 'b', 'c'], random: () => 0.5 })
  await bookingsOf(relay, ['a', 'b', 'c'])
  relay.seam.respond = () => undefined
  const steps = [relay.relay.steps.syncOnce(), relay.relay.steps.syncOnce()]
  const [slow, first] = [await relay.seam.next(), await relay.seam.next()]
  first.answer(refusal(429, 'too_many_requests'))
  await Promise.race(steps)
  relay.clock.now += 1_000
  const probing = relay.relay.steps.syncOnce()
  const probe = await relay.seam.next()
  slow.answer({ ...refusal(429, 'too_many_requests'), headers: { 'retry-after': '60' } })
  await Promise.all(steps)
  probe.answer(ok)
  await probing
  relay.sent()
  relay.seam.respond = () => ok
  await relay.after(59_999)
  t.same(relay.sent(), [])
  await relay.after(1)
  t.equal(relay.sent().length, 2)
})

t.test('a customer with more to send stops when another one’s call is told to wait', async t => {
  const relay = await openCustomers(t, { customers: ['a', 'b'], env: { RELAY_BATCH_RESOURCES: '3' } })
  for (const id of ['b1', 'b2', 'b3'])
    await relay.tell('a', aBooking(id, { rooms: [{ id: 'r1', place: id }] }))
  await relay.tell('b', aBooking('b1'))
  relay.clock.now += QUIET_MS
  relay.seam.respond = () => undefined
  const steps = [relay.relay.steps.syncOnce(), relay.relay.steps.syncOnce()]
  const calls = [await relay.seam.next(), await relay.seam.next()]
  const ofB = calls.findIndex(call => call.body.customer_key === 'b')
  calls[ofB]?.answer({ ...refusal(429, 'too_many_requests'), headers: { 'retry-after': '60' } })
  await Promise.race(steps)
  calls[1 - ofB]?.answer(ok)
  await Promise.all(steps)
  t.equal(relay.seam.calls.length, 2, 'its next call was not made')
  relay.seam.respond = () => ok
  await relay.after(60_000)
  t.equal(relay.seam.calls.length, 2 + 2 + 1)
  const left = relay.store.db.selectFrom('lanes').select(['failures', 'due_at'])
  t.same(await left.execute(), [
    { failures: 0, due_at: null },
    { failures: 0, due_at: null }
  ])
})

const troubles: Record<string, FakeAnswer | 'reset'> = {
  '500 in Seam’s words': refusal(500, 'internal_server_error'),
  '503 in plain text': { status: 503, body: 'Service Unavailable' },
  '502 without a word': { status: 502 },
  '408': { status: 408 },
  'a broken connection': 'reset'
}

for (const [what, trouble] of Object.entries(troubles)) {
  t.test(`${what} is retried with growing waits, and nothing is buried`, async t => {
    const relay = await openCustomers(t, { random: () => 0.5 })
    await bookingsOf(relay, ['a'])
    relay.seam.respond = () => trouble
    t.same(await waitsUntil(relay, 4), [0, 1_000, 2_000, 4_000])
    t.match(logged(relay, 'sync.postponed')[3], {
      customerKey: 'a',
      code: 'RELAY_SEAM_UNAVAILABLE',
      failures: 4
    })
    relay.seam.respond = () => ok
    relay.sent()
    await relay.after(8_000)
    t.match(relay.sent(), [{ push_data: 'a', reservations: ['a:b1_r1'] }])
    t.same(await relay.store.db.selectFrom('lanes').select(['failures', 'last_error', 'due_at']).execute(), [
      { failures: 0, last_error: null, due_at: null }
    ])
  })
}

t.test('no answer in time is retried', async t => {
  const relay = await openCustomers(t, { env: { RELAY_SEAM_TIMEOUT_MS: '100' } })
  await bookingsOf(relay, ['a'])
  relay.seam.respond = () => undefined
  await relay.sync()
  t.match(await relay.store.db.selectFrom('lanes').select('last_error').execute(), [
    { last_error: 'Seam push_data: no answer within 100 ms' }
  ])
  relay.seam.respond = () => ok
  relay.sent()
  await relay.after(2_000)
  t.equal(relay.sent().length, 1)
})

t.test('waits of two customers differ by chance, so that a crowd does not come back as one', async t => {
  let chance = 0
  const random = () => {
    chance = (chance + 0.4) % 1
    return chance
  }
  const relay = await openCustomers(t, { customers: ['a', 'b', 'c'], random })
  await bookingsOf(relay, ['a', 'b', 'c'])
  relay.seam.respond = () => ({ status: 503 })
  await relay.sync()
  const waits = await relay.store.db.selectFrom('lanes').select('not_before').orderBy('not_before').execute()
  t.equal(new Set(waits.map(each => each.not_before)).size, 3)
  t.ok(waits.every(each => Math.abs(each.not_before - relay.clock.now - 1_000) <= 200))
})

t.test('503 with a wait is waited in full by that customer', async t => {
  const relay = await openCustomers(t, { customers: ['a', 'b'] })
  await bookingsOf(relay, ['a'])
  relay.seam.respond = () => ({ status: 503, headers: { 'retry-after': '300' } })
  await relay.sync()
  relay.seam.respond = () => ok
  await relay.tell('b', aBooking('b1'))
  await relay.after(299_999)
  t.same(
    relay.sent().map(each => each.push_data),
    ['a', 'b']
  )
  await relay.after(1)
  t.same(
    relay.sent().map(each => each.push_data),
    ['a']
  )
})

for (const status of [401, 403]) {
  t.test(
    `${status} stops the workspace; one customer at a time finds out, from 5 s on doubling to 5 min`,
    async t => {
      const customers = Array.from({ length: 12 }, (_none, serial) => `c${serial}`)
      const relay = await openCustomers(t, { customers, random: () => 0.5 })
      await bookingsOf(relay, customers)
      relay.seam.respond = () => refusal(status, 'unauthorized')
      await relay.sync()
      t.equal(relay.sent().length, 1, 'the first one learns it for all')

      let wait = 5_000
      for (let round = 0; round < 8; round += 1) {
        await relay.after(wait - 1)
        t.same(relay.sent(), [])
        relay.clock.now += 1
        await together(relay, 8)
        await relay.sync()
        t.equal(relay.sent().length, 1, `after ${wait} ms one asks`)
        wait = Math.min(wait * 2, 300_000)
      }
      t.equal(wait, 300_000)
      t.match(logged(relay, 'workspace.stopped').at(-1), {
        workspaceId: 'default',
        code: 'RELAY_SEAM_UNAUTHORIZED',
        waitMs: 300_000
      })

      relay.seam.respond = () => ok
      await relay.after(300_000)
      t.same(relay.sent().length, 12, 'it works again by itself, and nothing is lost')
      const { failures } = await relay.store.db
        .selectFrom('workspaces')
        .select('failures')
        .executeTakeFirstOrThrow()
      t.equal(failures, 0)
      const buried = await relay.store.db
        .selectFrom('resources')
        .select('key')
        .where('buried_revision', '>', 0)
        .execute()
      t.same(buried, [])
    }
  )
}

t.test('an address that is not Seam’s stops the workspace and buries nothing', async t => {
  const strangers: FakeAnswer[] = [
    { status: 404, body: 'Not Found' },
    { status: 405 },
    { status: 301, headers: { location: '/login' } },
    { status: 200, body: '<html>Welcome</html>' }
  ]
  for (const stranger of strangers) {
    const relay = await openCustomers(t, { customers: ['a', 'b'] })
    await bookingsOf(relay, ['a', 'b'])
    relay.seam.respond = () => stranger
    await relay.sync()
    t.equal(relay.sent().length, 1, `status ${stranger.status}`)
    t.match(logged(relay, 'workspace.stopped'), [{ code: 'RELAY_SEAM_ENDPOINT' }])
    relay.seam.respond = () => ok
    await relay.after(10_000)
    t.same(
      relay.sent().flatMap(each => each.reservations),
      ['a:b1_r1', 'b:b1_r1']
    )
  }
})

for (const [what, answer] of Object.entries({
  'that nothing is here': { status: 404, body: 'Not Found' },
  'that there is no such customer': refusal(404, 'customer_not_found'),
  'with a page': { status: 400, body: '<html>Bad request</html>' }
})) {
  t.test(
    `a change that is answered ${what} keeps neither other customers waiting nor the rest of its own`,
    async t => {
      const relay = await openCustomers(t, { customers: ['a', 'b'] })
      // The first to arrive, and so the first to be sent.
      await relay.tell('a', aBooking('poison', { arrival: '2027-02-01' }))
      await bookingsOf(relay, ['a', 'b'])
      relay.seam.respond = call => (JSON.stringify(call.body).includes('poison') ? answer : ok)
      for (let second = 0; second < 30; second += 1) await relay.after(1_000)
      const through = () => relay.sent().flatMap(each => each.reservations ?? [])
      t.ok(through().includes('b:b1_r1'))
      const stops = logged(relay, 'workspace.stopped').length
      for (let minute = 0; minute < 10; minute += 1) {
        await relay.tell('b', aBooking(`m${minute}`))
        await relay.after(QUIET_MS)
        t.ok(through().includes(`b:m${minute}_r1`), 'at once')
        await relay.after(60_000)
      }
      t.equal(logged(relay, 'workspace.stopped').length, stops)
      const taken = relay.seam.calls.filter(call => !JSON.stringify(call.body).includes('poison'))
      t.ok(
        taken.some(call => listsOf(call).reservations?.includes('a:b1_r1')),
        'what else there is of its own'
      )
    }
  )
}

t.test(
  'a customer that had trouble before is not taken for the reason while the workspace is stopped',
  async t => {
    const relay = await openCustomers(t, { customers: ['a', 'b'] })
    await bookingsOf(relay, ['a'])
    relay.seam.respond = () => refusal(500, 'internal_server_error')
    await relay.sync()
    await bookingsOf(relay, ['b'])
    relay.clock.now += QUIET_MS
    relay.seam.respond = () => undefined
    await relay.seam.next()
    const steps = [relay.relay.steps.syncOnce(), relay.relay.steps.syncOnce()]
    const calls = [await relay.seam.next(), await relay.seam.next()]
    const callOf = (customer: string) => calls.find(each => each.body.customer_key === customer)
    callOf('b')?.answer({ status: 404, body: 'Not Found' })
    await Promise.race(steps)
    callOf('a')?.answer({ status: 404, body: 'Not Found' })
    await Promise.all(steps)
    t.match(logged(relay, 'sync.postponed').slice(1), [
      { customerKey: 'b', code: 'RELAY_SEAM_ENDPOINT' },
      { customerKey: 'a', code: 'RELAY_SEAM_ENDPOINT' }
    ])
  }
)

t.test('while one finds out whether the workspace works again, the others wait for it', async t => {
  const relay = await openCustomers(t, { customers: ['a', 'b', 'c'] })
  await bookingsOf(relay, ['a', 'b', 'c'])
  relay.seam.respond = () => refusal(401, 'unauthorized')
  await relay.sync()
  relay.seam.respond = () => undefined
  relay.clock.now += 10_000
  const probing = relay.relay.steps.syncOnce()
  await relay.seam.next()
  const probe = await relay.seam.next()
  await together(relay, 5)
  t.equal(relay.seam.calls.length, 2)
  relay.seam.respond = () => ok
  probe.answer(ok)
  await probing
  await relay.sync()
  t.equal(relay.seam.calls.length, 2 + 2)
})

t.test('who finds out gets no answer: the next one tries after a while', async t => {
  const relay = await openCustomers(t, { customers: ['a', 'b'], random: () => 0.5 })
  await bookingsOf(relay, ['a', 'b'])
  relay.seam.respond = () => refusal(401, 'unauthorized')
  await relay.sync()
  relay.seam.respond = () => 'reset'
  await relay.after(5_000)
  t.equal(relay.sent().length, 2)
  relay.seam.respond = () => ok
  await relay.after(1_999)
  t.same(relay.sent(), [])
  await relay.after(1)
  t.equal(relay.sent().length, 2)
})

t.test('who was to find out has nothing to send any more: the next one tries at once', async t => {
  const relay = await openCustomers(t, { customers: ['a', 'b'] })
  await relay.tell('a', aBooking('b1', { arrival: '2027-02-01' }))
  await relay.tell('b', aBooking('b1'))
  relay.clock.now += QUIET_MS
  relay.seam.respond = () => refusal(401, 'unauthorized')
  await relay.sync()
  relay.sent()
  const { sql, parameters } = relay.store.db.deleteFrom('resources').where('customer_key', '=', 'a').compile()
  await relay.store.commit([{ sql, rows: [parameters], returning: false }])
  relay.seam.respond = () => ok
  await relay.after(10_000)
  t.same(
    relay.sent().map(each => each.push_data),
    ['b']
  )
})

t.test('Seam’s refusal of one body tells that the workspace works', async t => {
  const relay = await openCustomers(t, { customers: ['a', 'b'] })
  await bookingsOf(relay, ['a', 'b'])
  relay.seam.respond = () => refusal(401, 'unauthorized')
  await relay.sync()
  relay.seam.respond = call => (call.body.customer_key === 'a' ? refusal(400, 'invalid_input') : ok)
  relay.sent()
  await relay.after(10_000)
  t.same(relay.sent().at(-1)?.push_data, 'b')
})

t.test(
  'a start tries a stopped workspace at once, since its key may be mended; what Seam asked to wait is waited',
  async t => {
    for (const [answer, tried] of [
      [refusal(401, 'unauthorized'), 1],
      [{ ...refusal(429, 'too_many_requests'), headers: { 'retry-after': '600' } }, 0]
    ] as const) {
      const first = await openCustomers(t, { customers: ['a'] })
      await bookingsOf(first, ['a'])
      first.seam.respond = () => answer
      await first.sync()
      first.sent()
      const { store, seam } = first
      const second = await openCustomers(t, { customers: ['a'], seam, store, now: first.clock.now + 1 })
      seam.respond = () => ok
      await second.sync()
      t.equal(second.sent().length - 1, tried)
    }
  }
)

t.test(
  'changes for a workspace that is no longer in the settings wait, and go on once it is there again',
  async t => {
    const first = await openCustomers(t, { customers: ['a@eu', 'b'] })
    await bookingsOf(first, ['a', 'b'])
    const { store, seam } = first
    const without = await openCustomers(t, { customers: ['b'], seam, store, now: first.clock.now })
    await without.sync()
    t.same(
      without.sent().map(each => each.push_data),
      ['b']
    )
    t.match(logged(without, 'workspace.unknown'), [{ workspaceId: 'eu' }])
    const lane = store.db.selectFrom('lanes').select('last_error').where('customer_key', '=', 'a')
    t.same(await lane.execute(), [{ last_error: 'workspace eu is not in the settings' }])
    const again = await openCustomers(t, { customers: ['a@eu', 'b'], seam, store, now: without.clock.now })
    await again.sync()
    t.same(again.sent().at(-1)?.push_data, 'a')
  }
)

t.test('a wait that the store could not keep is waited all the same, and nobody runs in circles', async t => {
  const store = await emptyStore()
  let failing = false
  const relay = await openCustomers(t, {
    customers: ['a', 'b'],
    store: {
      ...store,
      async commit(writes) {
        if (failing && writes.some(each => each.sql.startsWith('insert into "workspaces"')))
          throw new RelayError('RELAY_STORE_UNAVAILABLE')
        return store.commit(writes)
      }
    }
  })
  await bookingsOf(relay, ['a', 'b'])
  relay.seam.respond = () => ({ ...refusal(429, 'too_many_requests'), headers: { 'retry-after': '600' } })
  failing = true
  await relay.relay.steps.syncOnce()
  failing = false
  const steps: string[] = []
  for (let step = 0; step < 10; step += 1) steps.push(await relay.relay.steps.syncOnce())
  t.equal(steps.filter(each => each === 'busy').length, 1)
  relay.sent()
  relay.seam.respond = () => ok
  await relay.after(599_999)
  t.same(relay.sent(), [])
  await relay.after(1)
  t.equal(relay.sent().length, 2)
})

t.test(
  'a 400 about the credential buries nothing: the workspace waits, and then everything goes',
  async t => {
    const relay = await openCustomers(t, { customers: ['a', 'b'] })
    await relay.tell('a', aBooking('b1'))
    await relay.after(QUIET_MS)
    await relay.tell('a', off(aBooking('b1')))
    await bookingsOf(relay, ['b'])
    relay.sent()
    relay.seam.respond = () => ({ status: 400, body: 'malformed token' })
    await relay.sync()
    t.equal(relay.sent().length, 1)
    relay.seam.respond = () => ok
    await relay.after(10_000)
    t.same(
      relay
        .sent()
        .flatMap(each =>
          [each.reservation_keys ?? [], each.guest_keys ?? [], each.reservations ?? []].flat()
        ),
      ['a:b1_r1', 'a:guest-b1', 'b:b1_r1']
    )
  }
)

t.test('each workspace has its own key and address', async t => {
  const relay = await openCustomers(t, { customers: ['a', 'b@eu', 'c@us'] })
  await bookingsOf(relay, ['a', 'b', 'c'])
  await relay.sync()
  t.same(
    relay.seam.calls.map(call => `${call.path} ${call.headers.authorization}`),
    [
      '/customers/push_data Bearer seam_key',
      '/eu/customers/push_data Bearer seam_key_of_eu',
      '/us/customers/push_data Bearer seam_key_of_us'
    ]
  )
})

t.test('a long outage drains without a storm, the nearest arrivals first', async t => {
  const customers = Array.from({ length: 20 }, (_none, serial) => `c${serial}`)
  const relay = await openCustomers(t, { customers })
  const dayOf = (serial: number) => String(((serial * 7) % 20) + 1).padStart(2, '0')
  for (const [serial, customer] of customers.entries()) {
    await relay.tell(
      customer,
      aBooking('b1', { arrival: `2027-05-${dayOf(serial)}`, departure: '2027-06-01' })
    )
  }
  relay.seam.respond = () => ({ status: 503, body: 'upstream connect error' })
  for (let minute = 0; minute < 60; minute += 1) await relay.after(60_000)
  const during = relay.sent().length
  // Once a minute each, with two calls more to see whether one resource is to blame.
  t.ok(during <= 20 * 70 * 3, `${during} calls in an hour`)
  relay.seam.respond = () => ok
  relay.seam.mostOpen = 0
  relay.clock.now += 80_000
  for (let round = 0; round < 20; round += 1) await together(relay, 4)
  const after = relay.sent().map(each => String(each.push_data))
  t.same(after.toSorted(byText), customers.toSorted(byText), 'one call each')
  t.ok(relay.seam.mostOpen <= 4)
  const days = after.map(customer => dayOf(customers.indexOf(customer)))
  // Four go at once, so neighbours may change places.
  t.ok(days.every((day, place) => place < 4 || day > String(days[place - 4])))
})

function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}
