import t, { type Test } from 'tap'
import { CALLERS } from '../../src/model/call.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import { openStore } from '../../src/store/store.ts'
import { unavailable } from '../../src/store/unavailable.ts'
import { env, type Service, serviceOf, storedKey } from '../api/call.ts'
import { interposed } from '../desired/open-desired.ts'
import { openRelay, type TestRelay } from '../open-relay.ts'
import { aResource } from '../store/given.ts'

/** Calls of internal services that meet webhooks, deletions and other customers' keys; through HTTP, as Seam sees it. */

const connections = `
connections:
  - { id: own, platform: standard, customer_key: c1, secrets: { signing_secret: whsec_Y2FsbHMtb2YtaW50ZXJuYWwtc2VydmljZXMtdGVzdHM= } }
  - id: other
    platform: standard
    customer_key: c2
    secrets: { signing_secret: whsec_Y2FsbHMtb2YtaW50ZXJuYWwtc2VydmljZXMtdGVzdHM= }
    places: { "7": { key: seaside } }
`
const stay = {
  reservation_key: 'r1',
  guest_key: 'g1',
  space_keys: ['s1'],
  starts_at: '2027-02-01T15:00:00Z',
  ends_at: '2027-02-03T10:00:00Z'
}
const whole = {
  customer_key: 'c1',
  spaces: [{ space_key: 's1', name: 'One' }],
  guests: [{ guest_key: 'g1', name: 'Ada', email_address: 'ada@example.com' }],
  reservations: [stay]
}

async function open(test: Test) {
  const relay = await openRelay(test, { connections, env })
  return { relay, service: serviceOf(relay) }
}

function webhook(relay: TestRelay, type: string, at: number, data: object) {
  const timestamp = new Date(at).toISOString()
  return relay.deliver('own', { event: type, body: JSON.stringify({ type, timestamp, data }) })
}

const booked = {
  id: 'R1',
  guest: { id: 'G1', name: 'Bo' },
  listing_id: 'L1',
  starts_at: '2027-02-01T15:00:00Z',
  ends_at: '2027-02-03T10:00:00Z'
}

async function deletions({ relay }: { relay: TestRelay }): Promise<number> {
  const { calls } = await relay.state()
  return Object.values(calls.delete_data).reduce((sum, count) => sum + count, 0)
}

t.test(
  'a caller changes one field of a booking that a platform told; until the platform tells it anew',
  async t => {
    const { relay, service } = await open(t)
    const { now } = relay.clock
    await webhook(relay, 'reservation.created', now - 3_000, booked)
    await relay.settle()
    const push = {
      customer_key: 'c1',
      reservations: [{ reservation_key: 'own:R1', name: 'Late bird', ends_at: '2027-02-03T12:00:00Z' }]
    }
    await service.push(push, { headers: { 'relay-version': String(now - 2_000) } })
    await relay.settle()
    const changed = (await relay.held('c1')).reservations?.[0]
    t.match(changed, {
      name: 'Late bird',
      ends_at: '2027-02-03T12:00:00Z',
      space_keys: ['own:L1'],
      guest_key: 'own:G1'
    })

    await webhook(relay, 'reservation.updated', now - 1_000, { ...booked, ends_at: '2027-02-05T10:00:00Z' })
    await relay.settle()
    t.match((await relay.held('c1')).reservations?.[0], {
      name: 'Bo',
      ends_at: '2027-02-05T10:00:00Z'
    })
  }
)

t.test('a caller puts a booking without a room into one', async t => {
  const { relay, service } = await open(t)
  await webhook(relay, 'reservation.created', relay.clock.now - 1_000, { ...booked, listing_id: null })
  await relay.settle()
  t.notOk((await relay.held('c1')).reservations?.length, 'it is held')
  await service.push({
    customer_key: 'c1',
    spaces: [{ space_key: 's1', name: 'One' }],
    reservations: [{ reservation_key: 'own:R1', space_keys: ['s1'] }]
  })
  await relay.settle()
  t.match((await relay.held('c1')).reservations, [{ space_keys: ['s1'], guest_key: 'own:G1' }])
})

