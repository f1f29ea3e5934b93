import t from 'tap'
import { samples } from '../../../src/platforms/ownerrez/samples.ts'
import type { SampleBooking, SampleDelivery } from '../../../src/platforms/samples.ts'
import { sampleBooking } from '../sample-bookings.ts'
import { reading, unread } from './bodies.ts'

const context = { connection: reading, now: 0, serial: 1 }

const booking = sampleBooking({
  guest: { id: 'g1', name: 'Petra Novak', email: 'petra@example.com', phone: '+13035550101' },
  code: '5512'
})

const eventsOf = (told: SampleDelivery[]) => told.map(({ event }) => event)

t.test('a booking begins as a hold, a request does not', async t => {
  t.strictSame(eventsOf(samples.tell(undefined, booking, context)), [
    'booking.entity_create',
    'booking.entity_update'
  ])
  const request = { ...booking, status: 'tentative' as const }
  t.strictSame(eventsOf(samples.tell(undefined, request, context)), ['booking.entity_create'])
})

t.test('what changes of a guest is told of the guest and of the booking', async t => {
  const renamed = { ...booking, guest: { ...booking.guest, name: 'Petra Maria Novak' } }
  t.strictSame(eventsOf(samples.tell(booking, renamed, context)), [
    'guest.entity_update',
    'booking.entity_update'
  ])
  t.strictSame(eventsOf(samples.tell(booking, booking, context)), ['booking.entity_update'])
})

t.test('a booking without property, code and contact details is told as such', async t => {
  const bare: SampleBooking = {
    ...booking,
    rooms: [{ id: 'r1', place: null }],
    guest: { ...booking.guest, email: null, phone: null },
    code: null
  }
  const [sample] = samples.tell(booking, booking, { ...context, connection: unread })
  t.match(JSON.parse(sample?.body ?? ''), { user_id: 340000001, entity: { property: { name: 'Cabin p1' } } })
  const [guestTold, told] = samples.tell(booking, bare, context)
  t.match(JSON.parse(guestTold?.body ?? ''), { entity: { email_addresses: [], phones: [] } })
  t.match(JSON.parse(told?.body ?? ''), { entity: { property_id: null, property: null } })
  t.match(Object.values(told?.world ?? {}), [{ door_codes: [] }, {}])
  t.strictSame(samples.ids(bare), { stays: [] })
})
