import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { StayGuest } from '../../../src/model/change.ts'
import type { Translation } from '../../../src/platforms/platform.ts'
import { body, liveAfter, minute, staysIn, translated, zoe } from './bodies.ts'

function guestIn(translation: Translation): StayGuest | null | undefined {
  return staysIn(translation)[0]?.stays[0]?.guest
}

t.test('only an accepted booking is a stay', async t => {
  for (const event of ['BOOKING_CREATED', 'BOOKING_RESCHEDULED', 'BOOKING_PAID']) {
    t.strictSame(liveAfter([body(event)]), ['A'], event)
    t.strictSame(liveAfter([body(event, { status: 'accepted' })]), ['A'], `${event}, small letters`)
    for (const status of ['PENDING', 'AWAITING_HOST', 'CANCELLED', 'REJECTED']) {
      t.strictSame(liveAfter([body(event), body(event, { status }, minute(1))]), [], `${event} ${status}`)
    }
  }
})

t.test('an unknown or missing status destroys nothing and is seen as drift', async t => {
  for (const [status, shown] of [
    ['MAYBE', '"MAYBE"'],
    ['', 'null'],
    [{ name: 'Zoë' }, 'null'],
    [undefined, 'null']
  ]) {
    t.strictSame(translated(body('BOOKING_CREATED', { status })), {
      ignored: `status ${shown} is not known`,
      drift: 'unknown_status'
    })
  }
})

t.test('what awaits the host waits, or is pushed where the connection says so', async t => {
  for (const [event, status, reason] of [
    ['BOOKING_REQUESTED', 'PENDING', 'pending'],
    ['BOOKING_CREATED', 'PENDING', 'pending'],
    ['BOOKING_CREATED', 'AWAITING_HOST', 'awaiting host']
  ] as const) {
    const [held] = staysIn(translated(body(event, { status })))
    t.strictSame([held?.emptyBecause, held?.cancelled, held?.stays], [reason, undefined, []])
    t.strictSame(liveAfter([body(event, { status })], { tentative: 'push' }), ['A'])
  }
})

t.test('a request is a stay once accepted and gone once refused, in any order', async t => {
  const requested = body('BOOKING_REQUESTED', { status: 'PENDING' })
  const accepted = body('BOOKING_CREATED', {}, minute(1))
  const refused = body('BOOKING_REJECTED', { status: 'REJECTED' }, minute(1))
  t.strictSame(liveAfter([requested, accepted]), ['A'])
  t.strictSame(liveAfter([accepted, requested]), ['A'])
  t.strictSame(liveAfter([requested, refused], { tentative: 'push' }), [])
  t.strictSame(liveAfter([refused, requested], { tentative: 'push' }), [])
})

t.test('a wished reschedule leaves the accepted booking as it is (issue #21169)', async t => {
  const created = body('BOOKING_CREATED')
  const wish = { uid: 'B', rescheduleUid: 'A', status: 'PENDING' }
  const asked = body('BOOKING_REQUESTED', wish, minute(1))
  const accepted = body('BOOKING_CREATED', { uid: 'B', rescheduleUid: 'A' }, minute(2))
  const refused = body('BOOKING_REJECTED', { ...wish, status: 'REJECTED' }, minute(2))
  t.strictSame(liveAfter([created, asked]), ['A'])
  t.strictSame(liveAfter([asked, created]), ['A'])
  t.strictSame(liveAfter([created, body('BOOKING_RESCHEDULED', wish, minute(1))]), ['A'])
  t.strictSame(liveAfter([created, asked, refused]), ['A'], 'the host says no')
  t.strictSame(liveAfter([created, asked, accepted]), ['B'], 'the host says yes')
  t.strictSame(liveAfter([accepted, asked, created]), ['B'], 'told backwards')
})

t.test(
  'trap: a booking that was replaced is not told back by an event that crosses with the reschedule',
  async t => {
    const moved = body('BOOKING_RESCHEDULED', { uid: 'B', rescheduleUid: 'A' }, minute(1))
    const off = body('BOOKING_CANCELLED', { uid: 'B', status: 'CANCELLED' }, minute(4))
    for (const event of ['BOOKING_CREATED', 'BOOKING_PAID']) {
      const again = body(event, {}, minute(2))
      t.strictSame(liveAfter([body('BOOKING_CREATED'), moved, again]), ['B'], event)
      t.strictSame(liveAfter([again, moved]), ['B'], 'in either order')
      t.strictSame(liveAfter([moved, again, off]), [])
    }
  }
)

t.test('a host’s wish that the guest choose another time ends access (issue #28543)', async t => {
  const created = body('BOOKING_CREATED')
  const asked = body('BOOKING_CANCELLED', { status: 'CANCELLED', requestReschedule: true }, minute(1))
  const chosen = body('BOOKING_RESCHEDULED', { uid: 'B', rescheduleUid: 'A' }, minute(2))
  t.strictSame(liveAfter([created, asked]), [])
  t.strictSame(liveAfter([created, asked, chosen]), ['B'])
  const naming = body('BOOKING_CANCELLED', { uid: 'B', rescheduleUid: 'A', status: 'CANCELLED' }, minute(1))
  t.strictSame(liveAfter([created, naming]), ['A'], 'only the booking itself is cancelled')
})

