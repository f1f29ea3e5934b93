import t from 'tap'
import { body, booking, bookingIn, placeIn, receivedAt, standsAfter, stayOf, translated } from './bodies.ts'

const created = body('booking.created', booking())
const off = body('booking.updated', booking({ canceled: true, modifiedAt: '2027-02-12T10:02:10.800Z' }))
const removed = body(
  'booking.removed',
  booking({ modifiedAt: undefined, timezone: undefined }),
  '2027-02-12T10:03:00.000Z'
)

t.test('a cancellation is an update, a removal or both, in any order', async t => {
  t.equal(standsAfter([created]), true)
  for (const ends of [[off], [removed], [off, removed], [removed, off]]) {
    t.equal(standsAfter([created, ...ends]), false)
    t.equal(standsAfter([...ends, created]), false)
  }
})

t.test('a removal counts from when it happened, for the record may be as old as its last change', async t => {
  const content = body('booking.removed', booking(), '2027-02-12T10:03:00.000Z')
  t.equal(bookingIn(translated(content))?.version, Date.parse('2027-02-12T10:03:00Z'))
  t.equal(
    bookingIn(translated(body('booking.removed', booking(), null)))?.version,
    Date.parse('2027-02-11T08:30:04.9Z')
  )
  t.equal(
    bookingIn(translated(body('booking.removed', booking({ modifiedAt: null }), null)))?.version,
    receivedAt
  )
})

t.test('the record’s own clock orders what is told, else the event’s, else the time of receipt', async t => {
  const versionOf = (modifiedAt: unknown, createdAt: unknown) =>
    bookingIn(translated(body('booking.updated', booking({ modifiedAt }), createdAt)))?.version
  t.equal(versionOf('2027-02-11T08:30:04.900Z', '2027-02-12T00:00:00Z'), Date.parse('2027-02-11T08:30:04.9Z'))
  t.equal(versionOf(null, '2027-02-12T00:00:00Z'), Date.parse('2027-02-12T00:00:00Z'))
  t.equal(versionOf(null, null), receivedAt)
})

t.test('the names of API v1 and of v2 mean the same', async t => {
  const v2 = {
    start: '2027-02-15T13:00:00.000Z',
    end: '2027-02-15T14:30:00.000Z',
    title: 'Podcast',
    summary: undefined,
    resource: { _id: 'c001', name: 'Studio B' },
    resourceId: undefined,
    member: null,
    team: undefined,
    company: 'e001'
  }
  t.strictSame(stayOf(v2), stayOf({ member: null }))
  for (const word of ['canceled', 'isCanceled', 'isCancelled']) {
    t.match(bookingIn(translated(body('booking.updated', booking({ [word]: true })))), { cancelled: true })
  }
  for (const word of ['tentative', 'isTentative']) t.equal(stayOf({ [word]: true }), undefined)
})

t.test('what is off or tentative as text or number is so too, and no door opens for it', async t => {
  for (const yes of ['true', 'True', '1', 1]) {
    t.match(bookingIn(translated(body('booking.updated', booking({ canceled: yes })))), { cancelled: true })
    t.equal(stayOf({ tentative: yes }), undefined)
  }
  for (const no of ['false', '0', 0, '', null, undefined, {}]) t.ok(stayOf({ canceled: no, tentative: no }))
})

t.test('a tentative booking waits, unless the connection pushes such', async t => {
  t.match(bookingIn(translated(body('booking.created', booking({ tentative: true })))), {
    stays: [],
    emptyBecause: 'tentative',
    cancelled: undefined
  })
  t.ok(stayOf({ tentative: true }, { tentative: 'push' }))
  t.equal(stayOf({ tentative: true, canceled: true }, { tentative: 'push' }), undefined)
})

t.test('a recurring booking is one record for all dates, and is not pushed', async t => {
  for (const recurrence of [
    { rrule: 'FREQ=WEEKLY' },
    { rrule: ['FREQ=WEEKLY'] },
    { frequency: 'weekly', until: null },
    { rules: ['FREQ=WEEKLY'] },
    'FREQ=WEEKLY',
    ['RRULE:FREQ=WEEKLY'],
    true,
    7
  ]) {
    t.match(bookingIn(translated(body('booking.created', booking({ recurrence })), { tentative: 'push' })), {
      stays: [],
      emptyBecause: /recurring/,
      cancelled: undefined
    })
  }
  for (const recurrence of [
    null,
    undefined,
    {},
    [],
    { rrule: '' },
    { rrule: null, timezone: 'Europe/Stockholm' },
    { frequency: null, until: ' ', exceptions: [] },
    '',
    ' ',
    false
  ]) {
    t.ok(stayOf({ recurrence }))
  }
})

t.test('minutes that are blocked for cleaning give no access', async t => {
  const stay = stayOf({ serviceSlots: { before: 30, after: 15 } })
  t.strictSame(stay?.start, { instant: '2027-02-15T13:00:00.000Z' })
  t.strictSame(stay?.end, { instant: '2027-02-15T14:30:00.000Z' })
})

