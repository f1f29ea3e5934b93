import t from 'tap'
import {
  booking,
  bookingOf,
  connection,
  receivedAt,
  removal,
  removedAt,
  stayOf,
  translated,
  updatedAt
} from './bodies.ts'

const pushing = { connection: { ...connection, tentative: 'push' as const } }
const empty = { change: 'stays', bookingId: '2800001', version: updatedAt, stays: [] }

t.test('a confirmed booking is a stay with its hours, and tells the name of its property', async t => {
  const expected = [
    {
      change: 'upsert',
      kind: 'place',
      id: '52001',
      fields: { name: 'Canal House' },
      whole: false,
      version: updatedAt
    },
    {
      change: 'stays',
      bookingId: '2800001',
      version: updatedAt,
      stays: [
        {
          id: '2800001',
          name: 'HMDEMO2800',
          places: ['52001'],
          guest: { name: 'Amelia Okafor', email: 'amelia@example.com', phone: '+447700900001' },
          start: { date: '2026-06-04', time: '15:00' },
          end: { date: '2026-06-08', time: '11:00' }
        }
      ]
    }
  ]
  t.strictSame(await translated(booking), expected)
  t.strictSame(await translated(booking, { event: 'booking_created' }), expected)
})

t.test('a removal is one whatever its reason, and lacks a guest', async t => {
  const expected = [{ ...empty, version: removedAt, emptyBecause: 'removed', cancelled: true }]
  t.strictSame(await translated(removal, { event: 'booking_removed' }), expected)
  const { reason: _, ...unexplained } = removal
  t.strictSame(await translated(unexplained, { event: 'booking_removed' }), expected)
  t.match(await translated({ id: 7 }, { event: 'booking_removed' }), [
    { bookingId: '7', cancelled: true, version: receivedAt }
  ])
})

t.test('one address for several events: a removal is told by its reason', async t => {
  const removed = await translated(removal, { event: 'booking_removed' })
  for (const event of ['booking_created', 'booking_updated', undefined]) {
    t.strictSame(await translated(removal, { event }), removed)
  }
  t.strictSame(await translated({ ...removal, status: null, guest_name: '' }), removed)
  for (const more of [{ status: 'confirmed' }, { guest_name: 'Amelia Okafor' }, { reason: null }]) {
    t.match(await translated({ ...removal, ...more }), [{}, { stays: [{ id: '2800001' }] }], 'and only then')
  }
})

t.test('what has days is a booking’s, also at the address of a property’s event', async t => {
  for (const event of ['property_created', 'property_updated', 'property_removed']) {
    t.strictSame(await translated(booking, { event }), await translated(booking))
    t.strictSame(await translated(removal, { event }), await translated(removal))
  }
  const hours = { id: 52001, check_in: '15:00', timestamp: removal.timestamp }
  t.match(await translated(hours, { event: 'property_removed' }), [{ change: 'remove', kind: 'place' }])
})

t.test('an address without an event tells bookings from properties', async t => {
  t.strictSame(await translated(booking, { event: undefined }), await translated(booking))
  t.match(
    await translated(
      { id: 52001, name: 'Canal House' },
      { event: undefined, connection: { ...connection, api: undefined } }
    ),
    [{ change: 'upsert', kind: 'place', id: '52001' }]
  )
  t.match(await translated({ id: 5 }, { event: undefined }), [
    { change: 'stays', stays: [{ places: undefined }] }
  ])
})

t.test('names with dots and an envelope, which no document has, are understood', async t => {
  t.strictSame(await translated(booking, { event: 'Booking.Updated' }), await translated(booking))
  t.strictSame(
    await translated({ event: 'booking.updated', data: booking }, { event: undefined }),
    await translated(booking)
  )
})

t.test('an event nobody knows is kept as unknown', async t => {
  t.match(await translated(booking, { event: 'booking_teleported' }), { drift: 'unknown_event' })
})