t.test('a cancellation needs no numeric id, no time and no attendee (issue #11849)', async t => {
  const bare = { triggerEvent: 'BOOKING_CANCELLED', createdAt: minute(1), payload: { uid: 'A' } }
  t.strictSame(liveAfter([body('BOOKING_CREATED'), bare]), [])
})

t.test('a cancellation counts whatever is odd beside the uid', async t => {
  const odd = {
    organizer: ['x', [], 7],
    attendees: [{}, ['x'], [{ email: 5 }], [null], 'x'],
    seatsPerTimeSlot: ['', false, {}],
    eventTypeId: [{}, [], true, Number.MAX_VALUE],
    rescheduleUid: [5, {}],
    location: [{ a: 1 }],
    responses: [[], 'x'],
    length: ['x']
  }
  for (const [name, values] of Object.entries(odd)) {
    for (const value of values) {
      for (const event of ['BOOKING_CANCELLED', 'BOOKING_REJECTED']) {
        const off = body(event, { [name]: value }, minute(1))
        t.strictSame(liveAfter([body('BOOKING_CREATED'), off]), [], `${name} ${JSON.stringify(value)}`)
      }
    }
  }
})

t.test(
  'a booking whose booker is no attendee is of whom it was of, and nobody else is taken for them',
  async t => {
    for (const attendees of [['x', zoe], [null, zoe], [], null, undefined]) {
      const [booking] = staysIn(translated(body('BOOKING_PAID', { attendees })))
      t.equal(booking?.stays.length, 1)
      t.equal(booking?.stays[0]?.guest, undefined, JSON.stringify(attendees))
    }
  }
)

t.test('each booking of a recurring series stands for itself (issue #28044)', async t => {
  const series = ['A', 'B', 'C'].map(uid => body('BOOKING_CREATED', { uid, recurringEvent: { count: 3 } }))
  const cancelled = body('BOOKING_CANCELLED', { uid: 'A', recurringEvent: { count: 3 } }, minute(1))
  t.strictSame(liveAfter([...series, cancelled]), ['B', 'C'], 'the only cancellation told')
})

t.test('reschedules end in the last booking, or in none, however their events arrive', async t => {
  const uids = ['A', 'B', 'C', 'D', 'E']
  const story = fc
    .record({
      moves: fc.nat({ max: 4 }),
      paid: fc.boolean(),
      end: fc.constantFrom('none', 'BOOKING_CANCELLED', 'BOOKING_REJECTED')
    })
    .map(({ moves, paid, end }) => {
      const bodies = [
        body('BOOKING_REQUESTED', { status: 'PENDING' }, minute(0)),
        body('BOOKING_CREATED', {}, minute(1)),
        ...(paid ? [body('BOOKING_PAID', {}, minute(2))] : []),
        ...uids
          .slice(1, moves + 1)
          .map((uid, position) =>
            body('BOOKING_RESCHEDULED', { uid, rescheduleUid: uids[position] }, minute(3 + position))
          ),
        ...(end === 'none' ? [] : [body(end, { uid: uids[moves], status: 'CANCELLED' }, minute(9))])
      ]
      return { bodies, left: end === 'none' ? [uids[moves]] : [] }
    })
  const arrivals = story.chain(({ bodies, left }) =>
    fc
      .tuple(
        fc.shuffledSubarray(bodies, { minLength: bodies.length }),
        fc.array(fc.constantFrom(...bodies), { maxLength: 5 })
      )
      .map(([all, doubles]) => ({ told: [...doubles, ...all], left }))
  )
  fc.assert(fc.property(arrivals, ({ told, left }) => assert.deepEqual(liveAfter(told), left)))
  t.pass('every order of arrival agrees')
})

t.test('times are passed on as instants; one that cannot be read leaves the stay incomplete', async t => {
  const read = body('BOOKING_CREATED', {
    startTime: '2027-02-15T14:00:00+01:00',
    endTime: '2027-02-15 14:30'
  })
  const stay = staysIn(translated(read))[0]?.stays[0]
  t.strictSame([stay?.start, stay?.end], [{ instant: '2027-02-15T14:00:00+01:00' }, null])
  const missing = staysIn(translated(body('BOOKING_CREATED', { startTime: undefined })))[0]?.stays[0]
  t.equal(missing?.start, null)
})

t.test('an event without a clock or a uid becomes a dead letter', async t => {
  t.throws(() => translated(body('BOOKING_CREATED', {}, 'yesterday')), { code: 'RELAY_EVENT_UNREADABLE' })
  t.throws(() => translated(body('BOOKING_RESCHEDULED', { uid: null })), { code: 'RELAY_EVENT_INVALID' })
})

