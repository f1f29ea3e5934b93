import t from 'tap'
import { calendly } from '../../../src/platforms/calendly/calendly.ts'
import type { SampleBooking } from '../../../src/platforms/samples.ts'
import { demoConnection } from '../contract.ts'
import { shortNight, teller } from '../sample-bookings.ts'
import { liveAfter, stayOf } from './bodies.ts'

const { samples } = calendly
const connection = demoConnection(calendly)
const { toldOf, eventsOf } = teller(calendly, connection)
const booking = shortNight('TYP1')
const later = { ...booking, updatedAt: booking.updatedAt + 1 }

t.test('every event that is handled has a sample', async t => {
  for (const event of Object.keys(calendly.events)) t.ok(Object.hasOwn(samples.events, event), event)
})

t.test('each step of a booking is told as Calendly would tell it', async t => {
  const tentative: SampleBooking = { ...later, status: 'tentative' }
  const cancelled: SampleBooking = { ...later, status: 'cancelled' }
  const elsewhere = { ...later, rooms: [{ id: 'r1', place: 'TYP2' }] }
  t.strictSame(eventsOf(undefined, booking), ['invitee.created'])
  t.strictSame(eventsOf(undefined, tentative), [], 'nothing is told of what is not booked')
  t.strictSame(eventsOf(undefined, cancelled), ['invitee.canceled'])
  t.strictSame(eventsOf(tentative, booking), ['invitee.created'])
  t.strictSame(eventsOf(tentative, cancelled), [])
  t.strictSame(eventsOf(booking, later), ['invitee.canceled', 'invitee.created'])
  t.strictSame(eventsOf(booking, elsewhere), ['invitee.canceled', 'invitee.created'])
  t.strictSame(eventsOf(booking, tentative), ['invitee.canceled'])
  t.strictSame(eventsOf(booking, cancelled), ['invitee.canceled'])
  t.strictSame(eventsOf(cancelled, booking), ['invitee.created'])
})

t.test('the two halves of a reschedule name each other; another event type is no reschedule', async t => {
  const payloads = (after: SampleBooking) =>
    toldOf(booking, after).map(({ body }) => JSON.parse(body).payload)
  const [off, on] = payloads(later)
  t.equal(off.new_invitee, on.uri)
  t.equal(on.old_invitee, off.uri)
  const [gone, anew] = payloads({ ...later, rooms: [{ id: 'r1', place: 'TYP2' }] })
  t.strictSame([gone.new_invitee, anew.old_invitee], [null, null])
})

t.test('a booking is found under the ids of its sample, on the other side of a clock change too', async t => {
  const bodies = toldOf(undefined, booking).map(({ body }) => JSON.parse(body))
  t.strictSame(samples.ids(booking).stays, [{ id: liveAfter(bodies)[0], place: 'TYP1' }])
  t.strictSame(stayOf(bodies[0])?.end, { instant: '2027-03-28T09:00:00.000000Z' })
  t.strictSame(samples.ids({ ...booking, rooms: [{ id: 'r1', place: null }] }).stays, [])
  t.strictSame(samples.ids({ ...booking, status: 'tentative' }).stays, [])
})

t.test('a booking without an event type tells of no place', async t => {
  const [sample] = toldOf(undefined, { ...booking, rooms: [] })
  t.equal(sample?.world, undefined)
  t.strictSame(stayOf(JSON.parse(sample?.body ?? ''))?.places, [])
})

t.test('the wished code is told under the question that the connection names', async t => {
  const preferredCodeField = 'PIN'
  const [sample] = samples.tell(
    undefined,
    { ...booking, code: '4711' },
    { connection: { ...connection, preferredCodeField }, now: 0, serial: 1 }
  )
  t.equal(stayOf(JSON.parse(sample?.body ?? ''), { preferredCodeField })?.preferredCode, '4711')
})
