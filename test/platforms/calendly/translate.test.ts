import fc from 'fast-check'
import t from 'tap'
import { body, liveAfter, placesIn, scheduled, stayOf, staysIn, translated, uri } from './bodies.ts'

const created = body('invitee.created')
const again = body('invitee.created', {
  uri: uri('EVT2', 'INV2'),
  old_invitee: uri('EVT1', 'INV1'),
  updated_at: '2027-02-12T09:00:00.000000Z'
})
const halfOff = body('invitee.canceled', {
  status: 'canceled',
  rescheduled: true,
  new_invitee: uri('EVT2', 'INV2'),
  updated_at: '2027-02-12T09:00:00.000000Z'
})

t.test('a reschedule ends in the new booking alone, whichever half comes first or is lost', async t => {
  fc.assert(
    fc.property(fc.shuffledSubarray([created, halfOff, created, again]), others => {
      const live = liveAfter([...others, again])
      return live.length === 1 && live[0] === 'EVT2:INV2'
    })
  )
  t.strictSame(liveAfter([again, created]), ['EVT2:INV2'])
  t.strictSame(liveAfter([created, halfOff]), [], 'the old one is over with its own half')
  t.strictSame(
    staysIn(translated(again)).map(change => [change.bookingId, change.emptyBecause]),
    [
      ['EVT1:INV1', 'rescheduled'],
      ['EVT2:INV2', undefined]
    ]
  )
})

t.test('the second booking of a chain that is cancelled takes the first with it', async t => {
  const off = body('invitee.canceled', { ...again.payload, status: 'canceled' })
  t.strictSame(liveAfter([off, created, again]), [])
})

t.test('an invitee that names itself as the old one is booked all the same', async t => {
  t.strictSame(liveAfter([body('invitee.created', { old_invitee: uri('EVT1', 'INV1') })]), ['EVT1:INV1'])
})

t.test('invitees of a group event are bookings of their own: one cancellation leaves the others', async t => {
  const other = body('invitee.created', { uri: uri('EVT1', 'INV9'), email: 'noor@example.com' })
  const off = body('invitee.canceled', {
    status: 'canceled',
    updated_at: '2027-02-12T09:00:00.000000Z'
  })
  t.strictSame(liveAfter([created, other, off]), ['EVT1:INV9'])
})

t.test('extra guests of an event have an e-mail only and get no stay', async t => {
  const content = body('invitee.created', {}, { event_guests: [{ email: 'friend@example.com' }] })
  t.equal(staysIn(translated(content))[0]?.stays.length, 1)
})

t.test('an address of another form is an id as it stands, and an empty one is none', async t => {
  t.throws(() => translated(body('invitee.created', { uri: ' ' })), { code: 'RELAY_EVENT_INVALID' })
  for (const old_invitee of [' ', '', 7, null]) {
    t.equal(staysIn(translated(body('invitee.created', { old_invitee }))).length, 1)
  }
  t.equal(stayOf(body('invitee.created', { uri: 'INV7' }))?.id, 'INV7')
  t.equal(stayOf(body('invitee.created', { uri: `${uri('EVT1', 'INV1')}/` }))?.id, 'EVT1:INV1')
})

t.test('a creation that is told late, when it is off already, is a cancellation', async t => {
  for (const [invitee, event] of [
    [{ status: 'canceled' }, {}],
    [{ status: 'Cancelled' }, {}],
    [{}, { status: 'canceled' }]
  ]) {
    t.strictSame(liveAfter([body('invitee.created', invitee, event)]), [])
  }
})

t.test('a status nobody has told us of changes nothing', async t => {
  t.match(translated(body('invitee.created', { status: 'waitlisted' })), { drift: 'unknown_status' })
  t.match(translated(body('invitee.created', {}, { status: 'paused' })), { drift: 'unknown_status' })
  t.strictSame(liveAfter([body('invitee.created', { status: null }, { status: undefined })]), ['EVT1:INV1'])
})

t.test('the invitee’s own clock orders what is told, else the event’s, else the time of receipt', async t => {
  const versionOf = (updated_at: unknown, created_at: unknown) =>
    staysIn(translated({ ...body('invitee.created', { updated_at }), created_at }))[0]?.version
  const own = '2027-02-11T08:30:04.218999Z'
  t.equal(versionOf(own, '2027-02-11T09:00:00.000000Z'), Date.parse('2027-02-11T08:30:04.218Z'))
  t.equal(versionOf(null, '2027-02-11T09:00:00.000000Z'), Date.parse('2027-02-11T09:00:00Z'))
  t.equal(versionOf('soon', 7), Date.parse('2026-01-01T00:00:00Z'))
})

