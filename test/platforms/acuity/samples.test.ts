import t from 'tap'
import { acuity } from '../../../src/platforms/acuity/acuity.ts'
import type { SampleBooking } from '../../../src/platforms/samples.ts'
import { demoConnection } from '../contract.ts'
import { checkShortNight, shortNight, stayToldBy, teller } from '../sample-bookings.ts'

const { samples } = acuity
const connection = demoConnection(acuity)
const { toldOf, eventsOf } = teller(acuity, connection)
const booking = shortNight('77120')
const tentative: SampleBooking = { ...booking, status: 'tentative' }
const cancelled: SampleBooking = { ...booking, status: 'cancelled' }

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
    await checkShortNight(t, acuity, connection, booking, sample)
  }
)

t.test('a booking is told without a room or an address, and with its code', async t => {
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
  t.match(await stayToldBy(acuity, { ...connection, preferredCodeField: 'pin' }, sample), {
    places: [],
    guest: { name: 'Noor', email: undefined },
    preferredCode: '4711'
  })
})
