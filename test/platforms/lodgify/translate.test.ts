import t from 'tap'
import {
  allTranslated,
  booking,
  bookingOf,
  guest,
  receivedAt,
  stayOf,
  translated,
  unread,
  webhook
} from './bodies.ts'

const pushing = { connection: { ...unread, tentative: 'push' as const } }
const empty = { change: 'stays', bookingId: '9100001', version: receivedAt, stays: [] }

t.test('a booked stay is told as local days, without hours, under the booking’s id', async t => {
  t.strictSame(await translated(webhook()), [
    {
      change: 'upsert',
      kind: 'place',
      id: '410010',
      fields: { name: 'Casa Brisa' },
      whole: false,
      version: receivedAt
    },
    {
      change: 'stays',
      bookingId: '9100001',
      version: receivedAt,
      stays: [
        {
          id: '9100001',
          name: 'HMDEMO7788',
          places: ['410010'],
          guest: {
            id: 'AJdemoGuestUid0001',
            name: 'Oskar Nilsen',
            email: 'oskar@example.com',
            phone: '4790000001'
          },
          start: { date: '2026-05-21' },
          end: { date: '2026-05-24' },
          preferredCode: undefined
        }
      ]
    }
  ])
})

t.test('dates are days and never instants of UTC', async t => {
  t.match(await stayOf(webhook({ date_arrival: '2026-03-29T00:00:00', date_departure: '2026-03-30' })), {
    start: { date: '2026-03-29' },
    end: { date: '2026-03-30' }
  })
  t.match(await stayOf(webhook({ date_arrival: null, date_departure: '2026-02-30T00:00:00' })), {
    start: null,
    end: null
  })
})

t.test('Declined is how a cancellation is spelled; other spellings are understood', async t => {
  for (const status of ['Declined', 'declined', 'Canceled', 'Cancelled']) {
    t.strictSame(await bookingOf(webhook({ status })), { ...empty, emptyBecause: status, cancelled: true })
  }
})

t.test('an event of a refusal is one, whatever status the body has or lacks', async t => {
  const action = 'booking_status_change_declined'
  for (const status of ['Booked', 'Declined', undefined]) {
    t.strictSame(await bookingOf(webhook({ status }, { action })), {
      ...empty,
      emptyBecause: 'declined',
      cancelled: true
    })
  }
})

t.test('a Declined that was never Booked is a cancellation of nothing', async t => {
  const bare = { action: 'booking_status_change_declined', booking: { id: 4, status: 'Declined' } }
  t.strictSame(await translated(bare), [
    { ...empty, bookingId: '4', emptyBecause: 'declined', cancelled: true }
  ])
})

t.test('a booked stay that goes back to Open or Tentative is taken away', async t => {
  t.strictSame(await bookingOf(webhook({ status: 'Open' })), { ...empty, emptyBecause: 'enquiry' })
  t.strictSame(await bookingOf(webhook({ status: 'Tentative' })), { ...empty, emptyBecause: 'Tentative' })
  t.strictSame(
    await bookingOf(webhook({ status: 'Tentative' }), pushing),
    await bookingOf(webhook()),
    'unless the connection pushes options'
  )
  t.strictSame((await bookingOf(webhook({ status: 'Open' }), pushing)).stays, [])
})

t.test('closed periods and enquiry-only rows get no access', async t => {
  t.strictSame(await bookingOf(webhook({ type: 'ClosedPeriod' }), pushing), {
    ...empty,
    emptyBecause: 'closed period'
  })
  for (const kind of [{ type: 'EnquiryOnly' }, { booking_type: 'EnquiryOnly' }]) {
    t.strictSame(await bookingOf(webhook(kind), pushing), { ...empty, emptyBecause: 'enquiry' })
  }
})

t.test('the name of the event tells the status where the body does not', async t => {
  const { status: _, ...rest } = booking
  const told = (action: string) => bookingOf({ action, booking: rest, guest })
  t.equal((await told('booking_new_status_booked')).stays.length, 1)
  t.match(await told('booking_status_change_open'), { emptyBecause: 'enquiry' })
  t.strictSame(await translated({ action: 'booking_change', booking: rest }), {
    ignored: 'status null is not known',
    drift: 'unknown_status'
  })
})

t.test('a status nobody documented changes nothing', async t => {
  for (const status of ['Teleported', 'constructor']) {
    t.strictSame(await translated(webhook({ status })), {
      ignored: `status ${JSON.stringify(status)} is not known`,
      drift: 'unknown_status'
    })
  }
})

