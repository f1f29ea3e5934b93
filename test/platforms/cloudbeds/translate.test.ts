import t from 'tap'
import { cloudbeds } from '../../../src/platforms/cloudbeds/cloudbeds.ts'
import { type PlatformEvent, translateEvent } from '../../../src/platforms/platform.ts'
import { deliveryOf } from '../contract.ts'
import { connection, created, guest, reservation, room, staysOf, translated, version } from './world.ts'

const twin = { ...room, reservationRoomID: '88120035', subReservationID: '5566778899-1', roomID: '410023-1' }

function bookingOf(changes: Record<string, unknown>, using = connection) {
  return translated(changes, { connection: using }).then(told =>
    Array.isArray(told) ? told.find(change => change.change === 'stays') : told
  )
}

t.test('the status that was read decides, whatever the event says', async t => {
  const off = async (status: string) => bookingOf({ status })
  t.match(await off('canceled'), { stays: [], cancelled: true })
  t.match(await off('cancelled'), { stays: [], cancelled: true }, 'with two l')
  t.match(await off('no_show'), { stays: [], cancelled: true })
  t.match(await off('checked_out'), { stays: [], emptyBecause: 'checked_out', cancelled: true })
  t.match(await off('in_progress'), { stays: [], emptyBecause: 'in_progress' })
  t.match(await off('not_confirmed'), { stays: [], emptyBecause: 'not_confirmed' })
  t.match(await off('Checked_In'), { stays: [{ places: ['700123:410022-4'] }] })
  const pushing = { ...connection, tentative: 'push' as const }
  t.match(await bookingOf({ status: 'not_confirmed' }, pushing), { stays: [{}] })
  t.match(await bookingOf({ status: 'in_progress' }, pushing), { stays: [] }, 'it is still being made')
})

t.test('an unknown status destroys nothing', async t => {
  t.strictSame(await translated({ status: 'parked' }), {
    ignored: 'status "parked" is not known',
    drift: 'unknown_status'
  })
})

t.test(
  'reservation ids are unique inside a property only, so the property stands before every id',
  async t => {
    const elsewhere = { ...created, propertyID: 9, propertyID_str: '9' }
    const world = { 'reservations/9/5566778899': { ...reservation, propertyID: '9' } }
    t.match(await translated({}, { body: elsewhere, world }), [
      { change: 'upsert', id: '9:410022-4' },
      {
        bookingId: '9:5566778899',
        stays: [{ id: '9:5566778899_5566778899', places: ['9:410022-4'], guest: { id: '9:90817263' } }]
      }
    ])
  }
)

t.test('of two readings the later counts, whatever the property’s local dateModified', async t => {
  const readAt = version + 5_000
  const versionOf = async (facts: object) => {
    const delivery = deliveryOf(connection, { body: JSON.stringify(created) }, version + 2_000)
    const [event] = cloudbeds.readEvents(delivery) as PlatformEvent[]
    if (event === undefined) return t.fail('no event')
    const told = translateEvent(cloudbeds, { event, facts, delivery, connection })
    return Array.isArray(told) && told.find(change => change.change === 'stays')?.version
  }
  const read = { ...reservation, dateModified: '2099-01-01 00:00:00', guestList: [], customFields: [] }
  t.equal(await versionOf({ reservation: { ...read, rooms: [room] }, readAt }), readAt)
  t.equal(await versionOf({ reservation: { ...read, status: 'canceled' }, readAt }), readAt + 5_000)
  t.equal(await versionOf({ gone: true, readAt }), readAt + 5_000)
  t.equal(await versionOf({ gone: true, readAt: 0 }), version + 7_000, 'it was read after it came')
})

t.test('names in a reservation count as of the event, for an event of their own may be later', async t => {
  const asOf = (at: number) => [{ version: at }, { stays: [{ guest: { version: at } }] }]
  const receivedAt = version + 5_000
  t.match(await translated({}, { receivedAt }), asOf(version))
  const clockless = { body: { ...created, timestamp: undefined }, receivedAt }
  t.match(await translated({}, clockless), asOf(receivedAt))
  const inMs = { body: { ...created, timestamp: 1_802_334_605_440 }, receivedAt }
  t.match(await translated({}, inMs), asOf(receivedAt), 'milliseconds are no seconds')
})

