import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'
import type { StandardEventType } from './events.ts'

export const samples: Samples = {
  events: {
    'reservation.created': context => told('reservation.created', reservation, context),
    'reservation.updated': context =>
      told('reservation.updated', { ...reservation, ends_at: '2026-08-06T11:00:00+02:00' }, context),
    'reservation.cancelled': context => told('reservation.cancelled', { id: reservation.id }, context),
    'guest.created': context => told('guest.created', reservation.guest, context),
    'guest.updated': context => told('guest.updated', { id: 'G-77', phone: '+12125550102' }, context),
    'guest.deleted': context => told('guest.deleted', { id: 'G-77' }, context),
    'listing.created': context => told('listing.created', listing, context),
    'listing.updated': context => told('listing.updated', { id: 'L-5', check_in_time: '16:00' }, context),
    'listing.deleted': context => told('listing.deleted', { id: 'L-5' }, context),
    'test.ping': context => told('test.ping', {}, context)
  },
  tell(before, after, context) {
    const type =
      after.status === 'cancelled'
        ? 'reservation.cancelled'
        : before === undefined
          ? 'reservation.created'
          : 'reservation.updated'
    return [told(type, bookingData(after), { ...context, now: after.updatedAt })]
  },
  ids: booking => ({
    stays: booking.rooms.flatMap(({ id, place }) =>
      place === null ? [] : [{ id: `${booking.id}_${id}`, place }]
    )
  })
}

const reservation = {
  id: 'R-1001',
  status: 'confirmed',
  name: 'Haddad, August',
  guest: { id: 'G-77', name: 'Noor Haddad', email: 'noor@example.com', phone: '+12125550101' },
  starts_at: '2026-08-01T15:00:00+02:00',
  ends_at: '2026-08-05T11:00:00+02:00',
  listing_id: 'L-5',
  preferred_code: '4711',
  metadata: { channel: 'phone', long_stay: false }
}

const listing = {
  id: 'L-5',
  name: 'Beach house',
  time_zone: 'Europe/Lisbon',
  check_in_time: '15:00',
  check_out_time: '11:00',
  address: '1 Example Street, Lisbon',
  latitude: 38.7,
  longitude: -9.1
}

function bookingData(booking: SampleBooking) {
  return {
    id: booking.id,
    status: booking.status,
    guest: booking.guest,
    arrival_date: booking.arrival,
    departure_date: booking.departure,
    check_in_time: booking.checkIn,
    check_out_time: booking.checkOut,
    time_zone: booking.timeZone,
    preferred_code: booking.code,
    units: booking.rooms.map(({ id, place }) => ({ id, listing_id: place }))
  }
}

function told(type: StandardEventType, data: unknown, context: SampleContext): SampleDelivery {
  const timestamp = new Date(context.now).toISOString()
  return { event: type, body: JSON.stringify({ type, id: `evt_${context.serial}`, timestamp, data }) }
}