t.test('what a caller pushed first becomes the platform’s when that tells of it', async t => {
  const { relay, service } = await open(t)
  const { now } = relay.clock
  await service.push(
    {
      customer_key: 'c1',
      reservations: [{ reservation_key: 'own:R1', preferred_code: '4711', custom_metadata: { vip: true } }]
    },
    { headers: { 'relay-version': String(now - 5_000) } }
  )
  await relay.settle()
  await webhook(relay, 'reservation.created', now - 4_000, booked)
  await relay.settle()
  t.match((await relay.held('c1')).reservations, [
    {
      reservation_key: 'own:R1',
      space_keys: ['own:L1'],
      preferred_code: '4711',
      custom_metadata: { vip: true }
    }
  ])
  await webhook(relay, 'reservation.cancelled', now - 3_000, { id: 'R1' })
  await relay.settle()
  t.notOk((await relay.held('c1')).reservations?.length)
  await service.push(
    { customer_key: 'c1', reservations: [{ reservation_key: 'own:R1', name: 'Too late' }] },
    { headers: { 'relay-version': String(now - 3_500) } }
  )
  await relay.settle()
  t.notOk((await relay.held('c1')).reservations?.length, 'an older push does not bring it back')
})

t.test(
  'a cancellation takes away a stay that only callers told of, and an older push does not bring it back',
  async t => {
    const stays = [{ ...stay, reservation_key: 'own:R1' }]
    const steps = {
      push: (service: Service, at: number) =>
        service.push({ ...whole, reservations: stays }, { headers: { 'relay-version': String(at - 2_000) } }),
      cancel: (_service: Service, at: number, relay: TestRelay) =>
        webhook(relay, 'reservation.cancelled', at - 1_000, { id: 'R1' })
    }
    for (const order of [
      ['push', 'cancel'],
      ['cancel', 'push']
    ] as const) {
      const { relay, service } = await open(t)
      const { now } = relay.clock
      for (const step of order) {
        await steps[step](service, now, relay)
        await relay.settle()
      }
      t.notOk((await relay.held('c1')).reservations?.length, order.join(', '))
      await service.push({ customer_key: 'c1', reservations: stays })
      await relay.settle()
      t.match((await relay.held('c1')).reservations, stays, 'a newer push does')
    }
  }
)

t.test(
  'a cancellation is no word on what has its key in another list, or on what is told after it',
  async t => {
    const { relay, service } = await open(t)
    const { now } = relay.clock
    const { reservation_key: _key, ...fields } = stay
    await service.push({ ...whole, reservations: [], bookings: [{ booking_key: 'own:R1', ...fields }] })
    await relay.settle()
    await webhook(relay, 'reservation.cancelled', now + 1_000, { id: 'R1' })
    await webhook(relay, 'reservation.cancelled', now + 1_000, { id: 'R2' })
    await relay.settle()
    await service.push({ customer_key: 'c1', bookings: [{ booking_key: 'own:R2', ...fields }] })
    await relay.settle()
    t.match((await relay.held('c1')).bookings, [{ booking_key: 'own:R1' }, { booking_key: 'own:R2' }])
  }
)

t.test(
  'what is known of the bookings of a connection that is gone from the file stands in nobody’s way',
  async t => {
    const store = await openStore('file::memory:')
    t.teardown(() => store.close())
    const shared = { ...store, db: store.db, close: async () => undefined }
    const before = await openRelay(t, { connections, env, store: shared })
    await webhook(before, 'reservation.cancelled', before.clock.now, { id: 'R1' })
    await before.settle()
    const relay = await openRelay(t, {
      connections: connections.replace('id: own', 'id: new'),
      env,
      store: shared
    })
    const push = { ...whole, reservations: [{ ...stay, reservation_key: 'own:R1' }] }
    await serviceOf(relay).push(push, { headers: { 'relay-version': String(relay.clock.now - 1_000) } })
    await relay.settle()
    t.match((await relay.held('c1')).reservations, [{ reservation_key: 'own:R1' }])
  }
)

