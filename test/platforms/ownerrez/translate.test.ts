import t from 'tap'
import {
  booking,
  bookingOf,
  guest,
  hold,
  receivedAt,
  stayOf,
  translated,
  unread,
  updatedAt,
  webhook
} from './bodies.ts'

const pushing = { connection: { ...unread, tentative: 'push' as const } }
const empty = { change: 'stays', bookingId: '17000001', version: updatedAt, stays: [] }

t.test('an active booking is a stay with the hours of the booking', async t => {
  t.strictSame(await stayOf(), {
    id: '17000001',
    name: 'HMDEMO1701',
    places: ['470001'],
    guest: { id: '620000001', name: 'Petra Novak', email: undefined, phone: undefined },
    start: { date: '2026-03-12', time: '15:00' },
    end: { date: '2026-03-16', time: '11:00' },
    preferredCode: undefined
  })
  t.match(await translated(webhook(booking)), [
    { kind: 'place', id: '470001', fields: { name: 'Cabin 7' }, version: updatedAt },
    {}
  ])
})

t.test('a booking without hours of its own leaves them to the place', async t => {
  t.match(await stayOf({ check_in: null, check_out: '', departure: '2026-03-17T00:00:00' }), {
    start: { date: '2026-03-12' },
    end: { date: '2026-03-17' }
  })
})

t.test('a pending booking waits, unless the connection pushes it', async t => {
  t.strictSame(await bookingOf({ status: 'pending' }), { ...empty, emptyBecause: 'pending' })
  t.strictSame(await bookingOf({ status: 'pending' }, pushing), await bookingOf())
})

t.test('a block is not pushed, whatever its status and kind, and is nothing to remember', async t => {
  t.match(await translated(webhook(hold)), [{ stays: [], emptyBecause: 'block' }])
  for (const status of ['active', 'pending']) {
    for (const is_block of [true, 'True', 1])
      t.strictSame(await bookingOf({ status, is_block }, pushing), { ...empty, emptyBecause: 'block' })
  }
  for (const type of ['quote_hold', 'linked_availability']) {
    t.strictSame(await bookingOf({ type }, pushing), { ...empty, emptyBecause: type })
  }
  t.equal((await bookingOf({ type: undefined, is_block: undefined })).stays.length, 1, 'not told is no block')
})

t.test(
  'a booking that stays nowhere brings no property back, as it may be the last one of a property that is gone',
  async t => {
    const told = (changed: object) => translated(webhook({ ...booking, ...changed }))
    for (const status of ['active', 'pending'])
      t.match(await told({ status }), [{ kind: 'place', id: '470001' }, { change: 'stays' }], status)
    for (const nowhere of [{ status: 'canceled' }, { is_block: true }, { type: 'block', status: 'pending' }])
      t.match(await told(nowhere), { length: 1, 0: { change: 'stays', stays: [] } })
  }
)

t.test('a cancellation is an update with a status of its own, of blocks too', async t => {
  for (const changed of [
    { status: 'canceled' },
    { status: 'Cancelled' },
    { status: 'canceled', is_block: true }
  ]) {
    t.strictSame(await bookingOf(changed), { ...empty, emptyBecause: 'canceled', cancelled: true })
  }
})

t.test(
  'a deletion is not a cancellation: it has no entity, and is later than what any clock says',
  async t => {
    t.strictSame(await translated(webhook(undefined, { action: 'entity_delete' })), [
      { ...empty, version: receivedAt + 3_600_000, emptyBecause: 'deleted', cancelled: true }
    ])
  }
)

t.test('a status nobody documented changes nothing', async t => {
  t.strictSame(await translated(webhook({ ...booking, status: 'teleported' })), {
    ignored: 'status "teleported" is not known',
    drift: 'unknown_status'
  })
  t.match(await translated(webhook({ ...booking, status: undefined })), { drift: 'unknown_status' })
})

t.test('hours that change between hold and booking are those of the booking', async t => {
  const [before] = [await translated(webhook(hold))].flat()
  t.ok(before && 'version' in before && before.version < updatedAt)
  t.match(await stayOf(), { start: { time: '15:00' } })
})

t.test('two events of one day are ordered by updated_utc, else by when the booking was made', async t => {
  const versionOf = async (changed: object) => (await bookingOf(changed)).version
  const made = Date.parse(booking.created_utc)
  t.equal(await versionOf({}), updatedAt)
  t.equal(await versionOf({ updated_utc: undefined }), made)
  t.equal(
    await versionOf({ updated_utc: null, canceled_utc: '2026-02-09T08:00:00' }),
    Date.parse('2026-02-09T08:00Z')
  )
  t.equal(await versionOf({ updated_utc: 'soon', created_utc: undefined }), receivedAt)
})

t.test('a hold as it was made is older than the booking that it became within the second', async t => {
  const versionOf = async (changed: object) =>
    (await bookingOf({ ...changed, updated_utc: undefined })).version
  const made = Date.parse(booking.created_utc)
  t.equal(await versionOf(hold), made - 1)
  t.equal(await versionOf({ ...hold, created_utc: '2026-02-08T17:54:44.800Z' }), made - 1)
  t.equal(await versionOf({ ...hold, status: 'canceled' }), made, 'a cancelled one is as old as it says')
  t.equal((await bookingOf({ ...hold, updated_utc: hold.created_utc })).version, made)
})

