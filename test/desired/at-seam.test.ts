import t from 'tap'
import type { Connection } from '../../src/model/connection.ts'
import type { SampleBooking } from '../../src/platforms/samples.ts'
import { standard } from '../../src/platforms/standard/standard.ts'
import { openMortalRelay } from '../mortal-relay.ts'

const relay = await openMortalRelay(t, standard, {
  connections: [
    { id: 'lake', customerKey: 'lake-homes' },
    { id: 'port', customerKey: 'port-homes' }
  ],
  random: () => 0.5
})
const [lake, port] = relay.connections as [Connection, Connection]

let serial = 0
let world = 0

/** A booking that nobody has heard of. */
function newBooking(differing: Partial<SampleBooking> = {}): SampleBooking {
  world += 1
  return {
    id: `b${world}`,
    status: 'confirmed',
    rooms: [{ id: 'r1', place: `p${world}` }],
    guest: {
      id: `g${world}`,
      name: 'Ada Lovelace',
      email: `ada${world}@example.com`,
      phone: `+1212555${1000 + world}`
    },
    arrival: '2027-03-12',
    departure: '2027-03-15',
    checkIn: '15:00',
    checkOut: '11:00',
    timeZone: 'Europe/Berlin',
    code: null,
    updatedAt: relay.clock.now,
    ...differing
  }
}

/** Told to the relay in the order given, as true at `updatedAt`. */
async function tell(connection: Connection, ...bookings: SampleBooking[]): Promise<void> {
  for (const booking of bookings) {
    serial += 1
    const context = { connection, now: relay.clock.now, serial }
    for (const sample of standard.samples.tell(undefined, booking, context))
      await relay.post(connection, sample, `msg_${serial}`)
  }
}

async function atSeam(
  list: 'reservations' | 'guests',
  connection = lake
): Promise<Record<string, unknown>[]> {
  const { customers } = await relay.held()
  const customer = customers.find(each => each.customer_key === connection.customerKey)
  return (customer?.resources[list] ?? []) as Record<string, unknown>[]
}

t.afterEach(() => relay.forget())

t.test('twenty updates in a burst become one call', async t => {
  const booking = newBooking()
  const days = Array.from({ length: 20 }, (_, index) => ({
    ...booking,
    arrival: `2027-03-${String(index + 1).padStart(2, '0')}`,
    departure: '2027-03-28',
    updatedAt: booking.updatedAt + index
  }))
  await tell(lake, ...days)
  await relay.settle()
  const { calls } = await relay.held()
  t.same(calls, { push_data: 1, delete_data: 0 })
  t.match(await atSeam('reservations'), [{ starts_at: '2027-03-20T14:00:00Z' }])
})

t.test('booked, cancelled and booked again before anything was sent is one call', async t => {
  const booking = newBooking()
  const off = { ...booking, status: 'cancelled' as const, updatedAt: booking.updatedAt + 1 }
  await tell(lake, booking, off, { ...booking, arrival: '2027-03-13', updatedAt: booking.updatedAt + 2 })
  await relay.settle()
  t.same((await relay.held()).calls, { push_data: 1, delete_data: 0 })
  t.match(await atSeam('reservations'), [{ starts_at: '2027-03-13T14:00:00Z' }])
})

t.test('a stay whose key two reservations make ends with the one that named it last', async t => {
  const told = async (type: string, after: number, data: object) => {
    serial += 1
    const dates = { starts_at: '2027-03-12T15:00:00Z', ends_at: '2027-03-15T11:00:00Z' }
    const body = JSON.stringify({
      id: `e${serial}`,
      type,
      timestamp: new Date(relay.clock.now + after).toISOString(),
      data: { guest: { id: 'g1' }, listing_id: 'p1', ...dates, ...data }
    })
    await relay.post(lake, { event: type, body }, `msg_${serial}`)
    await relay.settle()
    return new Set((await atSeam('reservations')).map(each => each.reservation_key))
  }
  t.same(await told('reservation.created', 1, { id: 'a', units: [{ id: 'b' }] }), new Set(['lake:a_b']))
  t.same(await told('reservation.created', 2, { id: 'a_b' }), new Set(['lake:a_b']))
  t.same(
    await told('reservation.updated', 3, { id: 'a', units: [{ id: 'c' }] }),
    new Set(['lake:a_b', 'lake:a_c'])
  )
  t.same(await told('reservation.cancelled', 4, { id: 'a_b' }), new Set(['lake:a_c']))
})

t.test('booked and cancelled before anything was sent is no call about the stay or its guest', async t => {
  const booking = newBooking()
  await tell(lake, booking, { ...booking, status: 'cancelled', updatedAt: booking.updatedAt + 1 })
  await relay.settle()
  t.same([await atSeam('reservations'), await atSeam('guests')], [[], []])
  t.equal((await relay.held()).calls.delete_data, 0)
})