t.test(
  'metadata that callers told stays beside the platform’s, and of one name the later counts',
  async t => {
    const { relay, service } = await open(t)
    const { now } = relay.clock
    const push = (at: number, custom_metadata: object) =>
      service.push(
        { customer_key: 'c1', reservations: [{ reservation_key: 'own:R1', custom_metadata }] },
        { headers: { 'relay-version': String(at) } }
      )
    await push(now - 9_000, { mine: 'x', channel: 'too old' })
    await webhook(relay, 'reservation.created', now - 8_000, {
      ...booked,
      metadata: { channel: 'phone', floor: 'two' }
    })
    await push(now - 7_000, { floor: 'three' })
    await relay.settle()
    const [held] = (await relay.held('c1')).reservations ?? []
    t.same(held?.custom_metadata, { mine: 'x', channel: 'phone', floor: 'three' })
  }
)

t.test('a person who was deleted and is pushed again is told anew', async t => {
  const { relay, service } = await open(t)
  const guest = {
    guest_key: 'a',
    name: 'Ada',
    email_address: 'ada@example.com',
    phone_number: '+12125550100'
  }
  const staff = { staff_member_key: 'm', name: 'Mo', email_address: 'mo@example.com', site_keys: ['x'] }
  await service.push({ customer_key: 'c1', guests: [guest], staff_members: [staff] })
  await relay.settle()
  await service.delete({ guest_keys: ['a', 'unheard'], staff_member_keys: ['m'] })
  await relay.settle()
  relay.clock.now += 1_000
  const again = {
    guests: [
      { guest_key: 'a', name: 'A2' },
      { guest_key: 'unheard', name: 'U' }
    ],
    staff_members: [{ staff_member_key: 'm', name: 'M2' }]
  }
  await service.push({ customer_key: 'c1', ...again })
  await relay.settle()
  t.strictSame(await relay.held('c1'), again)
})

t.test(
  'whoever is told anew is so in any order of a push, a deletion, a webhook and another push',
  async t => {
    const at = (version: number) => ({ headers: { 'relay-version': String(version) } })
    const guest = { guest_key: 'own:G1', email_address: 'ada@example.com', phone_number: '+12125550100' }
    for (const order of ['1234', '4321', '3142', '2413', '4132', '1423']) {
      const { relay, service } = await open(t)
      const { now } = relay.clock
      const steps = [
        () => service.push({ customer_key: 'c1', guests: [{ ...guest, name: 'Ada' }] }, at(now - 4_000)),
        () => webhook(relay, 'guest.updated', now - 3_000, { id: 'G1', name: 'Ada', email: 'a@example.com' }),
        () => service.delete({ guest_keys: ['own:G1'] }, at(now - 2_000)),
        () =>
          service.push({ customer_key: 'c1', guests: [{ guest_key: 'own:G1', name: 'A2' }] }, at(now - 1_000))
      ]
      for (const step of order) {
        await steps[Number(step) - 1]?.()
        await relay.settle()
      }
      const row = await relay.store.db
        .selectFrom('resources')
        .select('fields')
        .where('key', '=', 'own:G1')
        .executeTakeFirstOrThrow()
      t.strictSame(JSON.parse(String(row.fields)), { guest_key: 'own:G1', name: 'A2' }, order)
    }
  }
)

t.test(
  'a guest whom a caller pushed stays until a caller deletes them, and then until no stay needs them',
  async t => {
    const { relay, service } = await open(t)
    await service.push(whole)
    await service.push({ customer_key: 'c1', guests: [{ guest_key: 'alone', name: 'Nobody’s guest' }] })
    await relay.settle()
    t.same(
      (await relay.held('c1')).guests?.map(guest => guest.guest_key),
      ['alone', 'g1']
    )
    await service.delete({ guest_keys: ['g1', 'alone'] })
    await relay.settle()
    t.same(
      (await relay.held('c1')).guests?.map(guest => guest.guest_key),
      ['g1'],
      'a stay still names g1'
    )
    await service.delete({ reservation_keys: ['r1'] })
    await relay.settle()
    t.notOk((await relay.held('c1')).guests?.length)
  }
)

