import t from 'tap'
import type { DesiredRow } from '../../src/store/resources.ts'
import { listsOf, refusal } from '../seam/fake-seam.ts'
import { aResource, lane } from '../store/given.ts'
import { aBooking, DAY_MS, later, NOON, off, openCustomers, sentIn } from './open-customers.ts'
import { openRoom } from './open-room.ts'

const QUIET_MS = 1_000

/** What one booking of {@link aBooking} comes to. */
function pushOf(id: string, place = 'a:p1') {
  return {
    push_data: 'a',
    spaces: [place],
    guests: [`a:guest-${id}`],
    reservations: [`a:${id}_r1`]
  }
}

t.test('a booking is one call: place, guest and stay', async t => {
  const relay = await openCustomers(t)
  await relay.tell('a', aBooking('b1'))
  await relay.after(QUIET_MS)
  t.same(relay.sent(), [pushOf('b1')])
  t.same(relay.seam.calls[0]?.body, {
    customer_key: 'a',
    spaces: [{ space_key: 'a:p1', name: 'p1' }],
    guests: [{ guest_key: 'a:guest-b1', name: 'Ada Lovelace', email_address: 'b1@example.com' }],
    reservations: [
      {
        reservation_key: 'a:b1_r1',
        name: 'Ada Lovelace',
        starts_at: '2027-03-12T15:00:00Z',
        ends_at: '2027-03-15T10:00:00Z',
        guest_key: 'a:guest-b1',
        space_keys: ['a:p1'],
        preferred_code: '4711'
      }
    ]
  })
})

t.test('twenty updates of a booking are one call, with what the last one said', async t => {
  const relay = await openCustomers(t)
  const first = aBooking('b1')
  for (let minute = 0; minute < 20; minute += 1) {
    const told = { code: String(1000 + minute), updatedAt: first.updatedAt + minute }
    await relay.tell('a', aBooking('b1', told))
    relay.clock.now += 10
    await relay.sync()
  }
  await relay.after(QUIET_MS)
  t.same(relay.sent(), [pushOf('b1')])
  t.match(relay.seam.calls[0]?.body, { reservations: [{ preferred_code: '1019' }] })
  await relay.after(DAY_MS)
  t.same(relay.sent(), [])
})

t.test('a repeated booking that says nothing new causes no call', async t => {
  const relay = await openCustomers(t)
  await relay.tell('a', aBooking('b1'))
  await relay.after(QUIET_MS)
  relay.sent()
  await relay.tell('a', aBooking('b1'))
  await relay.tell('a', later(aBooking('b1')))
  await relay.after(DAY_MS)
  t.same(relay.sent(), [])
})

t.test('changes are collected for the quiet window, counted from the first one', async t => {
  const relay = await openCustomers(t)
  await relay.tell('a', aBooking('b1'))
  await relay.after(QUIET_MS - 1)
  t.same(relay.sent(), [])
  await relay.tell('a', aBooking('b2'))
  await relay.after(1)
  t.match(relay.sent(), [{ reservations: ['a:b1_r1', 'a:b2_r1'] }])
})

t.test('a stay that begins within a day, or has begun, does not wait', async t => {
  const relay = await openCustomers(t, { customers: ['a', 'b', 'c'] })
  const tonight = { arrival: '2027-01-10', departure: '2027-01-12', checkIn: '23:00' }
  const begun = { arrival: '2027-01-09', departure: '2027-01-12' }
  const inTwoDays = { arrival: '2027-01-12', departure: '2027-01-14' }
  await relay.tell('a', aBooking('b1', tonight))
  await relay.tell('b', aBooking('b2', begun))
  await relay.tell('c', aBooking('b3', inTwoDays))
  await relay.sync()
  t.same(
    relay.sent().map(each => each.push_data),
    ['b', 'a']
  )
  await relay.after(QUIET_MS)
  t.same(
    relay.sent().map(each => each.push_data),
    ['c']
  )
})

