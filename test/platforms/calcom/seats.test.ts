import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { body, liveAfter, minute, noor, staysIn, translated, zoe } from './bodies.ts'

const seated = { seatsPerTimeSlot: 8 }
const desk = 'desk@quay.example.com'

function seat(uid: string, { email }: { email: string }): string {
  return `${uid}_${createHash('sha256').update(email.toLowerCase()).digest('hex').slice(0, 12)}`
}

function sorted(...ids: string[]): string[] {
  return ids.toSorted((a, b) => (a < b ? -1 : 1))
}

t.test('a seat taken later leaves the others where they are', async t => {
  const first = body('BOOKING_CREATED', { ...seated, attendees: [zoe] })
  const second = body('BOOKING_CREATED', { ...seated, attendees: [noor] }, minute(1))
  t.strictSame(liveAfter([first, second]), sorted(seat('A', zoe), seat('A', noor)))
})

t.test('a cancelled seat is not a cancelled slot (issue #10631)', async t => {
  const both = body('BOOKING_CREATED', { ...seated, attendees: [zoe, noor] })
  const left = { ...zoe, email: ' Zoe.Lindqvist@Example.com' }
  const off = body('BOOKING_CANCELLED', { ...seated, attendees: [left], status: 'CANCELLED' }, minute(1))
  const all = body('BOOKING_CANCELLED', { ...seated, attendees: [zoe, noor] }, minute(2))
  t.strictSame(liveAfter([both, off]), [seat('A', noor)])
  t.strictSame(liveAfter([off, both]), [seat('A', noor)])
  t.strictSame(liveAfter([both, off, all]), [], 'the host cancels the slot')
})

t.test(
  'an attendee who moves leaves the old slot; those who were in the new one keep all their seats',
  async t => {
    const old = body('BOOKING_CREATED', { ...seated, attendees: [zoe, noor] })
    const taken = body('BOOKING_CREATED', { ...seated, uid: 'B', attendees: [noor] }, minute(1))
    const move = { ...seated, uid: 'B', rescheduleUid: 'A', attendees: [zoe, noor] }
    const moved = body('BOOKING_RESCHEDULED', { ...move, rescheduledBy: zoe.email.toUpperCase() }, minute(2))
    const left = sorted(seat('A', noor), seat('B', zoe), seat('B', noor))
    t.strictSame(liveAfter([old, taken, moved]), left)
    t.strictSame(liveAfter([moved, taken, old]), left)
  }
)

t.test('a host moves everybody: into another slot, or the slot itself, which keeps its uid', async t => {
  const old = body('BOOKING_CREATED', { ...seated, attendees: [zoe, noor] })
  const joined = { ...seated, uid: 'B', rescheduleUid: 'A', attendees: [zoe, noor] }
  for (const rescheduledBy of [desk, undefined]) {
    const moved = body('BOOKING_RESCHEDULED', { ...joined, rescheduledBy }, minute(1))
    t.strictSame(liveAfter([old, moved]), sorted(seat('B', zoe), seat('B', noor)))
  }
  const later = body(
    'BOOKING_RESCHEDULED',
    { ...joined, uid: 'A', rescheduledBy: desk, startTime: '2027-02-16T13:00:00Z' },
    minute(1)
  )
  t.strictSame(liveAfter([old, later]), sorted(seat('A', zoe), seat('A', noor)))
  t.strictSame(
    staysIn(translated(later)).map(change => change.stays[0]?.start),
    [{ instant: '2027-02-16T13:00:00Z' }, { instant: '2027-02-16T13:00:00Z' }]
  )
})

t.test('a seat that awaits the host waits alone', async t => {
  const asked = body('BOOKING_REQUESTED', { ...seated, attendees: [noor], status: 'PENDING' }, minute(1))
  const taken = body('BOOKING_CREATED', { ...seated, attendees: [zoe] })
  t.strictSame(liveAfter([taken, asked]), [seat('A', zoe)])
  const refused = body('BOOKING_REJECTED', { ...seated, attendees: [noor] }, minute(2))
  t.strictSame(liveAfter([taken, asked, refused], { tentative: 'push' }), [seat('A', zoe)])
})

t.test('a cancellation that does not tell of seats ends the booking whether it has some or not', async t => {
  const off = body(
    'BOOKING_CANCELLED',
    { seatsPerTimeSlot: undefined, attendees: [zoe, noor, {}] },
    minute(1)
  )
  t.strictSame(liveAfter([body('BOOKING_CREATED'), off]), [])
  t.strictSame(liveAfter([body('BOOKING_CREATED', { ...seated, attendees: [zoe, noor] }), off]), [])
})

t.test('seats that are switched off after the booking end with it', async t => {
  const taken = body('BOOKING_CREATED', { ...seated, attendees: [zoe, noor] })
  for (const seatsPerTimeSlot of [null, 0, '']) {
    const told = { seatsPerTimeSlot, attendees: [zoe, noor], status: 'CANCELLED' }
    for (const event of ['BOOKING_CANCELLED', 'BOOKING_REJECTED', 'BOOKING_CREATED']) {
      const off = body(event, told, minute(1))
      t.strictSame(liveAfter([taken, off]), [], `${event} with ${seatsPerTimeSlot}`)
      t.strictSame(liveAfter([off, taken]), [], `${event} with ${seatsPerTimeSlot}, told first`)
    }
  }
})

