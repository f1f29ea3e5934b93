import t, { type Test } from 'tap'
import type { Moment } from '../../../src/model/change.ts'
import { apaleo } from '../../../src/platforms/apaleo/apaleo.ts'
import { translateEvent } from '../../../src/platforms/platform.ts'
import { openRelay } from '../../open-relay.ts'
import { deliveryOf } from '../contract.ts'
import { bookingOf, changed, connection, reservation, staysOf, translated, unit } from './world.ts'

const other = { id: 'HBR-MBE', name: '311' }
const from = String(reservation.arrival)
const to = String(reservation.departure)
const moved = '2027-03-28T11:00:00+02:00'

t.test('the status that was read decides, whatever the event says', async t => {
  t.match(await bookingOf({ status: 'Confirmed' }), { stays: [{ id: 'QKZTWVLM-1' }] })
  t.match(await bookingOf({ status: 'InHouse' }), { stays: [{ id: 'QKZTWVLM-1' }] })
  t.match(await bookingOf({ status: 'Canceled' }), { stays: [], cancelled: true, emptyBecause: 'canceled' })
  t.match(await bookingOf({ status: 'NoShow' }), { stays: [], cancelled: true })
})

t.test('canceled has one l here and two in blocks; a reservation is off with either', async t => {
  t.match(await bookingOf({ status: 'cancelled' }), { stays: [], cancelled: true })
  t.match(await translated({ status: 'Canceled' }, { body: { ...changed, type: 'canceled' } }), [
    { stays: [], cancelled: true }
  ])
  t.match(await translated({}, { body: { ...changed, topic: 'Block', type: 'cancelled' } }), {
    ignored: /block/
  })
})

t.test(
  'a reservation that stays nowhere brings no unit back, as it may be the last one of a unit that is gone',
  async t => {
    t.match(await translated(), [{ kind: 'place', id: unit.id }, { change: 'stays' }])
    for (const nowhere of [
      { status: 'Canceled' },
      { status: 'NoShow' },
      { status: 'CheckedOut', checkOutTime: '2027-03-25T11:00:00+01:00' }
    ])
      t.match(await translated(nowhere), { length: 1, 0: { change: 'stays', stays: [] } }, nowhere.status)
  }
)

t.test('an unknown status destroys nothing', async t => {
  t.match(await translated({ status: 'Tentative' }), { drift: 'unknown_status' })
})

t.test('the reservation’s modified is the version, else the event’s timestamp', async t => {
  t.match(await bookingOf({ modified: null }), { version: changed.timestamp })
  t.match(await bookingOf({ modified: '2027-02-12T00:00:00Z' }), {
    version: Date.parse('2027-02-12T00:00:00Z')
  })
  const receivedAt = 1_700_000_000_000
  for (const timestamp of [undefined, 'soon', -1, 1e300]) {
    const given = { body: { ...changed, timestamp }, receivedAt }
    t.match(await bookingOf({ modified: null }, given), { version: receivedAt })
  }
})

t.test(
  'an answer that is behind, read for an event right after a cancellation, does not outdo that',
  async t => {
    const modified = '2027-02-11T11:30:05+01:00'
    const canceled = { ...changed, type: 'canceled', timestamp: Date.parse(modified) }
    const after = { ...changed, timestamp: canceled.timestamp + 20 }
    const told = await bookingOf({ status: 'Canceled', modified }, { body: canceled })
    const behind = await bookingOf({}, { body: after })
    t.match(told, { stays: [], cancelled: true, version: canceled.timestamp })
    t.match(behind, { stays: [{}], version: Date.parse(String(reservation.modified)) + 2_000 })
  }
)

t.test(
  'nothing that was read before revives a reservation that ended and is gone when it is read',
  async t => {
    const receivedAt = changed.timestamp + 5_000
    for (const type of ['canceled', 'set-to-no-show', 'checked-out']) {
      const body = { ...changed, type }
      const deleted = { stays: [], cancelled: true, emptyBecause: 'deleted' }
      t.match(await bookingOf(null, { body, receivedAt }), { ...deleted, version: receivedAt }, type)
      t.match(await bookingOf(null, { body, receivedAt: changed.timestamp - 5_000 }), {
        version: changed.timestamp
      })
    }
  }
)