t.test('a change of money or notes tells the same stay again', async t => {
  const one = await bookingOf(webhook({}, { balance_due: '900' }))
  const other = await bookingOf(webhook({ notes: 'late' }, { balance_due: '0' }))
  t.strictSame(other, one)
})

t.test('without a clock the time of receipt counts, so that a retry says the same later', async t => {
  const again = await bookingOf(webhook(), { receivedAt: receivedAt + 60_000 })
  t.strictSame(again, { ...(await bookingOf(webhook())), version: receivedAt + 60_000 })
})

t.test('one room type is the whole rental; of several, each is a place of one stay', async t => {
  const rooms = [
    { id: 1, room_type_id: 520020, name: 'Garden room' },
    { id: 2, room_type_id: 520021, name: 'Casa Brisa' },
    { id: 3, room_type_id: 520021 },
    { id: 4, room_type_id: null },
    'no room'
  ]
  const told = await translated(webhook({ room_types: rooms }))
  t.match(told, [
    { id: '520020', fields: { name: 'Casa Brisa Garden room' } },
    { id: '520021', fields: { name: 'Casa Brisa' } },
    { stays: [{ id: '9100001', places: ['520020', '520021'] }] }
  ])
  const twice = [rooms[2], { ...(rooms[2] as object), id: 5 }]
  t.strictSame((await stayOf(webhook({ room_types: twice })))?.places, ['520021'])
  t.strictSame((await stayOf(webhook({ room_types: [] })))?.places, ['410010'])
  t.strictSame((await stayOf(webhook({ room_types: null, property_id: null })))?.places, [])
})

t.test('settings that name a room type make the property a house of several', async t => {
  const connection = { ...unread, places: { 520020: { name: 'Garden room' } } }
  t.strictSame((await stayOf(webhook(), { connection }))?.places, ['520020'])
})

t.test('a place without a name is told by the stay alone', async t => {
  t.match(await translated(webhook({ property_name: null })), [{ change: 'stays' }])
})

t.test('the stay is named by the channel’s code, else by the guest', async t => {
  t.equal((await stayOf(webhook({ source_text: ' ' })))?.name, 'Oskar Nilsen')
  const nobody = await stayOf(webhook({ source_text: null }, { guest: null }))
  t.strictSame(nobody?.guest, {})
  t.equal(nobody?.name, undefined)
})

t.test('a guest without contact details is told to have none', async t => {
  const lea = { name: 'Lea Kranz', email: null, phone_number: null }
  t.strictSame((await stayOf(webhook({}, { guest: lea })))?.guest, {
    id: undefined,
    name: 'Lea Kranz',
    email: null,
    phone: null
  })
})

t.test('a guest whose data was deleted is still the guest of the stay', async t => {
  const forgotten = { name: null, email: null, phone_number: '' }
  t.strictSame((await stayOf(webhook({}, { guest: forgotten })))?.guest, {}, 'nothing is told of who it is')
  t.strictSame((await stayOf(webhook({}, { guest: { uid: 'u1', ...forgotten } })))?.guest, {
    id: 'u1',
    name: undefined,
    email: null,
    phone: null
  })
})

t.test('a body that is a list holds several events, and an unreadable one spoils no other', async t => {
  const [first, ...rest] = [webhook(), { action: 'rate_change' }, { action: 'something_new' }]
  t.match(await allTranslated([first, ...rest]), [
    [{}, { change: 'stays' }],
    { ignored: 'prices give no access' },
    { drift: 'unknown_event' }
  ])
  const events = (body: unknown) => allTranslated(body)
  await t.rejects(events([webhook(), 7]), { code: 'RELAY_EVENT_INVALID' }, 'the unreadable one is refused')
  await t.rejects(events([]), { code: 'RELAY_EVENT_UNREADABLE' })
})

t.test('an event without a name is known by its address, else as a change', async t => {
  const { action: _, ...nameless } = webhook({ status: undefined })
  t.match(await translated(nameless, { query: { event: 'rate_change' } }), { ignored: /prices/ })
  t.match(await translated({ booking }), [{}, { change: 'stays', stays: [{ id: '9100001' }] }])
})

t.test('a booking without an id is refused by the name of the field', async t => {
  await t.rejects(translated(webhook({ id: undefined })), {
    code: 'RELAY_EVENT_INVALID',
    message: /^booking_change: \/booking\/id: /
  })
})
