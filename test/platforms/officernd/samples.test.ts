import t from 'tap'
import { officernd } from '../../../src/platforms/officernd/officernd.ts'
import type { SampleBooking } from '../../../src/platforms/samples.ts'
import { demoConnection } from '../contract.ts'
import { checkShortNight, shortNight, stayToldBy, teller } from '../sample-bookings.ts'

const { samples } = officernd
const connection = demoConnection(officernd)
const { toldOf, eventsOf } = teller(officernd, connection)
const confirmed = shortNight('p1')
const tentative: SampleBooking = { ...confirmed, status: 'tentative' }
const cancelled: SampleBooking = { ...confirmed, status: 'cancelled' }

t.test('every event that is handled has a sample', async t => {
  for (const event of Object.keys(officernd.events)) t.ok(Object.hasOwn(samples.events, event), event)
})

t.test('each step of a booking is told as OfficeRnD would tell it', async t => {
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
    const stay = await checkShortNight(t, officernd, connection, confirmed, sample)
    t.equal(stay?.guest?.email, 'noor@example.com', 'the e-mail was read')
  }
)

t.test('a booking without a resource is of no place', async t => {
  const sample = toldOf(confirmed, { ...confirmed, rooms: [] }).at(-1)
  t.strictSame((await stayToldBy(officernd, connection, sample))?.places, [])
})