t.test('the stay is named by the channel’s number, else by the guest, else by its title', async t => {
  t.equal((await stayOf({ platform_reservation_number: null }))?.name, 'Petra Novak')
  const nobody = { platform_reservation_number: null, guest: null, title: 'Uncle Bob' }
  t.equal((await stayOf(nobody))?.name, 'Uncle Bob')
  t.equal((await stayOf(nobody))?.guest?.id, '620000001')
  t.equal((await stayOf({ guest_id: undefined }))?.guest?.id, '620000001', 'the id also stands inside')
})

t.test('a booking without a property has no place yet', async t => {
  t.strictSame((await stayOf({ property_id: null, property: null }))?.places, [])
  t.strictSame((await stayOf({ property_id: undefined }))?.places, ['470001'])
})

t.test('codes of several locks are one wish only where all are the same, or the lock is named', async t => {
  const locks = [
    { code: '5512', lock_name: 'Front door' },
    { code: 7788, lock_name: 'Pool' }
  ]
  const codeOf = async (door_codes: unknown, preferredCodeField?: string) =>
    (await stayOf({ door_codes }, { connection: { ...unread, preferredCodeField } }))?.preferredCode
  t.equal(await codeOf([locks[0], { ...locks[0], lock_name: 'Back door' }]), '5512')
  t.equal(await codeOf(locks), null)
  t.equal(await codeOf(locks, 'Pool'), '7788')
  t.equal(await codeOf([locks[0]], 'Garage'), '5512', 'a lock that is not there says nothing')
  t.equal(await codeOf([]), null)
  t.equal(await codeOf([{ code: null }]), null)
  t.equal(await codeOf(undefined), undefined, 'not told is not none')
})

t.test('a guest’s default e-mail and phone are told, else the first', async t => {
  const told = (entity: object, action = 'entity_update') =>
    translated(webhook(entity, { action, entity_type: 'guest', entity_id: 620000001 }))
  const upsert = { change: 'upsert', kind: 'guest', id: '620000001', whole: false, version: receivedAt }
  t.strictSame(await told(guest, 'entity_create'), [
    { ...upsert, fields: { name: 'Petra Novak', email: 'petra@example.com', phone: '+1 303 555 0101' } }
  ])
  t.match(
    await told({ ...guest, email_addresses: [{ address: '' }, { address: 'a@example.com' }], phones: [] }),
    [{ fields: { email: 'a@example.com', phone: null } }]
  )
  t.strictSame(await told({ first_name: 'Petra' }), [
    { ...upsert, fields: { name: 'Petra', email: undefined, phone: undefined } }
  ])
})

t.test('guests and properties that are deleted are removed', async t => {
  for (const [entity_type, kind] of [
    ['guest', 'guest'],
    ['property', 'place']
  ]) {
    t.strictSame(
      await translated(webhook(undefined, { action: 'entity_delete', entity_type, entity_id: '9' })),
      [{ change: 'remove', kind, id: '9', version: receivedAt }]
    )
  }
})

t.test('a property tells its name, hours, address and position', async t => {
  const told = (entity: object) => translated(webhook(entity, { entity_type: 'property', entity_id: 470001 }))
  const fields = async (entity: object) => {
    const [change] = [await told(entity)].flat()
    return change && 'fields' in change ? change.fields : undefined
  }
  t.strictSame(
    await fields({
      name: 'Cabin 7',
      check_in: '16:00:00',
      address: '7 Pine Road',
      time_zone: 'America/Denver'
    }),
    {
      name: 'Cabin 7',
      timeZone: 'America/Denver',
      checkInTime: '16:00',
      checkOutTime: undefined,
      address: '7 Pine Road'
    }
  )
  t.match(await fields({ address: { street1: '7 Pine Road', province: 'BC', country: 'CA' } }), {
    address: '7 Pine Road, BC, CA'
  })
  t.match(await fields({ name: 'Cabin 7', address: {} }), { address: undefined })
  t.match(await told({ name: 'C', updated_utc: booking.updated_utc }), [{ version: updatedAt }])
  t.match(await told({ name: 'C', created_utc: '2020-02-09T08:00:00Z' }), [{ version: receivedAt }])
})

t.test('an authorization that was revoked wipes nothing', async t => {
  const revoked = webhook(undefined, {
    action: 'application_authorization_revoked',
    entity_type: 'api_application'
  })
  t.strictSame(await translated(revoked), {
    ignored: 'the account took its access back; what is known of its bookings stays'
  })
})

t.test('other kinds of entities are kept as unknown', async t => {
  t.match(await translated(webhook({}, { entity_type: 'Inquiry' })), { drift: 'unknown_event' })
})

t.test('a body without an action, a kind or an id is refused', async t => {
  await t.rejects(translated({ id: 1 }), { code: 'RELAY_EVENT_UNREADABLE' })
  await t.rejects(translated(webhook(booking, { entity_type: null })), { code: 'RELAY_EVENT_UNREADABLE' })
  await t.rejects(translated(webhook(undefined, { entity_id: null })), { code: 'RELAY_EVENT_INVALID' })
  t.match(await translated(webhook(booking, { entity_id: undefined })), [{}, { bookingId: '17000001' }])
})
