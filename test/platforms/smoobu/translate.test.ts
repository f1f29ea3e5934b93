import t from 'tap'
import {
  bookingOf,
  changedAt,
  HOURS_14,
  receivedAt,
  reservation,
  stayOf,
  translated,
  webhook
} from './bodies.ts'

const empty = { change: 'stays', bookingId: '102400001', version: changedAt, stays: [] }

t.test('a reservation is a stay with its hours, and tells the name of its apartment', async t => {
  t.strictSame(await translated(webhook()), [
    {
      change: 'upsert',
      kind: 'place',
      id: '3320001',
      fields: { name: 'Altstadt 2' },
      whole: false,
      version: changedAt
    },
    {
      change: 'stays',
      bookingId: '102400001',
      version: changedAt,
      stays: [
        {
          id: '102400001',
          name: 'HMDEMO9001',
          places: ['3320001'],
          guest: { name: 'Jonas Weber', email: 'jonas@example.com', phone: '+4915550002222' },
          start: { date: '2026-01-10', time: '15:00' },
          end: { date: '2026-01-13', time: '11:00' }
        }
      ]
    }
  ])
})

t.test('hyphenated keys may as well be in camel case', async t => {
  const { id, type, arrival, departure, apartment, email, phone, modifiedAt } = reservation
  const camel = {
    ...{ id, type, arrival, departure, apartment, email, phone, modifiedAt },
    ...{ referenceId: 'HMDEMO9001', checkIn: '15:00', checkOut: '11:00', guestName: 'Jonas Weber' },
    isBlockedBooking: false
  }
  const told = (data: object) => translated({ action: 'updateReservation', data })
  t.strictSame(await told(camel), await translated(webhook()))
  t.match(await told({ ...camel, isBlockedBooking: true }), [{ emptyBecause: 'blocked' }])
})

t.test('the modified time has two spellings; without it the reservation is as old as it is', async t => {
  const versionOf = async (changed: object) =>
    (await bookingOf({ modifiedAt: undefined, ...changed })).version
  t.equal(await versionOf({ modifiedAt: '2025-12-05 10:00' }), Date.parse('2025-12-05T10:00Z'))
  t.equal(await versionOf({ 'modified-at': '2025-12-05 10:00' }), Date.parse('2025-12-05T10:00Z'))
  t.equal(await versionOf({ 'modified-at': '2025-12-05 10:00:30' }), Date.parse('2025-12-05T10:00:30Z'))
  t.equal(await versionOf({ 'modified-at': '2025-12-05T10:00:00+01:00' }), Date.parse('2025-12-05T09:00Z'))
  t.equal(await versionOf({}), Date.parse('2025-12-03T13:51Z'))
  t.equal(await versionOf({ 'created-at': '' }), receivedAt)
})

t.test('updates of the same minute have the same version, and a cancellation among them wins', async t => {
  const one = await bookingOf({ modifiedAt: '2025-12-20 08:02' })
  const other = await bookingOf({ modifiedAt: '2025-12-20 08:02', arrival: '2026-01-11' })
  const off = await bookingOf({ modifiedAt: '2025-12-20 08:02', type: 'cancellation' })
  t.strictSame([one.version, other.version, off.version], Array(3).fill(Date.parse('2025-12-20T08:02Z')))
  t.equal(off.cancelled, true)
})

t.test('a blocked booking that comes as newReservation is no stay', async t => {
  const block = { 'is-blocked-booking': true, 'guest-name': '', email: undefined }
  for (const yes of [true, 1, 'true', '1']) {
    t.strictSame(await bookingOf({ ...block, 'is-blocked-booking': yes }, { action: 'newReservation' }), {
      ...empty,
      emptyBecause: 'blocked'
    })
  }
})