t.test('two people of one customer with one e-mail are one to Seam, staff included', async t => {
  const { relay, service } = await open(t)
  await service.push({
    ...whole,
    staff_members: [
      {
        staff_member_key: 'st',
        name: 'Clerk',
        email_address: 'clerk@example.com',
        space_keys: ['s1'],
        site_keys: [],
        property_listing_keys: ['pl']
      }
    ]
  })
  await relay.settle()
  await service.push({
    customer_key: 'c1',
    guests: [
      { guest_key: 'g2', name: 'Ada again', email_address: 'ADA@example.com' },
      { guest_key: 'g3', name: 'Clerk', email_address: 'clerk@example.com' }
    ],
    reservations: [{ ...stay, reservation_key: 'r2', guest_key: 'g2' }]
  })
  await relay.settle()
  const held = await relay.held('c1')
  t.match(
    held.reservations?.find(each => each.reservation_key === 'r2'),
    { guest_key: 'g1' }
  )
  t.notOk(held.guests?.find(each => each.guest_key === 'g3')?.email_address, 'staff holds that address')
  t.match(held.staff_members, [{ space_keys: ['s1'], site_keys: [], property_listing_keys: ['pl'] }])
  await service.delete({ staff_member_keys: ['st'] })
  await relay.settle()
  t.match(
    (await relay.held('c1')).guests?.find(each => each.guest_key === 'g3'),
    { email_address: 'clerk@example.com' }
  )
})

t.test('a part of a stay goes to Seam as it is, but never access without an end', async t => {
  const { relay, service } = await open(t)
  const reply = await service.push({
    customer_key: 'c1',
    reservations: [
      { reservation_key: 'named', name: 'Only a name' },
      { reservation_key: 'nowhere', starts_at: stay.starts_at, ends_at: stay.ends_at, space_keys: [] },
      { reservation_key: 'open', starts_at: stay.starts_at, space_keys: ['s1'] }
    ]
  })
  await relay.settle()
  t.same((await relay.held('c1')).reservations, [
    { reservation_key: 'named', name: 'Only a name' },
    { reservation_key: 'nowhere', starts_at: stay.starts_at, ends_at: stay.ends_at, space_keys: [] }
  ])
  const report = await service.report(reply.headers['relay-delivery'])
  t.match(report.body.resources, [{}, {}, { key: 'open', outcome: 'held', reason: /access without an end/ }])
})

t.test('a place that a caller deletes takes its stays along, until it is back', async t => {
  const { relay, service } = await open(t)
  await service.push(whole)
  await relay.settle()
  await service.delete({ space_keys: ['s1'] })
  await relay.settle()
  t.same(await relay.held('c1').then(held => [held.spaces ?? [], held.reservations ?? []]), [[], []])
  await service.push({ customer_key: 'c1', spaces: whole.spaces })
  await relay.settle()
  t.match((await relay.held('c1')).reservations, [stay])
})

t.test(
  'a key that the relay has never held is deleted at Seam all the same, and an older push of it is too late',
  async t => {
    const { relay, service } = await open(t)
    const { now } = relay.clock
    await service.delete({ reservation_keys: ['r1', 'own:R9'], space_keys: [] })
    await relay.settle()
    t.equal(await deletions({ relay }), 2, 'one for the customer by its prefix, one for nobody’s')
    await service.push(whole, { headers: { 'relay-version': String(now - 1_000) } })
    await relay.settle()
    t.notOk((await relay.held('c1')).reservations?.length)
    relay.clock.now += 1_000
    await service.push(whole)
    await relay.settle()
    t.match((await relay.held('c1')).reservations, [stay], 'a newer one is not')
  }
)

t.test('a push waits while Seam is still to be told that its key is deleted', async t => {
  const { relay, service } = await open(t)
  await relay.misbehave({ fail: [{ operation: 'delete_data', status: 503, times: 1 }] })
  await service.delete({ reservation_keys: ['r1'] })
  await relay.relay.steps.translateOnce()
  relay.clock.now += 1_000
  await service.push(whole)
  await relay.relay.steps.translateOnce()
  const { db } = relay.store
  const waiting = await db
    .selectFrom('deliveries')
    .select('last_error')
    .where('state', '=', 'received')
    .execute()
  t.match(waiting, [{ last_error: /RELAY_KEY_BEING_DELETED/ }])
  await relay.settle()
  t.match((await relay.held('c1')).reservations, [stay])
})