t.test(
  'cancelled and booked again within one ms is cancelled, in either order; one ms later it is booked',
  async t => {
    for (const cancelledFirst of [true, false]) {
      const booking = newBooking()
      const off = { ...booking, status: 'cancelled' as const, updatedAt: booking.updatedAt + 5 }
      const again = { ...booking, updatedAt: booking.updatedAt + 5 }
      await tell(lake, booking, ...(cancelledFirst ? [off, again] : [again, off]))
      await relay.settle()
      t.same(await atSeam('reservations'), [])
      await tell(lake, { ...booking, updatedAt: booking.updatedAt + 6 })
      await relay.settle()
      t.equal((await atSeam('reservations')).length, 1)
      await relay.forget()
    }
  }
)

t.test('a booking that goes to another guest and back, sent each time, leaves the first alone', async t => {
  const first = newBooking()
  const second = newBooking()
  for (const [index, { guest }] of [first, second, first].entries()) {
    await tell(lake, { ...first, guest, updatedAt: first.updatedAt + index })
    await relay.settle()
    t.match(await atSeam('reservations'), [{ guest_key: `lake:${guest.id}` }])
    t.match(await atSeam('guests'), [{ guest_key: `lake:${guest.id}`, email_address: guest.email }])
  }
})

t.test('two bookings swap their guests, and nobody is deleted', async t => {
  const first = newBooking()
  const second = newBooking()
  await tell(lake, first, second)
  await relay.settle()
  const later = first.updatedAt + 1
  await tell(
    lake,
    { ...first, guest: second.guest, updatedAt: later },
    { ...second, guest: first.guest, updatedAt: later }
  )
  await relay.settle()
  t.same(
    (await atSeam('reservations')).map(stay => stay.guest_key),
    [`lake:${second.guest.id}`, `lake:${first.guest.id}`]
  )
  t.equal((await relay.held()).calls.delete_data, 0)
})

t.test('a room that is taken away takes the code with it, and brings it back', async t => {
  const booking = newBooking()
  await tell(lake, booking)
  await relay.settle()
  const away = { ...booking, rooms: [{ id: 'r1', place: null }], updatedAt: booking.updatedAt + 1 }
  await tell(lake, away)
  await relay.settle()
  t.same([await atSeam('reservations'), await atSeam('guests')], [[], []])
  await tell(lake, { ...booking, updatedAt: booking.updatedAt + 2 })
  await relay.settle()
  t.equal((await atSeam('reservations')).length, 1)
})

t.test('an e-mail goes to the next customer’s guest only once the first one is gone from Seam', async t => {
  const first = newBooking()
  const second = newBooking()
  const sharing = { ...second, guest: { ...second.guest, email: first.guest.email } }
  await tell(port, first)
  await tell(lake, sharing)
  await relay.settle()
  t.match(await atSeam('guests', port), [{ email_address: first.guest.email }])
  t.same(
    (await atSeam('guests')).map(guest => guest.email_address),
    [undefined]
  )

  await relay.misbehave({ fail: [{ operation: 'delete_data', status: 500 }] })
  await tell(port, { ...first, status: 'cancelled', updatedAt: first.updatedAt + 1 })
  for (let round = 0; round < 5; round += 1) {
    for (const name of ['translateOnce', 'redrawOnce', 'syncOnce', 'syncOnce'] as const)
      await relay.step(name)
    relay.clock.now += 60_000
  }
  t.same(
    (await atSeam('guests')).map(guest => guest.email_address),
    [undefined],
    'Seam would not delete the first'
  )
  await relay.misbehave({})
  await relay.settle()
  t.match(await atSeam('guests'), [{ email_address: first.guest.email }])
  const { customers } = await relay.held()
  t.same(
    customers.flatMap(customer => customer.stays.map(stay => stay.access)),
    ['granted']
  )
})

t.test('a place and a booking that are told in any order, with the zone last, are at Seam', async t => {
  const booking = newBooking()
  const [place] = booking.rooms
  const listing = (id: string, data: object) => ({
    event: 'listing.updated',
    body: JSON.stringify({
      type: 'listing.updated',
      timestamp: new Date(relay.clock.now).toISOString(),
      data: { id, ...data }
    })
  })
  await tell(lake, booking)
  await relay.settle()
  serial += 1
  await relay.post(
    lake,
    listing(String(place?.place), { name: 'Loft', time_zone: 'Asia/Tokyo' }),
    `msg_${serial}`
  )
  await relay.settle()
  const { customers } = await relay.held()
  t.match(customers[0]?.resources.spaces, [{ name: 'Loft', customer_data: { time_zone: 'Asia/Tokyo' } }])
  t.match(
    await atSeam('reservations'),
    [{ starts_at: '2027-03-12T14:00:00Z' }],
    'the booking told its own zone'
  )
})