t.test('stays that are over go after tonight’s, and are in no hurry', async t => {
  const relay = await openCustomers(t, { customers: ['old', 'new', 'begun'] })
  const over = { arrival: '2026-11-10', departure: '2026-11-12' }
  const tonight = { arrival: '2027-01-10', departure: '2027-01-12', checkIn: '23:00' }
  await relay.tell('old', aBooking('b1', over))
  await relay.sync()
  t.same(relay.sent(), [])
  await relay.tell('new', aBooking('b2', tonight))
  await relay.tell('new', aBooking('b3', over))
  await relay.tell('begun', aBooking('b4', { arrival: '2026-12-01', departure: '2027-02-01' }))
  await relay.after(QUIET_MS)
  const calls = relay.sent()
  t.same(
    calls.map(each => each.push_data),
    ['begun', 'new', 'old']
  )
  t.same(calls[1]?.reservations, ['new:b2_r1', 'new:b3_r1'])
})

t.test('the cancellation of a stay that is over is in no hurry', async t => {
  const relay = await openCustomers(t)
  const tonight = aBooking('b1', { arrival: '2027-01-10', departure: '2027-01-12' })
  await relay.tell('a', tonight)
  await relay.sync()
  relay.sent()
  relay.clock.now += 10 * DAY_MS
  await relay.tell('a', off(tonight))
  await relay.sync()
  t.same(relay.sent(), [])
  await relay.after(QUIET_MS)
  t.equal(relay.sent().length, 2)
})

t.test('a stay that ends goes first, then what is pushed, and its guest last', async t => {
  const relay = await openCustomers(t)
  await relay.tell('a', aBooking('b1'))
  await relay.after(QUIET_MS)
  relay.sent()
  await relay.tell('a', aBooking('b2'))
  await relay.tell('a', off(aBooking('b1')))
  await relay.after(QUIET_MS)
  t.same(relay.sent(), [
    { delete_data: '', reservation_keys: ['a:b1_r1'] },
    { push_data: 'a', guests: ['a:guest-b2'], reservations: ['a:b2_r1'] },
    { delete_data: '', guest_keys: ['a:guest-b1'] }
  ])
})

t.test(
  'no body has more resources than the limit; the nearest arrivals go first, and what ends before them',
  async t => {
    const relay = await openCustomers(t, { env: { RELAY_BATCH_RESOURCES: '4' } })
    await relay.tell('a', aBooking('last', { arrival: '2027-03-14' }))
    await relay.after(QUIET_MS)
    relay.sent()
    const arrivals = {
      b1: '2027-03-05',
      b2: '2027-03-03',
      b3: '2027-03-04',
      b4: '2027-03-01',
      b5: '2027-03-02'
    }
    for (const [id, arrival] of Object.entries(arrivals)) {
      await relay.tell('a', aBooking(id, { arrival, rooms: [{ id: 'r1', place: `p-${id}` }] }))
    }
    await relay.tell('a', off(aBooking('last', { arrival: '2027-03-14' })))
    await relay.after(QUIET_MS)
    const sent = relay.sent()
    t.same(sent[0], { delete_data: '', reservation_keys: ['a:last_r1'] })
    t.same(sent.at(-1), { delete_data: '', guest_keys: ['a:guest-last'] })
    const pushes = sent.slice(1, -1)
    t.same(
      pushes.flatMap(each => each.reservations ?? []),
      ['a:b4_r1', 'a:b5_r1', 'a:b2_r1', 'a:b3_r1', 'a:b1_r1']
    )
    const seen = new Set<string>()
    for (const call of relay.seam.calls.slice(1)) {
      const {
        reservations = [],
        guests = [],
        spaces = []
      } = call.body as Record<string, Record<string, unknown>[]>
      t.ok(reservations.length + guests.length + spaces.length <= 4)
      for (const each of guests) seen.add(String(each.guest_key))
      for (const each of spaces) seen.add(String(each.space_key))
      for (const each of reservations) {
        t.ok(seen.has(String(each.guest_key)), 'the guest before the stay')
        t.ok(seen.has(String([each.space_keys].flat()[0])), 'the place before the stay')
      }
    }
  }
)