t.test('a key belongs to one customer: others neither write nor name it', async t => {
  const { relay, service } = await open(t)
  await service.push(whole)
  await relay.settle()
  const taken = [
    { customer_key: 'c2', reservations: [{ reservation_key: 'r1', name: 'Mine now' }] },
    { customer_key: 'c2', reservations: [{ reservation_key: 'r2', space_keys: ['s1'] }] }
  ]
  for (const body of taken) {
    const reply = await service.push(body)
    await relay.settle()
    const report = await service.report(reply.headers['relay-delivery'])
    t.match(report.body, { state: 'dead', error: /another customer/ })
  }
  for (const key of ['own:anything', 'seaside'])
    t.equal(
      (await service.push({ customer_key: 'c3', spaces: [{ space_key: key, name: 'x' }] })).status,
      400,
      key
    )
  t.same(await relay.held('c2'), {})
})

t.test('a caller with customers of its own deletes nothing beyond them, and hears nothing of it', async t => {
  const { relay, service } = await open(t)
  const limited = serviceOf(relay, await storedKey(relay, { customers: ['c2', 'c3'] }))
  await service.push(whole)
  await relay.settle()
  const before = await deletions({ relay })
  const { now } = relay.clock
  t.equal(
    (await limited.delete({ reservation_keys: ['r1', 'never', 'own:R1'], guest_keys: ['g1'] })).status,
    200
  )
  await relay.settle()
  t.equal(await deletions({ relay }), before, 'Seam is not asked')
  t.match((await relay.held('c1')).reservations, [stay])
  await limited.push(
    { customer_key: 'c3', reservations: [{ reservation_key: 'never', name: 'Old' }] },
    { headers: { 'relay-version': String(now - 1_000) } }
  )
  await relay.settle()
  t.notOk((await relay.held('c3')).reservations?.length, 'among its own customers it stays deleted')
})

t.test('a customer is taken off: everything goes, and what was said before is void', async t => {
  const { relay } = await open(t)
  const service = serviceOf(relay, await storedKey(relay, { scopes: ['push', 'delete', 'read', 'offboard'] }))
  const { now } = relay.clock
  await webhook(relay, 'reservation.created', now - 9_000, booked)
  await service.push(whole)
  await relay.settle()
  await service.push({
    customer_key: 'c2',
    guests: [{ guest_key: 'waits', name: 'Ada', email_address: 'ada@example.com' }]
  })
  await relay.settle()
  t.notOk((await relay.held('c2')).guests?.[0]?.email_address, 'c1 has that address')
  relay.clock.now += 1_000
  await service.push({ customer_key: 'c1', guests: [{ guest_key: 'withdrawn', name: 'Too late' }] })
  relay.clock.now += 1_000
  const { headers } = await service.delete({ customer_keys: ['c1'] })
  await relay.settle()
  t.same(await relay.held('c1'), {})
  t.match((await relay.held('c2')).guests, [{ email_address: 'ada@example.com' }], 'the address came free')
  t.match((await service.report(headers['relay-delivery'])).body, {
    state: 'translated',
    customer_keys: ['c1']
  })

  await webhook(relay, 'reservation.updated', now - 1_000, { ...booked, name: 'Late' })
  await relay.settle()
  t.same(await relay.held('c1'), {}, 'a late webhook brings nobody back')

  await webhook(relay, 'reservation.created', relay.clock.now + 1_000, { ...booked, id: 'R2' })
  await relay.settle()
  t.match((await relay.held('c1')).reservations, [{ reservation_key: 'own:R2' }], 'a newer one does')
  const rows = await relay.store.db
    .selectFrom('contacts')
    .selectAll()
    .where('customer_key', '=', 'c1')
    .execute()
  t.same(rows, [])
})

t.test('what was told later than a customer was taken off stays, whichever comes first', async t => {
  for (const offFirst of [true, false]) {
    const { relay } = await open(t)
    const service = serviceOf(relay, await storedKey(relay, { scopes: ['push', 'delete', 'offboard'] }))
    const at = (version: number) => ({ headers: { 'relay-version': String(version) } })
    const takeOff = async () => {
      await service.delete({ customer_keys: ['c1'] }, at(2_000))
      await relay.settle()
    }
    await service.push(whole, at(1_000))
    await relay.settle()
    if (offFirst) await takeOff()
    const guest = { guest_key: 'g1', name: 'Ada King' }
    const place = { space_key: 's9', name: 'Nine' }
    await service.push({ customer_key: 'c1', guests: [guest], spaces: [place] }, at(3_000))
    await relay.settle()
    if (!offFirst) await takeOff()
    t.strictSame(
      await relay.held('c1'),
      { spaces: [place], guests: [guest] },
      'and nothing of what was told before'
    )
    t.equal(await deletions({ relay }), 1)
  }
})