t.test('a reschedule that does not tell of seats leaves no seat of whoever moves behind', async t => {
  const taken = body('BOOKING_CREATED', { ...seated, attendees: [zoe, noor] })
  for (const seatsPerTimeSlot of [undefined, null]) {
    const to = { seatsPerTimeSlot, uid: 'B', rescheduleUid: 'A' }
    const moved = body('BOOKING_RESCHEDULED', { ...to, attendees: [zoe] }, minute(1))
    t.strictSame(liveAfter([taken, moved]), sorted(seat('A', noor), 'B'))
    t.strictSame(liveAfter([moved, taken]), sorted(seat('A', noor), 'B'))
    t.strictSame(liveAfter([body('BOOKING_CREATED'), moved]), ['B'], 'a booking without seats')
  }
})

t.test('a number of seats that is no number of seats means none', async t => {
  for (const seatsPerTimeSlot of [0, '', '0', 'many']) {
    t.strictSame(liveAfter([body('BOOKING_CREATED', { seatsPerTimeSlot })]), ['A'])
  }
  t.strictSame(liveAfter([body('BOOKING_CREATED', { seatsPerTimeSlot: '8' })]), [seat('A', zoe)])
})

t.test('whoever has no e-mail keeps nobody else from a seat, nor from losing it', async t => {
  for (const odd of [{ email: ' ' }, { email: 5 }, 'Zoë', null]) {
    const taken = body('BOOKING_CREATED', { ...seated, attendees: [odd, zoe, noor] })
    t.strictSame(liveAfter([taken]), sorted(seat('A', zoe), seat('A', noor)))
    const off = body('BOOKING_CANCELLED', { ...seated, attendees: [odd, zoe] }, minute(1))
    t.strictSame(liveAfter([taken, off]), [seat('A', noor)])
    const to = { ...seated, uid: 'B', rescheduleUid: 'A', rescheduledBy: zoe.email }
    const moved = body('BOOKING_RESCHEDULED', { ...to, attendees: [odd, zoe] }, minute(1))
    t.strictSame(liveAfter([taken, moved]), sorted(seat('A', noor), seat('B', zoe)))
  }
})

t.test(
  'an event with seats says nothing without attendees, and is a dead letter where none of them has an e-mail',
  async t => {
    for (const attendees of [[], null]) {
      t.strictSame(translated(body('BOOKING_CREATED', { ...seated, attendees })), {
        ignored: 'an event with seats that names no attendee'
      })
      const moved = body('BOOKING_RESCHEDULED', { ...seated, uid: 'B', rescheduleUid: 'A', attendees })
      t.match(translated(moved), { ignored: /names no attendee/ })
    }
    for (const attendees of [[{ email: ' ' }], ['Zoë'], [null]]) {
      const nameless = body('BOOKING_CREATED', { ...seated, attendees })
      t.throws(() => translated(nameless), { code: 'RELAY_EVENT_UNREADABLE' })
    }
    for (const attendees of [[{ email: ' ' }], ['Zoë'], {}, zoe.email]) {
      const nameless = body('BOOKING_CANCELLED', { ...seated, attendees })
      t.throws(() => translated(nameless), { code: 'RELAY_EVENT_UNREADABLE' })
    }
  }
)

t.test('one person listed twice has one seat', async t => {
  const twice = body('BOOKING_CREATED', { ...seated, attendees: [zoe, { email: zoe.email.toUpperCase() }] })
  const changes = staysIn(translated(twice))
  t.strictSame(
    changes.map(change => [change.bookingId, change.stays[0]?.guest?.name]),
    [[seat('A', zoe), zoe.name]]
  )
})

t.test('answers of the form belong to nobody where several are listed', async t => {
  const told = {
    ...seated,
    responses: { attendeePhoneNumber: { value: '+46855501470' }, doorPin: { value: '481920' } },
    smsReminderNumber: '+46855501472'
  }
  const staysWith = (attendees: unknown[]) =>
    staysIn(
      translated(body('BOOKING_CREATED', { ...told, attendees }), { preferredCodeField: 'doorPin' })
    ).map(({ stays: [stay] }) => [stay?.guest?.phone, stay?.preferredCode])
  t.strictSame(staysWith([zoe]), [['+46855501470', '481920']])
  t.strictSame(staysWith([zoe, { ...noor, phoneNumber: '+12125550101' }]), [
    [undefined, undefined],
    ['+12125550101', undefined]
  ])
})

t.test('people who join, leave and move between slots end where they went last, in any order', async t => {
  const people = ['a', 'b', 'c'].map(name => ({ email: `${name}@example.com`, name }))
  const step = fc.record({
    person: fc.constantFrom(...people),
    to: fc.constantFrom('X', 'Y', 'Z', 'nowhere')
  })
  const story = fc.array(step, { minLength: 1, maxLength: 10 }).map(steps => {
    const where = new Map<string, string>()
    const bodies = steps.flatMap(({ person, to }, position) => {
      const from = where.get(person.email)
      if (from === to || (to === 'nowhere' && from === undefined)) return []
      const about = { ...seated, attendees: [person] }
      const at = minute(position)
      if (to === 'nowhere') {
        where.delete(person.email)
        return [body('BOOKING_CANCELLED', { ...about, uid: from }, at)]
      }
      where.set(person.email, to)
      if (from === undefined) return [body('BOOKING_CREATED', { ...about, uid: to }, at)]
      const move = { ...about, uid: to, rescheduleUid: from, rescheduledBy: person.email }
      return [body('BOOKING_RESCHEDULED', move, at)]
    })
    return { bodies, left: sorted(...[...where].map(([email, uid]) => seat(uid, { email }))) }
  })
  const arrivals = story.chain(({ bodies, left }) =>
    fc
      .shuffledSubarray([...bodies, ...bodies], { minLength: bodies.length * 2 })
      .map(told => ({ told, left }))
  )
  fc.assert(fc.property(arrivals, ({ told, left }) => assert.deepEqual(liveAfter(told), left)))
  t.pass('every order of arrival agrees')
})