t.test('no body is larger than the limit, but for a single resource that is larger itself', async t => {
  const relay = await openCustomers(t, { env: { RELAY_BATCH_BYTES: '4096' } })
  for (const id of ['b1', 'b2', 'b3', 'b4', 'b5', 'b6']) await relay.tell('a', aBooking(id))
  const metadata = Object.fromEntries(
    Array.from({ length: 20 }, (_none, name) => [`n${name}`, 'x'.repeat(400)])
  )
  const stay = { starts_at: '2027-03-10T15:00:00Z', ends_at: '2027-03-12T10:00:00Z', listing_id: 'p1' }
  const data = { id: 'large', guest: { id: 'g9' }, metadata, ...stay }
  const event = { type: 'reservation.created', timestamp: '2027-01-10T11:00:00Z', data }
  await relay.deliver('a', { event: event.type, body: JSON.stringify(event) })
  await relay.relay.steps.translateOnce()
  await relay.after(QUIET_MS)
  const large = relay.seam.calls.filter(call => call.bytes > 4096)
  t.same(large.map(sentIn), [{ push_data: 'a', reservations: ['a:large'] }])
  t.ok(relay.seam.calls.length > 2)
  t.equal(relay.seam.calls.flatMap(call => listsOf(call).reservations ?? []).length, 7)
})

t.test('of changes beyond one step all are sent, each once, whatever has the same key', async t => {
  const relay = await openCustomers(t, { env: { RELAY_BATCH_RESOURCES: '2' } })
  const same = {
    guest: { id: 'x_r1', name: 'Ada', email: null, phone: null },
    rooms: [{ id: 'r1', place: 'x_r1' }]
  }
  await relay.tell('a', aBooking('x', same))
  await relay.tell('a', aBooking('y', { ...same, arrival: '2027-03-01' }))
  await relay.after(QUIET_MS)
  const pushed = relay.seam.calls
    .flatMap(call => Object.values(call.body).flat())
    .filter(each => typeof each === 'object')
  t.same(
    pushed.map(each => Object.values(each as object)[0]),
    ['a:x_r1', 'a:x_r1', 'a:y_r1', 'a:x_r1']
  )
})

t.test(
  'a settings change that touches more guests than one call takes still sends each before their stay',
  async t => {
    const env = { RELAY_BATCH_RESOURCES: '3' }
    const relay = await openCustomers(t, { env })
    for (const id of ['b1', 'b2', 'b3', 'b4', 'b5']) await relay.tell('a', aBooking(id))
    await relay.after(QUIET_MS)
    relay.sent()
    const guests = relay.store.db.updateTable('resources').set(eb => ({ revision: eb('revision', '+', 100) }))
    const { sql, parameters } = guests.where('kind', '=', 'guest').compile()
    await relay.store.commit([{ sql, rows: [parameters], returning: false }])
    await relay.tell('a', aBooking('z9'))
    await relay.after(QUIET_MS)
    const calls = relay.sent()
    const placeOf = (key: string) => calls.findIndex(each => JSON.stringify(each).includes(`"${key}"`))
    t.ok(placeOf('a:guest-z9') <= placeOf('a:z9_r1'))
    t.same(calls.flatMap(each => each.guests ?? []).length, 6)
  }
)

t.test('a place that goes is deleted once all stays have left it for the list that it has now', async t => {
  const relay = await openCustomers(t, { env: { RELAY_BATCH_RESOURCES: '2' } })
  const ids = ['b1', 'b2', 'b3']
  for (const id of ids) await relay.tell('a', aBooking(id))
  await relay.after(QUIET_MS)
  relay.sent()
  await relay.tell('a', aBooking('z9', { rooms: [{ id: 'r1', place: 'p9' }] }))
  // As an edit of lists.place leaves them: the stays name the same key in another list.
  const { db } = relay.store
  const { revision } = await db.selectFrom('lanes').select('revision').executeTakeFirstOrThrow()
  const changed = db.updateTable('resources').set({ revision })
  for (const query of [
    changed.set({ fields: null }).where('kind', '=', 'space').where('key', '=', 'a:p1'),
    ...ids.map(id => {
      const fields = { reservation_key: `a:${id}_r1`, unit_keys: ['a:p1'] }
      return changed.set({ fields: JSON.stringify(fields) }).where('key', '=', `a:${id}_r1`)
    })
  ]) {
    const { sql, parameters } = query.compile()
    await relay.store.commit([{ sql, rows: [parameters], returning: false }])
  }
  await relay.after(QUIET_MS)
  const calls = relay.sent()
  const told = calls.flatMap(each => each.reservations ?? [])
  t.same(told, ['a:b1_r1', 'a:b2_r1', 'a:b3_r1', 'a:z9_r1'])
  t.same(calls.at(-1), { delete_data: '', space_keys: ['a:p1'] })
  t.equal(calls.filter(each => each.space_keys !== undefined).length, 1)
})