t.test('a webhook from before a customer was taken off makes nothing its platform’s', async t => {
  const { relay } = await open(t)
  const service = serviceOf(relay, await storedKey(relay, { scopes: ['push', 'delete', 'offboard'] }))
  const { now } = relay.clock
  await service.delete({ customer_keys: ['c1'] })
  await relay.settle()
  relay.clock.now += 1_000
  const told = { space_keys: ['own:L1'], starts_at: stay.starts_at, ends_at: stay.ends_at }
  const reservations = [{ reservation_key: 'own:R1', ...told }]
  await service.push({ customer_key: 'c1', reservations })
  await relay.settle()
  await webhook(relay, 'reservation.created', now - 1_000, booked)
  await relay.settle()
  t.strictSame(await relay.held('c1'), { reservations })
})

t.test(
  'Seam is told of a customer taken off until it agrees, before anything else of that customer',
  async t => {
    const { relay } = await open(t)
    const service = serviceOf(relay, await storedKey(relay, { scopes: ['push', 'delete', 'offboard'] }))
    await service.push(whole)
    await relay.settle()
    await relay.misbehave({ fail: [{ operation: 'delete_data', status: 503, times: 2 }] })
    await service.delete({ customer_keys: ['c1'] })
    await relay.relay.steps.translateOnce()
    relay.clock.now += 1_000
    await service.push({ customer_key: 'c1', guests: [{ guest_key: 'g2', name: 'New' }] })
    await relay.settle()
    t.same(await relay.held('c1'), { guests: [{ guest_key: 'g2', name: 'New' }] })
  }
)

t.test('a customer whom Seam does not know is taken off all the same', async t => {
  const { relay } = await open(t)
  const service = serviceOf(relay, await storedKey(relay, { scopes: ['delete', 'offboard'] }))
  await relay.misbehave({
    fail: [
      {
        operation: 'delete_data',
        status: 404,
        body: { error: { type: 'customer_not_found', message: 'no such customer' } },
        times: 1
      }
    ]
  })
  await service.delete({ customer_keys: ['c9'] })
  await relay.settle()
  const lanes = await relay.store.db.selectFrom('lanes').select(['customer_key', 'offboard_due']).execute()
  t.same(lanes, [{ customer_key: 'c9', offboard_due: 0 }])
  await service.delete({ customer_keys: ['c9'] }, { headers: { 'relay-version': '1000' } })
  await relay.settle()
  t.equal(await deletions({ relay }), 1, 'an older one says nothing new')
})

t.test('a place and a person go to Seam with all that a caller tells of them', async t => {
  const { relay, service } = await open(t)
  const told = {
    spaces: [
      {
        space_key: 's1',
        name: 'One',
        parent_site_key: 'lake',
        customer_data: { time_zone: 'Europe/Berlin', default_checkin_time: '15:00', address: null }
      }
    ],
    property_listings: [{ property_listing_key: 'l1', name: 'Loft', custom_metadata: { floor: '2' } }],
    guests: [
      { guest_key: 'g1', name: 'Ada', phone_number: '+12125550101' },
      { guest_key: 'g2', name: 'Bo', phone_number: '+999123456789' }
    ]
  }
  t.equal((await service.push({ customer_key: 'c1', ...told })).status, 200)
  await relay.settle()
  t.match(await relay.held('c1'), told)
})

t.test('of a place whose connection is gone from the file Seam keeps what it has', async t => {
  const store = await openStore('file::memory:')
  t.teardown(() => store.close())
  const shared = { ...store, db: store.db, close: async () => undefined }
  const first = await openRelay(t, { connections, env, store: shared })
  await webhook(first, 'reservation.created', first.clock.now - 3_000, booked)
  await first.settle()
  const second = await openRelay(t, {
    connections: connections.replace('id: own', 'id: new'),
    env,
    store: shared
  })
  const service = serviceOf(second)
  const { status, headers } = await service.push({
    customer_key: 'c1',
    spaces: [{ space_key: 'own:L1', name: 'Hut' }]
  })
  t.equal(status, 200)
  await second.settle()
  t.match((await service.report(headers['relay-delivery'])).body, {
    state: 'translated',
    resources: [{ key: 'own:L1', outcome: 'unchanged' }]
  })
  t.same(await second.held('c1'), {})
})