t.test('sub-reservation numbers have gaps and are never counted', async t => {
  const rows = [room, { ...twin, subReservationID: '5566778899-4' }]
  t.strictSame(
    (await staysOf({ assigned: rows })).map(stay => stay.id),
    ['700123:5566778899_5566778899', '700123:5566778899_5566778899-4']
  )
})

t.test('an unassigned row is a stay without a place, under the id that it keeps', async t => {
  const { roomID: _, roomName: __, ...unassigned } = twin
  const [, waiting] = await staysOf({ unassigned: [unassigned] })
  t.match(waiting, { id: '700123:5566778899_5566778899-1', places: [] })
  const [, assigned] = await staysOf({ assigned: [room, twin] })
  t.match(assigned, { id: '700123:5566778899_5566778899-1', places: ['700123:410023-1'] })
})

t.test('a split stay is one stay for each row, with its own dates and room', async t => {
  const later = { ...twin, subReservationID: '5566778899', startDate: '2027-03-14' }
  const first = { ...room, endDate: '2027-03-14' }
  for (const assigned of [
    [first, later],
    [later, first]
  ]) {
    t.match(await staysOf({ assigned }), [
      { id: '700123:5566778899_5566778899', start: { date: '2027-03-12' }, end: { date: '2027-03-14' } },
      {
        id: '700123:5566778899_5566778899_88120035',
        places: ['700123:410023-1'],
        start: { date: '2027-03-14' },
        end: { date: '2027-03-15' }
      }
    ])
  }
  const { reservationRoomID: _, ...rowless } = later
  t.match(await staysOf({ assigned: [first, rowless] }), [
    {},
    { id: '700123:5566778899_5566778899_2027-03-14' }
  ])
  t.equal((await staysOf({ assigned: [room, room, room] })).length, 2, 'no row comes twice')
})

t.test('the parts of a split stay keep their keys when they change places in time', async t => {
  const keysOf = async (...assigned: object[]) =>
    Object.fromEntries((await staysOf({ assigned })).map(stay => [stay.places?.[0], stay.id]))
  const plain = '700123:5566778899_5566778899'
  const first = { ...room, reservationRoomID: '9' }
  const second = { ...room, reservationRoomID: '10', roomID: 'B' }
  const keys = { '700123:410022-4': plain, '700123:B': `${plain}_10` }
  const [early, late] = [{ startDate: '2027-03-11' }, { startDate: '2027-03-15' }]
  t.strictSame(await keysOf(first, { ...second, ...late }), keys)
  t.strictSame(await keysOf({ ...second, ...early }, first), keys, 'by number: 9 is before 10')
  const [one, other] = [
    { ...first, ...late, reservationRoomID: undefined },
    { ...second, ...early, reservationRoomID: undefined }
  ]
  const byTime = { '700123:B': plain, '700123:410022-4': `${plain}_2027-03-15` }
  t.strictSame(await keysOf(one, other), byTime, 'without ids the first in time')
  for (const rows of [
    [other, { ...first, ...late }],
    [{ ...first, ...late }, other]
  ]) {
    t.strictSame(await keysOf(...rows), { '700123:410022-4': plain, '700123:B': `${plain}_2027-03-11` })
  }
})

t.test('virtual rooms and dorm beds are places of their own', async t => {
  const places = async (row: object) => {
    const told = await translated({ assigned: [{ ...room, ...row }] })
    return Array.isArray(told) ? told.filter(change => change.change === 'upsert') : []
  }
  t.match(await places({ roomTypeIsVirtual: true, roomName: 'Whole house' }), [
    { id: '700123:410022-4', fields: { name: 'Whole house' } }
  ])
  t.match(await places({ dormRoomName: 'Dorm A', roomName: 'Bed 3' }), [
    { fields: { name: 'Dorm A – Bed 3' } }
  ])
  t.match(await places({ dormRoomName: 'Dorm A', roomName: 'Dorm A (3)' }), [
    { fields: { name: 'Dorm A (3)' } }
  ])
  t.match(await places({ dormRoomName: 'Dorm A', roomName: null }), [{ fields: { name: 'Dorm A' } }])
  t.strictSame(await places({ roomName: '' }), [])
})

t.test('lists may come as objects, and empty objects as lists', async t => {
  t.equal((await staysOf({ assigned: { '0': room, '1': twin }, unassigned: {} })).length, 2)
  t.match(await staysOf({ guestList: [] }), [{ guest: { id: undefined, name: 'Zoë Lindqvist' } }])
})