t.test('a booking that is cancelled before Seam has heard of it causes no call', async t => {
  const relay = await openCustomers(t)
  await relay.tell('a', aBooking('b1'))
  await relay.tell('a', off(aBooking('b1')))
  await relay.after(QUIET_MS)
  t.same(
    relay.sent(),
    [{ push_data: 'a', spaces: ['a:p1'] }],
    'only the place, which is there for the next guest'
  )
})

t.test('what changes while it is being sent is sent next', async t => {
  const relay = await openCustomers(t)
  relay.seam.respond = () => undefined
  await relay.tell('a', aBooking('b1'))
  relay.clock.now += QUIET_MS
  const syncing = relay.sync()
  const first = await relay.seam.next()
  await relay.tell('a', later(aBooking('b1'), { code: '9999' }))
  relay.clock.now += QUIET_MS
  first.answer({ status: 200, body: { ok: true } })
  const second = await relay.seam.next()
  second.answer({ status: 200, body: { ok: true } })
  await syncing
  t.match(
    relay.seam.calls.map(call => call.body.reservations),
    [[{ preferred_code: '4711' }], [{ preferred_code: '9999' }]]
  )
  await relay.after(DAY_MS)
  t.equal(relay.seam.calls.length, 2)
})

t.test('what is cancelled while it is being sent is deleted next', async t => {
  const relay = await openCustomers(t)
  relay.seam.respond = () => undefined
  await relay.tell('a', aBooking('b1'))
  relay.clock.now += QUIET_MS
  const syncing = relay.sync()
  const first = await relay.seam.next()
  relay.seam.respond = () => ({ status: 200, body: { ok: true } })
  await relay.tell('a', off(aBooking('b1')))
  relay.clock.now += QUIET_MS
  first.answer({ status: 200, body: { ok: true } })
  await syncing
  t.same(relay.sent(), [
    pushOf('b1'),
    { delete_data: '', reservation_keys: ['a:b1_r1'] },
    { delete_data: '', guest_keys: ['a:guest-b1'] }
  ])
})

t.test('a customer is one worker’s at a time, and several customers go at once', async t => {
  const customers = ['a', 'b', 'c', 'd']
  const relay = await openCustomers(t, { customers })
  relay.seam.respond = () => undefined
  for (const customer of customers) await relay.tell(customer, aBooking('b1'))
  relay.clock.now += QUIET_MS
  const { syncOnce } = relay.relay.steps
  const steps = Array.from({ length: 8 }, () => syncOnce())
  const calls = [
    await relay.seam.next(),
    await relay.seam.next(),
    await relay.seam.next(),
    await relay.seam.next()
  ]
  t.same(
    calls.map(call => String(call.body.customer_key)).sort((a, b) => (a < b ? -1 : 1)),
    customers
  )

  for (const customer of customers) await relay.tell(customer, aBooking('b2'))
  relay.clock.now += QUIET_MS
  t.same(await Promise.all(Array.from({ length: 8 }, () => syncOnce())), Array(8).fill('idle'))
  t.equal(relay.seam.calls.length, 4, 'each customer has a worker already')

  relay.seam.respond = () => ({ status: 200, body: { ok: true } })
  for (const call of calls) call.answer({ status: 200, body: { ok: true } })
  const outcomes = await Promise.all(steps)
  t.equal(outcomes.filter(outcome => outcome === 'busy').length, 4)
  await relay.sync()
  t.equal(relay.seam.calls.length, 8)
})

t.test('of several customers the one with the nearest arrival goes first', async t => {
  const relay = await openCustomers(t, { customers: ['a', 'b', 'c', 'd'] })
  const arrivals = { a: '2027-05-01', b: '2027-03-01', d: '2027-04-01' }
  for (const [customer, arrival] of Object.entries(arrivals)) {
    await relay.tell(customer, aBooking('b1', { arrival, departure: '2027-06-01' }))
  }
  await relay.tell('c', off(aBooking('b9', { rooms: [{ id: 'r1', place: null }] })))
  await relay.after(QUIET_MS)
  t.same(
    relay.sent().map(each => each.push_data),
    ['b', 'd', 'a']
  )
})

