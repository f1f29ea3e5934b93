import t from 'tap'
import { nexudus } from '../../../src/platforms/nexudus/nexudus.ts'
import type { SampleBooking } from '../../../src/platforms/samples.ts'
import { demoConnection } from '../contract.ts'
import { checkShortNight, shortNight, stayToldBy, teller } from '../sample-bookings.ts'

const { samples } = nexudus
const connection = demoConnection(nexudus)
const { toldOf } = teller(nexudus, connection)
const booking = shortNight('190022')
const tentative: SampleBooking = { ...booking, status: 'tentative' }
const cancelled: SampleBooking = { ...booking, status: 'cancelled' }

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
    const stay = await checkShortNight(t, nexudus, connection, booking, sample)
    t.equal(stay?.guest?.email, 'noor@example.com', 'the e-mail was read')
  }
)

t.test('a booking without a resource is of no place', async t => {
  const sample = toldOf(booking, { ...booking, rooms: [{ id: 'r1', place: null }] }).at(-1)
  t.strictSame((await stayToldBy(nexudus, connection, sample))?.places, [])
})