t.test(
  'a reservation without rooms is not pushed; one whose rooms are not told is not understood',
  async t => {
    t.match(await bookingOf({ assigned: [] }), { stays: [], emptyBecause: 'no rooms', cancelled: undefined })
    await t.rejects(translated({ assigned: undefined, unassigned: undefined }), {
      code: 'RELAY_EVENT_INVALID'
    })
  }
)

t.test('a cancellation needs no rooms, and neither does a booking on hold', async t => {
  const roomless = { assigned: undefined, unassigned: undefined }
  t.match(await translated({ status: 'not_confirmed', ...roomless }), [
    { stays: [], emptyBecause: 'not_confirmed', cancelled: undefined }
  ])
  t.match(await translated({ status: 'canceled', ...roomless }), [{ change: 'stays', cancelled: true }])
})

t.test('a row without a sub-reservation goes by its own id, else by the reservation’s', async t => {
  const { subReservationID: _, ...row } = room
  t.match(await staysOf({ assigned: [row] }), [{ id: '700123:5566778899_88120034' }])
  const { reservationRoomID: __, ...bare } = row
  t.match(await staysOf({ assigned: [bare] }), [{ id: '700123:5566778899_5566778899' }])
})

t.test('dates come from the row, else from the reservation; the guessed arrival opens no door', async t => {
  const bare = { ...room, startDate: null, endDate: undefined }
  t.match(await staysOf({ assigned: [bare] }), [
    { start: { date: '2027-03-12' }, end: { date: '2027-03-15' } }
  ])
  t.match(await staysOf({ assigned: [bare], startDate: 'soon', endDate: null }), [{ start: null, end: null }])
  const [stay] = await staysOf()
  t.notOk(stay?.start && 'time' in stay.start)
})

t.test('the guest is the one in the room, else the main guest, else whoever booked', async t => {
  const ivo = {
    guestID: 90817264,
    guestFirstName: 'Ivo',
    guestLastName: 'Marek',
    guestCellPhone: '+420601123456',
    rooms: [{ subReservationID: '5566778899-1' }]
  }
  const guestsOf = async (guestList: unknown, more: object = {}) =>
    (await staysOf({ assigned: [room, twin], guestList, ...more })).map(stay => stay.guest)
  t.match(await guestsOf({ a: guest, b: ivo }), [
    { id: '700123:90817263', email: 'zoe.lindqvist@example.com', phone: '+1 212 555 0147' },
    { id: '700123:90817264', name: 'Ivo Marek', email: undefined, phone: '+420601123456' }
  ])
  t.match(await guestsOf({ a: guest }), [{ id: '700123:90817263' }, { id: '700123:90817263' }])
  t.match(
    await guestsOf({ a: { ...ivo, rooms: [], roomID: '410023-1' }, b: { ...guest, rooms: [] } }),
    [{ id: '700123:90817263' }, { id: '700123:90817264' }],
    'by the room where no sub-reservation is told'
  )
  t.match(
    await guestsOf({ a: { ...ivo, rooms: guest.rooms }, b: guest }),
    [{ id: '700123:90817263' }, {}],
    'the main guest before others in the same room'
  )
  t.match(await guestsOf({ a: { ...guest, guestID: null } }), [{ id: null, name: 'Zoë Lindqvist' }, {}])
  const nameless = { guestID: '1', isMainGuest: '1', guestEmail: '' }
  t.match(await guestsOf([nameless]), [
    { id: '700123:1', name: 'Zoë Lindqvist', email: 'zoe.lindqvist@example.com' },
    {}
  ])
  t.match(await guestsOf([], { guestName: '', guestEmail: 'z@example.com' }), [
    { email: 'z@example.com' },
    {}
  ])
  t.strictSame(
    await guestsOf([], { guestName: '', guestEmail: '' }),
    [{ version }, { version }],
    'whom it named before, if anybody'
  )
})

