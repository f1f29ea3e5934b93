import t from 'tap'
import { nexudus } from '../../../src/platforms/nexudus/nexudus.ts'
import type { SampleBooking } from '../../../src/platforms/samples.ts'
import { demoConnection, outcomesOf } from '../contract.ts'
import { bookingIn } from './records.ts'

const { samples } = nexudus
const connection = demoConnection(nexudus)
const booking: SampleBooking = {
  id: 'b1',
  status: 'confirmed',
  rooms: [{ id: 'r1', place: '190022' }],
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

t.test(
  'every event that is handled has a sample, and only those, for each is an address to set up',
  async t => {
    t.strictSame(new Set(Object.keys(samples.events)), new Set(Object.keys(nexudus.events)))
  }
)

t.test('each step of a booking is told as Nexudus would tell it', async t => {
  const eventsOf = (before: SampleBooking | undefined, after: SampleBooking) =>
    toldOf(before, after).map(({ event, query }) => {
      t.equal(query?.event, event)
      return event
    })
  const renamed = { ...booking, guest: { ...booking.guest, name: 'Noor Lindqvist' } }
  const ofAnother = { ...booking, guest: { ...booking.guest, id: 'g2' } }
  t.strictSame(eventsOf(undefined, booking), ['CoworkerCreate', 'BookingCreate'])
  t.strictSame(eventsOf(undefined, cancelled), ['CoworkerCreate', 'BookingDelete'])
  t.strictSame(eventsOf(tentative, booking), ['BookingUpdate'])
  t.strictSame(eventsOf(booking, renamed), ['CoworkerUpdate', 'BookingUpdate'])
  t.strictSame(eventsOf(booking, ofAnother), ['CoworkerCreate', 'BookingUpdate'])
  t.strictSame(eventsOf(booking, cancelled), ['BookingDelete'])
  t.strictSame(eventsOf(cancelled, booking), ['BookingCreate'])
})

t.test(
  'a booking is found under the ids of its sample, and ends on the other side of a clock change',
  async t => {
    const sample = toldOf(undefined, booking).at(-1)
    if (sample === undefined) throw new Error('no sample')
    const [outcome] = await outcomesOf(nexudus, connection, sample)
    const stay = bookingIn(outcome?.translation ?? [])?.stays[0]
    t.strictSame(samples.ids(booking).stays, [{ id: stay?.id, place: stay?.places[0] }])
    t.strictSame(stay?.end, { instant: '2027-03-28T09:00:00.000Z' })
    t.equal(stay?.guest?.email, 'noor@example.com', 'the e-mail was read')
    for (const other of [tentative, cancelled, { ...booking, rooms: [] }]) {
      t.strictSame(samples.ids(other).stays, [])
    }
  }
)

t.test('a booking without a resource is of no place', async t => {
  const sample = toldOf(booking, { ...booking, rooms: [{ id: 'r1', place: null }] }).at(-1)
  if (sample === undefined) throw new Error('no sample')
  const [outcome] = await outcomesOf(nexudus, connection, sample)
  t.strictSame(bookingIn(outcome?.translation ?? [])?.stays[0]?.places, [])
})