t.test('statuses that are not confirmed give no access; unknown ones change nothing', async t => {
  for (const status of ['pending', 'Tentative', 'request', 'requested', 'on_hold', 'unconfirmed']) {
    t.strictSame(await bookingOf({ status }), { ...empty, emptyBecause: status.toLowerCase() })
    t.strictSame(await bookingOf({ status }, pushing), await bookingOf())
  }
  for (const status of ['inquiry', 'enquiry', 'blocked']) {
    t.strictSame(await bookingOf({ status }, pushing), { ...empty, emptyBecause: status })
  }
  for (const status of ['cancelled', 'canceled', 'declined', 'rejected', 'expired', 'void', 'no_show']) {
    t.strictSame(await bookingOf({ status }), { ...empty, emptyBecause: status, cancelled: true })
  }
  t.strictSame(await translated({ ...booking, status: 'teleported' }), {
    ignored: 'status "teleported" is not known',
    drift: 'unknown_status'
  })
  for (const status of [undefined, null, ' ']) {
    t.strictSame(await bookingOf({ status }), await bookingOf(), 'no status is none against it')
  }
})

t.test(
  'a status is the same word however it is written, and one that is no text is not confirmed',
  async t => {
    t.match(await bookingOf({ status: 'Canceled_by_guest' }), { cancelled: true, version: updatedAt })
    t.match(await bookingOf({ status: 'Cancelled by host' }), { emptyBecause: 'cancelled_by_host' })
    t.match(await bookingOf({ status: 'No-show' }), { emptyBecause: 'no_show' })
    for (const status of [1, false, {}]) {
      t.match(await translated({ ...booking, status }), { drift: 'unknown_status' })
    }
  }
)

t.test('the misspelt multi-unit is the place where it is set, however it is spelled', async t => {
  const unit = { mutli_unit_id: 8801, mutli_unit_name: 'Canal House 3' }
  const mended = { mutli_unit_id: undefined, multi_unit_id: '8801', multi_unit_name: 'Canal House 3' }
  for (const changed of [unit, mended]) {
    t.match(await translated({ ...booking, ...changed }), [
      { kind: 'place', id: '8801', fields: { name: 'Canal House 3' } },
      { stays: [{ places: ['8801'] }] }
    ])
  }
  t.match(await translated({ ...booking, mutli_unit_id: 8801 }), [
    { id: '8801', fields: { name: 'Canal House' } },
    {}
  ])
  t.strictSame((await stayOf({ property_id: null }))?.places, [])
  t.match(await translated({ ...booking, property_name: null }), [{ change: 'stays' }])
})

t.test('deliveries out of order or doubled are ordered by their timestamp', async t => {
  t.equal((await bookingOf({ timestamp: '2026-04-27T11:20:00Z' })).version, updatedAt + 86_400_000)
  t.strictSame(await bookingOf(), await bookingOf())
  for (const timestamp of [undefined, null, 'soon', 7]) {
    t.equal((await bookingOf({ timestamp })).version, receivedAt)
  }
})

t.test('the stay is named by the channel’s code, else by the guest', async t => {
  t.equal((await stayOf({ external_reservation_id: null }))?.name, 'Amelia Okafor')
  t.equal((await stayOf({ external_reservation_id: 88 }))?.name, '88')
  const preferred = await stayOf({ guest_name: '', guest_email: null, guest_phone: undefined })
  t.strictSame(preferred?.guest, { name: 'Amy', email: null, phone: undefined })
})

t.test('a guest whose data was deleted is still the guest of the stay', async t => {
  const [guest_name, preferred_guest_name, guest_email, guest_phone] = [null, '', null, ' ']
  const stay = await stayOf({ guest_name, preferred_guest_name, guest_email, guest_phone })
  t.strictSame(stay?.guest, {}, 'nothing is told of who it is')
})

t.test('hours that are missing are the place’s', async t => {
  t.match(await stayOf({ arrival_time: null, departure_time: '10:30:00' }), {
    start: { date: '2026-06-04' },
    end: { date: '2026-06-08', time: '10:30' }
  })
})

t.test('a property that is removed is', async t => {
  const told = await translated({ id: 52001, timestamp: removal.timestamp }, { event: 'property_removed' })
  t.strictSame(told, [{ change: 'remove', kind: 'place', id: '52001', version: removedAt }])
})

t.test('a booking without an id is refused by the name of the field', async t => {
  await t.rejects(translated({ ...booking, id: null }), {
    code: 'RELAY_EVENT_INVALID',
    message: /^booking_updated: \/id: /
  })
})
