import t from 'tap'
import { officernd } from '../../../src/platforms/officernd/officernd.ts'
import type { SampleBooking } from '../../../src/platforms/samples.ts'
import { demoConnection, outcomesOf } from '../contract.ts'
import { bookingIn } from './bodies.ts'

const { samples } = officernd
const connection = demoConnection(officernd)
const confirmed: SampleBooking = {
  id: 'b1',
  status: 'confirmed',
  rooms: [{ id: 'r1', place: 'p1' }],
  guest: { id: 'g1', name: 'Noor Haddad', email: 'noor@example.com', phone: null },
  arrival: '2027-03-27',
  departure: '2027-03-28',
  checkIn: '15:00',
  checkOut: '11:00',
  timeZone: 'Europe/Berlin',
  code: null,
  updatedAt: Date.parse('2027-03-01T00:00:00Z')
}
const tentative: SampleBooking = { ...confirmed, status: 'tentative' }
const cancelled: SampleBooking = { ...confirmed, status: 'cancelled' }

function toldOf(before: SampleBooking | undefined, after: SampleBooking) {
  return samples.tell(before, after, { connection, now: after.updatedAt, serial: 1 })
}

t.test('every event that is handled has a sample', async t => {
  for (const event of Object.keys(officernd.events)) t.ok(Object.hasOwn(samples.events, event), event)
})

t.test('each step of a booking is told as OfficeRnD would tell it', async t => {
  const eventsOf = (before: SampleBooking | undefined, after: SampleBooking) =>
    toldOf(before, after).map(({ event }) => event)
  const renamed = { ...confirmed, guest: { ...confirmed.guest, name: 'Noor Lindqvist' } }
  const ofAnother = { ...confirmed, guest: { ...confirmed.guest, id: 'g2' } }
  t.strictSame(eventsOf(undefined, confirmed), ['member.created', 'booking.created'])
  t.strictSame(eventsOf(undefined, cancelled), ['member.created', 'booking.updated', 'booking.removed'])
  t.strictSame(eventsOf(tentative, confirmed), ['booking.updated'])
  t.strictSame(eventsOf(confirmed, renamed), ['member.updated', 'booking.updated'])
  t.strictSame(eventsOf(confirmed, ofAnother), ['member.created', 'booking.updated'])
  t.strictSame(eventsOf(confirmed, cancelled), ['booking.updated', 'booking.removed'])
  t.strictSame(eventsOf(cancelled, confirmed), ['booking.created'])
})

t.test(
  'a booking is found under the ids of its sample, and ends on the other side of a clock change',
  async t => {
    const sample = toldOf(undefined, confirmed).at(-1)
    if (sample === undefined) throw new Error('no sample')
    const [outcome] = await outcomesOf(officernd, connection, sample)
    const stay = bookingIn(outcome?.translation ?? [])?.stays[0]
    t.strictSame(samples.ids(confirmed).stays, [{ id: stay?.id, place: stay?.places[0] }])
    t.strictSame(stay?.end, { instant: '2027-03-28T09:00:00.000Z' })
    t.equal(stay?.guest?.email, 'noor@example.com', 'the e-mail was read')
    for (const other of [tentative, cancelled, { ...confirmed, rooms: [] }]) {
      t.strictSame(samples.ids(other).stays, [])
    }
  }
)

t.test('a booking without a resource is of no place', async t => {
  const sample = toldOf(confirmed, { ...confirmed, rooms: [] }).at(-1)
  if (sample === undefined) throw new Error('no sample')
  const [outcome] = await outcomesOf(officernd, connection, sample)
  t.strictSame(bookingIn(outcome?.translation ?? [])?.stays[0]?.places, [])
})