t.test(
  'a guest who has become another one is deleted after the stay that names the new one is pushed',
  async t => {
    const relay = await openCustomers(t)
    await relay.tell('a', aBooking('b1'))
    await relay.after(QUIET_MS)
    relay.sent()
    const guest = { id: 'grace', name: 'Grace Hopper', email: 'grace@example.com', phone: null }
    await relay.tell('a', later(aBooking('b1'), { guest }))
    await relay.after(QUIET_MS)
    t.same(relay.sent(), [
      { push_data: 'a', guests: ['a:grace'], reservations: ['a:b1_r1'] },
      { delete_data: '', guest_keys: ['a:guest-b1'] }
    ])
  }
)

/** What is desired in a room, and what changes while the stays of a round are read. */
async function openRace() {
  const calls: unknown[] = []
  const { store, queries, outbox, room } = await openRoom((operation, body) => {
    calls.push({ [operation]: body })
  })
  const change = async (...rows: DesiredRow[]) => {
    const { lanes, resources } = queries
    const before = await lanes.revision(lane)
    const moved = rows.map(row => ({ ...row, revision: (before ?? 0) + 1 }))
    const due = { dueAt: 0, arrivalAt: null }
    await store.commit([...lanes.advance(lane, before, due), resources.upsert(moved)])
  }
  const interruptedBy = async (...rows: DesiredRow[]) => {
    let changed = false
    const interrupted = room({
      ...outbox,
      async dirtyStays(...asked) {
        const stays = await outbox.dirtyStays(...asked)
        if (!changed) await change(...rows)
        changed = true
        return stays
      }
    })
    while ((await interrupted.syncOnce()) === 'busy');
  }
  return { calls, change, room, interruptedBy }
}

const guestRow = (key: string, fields: object | null = { guest_key: key }) =>
  aResource(key, { kind: 'guest', fields: fields && JSON.stringify(fields) })
const stayRow = (guest_key: string) =>
  aResource('s1', { fields: JSON.stringify({ reservation_key: 's1', guest_key }) })

t.test(
  'a guest who is let go while changes are read goes after the stay that no longer needs them',
  async t => {
    const { calls, change, room, interruptedBy } = await openRace()
    await change(guestRow('g1'), stayRow('g1'))
    await room().syncOnce()
    calls.length = 0

    await change(stayRow('g1'))
    await interruptedBy(stayRow('g2'), guestRow('g2'), guestRow('g1', null))
    const naming = (guest_key: string) => ({ reservations: [{ reservation_key: 's1', guest_key }] })
    t.match(calls, [
      { push_data: naming('g1') },
      { push_data: naming('g2') },
      { delete_data: { guest_keys: ['g1'] } }
    ])
    t.equal(calls.length, 3)
  }
)

t.test(
  'a stay whose guest goes while it is read does not go without somebody of whom Seam has never heard',
  async t => {
    const { calls, change, interruptedBy } = await openRace()
    await change(stayRow('g1'), guestRow('g1'))
    await interruptedBy(aResource('s1', { fields: null }), guestRow('g1', null))
    t.same(calls, [])
  }
)

t.test('every call is remembered with what it carried and what Seam said', async t => {
  const relay = await openCustomers(t)
  relay.seam.respond = call =>
    call.operation === 'delete_data'
      ? refusal(400, 'invalid_input', 'not this one')
      : { status: 200, headers: { 'seam-request-id': 'req_9' }, body: { ok: true } }
  await relay.tell('a', aBooking('b1'))
  await relay.after(QUIET_MS)
  await relay.tell('a', off(aBooking('b1')))
  await relay.after(QUIET_MS)
  const attempts = await relay.store.db.selectFrom('attempts').selectAll().orderBy('id').execute()
  t.match(attempts, [
    {
      customer_key: 'a',
      operation: 'push_data',
      status: 200,
      request_id: 'req_9',
      error: null,
      started_at: NOON + QUIET_MS
    },
    {
      operation: 'delete_data',
      status: 400,
      request_id: 'req_2',
      error: 'Seam delete_data: invalid_input: not this one'
    },
    { operation: 'delete_data', status: 400 }
  ])
  const carried = relay.store.db
    .selectFrom('attempt_resources')
    .select(['kind', 'key'])
    .where('attempt_id', '=', attempts[0]?.id ?? '')
  t.same(await carried.orderBy('kind').execute(), [
    { kind: 'guest', key: 'a:guest-b1' },
    { kind: 'reservation', key: 'a:b1_r1' },
    { kind: 'space', key: 'a:p1' }
  ])
})