t.test('a reservation that is not found ends by an event of its end alone', async t => {
  for (const type of ['created', 'changed', 'amended', 'checked-in', 'unit-assigned', 'picked-up-from-block'])
    t.match(await translated(null, { body: { ...changed, type } }), { ignored: /its stay is kept/ }, type)
})

/** @param setting a further line of the connection */
function openHarbour(t: Test, setting = '') {
  const connections = `connections:
  - id: harbour
    platform: apaleo
    customer_key: harbour
    secrets: { token: a-long-and-random-token }
    api: { endpoint: sandbox, client_id: HRBR-SP, client_secret: secret }
    ${setting}
`
  return openRelay(t, { connections, now: Date.parse('2027-02-12T12:00:00Z') })
}

t.test('a stay outlasts that its reservation is not found for a while', async t => {
  const relay = await openHarbour(t)
  let serial = 0
  const staysAfter = async (type: string, known: object | null = reservation) => {
    relay.clock.now += 60_000
    serial += 1
    const body = JSON.stringify({ ...changed, type, id: `e${serial}`, timestamp: relay.clock.now })
    await relay.deliver('harbour', { event: type, body, world: { 'reservations/QKZTWVLM-1': known } })
    await relay.settle()
    return (await relay.held('harbour')).reservations?.length ?? 0
  }
  t.equal(await staysAfter('created', null), 0)
  t.equal(await staysAfter('unit-assigned'), 1, 'its first event came too early')
  t.equal(await staysAfter('changed', null), 1)
  t.equal(await staysAfter('deleted', null), 0)
  t.equal(await staysAfter('changed'), 0, 'an answer that is behind')
})

t.test('each reservation of a booking is told by itself, under its own id', async t => {
  t.match(await bookingOf(), { bookingId: 'QKZTWVLM-1', stays: [{ id: 'QKZTWVLM-1' }] })
  t.match(await translated({}, { body: { ...changed, topic: 'Booking', type: 'deleted' } }), {
    ignored: /events of its own/
  })
})

t.test('a guest has no id: another name is the same guest', async t => {
  const guestOf = async (guest: object) => (await staysOf({ primaryGuest: guest }))[0]?.guest
  t.match(await guestOf({ firstName: 'Zoë', lastName: 'Berg', email: 'z@example.com' }), {
    id: null,
    name: 'Zoë Berg',
    email: 'z@example.com'
  })
  const nameless = { booker: undefined, primaryGuest: { lastName: 'Berg' } }
  const [stay] = await staysOf(nameless)
  t.match(stay, {
    name: 'QKZTWVLM-1 Berg',
    guest: { id: 'QKZTWVLM-1:primary', name: 'Berg', email: undefined }
  })
  const [renamed] = await staysOf({ ...nameless, primaryGuest: { lastName: 'Lind' } })
  t.equal(renamed?.guest?.id, stay?.guest?.id)
})

t.test('a text that is no e-mail tells no guest apart: the stays of a move have the same one', async t => {
  const assignedUnits = [
    { unit, timeRanges: [{ from, to: moved }] },
    { unit: other, timeRanges: [{ from: moved, to }] }
  ]
  const primaryGuest = { lastName: 'Berg', email: 'n/a', phone: '+46 8 555 01 47' }
  const stays = await staysOf({ assignedUnits, booker: null, primaryGuest })
  t.strictSame(
    stays.map(({ guest }) => [guest?.id, guest?.phone]),
    [
      ['QKZTWVLM-1:primary', primaryGuest.phone],
      ['QKZTWVLM-1:primary', primaryGuest.phone]
    ]
  )
})

const zoe = { firstName: 'Zoë', lastName: 'Lindqvist', email: 'zoe@example.com', phone: '+46 8 555 01 47' }

