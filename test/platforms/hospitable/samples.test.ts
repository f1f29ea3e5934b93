import t from 'tap'
import { hospitable } from '../../../src/platforms/hospitable/hospitable.ts'
import type { SampleBooking } from '../../../src/platforms/samples.ts'
import { connection, receivedAt, translated } from './reservations.ts'

t.test('samples tell what has changed, as Hospitable would', async t => {
  const booking: SampleBooking = {
    id: 'b1',
    status: 'confirmed',
    rooms: [{ id: 'r1', place: 'p1' }],
    guest: { id: 'g1', name: 'Noor', email: null, phone: null },
    arrival: '2026-06-01',
    departure: '2026-06-05',
    checkIn: '15:00',
    checkOut: '11:00',
    timeZone: 'Europe/Berlin',
    code: null,
    updatedAt: receivedAt
  }
  const told = (before: SampleBooking | undefined, after: SampleBooking) => {
    const [sample] = hospitable.samples.tell(before, after, { connection, now: receivedAt, serial: 1 })
    return JSON.parse(sample?.body ?? '{}')
  }
  t.match(told(undefined, booking), {
    action: 'reservation.created',
    created: '2026-02-20T09:15:01.000Z',
    data: { check_in: '2026-06-01T15:00:00+02:00', guest: { email: null, phone_numbers: [] } }
  })
  t.strictSame(told(booking, booking).triggers, ['guests_changed'])
  const elsewhere = { ...booking, rooms: [{ id: 'r1', place: 'p2' }], checkIn: '16:00', checkOut: '10:00' }
  t.strictSame(told(booking, elsewhere).triggers, ['checkin_changed', 'checkout_changed', 'listing_changed'])
  t.strictSame(told(booking, { ...booking, departure: '2026-06-06' }).triggers, ['dates_changed'])
  const roomless = { ...booking, rooms: [{ id: 'r1', place: null }] }
  t.strictSame(told(booking, roomless).data.properties, [])
  t.strictSame(hospitable.samples.ids(roomless), { stays: [] })
  const tentative = await translated(told(undefined, { ...booking, status: 'tentative' }))
  t.match(tentative, [{ stays: [], emptyBecause: 'request' }])
})