t.test(
  'what may give access becomes a dead letter where it cannot be read to whom, or instead of what',
  async t => {
    for (const odd of [
      { attendees: {} },
      { attendees: 'x' },
      { seatsPerTimeSlot: {} },
      { rescheduleUid: 5 }
    ]) {
      for (const event of ['BOOKING_CREATED', 'BOOKING_RESCHEDULED', 'BOOKING_PAID', 'BOOKING_REQUESTED']) {
        t.throws(() => translated(body(event, odd)), { code: 'RELAY_EVENT_INVALID' }, JSON.stringify(odd))
      }
    }
  }
)

t.test('the guest is the booker, whose phone number stands in one of four places', async t => {
  const phoneOf = (differing: Record<string, unknown>) =>
    guestIn(translated(body('BOOKING_CREATED', differing)))?.phone
  const answers = { attendeePhoneNumber: { label: 'phone_number', value: '+46855501471' } }
  const reminder = { smsReminderNumber: { label: 'number_text_notifications', value: '+46855501473' } }
  const all = { attendees: [{ ...zoe, phoneNumber: '+46855501470' }, { email: 'x@example.com' }] }
  t.equal(phoneOf({ ...all, responses: answers, smsReminderNumber: '+46855501472' }), '+46855501470')
  t.equal(phoneOf({ responses: answers, smsReminderNumber: '+46855501472' }), '+46855501471')
  t.equal(phoneOf({ responses: null, smsReminderNumber: '+46855501472' }), '+46855501472')
  t.equal(phoneOf({ responses: { ...answers, ...reminder } }), '+46855501471')
  t.equal(phoneOf({ responses: reminder, smsReminderNumber: '+46855501472' }), '+46855501473')
  t.equal(phoneOf({}), undefined)
  t.strictSame(guestIn(translated(body('BOOKING_CREATED'))), { ...zoe, phone: undefined })
})

t.test('a number goes before what is none, which is told where there is no other', async t => {
  const phoneOf = (phoneNumber: unknown, answer: unknown, country?: string) => {
    const told = {
      attendees: [{ ...zoe, phoneNumber }],
      responses: { attendeePhoneNumber: { value: answer } }
    }
    return guestIn(translated(body('BOOKING_CREATED', told), { country }))?.phone
  }
  for (const junk of ['n/a', '12', ' ', 7, null]) t.equal(phoneOf(junk, '+46855501471'), '+46855501471')
  t.equal(phoneOf('n/a', '08-555 014 71', 'SE'), '08-555 014 71')
  t.equal(phoneOf('n/a', '08-555 014 71'), 'n/a', 'nobody knows the country')
  t.equal(phoneOf(null, '08-555 014 71'), '08-555 014 71')
})

t.test('an address made of a phone number is nobody’s e-mail, but always the same guest', async t => {
  const guestWith = (email: string) =>
    guestIn(translated(body('BOOKING_CREATED', { attendees: [{ email, name: '' }] })))
  const guest = guestWith('46855501470@sms.cal.com')
  t.match(guest, { id: /^phone_[0-9a-f]{12}$/, email: null, name: undefined })
  t.strictSame(guestWith('46855501470@SMS.cal.com'), guest)
  t.equal(guestWith('someone@mysms.cal.com')?.email, 'someone@mysms.cal.com')
})

t.test('the wished code is the answer to the question that the connection names', async t => {
  const codeOf = (preferredCodeField: string | undefined, differing: Record<string, unknown>) =>
    staysIn(translated(body('BOOKING_CREATED', differing), { preferredCodeField }))[0]?.stays[0]
      ?.preferredCode
  const own = { userFieldsResponses: { doorPin: { value: '481920' } } }
  t.equal(codeOf('doorPin', own), '481920')
  t.equal(codeOf('doorPin', { ...own, responses: { doorPin: { value: '0000' } } }), '481920')
  t.equal(codeOf('doorPin', { responses: { doorPin: { label: 'PIN', value: 4819 } } }), '4819')
  t.equal(codeOf('doorPin', { responses: { doorPin: { value: ['4819'] } } }), undefined)
  t.equal(codeOf('doorPin', { responses: { doorPin: '4819' } }), undefined)
  t.equal(codeOf('doorPin', {}), undefined)
  t.equal(codeOf('toString', own), undefined)
  t.equal(codeOf(undefined, own), undefined)
})

t.test('the question of the wished code may be named by its wording on the form', async t => {
  const codeOf = (preferredCodeField: string, differing: Record<string, unknown>) =>
    staysIn(translated(body('BOOKING_CREATED', differing), { preferredCodeField }))[0]?.stays[0]
      ?.preferredCode
  const own = { userFieldsResponses: { doorPin: { label: 'Wished door PIN', value: '481920' } } }
  t.equal(codeOf('Wished door PIN', own), '481920')
  t.equal(codeOf(' wished door pin ', { responses: own.userFieldsResponses }), '481920')
  t.equal(codeOf('Another question', own), undefined)
  t.equal(
    codeOf('Wished door PIN', { userFieldsResponses: [7], responses: { a: null, b: { label: 5 } } }),
    undefined
  )
  const sibling = { PIN: { label: 'Wished door PIN', value: '1111' }, other: { label: 'PIN', value: '2222' } }
  t.equal(codeOf('PIN', { userFieldsResponses: sibling }), '1111', 'the name of the field comes first')
})