t.test('who cannot be reached is reached by whoever booked for them', async t => {
  const [stay] = await staysOf({ primaryGuest: { lastName: 'Marek', phone: '' } })
  t.match(stay, {
    name: 'QKZTWVLM-1 Marek',
    guest: { id: null, name: 'Marek', email: 'desk@example.com', phone: '+46 8 555 01 00' }
  })
  const [unnamed] = await staysOf({ primaryGuest: undefined })
  t.match(unnamed, { name: 'QKZTWVLM-1', guest: { name: 'Travel Desk' } })
  const [unreached] = await staysOf({ primaryGuest: { lastName: 'Marek' }, booker: { lastName: 'Desk' } })
  t.match(unreached?.guest, { id: 'QKZTWVLM-1:primary', name: 'Marek' }, 'unless nobody can be')
})

t.test('a contact is lent to nobody of another name who can be reached', async t => {
  const ivo = { firstName: 'Ivo', lastName: 'Marek' }
  const guestOf = async (primaryGuest: object, booker: object = zoe) =>
    (await staysOf({ primaryGuest, booker }))[0]?.guest
  const phone = '+46 8 555 01 99'
  t.strictSame(await guestOf({ ...ivo, phone }), {
    id: 'QKZTWVLM-1:primary',
    name: 'Ivo Marek',
    email: undefined,
    phone
  })
  t.match(await guestOf({ ...ivo, email: 'ivo@example.com' }), { id: null, phone: undefined })
  const named = { firstName: 'Zoë ', lastName: 'LINDQVIST' }
  t.match(await guestOf({ ...named, phone }), { id: null, name: 'Zoë LINDQVIST', email: zoe.email, phone })
  t.match(
    await guestOf({ phone }),
    { id: null, name: 'Zoë Lindqvist', email: zoe.email, phone },
    'or of none'
  )
})

t.test('what is written in place of a contact hides none of the booker’s', async t => {
  const none = { firstName: 'Zoë', lastName: 'Lindqvist', email: 'n/a', phone: '-' }
  const guestOf = async (primaryGuest: object) =>
    (await staysOf({ primaryGuest: { ...none, ...primaryGuest }, booker: zoe }))[0]?.guest
  const reached = { id: null, name: 'Zoë Lindqvist', email: zoe.email, phone: zoe.phone }
  t.strictSame(await guestOf({}), reached)
  t.strictSame(await guestOf({ email: 'z@example.com' }), { ...reached, email: 'z@example.com' })
  t.strictSame(await guestOf({ phone: '+46 8 555 01 99' }), { ...reached, phone: '+46 8 555 01 99' })
})

t.test('a booking of which nobody is told keeps the guest that it has', async t => {
  for (const nobody of [null, undefined, {}])
    t.strictSame((await staysOf({ primaryGuest: nobody, booker: nobody }))[0]?.guest, {})
})

t.test('two rooms that one person booked have each their own guest, number and code', async t => {
  const relay = await openHarbour(t, 'preferred_code: phone_last_four')
  const guests = [zoe, { firstName: 'Ivo', lastName: 'Marek', phone: '+46 8 555 01 99' }]
  for (const [index, primaryGuest] of guests.entries()) {
    const id = `QKZTWVLM-${index + 1}`
    const body = JSON.stringify({ ...changed, id, timestamp: relay.clock.now, data: { entityId: id } })
    const world = { [`reservations/${id}`]: { ...reservation, id, primaryGuest, booker: zoe } }
    await relay.deliver('harbour', { event: 'reservation/created', body, world })
    await relay.settle()
  }
  const { reservations = [], guests: held = [] } = await relay.held('harbour')
  const nameOf = new Map(held.map(({ guest_key, name, phone_number }) => [guest_key, [name, phone_number]]))
  t.strictSame(
    reservations.map(({ guest_key, preferred_code }) => [...(nameOf.get(guest_key) ?? []), preferred_code]),
    [
      ['Zoë Lindqvist', '+4685550147', '0147'],
      ['Ivo Marek', '+4685550199', '0199']
    ]
  )
})

t.test('without a unit the stay waits under the id that it keeps', async t => {
  t.match(await staysOf({ unit: undefined, assignedUnits: undefined }), [{ id: 'QKZTWVLM-1', places: [] }])
  t.match(await staysOf({ unit: undefined, assignedUnits: [] }), [{ places: [] }])
  t.match(await staysOf({ assignedUnits: undefined }), [{ places: ['HBR-QUX'] }], 'the unit alone will do')
  t.match(await staysOf({ assignedUnits: [{ unit }] }), [{ places: ['HBR-QUX'], end: { instant: to } }])
})