t.test('a cancellation is one by its type, even as updateReservation, and by its action', async t => {
  const off = { ...empty, emptyBecause: 'cancellation', cancelled: true }
  t.strictSame(await bookingOf({ type: 'cancellation' }), off)
  t.strictSame(await bookingOf({ type: 'cancellation', 'is-blocked-booking': true }), off)
  t.strictSame(await bookingOf({}, { action: 'cancelReservation' }), off)
})

t.test('a deletion needs nothing but the id, and comes after all that can have been told', async t => {
  const deleted = {
    ...empty,
    version: receivedAt + HOURS_14,
    emptyBecause: 'deleted',
    cancelled: true
  }
  t.strictSame(await translated({ action: 'deleteReservation', user: 1, data: { id: 102400001 } }), [deleted])
  t.strictSame(await bookingOf({}, { action: 'deleteReservation' }), deleted)
  const farEast = await bookingOf({ modifiedAt: '2025-12-20 21:02' })
  t.ok(deleted.version > farEast.version, 'a change a moment ago, written in the zone farthest ahead')
})

t.test('without any time a new reservation counts before, a cancellation after what others tell', async t => {
  const timeless = { modifiedAt: undefined, 'created-at': undefined }
  const versionOf = async (action: string) => (await bookingOf(timeless, { action })).version
  t.equal(await versionOf('newReservation'), receivedAt - HOURS_14)
  t.equal(await versionOf('updateReservation'), receivedAt)
  t.equal(await versionOf('cancelReservation'), receivedAt + HOURS_14)
})

t.test('a cancellation that does not tell its time is not as old as the reservation', async t => {
  const untimed = { modifiedAt: undefined, type: 'cancellation' }
  for (const action of ['cancelReservation', 'updateReservation']) {
    t.match(await bookingOf(untimed, { action }), { cancelled: true, version: receivedAt + HOURS_14 })
  }
})

t.test('types that are seen are stays, others change nothing', async t => {
  for (const type of ['reservation', 'modification of booking', undefined]) {
    t.equal((await bookingOf({ type })).stays.length, 1)
  }
  t.strictSame(await translated(webhook({ type: 'wish' })), {
    ignored: 'status "wish" is not known',
    drift: 'unknown_status'
  })
})

t.test('hours may be empty or missing; then they are the place’s', async t => {
  t.match(await stayOf({ 'check-in': '', 'check-out': undefined }), {
    start: { date: '2026-01-10' },
    end: { date: '2026-01-13' }
  })
})

t.test('a guest’s name is one text and may be a single word, or none', async t => {
  t.equal((await stayOf({ 'guest-name': 'Cher' }))?.guest?.name, 'Cher')
  const nobody = await stayOf({ 'guest-name': '', email: '', phone: null, 'reference-id': null })
  t.strictSame([nobody?.name, nobody?.guest], [undefined, {}])
  t.equal((await stayOf({ 'reference-id': '' }))?.name, 'Jonas Weber')
  t.equal((await stayOf({ 'reference-id': 4711 }))?.name, '4711')
})

t.test('a reservation without an apartment has no place yet', async t => {
  t.strictSame((await stayOf({ apartment: null }))?.places, [])
  t.match(await translated(webhook({ apartment: { id: '7' } })), [{ stays: [{ places: ['7'] }] }])
})

t.test(
  'the flat shape that one project reads is not supported, and is refused rather than guessed',
  async t => {
    const flat = {
      action: 'newReservation',
      bookingId: 1,
      arrivalDate: '2026-01-10',
      departureDate: '2026-01-13'
    }
    await t.rejects(translated(flat), { code: 'RELAY_EVENT_INVALID' })
    await t.rejects(translated({ ...flat, action: undefined }), { code: 'RELAY_EVENT_UNREADABLE' })
  }
)

t.test('rates and messages are of no use, other actions are kept as unknown', async t => {
  t.match(await translated(webhook({}, 'updateRates')), { ignored: /prices/ })
  t.match(await translated(webhook({}, 'newMessage')), { ignored: /message/ })
  t.match(await translated(webhook({}, 'modifiedReservation')), { drift: 'unknown_event' })
})