t.test('a deletion at which the store fails is taken up again', async t => {
  const store = interposed(await openStore('file::memory:'))
  const relay = await openRelay(t, { connections, env, store })
  t.teardown(() => store.close())
  const service = serviceOf(relay)
  const { headers } = await service.delete({ space_keys: ['unheard'] })
  const outcome = async () => (await service.report(headers['relay-delivery'])).body
  store.beforeNextCommit = async () => {
    // The first is the claim.
    store.beforeNextCommit = async () => Promise.reject(unavailable('the disk is full'))
  }
  await relay.relay.steps.translateOnce()
  t.match(await outcome(), { state: 'received' })
  relay.clock.now += 600_000
  await relay.settle()
  t.match(await outcome(), { state: 'translated', resources: [{ key: 'unheard', outcome: 'delivered' }] })
})

t.test('a key that comes to be another customer’s is out of reach for who named it before', async t => {
  const { relay, service } = await open(t)
  const times = { starts_at: stay.starts_at, ends_at: stay.ends_at }
  await service.push({
    customer_key: 'c1',
    guests: [{ guest_key: 'g1', name: 'Ada' }],
    staff_members: [{ staff_member_key: 'st', name: 'Clerk', space_keys: ['fut', 's9'] }],
    reservations: [{ reservation_key: 'r1', guest_key: 'g1', space_keys: ['fut'], ...times }]
  })
  await relay.settle()
  t.equal((await relay.held('c1')).reservations?.length, 1, 'nobody has it yet')
  await service.push({ customer_key: 'c2', spaces: [{ space_key: 'fut', name: 'Theirs' }] })
  await relay.settle()
  t.notOk((await relay.held('c1')).reservations?.length)
  relay.clock.now += 1_000
  await service.push({
    customer_key: 'c1',
    staff_members: [{ staff_member_key: 'st', name: 'Clerk again' }],
    reservations: [{ reservation_key: 'r1', ends_at: '2027-02-09T10:00:00Z' }]
  })
  await relay.settle()
  const held = await relay.held('c1')
  t.notOk(held.reservations?.length)
  t.match(held.staff_members, [{ name: 'Clerk again', space_keys: ['s9'] }])
  const { db } = relay.store
  const row = await db.selectFrom('resources').select('held').where('key', '=', 'r1').executeTakeFirst()
  t.match(row, { held: /belongs to another customer/ })
})

t.test('so is one that comes to be it just before the naming is on disk', async t => {
  const store = interposed(await openStore('file::memory:'))
  const relay = await openRelay(t, { connections, env, store })
  t.teardown(() => store.close())
  const { lanes, resources } = storeRooms(store).queries
  const theirs = { workspaceId: 'default', customerKey: 'c2' }
  const fut = aResource('fut', {
    kind: 'space',
    customer_key: 'c2',
    connection_id: CALLERS,
    fields: JSON.stringify({ space_key: 'fut', name: 'Theirs' })
  })
  await serviceOf(relay).push({
    customer_key: 'c1',
    guests: [{ guest_key: 'g1', name: 'Ada' }],
    staff_members: [{ staff_member_key: 'st', name: 'Clerk', space_keys: ['fut', 's9'] }],
    reservations: [{ ...stay, space_keys: ['fut'] }]
  })
  store.beforeNextCommit = async () => {
    // The first is the claim.
    store.beforeNextCommit = async () => {
      await store.commit([
        ...lanes.advance(theirs, undefined, undefined),
        resources.upsert([fut]),
        resources.redrawNamingElsewhere(theirs, fut.key)
      ])
    }
  }
  await relay.settle()
  const held = await relay.held('c1')
  t.notOk(held.reservations?.length)
  t.match(held.staff_members, [{ space_keys: ['s9'] }])
})