t.test('a move in between is one stay for each stretch of time', async t => {
  const assignedUnits = [
    { unit: other, timeRanges: [{ from: moved, to }] },
    { unit, timeRanges: [{ from, to: moved }] }
  ]
  t.match(await translated({ assignedUnits }), [
    { id: 'HBR-QUX', fields: { name: '204' } },
    { id: 'HBR-MBE', fields: { name: '311' } },
    {
      stays: [
        { id: 'QKZTWVLM-1', places: ['HBR-QUX'], start: { instant: from }, end: { instant: moved } },
        { id: 'QKZTWVLM-1_2', places: ['HBR-MBE'], start: { instant: moved }, end: { instant: to } }
      ]
    }
  ])
  const nightly = [
    {
      unit,
      timeRanges: [
        { from, to: moved },
        { from: moved, to }
      ]
    }
  ]
  t.match(await staysOf({ assignedUnits: nightly }), [{ id: 'QKZTWVLM-1', end: { instant: to } }], 'no move')
  const away = [
    {
      unit,
      timeRanges: [
        { from, to: '2027-03-27T11:00:00+01:00' },
        { from: moved, to }
      ]
    },
    { unit: other, timeRanges: [{ from: '2027-03-27T11:00:00+01:00', to: moved }] }
  ]
  t.strictSame(
    (await staysOf({ assignedUnits: away })).map(stay => stay.places?.[0]),
    ['HBR-QUX', 'HBR-MBE', 'HBR-QUX'],
    'there and back'
  )
})

/** Where and when the reservation's stays are, as told by units and their ranges. */
async function rangesOf(
  units: [unit: object, ...ranges: [from?: string, to?: string][]][],
  more: object = {}
) {
  const assignedUnits = units.map(([unit, ...ranges]) => ({
    unit,
    timeRanges: ranges.map(([from, to]) => ({ from, to }))
  }))
  const stays = await staysOf({ assignedUnits, ...more })
  return stays.map(({ id, places, start, end }) => [id, places?.[0], ...[start, end].map(instantOf)])
}

function instantOf(moment: Moment | null) {
  return moment !== null && 'instant' in moment ? moment.instant : undefined
}

const nights = {
  first: [from, '2027-03-27T11:00:00+01:00'],
  second: ['2027-03-27T15:00:00+01:00', moved],
  third: ['2027-03-28T15:00:00+02:00', to]
} satisfies Record<string, [string, string]>
const { first, second, third } = nights

t.test('a unit that is told night by night is one stay', async t => {
  t.strictSame(await rangesOf([[unit, first, second, third]]), [['QKZTWVLM-1', 'HBR-QUX', from, to]])
  t.strictSame(
    await rangesOf([
      [unit, first, third],
      [other, second]
    ]),
    [
      ['QKZTWVLM-1', 'HBR-QUX', ...first],
      ['QKZTWVLM-1_2', 'HBR-MBE', ...second],
      ['QKZTWVLM-1_3', 'HBR-QUX', ...third]
    ],
    'unless it is somebody else’s in between'
  )
  t.strictSame(
    await rangesOf([[unit, first, third]]),
    [
      ['QKZTWVLM-1', 'HBR-QUX', ...first],
      ['QKZTWVLM-1_2', 'HBR-QUX', ...third]
    ],
    'or not assigned'
  )
})

t.test('a stretch of time within another one of the same unit does not shorten it', async t => {
  t.strictSame(await rangesOf([[unit, [from, to], second]]), [['QKZTWVLM-1', 'HBR-QUX', from, to]])
  t.strictSame(await rangesOf([[unit, [from, moved], [second[0]]]]), [['QKZTWVLM-1', 'HBR-QUX', from, to]])
})