t.test('a time without an offset is one in the zone of the booking, else of the place', async t => {
  const startOf = (dateTime: string, differing = {}) => stayOf({ start: { dateTime }, ...differing })?.start
  const local = { date: '2027-02-15', time: '14:00:00' }
  t.strictSame(startOf('2027-02-15T14:00:00'), { ...local, timeZone: 'Europe/Stockholm' })
  t.strictSame(startOf('2027-02-15 14:00:00.000', { timezone: '+01:00' }), local)
  t.strictSame(startOf('2027-02-15T14:00', { timezone: null }), { date: '2027-02-15', time: '14:00' })
  t.strictSame(stayOf({ start: '2027-02-15T14:00:00' })?.start, { ...local, timeZone: 'Europe/Stockholm' })
  for (const odd of ['2027-02-30T14:00', '2027-02-15T25:00', '2027-02-15T14:00 CET', '2027-02-15T']) {
    t.equal(startOf(odd), null, odd)
  }
})

t.test('a whole day waits for the hours of the place', async t => {
  const day = { dateTime: null, date: '2027-02-15' }
  t.strictSame(stayOf({ start: day })?.start, { date: '2027-02-15', timeZone: 'Europe/Stockholm' })
  t.strictSame(stayOf({ start: day, timezone: '+01:00' })?.start, { date: '2027-02-15' })
  for (const start of [null, 'noon', { dateTime: 'noon' }, {}]) t.equal(stayOf({ start })?.start, null)
})

t.test('a booking of a company without a member is the company’s; of neither, nobody’s', async t => {
  t.equal(stayOf({})?.guest?.id, 'd001')
  t.equal(stayOf({ member: null })?.guest?.id, 'e001')
  t.equal(stayOf({ member: null, team: null, company: 'e002' })?.guest?.id, 'e002')
  t.equal(stayOf({ member: { _id: 'd002' } })?.guest?.id, 'd002')
  t.equal(stayOf({ member: null, team: null })?.guest, null)
})

t.test('further members and visitors get no stay', async t => {
  const content = body('booking.created', booking({ members: ['d002'], visitors: ['v001'] }))
  t.equal(bookingIn(translated(content))?.stays.length, 1)
})

t.test('what was read of a member has the member’s own clock', async t => {
  const person = { name: 'Zoë', email: '', phone: '+46855501470', modifiedAt: '2027-02-12T00:00:00Z' }
  t.strictSame(stayOf({}, { facts: { person } })?.guest, {
    id: 'd001',
    name: 'Zoë',
    email: null,
    phone: '+46855501470',
    version: Date.parse('2027-02-12T00:00:00Z')
  })
  t.strictSame(stayOf({}, { facts: { gone: true } })?.guest, { id: 'd001' })
  t.strictSame(stayOf({})?.guest, { id: 'd001' }, 'no name is made up where none is told')
})

t.test('a stay is named by its title, else by whoever booked', async t => {
  t.equal(stayOf({})?.name, 'Podcast')
  t.equal(stayOf({ summary: '', title: 'Take two' })?.name, 'Take two')
  t.equal(stayOf({ summary: '' }, { facts: { person: { name: 'Zoë' } } })?.name, 'Zoë')
  t.equal(stayOf({ summary: '' })?.name, undefined)
})

t.test('the resource is the place, and every booking that may stay in it tells its zone', async t => {
  t.match(placeIn(translated(created)), { id: 'c001', fields: { timeZone: 'Europe/Stockholm' } })
  for (const content of [off, removed, body('booking.removed', booking())])
    t.equal(placeIn(translated(content)), undefined)
  t.equal(placeIn(translated(body('booking.created', booking({ resourceId: null })))), undefined)
  t.equal(placeIn(translated(body('booking.created', booking({ timezone: 'GMT+1' })))), undefined)
})

t.test('members and companies are guests; removed, they are gone', async t => {
  for (const noun of ['member', 'company']) {
    for (const event of ['created', 'updated']) {
      t.strictSame(translated(body(`${noun}.${event}`, { _id: 'p001', name: 'Zoë', phone: null }, null)), [
        {
          change: 'upsert',
          kind: 'guest',
          id: 'p001',
          fields: { name: 'Zoë', email: undefined, phone: null },
          whole: false,
          version: receivedAt
        }
      ])
    }
    t.strictSame(translated(body(`${noun}.removed`, { _id: 'p001', modifiedAt: '2020-01-01T00:00:00Z' })), [
      { change: 'remove', kind: 'guest', id: 'p001', version: Date.parse('2027-02-11T08:30:05.120Z') }
    ])
  }
})

t.test('the wished code is a custom property of the member', async t => {
  const facts = { person: { codes: { PIN: '481920' } } }
  const codeOf = (preferredCodeField?: string, known: unknown = facts) =>
    stayOf({}, { facts: known, preferredCodeField })?.preferredCode
  t.equal(codeOf('PIN'), '481920')
  t.equal(codeOf('toString'), undefined)
  t.equal(codeOf(), undefined)
  t.equal(codeOf('PIN', { gone: true }), undefined)
})
