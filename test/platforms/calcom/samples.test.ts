import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { calcom } from '../../../src/platforms/calcom/calcom.ts'
import type { SampleBooking } from '../../../src/platforms/samples.ts'
import { demoConnection } from '../contract.ts'
import { shortNight, teller } from '../sample-bookings.ts'
import { liveAfter, staysIn, translated } from './bodies.ts'

const { samples } = calcom
const connection = demoConnection(calcom)
const { toldOf, eventsOf } = teller(calcom, connection)
const booking = shortNight('90417')

t.test('every event that is handled has a sample, and the samples play together', async t => {
  for (const event of Object.keys(calcom.events)) t.ok(Object.hasOwn(samples.events, event), event)
  const bodies = ['BOOKING_CREATED', 'BOOKING_RESCHEDULED', 'BOOKING_CANCELLED'].map((event, serial) =>
    JSON.parse(samples.events[event]?.({ connection, now: 1000 + serial, serial }).body ?? '')
  )
  t.equal(liveAfter(bodies.slice(0, 1)).length, 1)
  t.equal(liveAfter(bodies.slice(0, 2)).length, 1)
  t.not(liveAfter(bodies.slice(0, 1))[0], liveAfter(bodies.slice(0, 2))[0], 'a reschedule is another uid')
  t.strictSame(liveAfter([bodies[0], bodies[2]]), [])
})

t.test('each step of a booking is told as Cal.com would tell it', async t => {
  const later = { ...booking, updatedAt: booking.updatedAt + 1 }
  const tentative: SampleBooking = { ...later, status: 'tentative' }
  const cancelled: SampleBooking = { ...later, status: 'cancelled' }
  const elsewhere = { ...later, rooms: [{ id: 'r1', place: '90418' }] }
  t.strictSame(eventsOf(undefined, booking), ['BOOKING_CREATED'])
  t.strictSame(eventsOf(undefined, tentative), ['BOOKING_REQUESTED'])
  t.strictSame(eventsOf(undefined, cancelled), ['BOOKING_CANCELLED'])
  t.strictSame(eventsOf(booking, later), ['BOOKING_RESCHEDULED'])
  t.strictSame(eventsOf(booking, { ...later, code: '4711' }), ['BOOKING_RESCHEDULED'])
  t.strictSame(eventsOf(booking, elsewhere), ['BOOKING_CANCELLED', 'BOOKING_CREATED'])
  t.strictSame(eventsOf(booking, tentative), ['BOOKING_CANCELLED', 'BOOKING_REQUESTED'])
  t.strictSame(eventsOf(tentative, booking), ['BOOKING_RESCHEDULED'])
  t.strictSame(eventsOf(booking, cancelled), ['BOOKING_CANCELLED'])
  t.strictSame(eventsOf(cancelled, booking), ['BOOKING_CREATED'])
  t.strictSame(eventsOf(cancelled, { ...cancelled, code: '4711' }), [])
})

t.test('a booking is told with its guest, its code and its hours across a change of clocks', async t => {
  const settings = { preferredCodeField: 'pin' }
  const [told] = samples.tell(
    undefined,
    { ...booking, code: '4711' },
    { connection: demoConnection(calcom, settings), now: 0, serial: 1 }
  )
  const [change] = staysIn(translated(JSON.parse(told?.body ?? ''), settings))
  t.equal(change?.version, booking.updatedAt)
  t.match(change?.stays[0], {
    guest: { name: 'Noor Haddad', email: 'noor@example.com' },
    start: { instant: '2027-03-27T14:00:00Z' },
    end: { instant: '2027-03-28T09:00:00Z' },
    preferredCode: '4711'
  })
})

t.test('a guest without an e-mail is told as a booking by phone', async t => {
  for (const phone of ['+12125550101', null]) {
    const guest = { ...booking.guest, email: null, phone }
    const [told] = toldOf(undefined, { ...booking, guest })
    const [change] = staysIn(translated(JSON.parse(told?.body ?? '')))
    t.match(change?.stays[0]?.guest, { id: /^phone_/, email: null, phone: phone ?? undefined })
  }
})

t.test('a booking without a room has no event type, and no id worth looking for', async t => {
  const roomless = { ...booking, rooms: [{ id: 'r1', place: null }] }
  t.strictSame(samples.ids(roomless), { stays: [] })
  t.strictSame(samples.ids({ ...booking, rooms: [] }), { stays: [] })
  const [told] = toldOf(undefined, roomless)
  t.strictSame(staysIn(translated(JSON.parse(told?.body ?? '')))[0]?.stays[0]?.places, [])
})

t.test(
  'whatever becomes of a booking, its events lead to the ids it has, in any order and twice',
  async t => {
    const state = fc.record({
      status: fc.constantFrom('confirmed' as const, 'tentative' as const, 'cancelled' as const),
      place: fc.constantFrom('90417', 'p2'),
      arrival: fc.constantFrom('2027-03-26', '2027-03-27'),
      guest: fc.constantFrom('g1', 'g2')
    })
    const stories = fc
      .record({ states: fc.array(state, { minLength: 1, maxLength: 6 }), push: fc.boolean() })
      .chain(({ states, push }) => {
        const bookings = states.map(({ status, place, arrival, guest }, position) => ({
          ...booking,
          status,
          arrival,
          rooms: [{ id: 'r1', place }],
          guest: { ...booking.guest, id: guest, email: `${guest}@example.com` },
          updatedAt: booking.updatedAt + position * 1000
        }))
        const bodies = bookings.flatMap((after, position) =>
          toldOf(bookings[position - 1], after, position).map(({ body }) => JSON.parse(body))
        )
        return fc
          .shuffledSubarray([...bodies, ...bodies], { minLength: bodies.length * 2 })
          .map(told => ({ told, push, last: bookings.at(-1) }))
      })
    fc.assert(
      fc.property(stories, ({ told, push, last }) => {
        const waits = last === undefined || (last.status === 'tentative' && !push)
        const expected = waits ? [] : samples.ids(last).stays.map(({ id }) => id)
        assert.deepEqual(liveAfter(told, { tentative: push ? 'push' : 'hold' }), expected)
      })
    )
    t.pass('every order of arrival agrees')
  }
)