t.test('units that are still told for days outside the reservation open in its own days alone', async t => {
  const away: [string, string] = [second[0], to]
  const units: Parameters<typeof rangesOf>[0] = [
    [unit, first],
    [other, away]
  ]
  const arrival = third[0]
  t.strictSame(await rangesOf(units, { arrival }), [['QKZTWVLM-1', 'HBR-MBE', arrival, to]], 'arriving later')
  const [, departure] = first
  t.strictSame(
    await rangesOf(units, { departure }),
    [['QKZTWVLM-1', 'HBR-QUX', from, departure]],
    'leaving earlier'
  )
  t.strictSame(
    await rangesOf(
      [
        [unit, [from, moved]],
        [other, third]
      ],
      { departure }
    ),
    [['QKZTWVLM-1', 'HBR-QUX', from, departure]],
    'before the unit is free again'
  )
  const later = { arrival: '2027-04-02T15:00:00+02:00', departure: '2027-04-04T11:00:00+02:00' }
  t.strictSame(
    await rangesOf(units, later),
    [['QKZTWVLM-1', 'HBR-QUX', later.arrival, first[1]]],
    'in none of its days: it is kept back, as it ends before it begins'
  )
})

t.test('whoever checked out before the move never stayed in the second unit', async t => {
  const assignedUnits = [
    { unit, timeRanges: [{ from, to: moved }] },
    { unit: other, timeRanges: [{ from: moved, to }] }
  ]
  const checkOutTime = '2027-03-27T09:00:00+01:00'
  t.strictSame(
    (await staysOf({ assignedUnits, status: 'CheckedOut', checkOutTime })).map(({ places, end }) => [
      places,
      end
    ]),
    [[['HBR-QUX'], { instant: checkOutTime }]]
  )
})

t.test('a unit that is assigned for some of the nights opens in those alone', async t => {
  const timesIn = async (range: object, more: object = {}) =>
    (await staysOf({ assignedUnits: [{ unit, timeRanges: [range] }], ...more })).map(
      ({ id, start, end }) => ({
        id,
        start,
        end
      })
    )
  const between = (start: unknown, end: unknown) => [
    { id: 'QKZTWVLM-1', start: { instant: start }, end: { instant: end } }
  ]
  const inHouse = { status: 'InHouse', checkInTime: '2027-03-26T12:10:00+01:00' }
  const checkOutTime = '2027-03-28T09:05:00+02:00'
  const out = { status: 'CheckedOut', checkOutTime }
  t.strictSame(await timesIn({ from: moved, to }), between(moved, to), 'not yet in the first')
  t.strictSame(await timesIn({ from: moved, to }, inHouse), between(moved, to), 'nor for coming early')
  t.strictSame(await timesIn({ from, to: moved }), between(from, moved), 'no longer in the last')
  t.strictSame(await timesIn({ from, to: moved }, out), between(from, checkOutTime), 'out before that')
  const hours = { from: '2027-03-26T17:00:00+01:00', to: '2027-03-29T09:00:00+02:00' }
  t.strictSame(await timesIn(hours), between(from, to), 'nights count, not hours')
})

t.test('a stretch of time that is not told comes first', async t => {
  const assignedUnits = [
    { unit: other, timeRanges: [{ from: moved, to }] },
    { unit, timeRanges: [{}] }
  ]
  t.match(await staysOf({ assignedUnits }), [
    { places: ['HBR-QUX'], start: { instant: from }, end: null },
    { places: ['HBR-MBE'], start: { instant: moved } }
  ])
})

t.test('offsets that differ within a reservation are kept apart', async t => {
  const [stay] = await staysOf()
  t.match(stay, {
    start: { instant: '2027-03-26T15:00:00+01:00' },
    end: { instant: '2027-03-29T11:00:00+02:00' }
  })
})

t.test('checking in early moves the start, checking in late does not', async t => {
  const startOf = async (checkInTime: unknown) =>
    (await staysOf({ status: 'InHouse', checkInTime }))[0]?.start
  t.match(await startOf('2027-03-26T12:10:00+01:00'), { instant: '2027-03-26T12:10:00+01:00' })
  t.match(await startOf('2027-03-26T19:10:00+01:00'), { instant: from })
  t.match(await startOf('noon'), { instant: from })
  t.match((await staysOf({ arrival: undefined, departure: null }))[0], { start: null, end: null })
})