t.test('empty texts are no contact details, and the mobile phone comes first', async t => {
  const phones = async (guestCellPhone: unknown, guestPhone: unknown) =>
    (await staysOf({ guestList: [{ ...guest, guestCellPhone, guestPhone }] }))[0]?.guest?.phone
  t.equal(await phones('+1 646 555 0100', '+1 212 555 0147'), '+1 646 555 0100')
  t.equal(await phones('', '+1 212 555 0147'), '+1 212 555 0147')
  t.equal(await phones('', ''), null)
  t.equal(await phones(undefined, ''), null)
  t.equal(await phones(undefined, undefined), undefined)
  t.equal(await phones('n/a', '+1 212 555 0147'), '+1 212 555 0147', 'a note is no number')
  t.equal(await phones('room 204', ''), 'room 204', 'and is what it is where there is none')
  t.equal(await phones('', 12125550147), '12125550147', 'a number may be one')
})

t.test('a person who was anonymized is forgotten', async t => {
  const nobody = { name: null, email: null, phone: null }
  t.match(await staysOf({ guestList: [{ ...guest, isAnonymized: true }] }), [{ guest: nobody }])
  t.strictSame((await staysOf({ guestList: [], isAnonymized: 1 }))[0]?.guest, { ...nobody, version })
})

t.test('a custom field is the code only where the connection names it', async t => {
  const wanting = (preferredCodeField: string) => ({
    ...connection,
    preferredCode: 'platform' as const,
    preferredCodeField
  })
  const codeOf = async (using: typeof connection, customFields: unknown = reservation.customFields) =>
    (await staysOf({ customFields }, { connection: using }))[0]?.preferredCode
  t.equal(await codeOf(connection), undefined)
  t.equal(await codeOf({ ...wanting('door_pin'), preferredCode: 'none' }), undefined)
  t.equal(await codeOf(wanting('door_pin')), '481920')
  t.equal(await codeOf(wanting('Door PIN')), '481920')
  t.equal(await codeOf(wanting('door_pin'), [{ shortcode: 'door_pin', customFieldValue: 4711 }]), '4711')
  t.equal(await codeOf(wanting('door_pin'), [{ shortcode: 'door_pin', customFieldValue: '' }]), null)
  t.equal(await codeOf(wanting('door_pin'), []), null)
  const field = { shortcode: 'door_pin', customFieldValue: '481920' }
  for (const isActive of [true, 'true', 1, null])
    t.equal(await codeOf(wanting('door_pin'), [{ ...field, isActive }]), '481920')
  for (const isActive of [false, 'false', 0])
    t.equal(await codeOf(wanting('door_pin'), [{ ...field, isActive }]), null, 'switched off')
})

t.test('a guest keeps name and contact while the one whom they were merged into is not found', async t => {
  const told = (guests: Record<string, object>) =>
    translated(
      {},
      {
        body: { ...created, event: 'guest/details_changed', guestId: '1' },
        world: Object.fromEntries(Object.entries(guests).map(([id, guest]) => [`guests/700123/${id}`, guest]))
      }
    )
  const merged = (newGuestID: string) => ({ firstName: '', lastName: '', isMerged: true, newGuestID })
  const unknown = { ignored: 'the guest whom this one was merged into is not found' }
  t.strictSame(await told({ '1': merged('2') }), unknown)
  t.strictSame(await told({ '1': merged('2'), '2': merged('3') }), unknown)
  t.match(await told({ '1': merged('2'), '2': { firstName: 'Zoë' } }), [
    { change: 'merge', id: '700123:1', into: '700123:2' },
    { change: 'upsert', id: '700123:2', fields: { name: 'Zoë' } }
  ])
})

t.test('a deletion is believed without reading, and outlasts an API that is behind', async t => {
  const body = { ...created, event: 'reservation/deleted' }
  t.strictSame(await translated({}, { body, connection: { ...connection, api: undefined } }), [
    {
      change: 'stays',
      bookingId: '700123:5566778899',
      version: version + 3_600_000,
      stays: [],
      emptyBecause: 'deleted',
      cancelled: true
    }
  ])
})

t.test('an event that nothing was read for says so', async t => {
  const [event] = cloudbeds.readEvents(deliveryOf(connection, { body: JSON.stringify(created) }))
  if (event === undefined) return t.fail('no event')
  const context = { event, facts: undefined, delivery: deliveryOf(connection, { body: '' }), connection }
  t.throws(() => translateEvent(cloudbeds, context), { code: 'RELAY_HYDRATION_NOT_CONFIGURED' })
})

t.test('a guest who is gone is nobody’s loss', async t => {
  const body = { ...created, event: 'guest/created', guestId: '5' }
  t.match(await translated({}, { body }), { ignored: /gone/ })
})