t.test('of two customers who make a key at the same moment one has it', async t => {
  const { relay, service } = await open(t)
  const replies = await Promise.all(
    ['c1', 'c2'].map(customer_key =>
      service.push({ customer_key, spaces: [{ space_key: 'new', name: 'A place' }] })
    )
  )
  await relay.settle()
  const reports = await Promise.all(replies.map(reply => service.report(reply.headers['relay-delivery'])))
  t.same(reports.map(each => each.body.state).sort(), ['dead', 'translated'])
  t.match(reports.find(each => each.body.state === 'dead')?.body, { error: /another customer/ })
})

t.test(
  'a place that is told again after it was deleted is out of reach for who has named it since',
  async t => {
    const { relay, service } = await open(t)
    const space = { space_key: 'back', name: 'Here again' }
    await service.push({ customer_key: 'c2', spaces: [space] })
    await relay.settle()
    relay.clock.now += 1_000
    await service.delete({ space_keys: ['back'] })
    await relay.settle()
    const times = { starts_at: stay.starts_at, ends_at: stay.ends_at }
    await service.push({
      customer_key: 'c1',
      guests: [{ guest_key: 'g1', name: 'Ada' }],
      reservations: [{ reservation_key: 'r1', guest_key: 'g1', space_keys: ['back'], ...times }]
    })
    await relay.settle()
    t.equal((await relay.held('c1')).reservations?.length, 1, 'it is nobody’s')
    relay.clock.now += 1_000
    await service.push({ customer_key: 'c2', spaces: [space] })
    await relay.settle()
    t.match((await relay.held('c2')).spaces, [{ space_key: 'back' }])
    t.notOk((await relay.held('c1')).reservations?.length)
  }
)

t.test(
  'a key that was deleted is free for another customer, and what changed nothing takes none',
  async t => {
    const { relay, service } = await open(t)
    await service.push({ customer_key: 'c1', guests: [{ guest_key: 'mv', name: 'Mover' }] })
    await relay.settle()
    await service.delete({ guest_keys: ['mv'] })
    await relay.settle()
    relay.clock.now += 1_000
    await service.push({ customer_key: 'c2', guests: [{ guest_key: 'mv', name: 'Mover' }] })
    await relay.settle()
    t.match((await relay.held('c2')).guests, [{ guest_key: 'mv' }])
  }
)

/** Names of metadata of the only stay, which Seam has taken. */
async function metadataTaken(t: Test, relay: Pick<TestRelay, 'store'>): Promise<string[]> {
  const row = await relay.store.db
    .selectFrom('resources')
    .select(['fields', 'synced_revision', 'revision'])
    .where('kind', '=', 'reservation')
    .executeTakeFirstOrThrow()
  t.equal(row.synced_revision, row.revision, 'Seam has taken it')
  return Object.keys(JSON.parse(String(row.fields)).custom_metadata)
}

t.test(
  'names of metadata that several calls told are never more than Seam takes; the latest are told on',
  async t => {
    const { relay, service } = await open(t)
    await service.push(whole)
    const names = (prefix: string) => Array.from({ length: 30 }, (_, index) => `${prefix}${index + 10}`)
    for (const prefix of ['z', 'a', 'm']) {
      relay.clock.now += 1_000
      const custom_metadata = Object.fromEntries(names(prefix).map(name => [name, true]))
      await service.push({ customer_key: 'c1', reservations: [{ reservation_key: 'r1', custom_metadata }] })
    }
    await relay.settle()
    const told = await metadataTaken(t, relay)
    t.equal(told.length, 50)
    t.strictSame(
      names('m').filter(name => !told.includes(name)),
      []
    )
    t.strictSame(
      told.filter(name => name.startsWith('z')),
      []
    )
  }
)

t.test('metadata that is told and taken back again and again stays within Seam’s limits', async t => {
  const { relay, service } = await open(t)
  await service.push(whole)
  for (const round of [1, 2, 3]) {
    const names = Array.from({ length: 40 }, (_, index) => `n${round}_${index}`)
    for (const value of ['x', null]) {
      relay.clock.now += 1_000
      const custom_metadata = Object.fromEntries(names.map(name => [name, value]))
      await service.push({ customer_key: 'c1', reservations: [{ reservation_key: 'r1', custom_metadata }] })
      await relay.settle()
    }
  }
  t.equal((await metadataTaken(t, relay)).length, 50)
})