t.test('checking out ends the stay; before it began, there was none', async t => {
  const out = (checkOutTime: string) => bookingOf({ status: 'CheckedOut', checkOutTime })
  t.match(await out('2027-03-28T09:05:00+02:00'), {
    stays: [{ end: { instant: '2027-03-28T09:05:00+02:00' } }]
  })
  t.match(await out('2027-03-26T14:00:00+01:00'), { stays: [], emptyBecause: 'checkedout' })
})

t.test('a stay does not run on where it is not told when they checked out', async t => {
  for (const checkOutTime of [undefined, null, 'noon'])
    t.match(await bookingOf({ status: 'CheckedOut', checkOutTime }), {
      stays: [],
      emptyBecause: 'checkedout'
    })
})

t.test('an event that names no property is not compared; another property is ignored', async t => {
  const only = { ...connection, api: { ...connection.api, property_id: 'HBL, HBX' } }
  const of = (type: string, propertyId: unknown) => {
    const topic = type.startsWith('unit') ? 'Unit' : 'Reservation'
    return translated(
      {},
      { connection: only, body: { ...changed, topic, type: type.replace('unit-', ''), propertyId } }
    )
  }
  for (const propertyId of [undefined, '', null, 'hbl']) {
    t.ok(Array.isArray(await of('deleted', propertyId)), String(propertyId))
  }
  for (const type of ['changed', 'deleted', 'unit-changed', 'unit-deleted']) {
    t.match(await of(type, 'HBR'), { ignored: /property is not among/ })
  }
})

t.test('an event that names no property goes by the reservation’s', async t => {
  const only = { ...connection, api: { ...connection.api, property_id: 'HBL, HBX' } }
  const of = (property: unknown, propertyId: unknown = '') =>
    translated({ property }, { connection: only, body: { ...changed, propertyId } })
  t.match(await of({ id: 'HBR' }), { ignored: /property is not among/ })
  t.match(await of({ id: 'HBR' }, 'HBL'), { ignored: /property is not among/ })
  for (const property of [{ id: 'hbl' }, {}, undefined]) t.ok(Array.isArray(await of(property)))
})

t.test('a deleted reservation or unit is told by its id alone', async t => {
  const unread = { ...connection, api: undefined }
  t.strictSame(await translated({}, { connection: unread, body: { ...changed, type: 'deleted' } }), [
    {
      change: 'stays',
      bookingId: 'QKZTWVLM-1',
      version: changed.timestamp,
      stays: [],
      emptyBecause: 'deleted',
      cancelled: true
    }
  ])
  const deleted = { ...changed, topic: 'Unit', type: 'deleted', data: { entityId: 'HBR-QUX' } }
  const removed = { change: 'remove', kind: 'place', id: 'HBR-QUX', version: changed.timestamp }
  t.strictSame(await translated({}, { connection: unread, body: deleted }), [removed])
  for (const type of ['created', 'changed']) {
    t.match(
      await translated({}, { body: { ...deleted, type } }),
      { ignored: /does not know the unit/ },
      'not found when it is read, which ends no stay in it'
    )
  }
})

t.test('a reservation ends without a reading, as of the event, which tells when', async t => {
  const unread = { ...connection, api: undefined }
  for (const type of ['canceled', 'set-to-no-show']) {
    const told = (more: object = {}) =>
      translated({}, { connection: unread, body: { ...changed, type, ...more } })
    t.strictSame(await told(), [
      {
        change: 'stays',
        bookingId: 'QKZTWVLM-1',
        version: changed.timestamp,
        stays: [],
        emptyBecause: 'cancelled',
        cancelled: true
      }
    ])
    await t.rejects(told({ timestamp: undefined }), { code: 'RELAY_HYDRATION_NOT_CONFIGURED' })
  }
})

t.test('an event that nothing was read for says so', async t => {
  const [event] = apaleo.readEvents(deliveryOf(connection, { body: JSON.stringify(changed) }))
  if (event === undefined) return t.fail('no event')
  const context = { event, facts: undefined, delivery: deliveryOf(connection, { body: '' }), connection }
  t.throws(() => translateEvent(apaleo, context), { code: 'RELAY_HYDRATION_NOT_CONFIGURED' })
})
