import t from 'tap'
import { mews } from '../../../src/platforms/mews/mews.ts'
import type { SampleBooking, SampleDelivery } from '../../../src/platforms/samples.ts'
import { outcomesOf } from '../contract.ts'
import { sampleBooking } from '../sample-bookings.ts'
import { changeIn, connection, withApi } from './world.ts'

const booking = sampleBooking({
  rooms: [
    { id: 'r1', place: 'p1' },
    { id: 'r2', place: 'p2' }
  ],
  guest: { id: 'g1', name: 'Noor van Haddad', email: 'noor@example.com', phone: '+12125550101' }
})
const later = { ...booking, updatedAt: booking.updatedAt + 1000 }

function told(before: SampleBooking | undefined, after: SampleBooking, using = connection): SampleDelivery {
  const [delivery, ...more] = mews.samples.tell(before, after, { connection: using, now: 0, serial: 1 })
  if (delivery === undefined || more.length > 0) throw new Error('Mews tells all at once')
  return delivery
}

function discriminators(delivery: SampleDelivery): string[] {
  const body = JSON.parse(delivery.body) as { Events: { Discriminator: string }[] }
  return body.Events.map(entry => entry.Discriminator)
}

/** Each reservation’s stays after these deliveries, by booking id. */
async function after(deliveries: SampleDelivery[], using = connection) {
  const world = new Map<string, unknown>()
  const bookings = new Map<string, unknown>()
  for (const delivery of deliveries) {
    for (const { translation } of await outcomesOf(mews, using, delivery, { world })) {
      const change = changeIn(translation, 'stays')
      if (change !== undefined) bookings.set(change.bookingId, change)
    }
  }
  return [...bookings.values()]
}

t.test('a new booking is told in one message, with its guest', async t => {
  const delivery = told(undefined, booking)
  t.strictSame(discriminators(delivery), [
    'ServiceOrderUpdated',
    'ServiceOrderUpdated',
    'CustomerAdded',
    'CustomerUpdated'
  ])
  t.match(JSON.parse(delivery.body), {
    EnterpriseId: connection.api?.enterprise_id,
    IntegrationId: connection.api?.integration_id
  })
})

t.test('a change of the booking tells its reservations, a change of the guest the guest too', async t => {
  const moved = told(booking, { ...later, departure: '2026-06-07' })
  t.strictSame(discriminators(moved), ['ServiceOrderUpdated', 'ServiceOrderUpdated'])
  const renamed = told(booking, { ...later, guest: { ...booking.guest, email: null } })
  t.strictSame(discriminators(renamed), ['ServiceOrderUpdated', 'ServiceOrderUpdated', 'CustomerUpdated'])
})

t.test('a booking of two rooms is two reservations in local time', async t => {
  const [first, second] = await after([told(undefined, booking)])
  const expected = {
    version: booking.updatedAt,
    stays: [
      {
        name: /^\d{5} Haddad$/,
        guest: { name: 'Noor van Haddad', email: 'noor@example.com' },
        start: { instant: '2026-06-01T13:00:00Z' },
        end: { instant: '2026-06-05T09:00:00Z' }
      }
    ]
  }
  t.match(first, expected)
  t.match(second, expected)
})

t.test('a room that was given back is a reservation that was cancelled', async t => {
  const smaller = { ...later, rooms: booking.rooms.slice(0, 1) }
  const [kept, gone] = await after([told(undefined, booking), told(booking, smaller)])
  t.match(kept, { stays: [{}] })
  t.match(gone, { stays: [], cancelled: true })
  t.equal(mews.samples.ids(smaller).stays.length, 1)
})

t.test('a room that is not assigned is told without one, and has no id that counts', async t => {
  const open = { ...booking, rooms: [{ id: 'r1', place: null }], guest: { ...booking.guest, name: 'Haddad' } }
  t.match(await after([told(undefined, open)]), [{ stays: [{ places: [], guest: { name: 'Haddad' } }] }])
  t.strictSame(mews.samples.ids(open).stays, [])
})

t.test('a tentative booking is held, a cancelled one is gone', async t => {
  const tentative: SampleBooking = { ...booking, status: 'tentative' }
  t.match(await after([told(undefined, tentative)]), [
    { emptyBecause: 'Optional' },
    { emptyBecause: 'Optional' }
  ])
  const cancelled: SampleBooking = { ...later, status: 'cancelled' }
  t.match(await after([told(undefined, cancelled)]), [{ cancelled: true }, { cancelled: true }])
  t.strictSame(mews.samples.ids(cancelled).stays, [])
})

t.test('a code is a PIN that the connection can ask for', async t => {
  const using = withApi({ pin_codes: 'true' })
  const coded = { ...booking, rooms: booking.rooms.slice(0, 1), code: '8246' }
  t.match(await after([told(undefined, coded, using)], using), [{ stays: [{ preferredCode: '8246' }] }])
  const without = { ...coded, code: null, updatedAt: later.updatedAt }
  t.match(await after([told(undefined, coded, using), told(coded, without, using)], using), [
    { stays: [{ preferredCode: null }] }
  ])
})

t.test('a connection that names no property tells a made-up one', async t => {
  const using = { ...connection, api: { client_token: 'c', access_token: 'a' } }
  t.match(await after([told(undefined, booking, using)], using), [{ stays: [{}] }, { stays: [{}] }])
  const integration = mews.samples.events.IntegrationCreated?.({ connection: using, now: 0, serial: 1 })
  t.match(JSON.parse(integration?.body ?? ''), {
    Data: { Enterprise: { Id: /-/ }, Integration: { Id: /-/ } }
  })
})