t.test('a name comes whole, or in two parts where the form asks for them', async t => {
  const nameOf = (differing: object) => stayOf(body('invitee.created', { ...differing }))?.guest?.name
  t.equal(nameOf({ first_name: null, last_name: null }), 'Zoë Lindqvist')
  t.equal(nameOf({ name: null, first_name: 'Zoë', last_name: 'Lindqvist' }), 'Zoë Lindqvist')
  t.equal(nameOf({ name: ' ', first_name: 'Zoë', last_name: null }), 'Zoë')
  t.equal(nameOf({ name: null }), undefined)
  t.equal(stayOf(created)?.name, 'Studio B Zoë Lindqvist')
})

t.test('a booking that names nobody any more is still of the guest who is known', async t => {
  t.strictSame(stayOf(body('invitee.created', { name: null, email: '' }))?.guest, {})
})

t.test('the phone is the one for reminders, else the one to be called, else an answer', async t => {
  const answers = [
    { question: 'Company', answer: '+46855501472' },
    { question: 'Phone number', answer: 'the usual one' },
    { question: 'Your mobile', answer: '+46 8 555 014 71' }
  ]
  const phoneOf = (invitee: object, location: object) =>
    stayOf(body('invitee.created', { ...invitee }, { location }))?.guest?.phone
  const outbound = { type: 'outbound_call', location: '+46855501470' }
  const reminder = { text_reminder_number: '+46855501479', questions_and_answers: answers }
  t.equal(phoneOf(reminder, outbound), '+46855501479')
  t.equal(phoneOf({ questions_and_answers: answers }, outbound), '+46855501470')
  t.equal(
    phoneOf({ questions_and_answers: answers }, { type: 'inbound_call', location: '112' }),
    '+46 8 555 014 71'
  )
  t.equal(phoneOf({ questions_and_answers: answers.slice(0, 2) }, {}), undefined)
  t.equal(phoneOf({ questions_and_answers: 'none' }, {}), undefined)
})

t.test('the wished code is the answer to the question that the connection names', async t => {
  const questions_and_answers = [
    null,
    { question: 'Anything else?', answer: '1234' },
    { question: 'Wished door PIN ', answer: ' 481920 ' },
    { question: 'Number', answer: 4711 },
    { question: 'Nothing', answer: null }
  ]
  const codeOf = (preferredCodeField?: string) =>
    stayOf(body('invitee.created', { questions_and_answers }), { preferredCodeField })?.preferredCode
  t.equal(codeOf('wished door pin'), '481920')
  t.equal(codeOf('Number'), '4711')
  t.equal(codeOf('Nothing'), undefined)
  t.equal(codeOf(), undefined)
})

t.test('the event type is the place, and whoever stays nowhere says nothing of it', async t => {
  t.match(placesIn(translated(body('invitee.created'))), [
    { id: 'TYP1', fields: { name: 'Studio B', address: '12 Quay Road', durationMinutes: 90 } }
  ])
  t.strictSame(placesIn(translated(body('invitee.created', {}, { event_type: null }))), [])
  t.strictSame(placesIn(translated(body('invitee.created', { scheduled_event: null }))), [])
  t.strictSame(placesIn(translated(body('invitee.canceled'))), [])
})

t.test('the time zone of a payload is the invitee’s and never the place’s', async t => {
  const [place] = placesIn(translated(body('invitee.created', { timezone: 'Europe/Stockholm' })))
  t.equal(place?.fields.timeZone, undefined)
})

t.test('only a physical location is an address', async t => {
  const addressOf = (location: unknown) =>
    placesIn(translated(body('invitee.created', {}, { location })))[0]?.fields.address
  t.equal(addressOf(scheduled.location), '12 Quay Road')
  for (const type of ['outbound_call', 'inbound_call', 'ask_invitee', 'custom', 'zoom', undefined]) {
    t.equal(addressOf({ type, location: '1 Visitor Street' }), undefined, String(type))
  }
  t.equal(addressOf(null), undefined)
})

t.test('a length is told where start and end make one', async t => {
  const minutesOf = (ofEvent: object) =>
    placesIn(translated(body('invitee.created', {}, { ...ofEvent })))[0]?.fields.durationMinutes
  t.equal(minutesOf({}), 90)
  t.equal(minutesOf({ end_time: null }), undefined)
  t.equal(minutesOf({ start_time: 'now' }), undefined)
  t.equal(minutesOf({ end_time: '2027-02-15T13:00:00Z' }), undefined)
  t.equal(minutesOf({ end_time: '2027-02-15T13:00:30Z' }), undefined)
})

t.test('a time that cannot be read holds the stay', async t => {
  const stay = stayOf(body('invitee.created', {}, { start_time: 'tomorrow', end_time: 7 }))
  t.strictSame([stay?.start, stay?.end], [null, null])
})
