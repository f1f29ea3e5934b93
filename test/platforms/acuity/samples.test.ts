import t from 'tap'
import { acuity } from '../../../src/platforms/acuity/acuity.ts'
import type { SampleBooking } from '../../../src/platforms/samples.ts'
import { demoConnection, outcomesOf } from '../contract.ts'
import { bookingIn } from './appointment.ts'

const { samples } = acuity
const connection = demoConnection(acuity)
const booking: SampleBooking = {
  id: 'b1',
  status: 'confirmed',
  rooms: [{ id: 'r1', place: '77120' }],
  guest: { id: 'g1', name: 'Noor Haddad', email: 'noor@example.com', phone: null },
  arrival: '2027-03-27',
  departure: '2027-03-28',
  checkIn: '15:00',
  checkOut: '11:00',
  timeZone: 'Europe/Berlin',
  code: null,
  updatedAt: Date.parse('2027-03-01T00:00:00Z')
}
const tentative: SampleBooking = { ...booking, status: 'tentative' }
const cancelled: SampleBooking = { ...booking, status: 'cancelled' }

function toldOf(before: SampleBooking | undefined, after: SampleBooking) {
  return samples.tell(before, after, { connection, now: after.updatedAt, serial: 1 })
}

function eventsOf(before: SampleBooking | undefined, after: SampleBooking): string[] {
  return toldOf(before, after).map(({ event }) => event)
}

t.test('each step of a booking is told as Acuity would tell it, most of them twice', async t => {
  t.strictSame(eventsOf(undefined, booking), ['scheduled', 'changed'])
  t.strictSame(eventsOf(undefined, tentative), [], 'nothing is told of what is not booked')
  t.strictSame(eventsOf(undefined, cancelled), ['canceled', 'changed'])
  t.strictSame(eventsOf(tentative, booking), ['scheduled', 'changed'])
  t.strictSame(eventsOf(tentative, cancelled), [])
  t.strictSame(eventsOf(booking, { ...booking, checkIn: '16:00' }), ['rescheduled', 'changed'])
  t.strictSame(eventsOf(booking, { ...booking, code: '4711' }), ['changed'])
  t.strictSame(eventsOf(booking, tentative), ['canceled', 'changed'])
  t.strictSame(eventsOf(booking, cancelled), ['canceled', 'changed'])
  t.strictSame(eventsOf(cancelled, booking), ['scheduled', 'changed'])
})

t.test(
  'a booking is found under the ids of its sample, and ends on the other side of a clock change',
  async t => {
    const [sample] = toldOf(undefined, booking)
    if (sample === undefined) throw new Error('no sample')
    const [outcome] = await outcomesOf(acuity, connection, sample)
    const stay = bookingIn(outcome?.translation ?? [])?.stays[0]
    t.strictSame(samples.ids(booking).stays, [{ id: stay?.id, place: stay?.places[0] }])
    t.strictSame(stay?.end, { instant: '2027-03-28T09:00:00.000Z' })
    for (const other of [tentative, cancelled, { ...booking, rooms: [] }]) {
      t.strictSame(samples.ids(other).stays, [])
    }
  }
)

t.test('a booking without a room or an address, with a code', async t => {
  const odd = {
    ...booking,
    rooms: [],
    guest: { ...booking.guest, name: 'Noor', email: null },
    code: '4711'
  }
  const [sample] = samples.tell(undefined, odd, {
    connection: { ...connection, preferredCodeField: 'PIN' },
    now: 0,
    serial: 1
  })
  if (sample === undefined) throw new Error('no sample')
  const [outcome] = await outcomesOf(acuity, { ...connection, preferredCodeField: 'pin' }, sample)
  t.match(bookingIn(outcome?.translation ?? [])?.stays, [
    { places: [], guest: { name: 'Noor', email: undefined }, preferredCode: '4711' }
  ])
})
