import { comingStay, numberedStay, numberOf, wholeSeconds } from '../sample-values.ts'
import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'

const statuses = { confirmed: 'confirmed', tentative: 'pending', cancelled: 'cancelled' }

export const samples: Samples = {
  events: {
    booking_created: context => told('booking_created', demoBooking(context)),
    booking_updated: context => told('booking_updated', demoBooking(context)),
    booking_removed: context => removed(demoBooking(context)),
    property_created: context => property('property_created', context),
    property_updated: context => property('property_updated', context),
    property_removed: context => property('property_removed', context)
  },
  tell(before, after) {
    if (after.status === 'cancelled') return [removed(after)]
    return [told(before === undefined ? 'booking_created' : 'booking_updated', after)]
  },
  ids: numberedStay
}

/** What a removal tells too. */
function bookingOf(booking: SampleBooking) {
  const place = booking.rooms[0]?.place
  return {
    id: numberOf(booking.id),
    arrival_time: `${booking.checkIn}:00`,
    departure_time: `${booking.checkOut}:00`,
    booked_at: '2026-04-26T11:19:59Z',
    channel: 'uplisting',
    check_in: booking.arrival,
    check_out: booking.departure,
    currency: 'GBP',
    direct: true,
    number_of_guests: 3,
    property_id: place ? numberOf(place) : null,
    property_name: place ? `Canal ${place}` : null,
    timestamp: wholeSeconds(booking.updatedAt)
  }
}

function told(event: string, booking: SampleBooking): SampleDelivery {
  const { guest } = booking
  return delivery(event, {
    ...bookingOf(booking),
    external_reservation_id: null,
    guest_email: guest.email,
    guest_name: guest.name,
    guest_phone: guest.phone,
    preferred_guest_name: guest.name.split(' ')[0],
    manually_moved: false,
    mutli_unit_id: null,
    mutli_unit_name: null,
    note: null,
    source: null,
    status: statuses[booking.status],
    total_payout: 388
  })
}

function removed(booking: SampleBooking): SampleDelivery {
  return delivery('booking_removed', { ...bookingOf(booking), reason: 'destroyed' })
}

function property(event: string, { now }: SampleContext): SampleDelivery {
  const attributes = { name: 'Canal House', check_in_time: '15:00', check_out_time: '11:00' }
  return {
    ...delivery(event, { id: 52001, name: attributes.name, timestamp: wholeSeconds(now) }),
    world: { 'properties/52001': event === 'property_removed' ? null : attributes }
  }
}

/** Only the address names the event. */
function delivery(event: string, body: object): SampleDelivery {
  return { event, query: { event }, body: JSON.stringify(body) }
}

function demoBooking({ now }: SampleContext): SampleBooking {
  return {
    ...comingStay(now, 7, 11),
    id: '2800001',
    rooms: [{ id: 'r1', place: '52001' }],
    guest: { id: 'g1', name: 'Amelia Okafor', email: 'amelia@example.com', phone: '+447700900001' },
    timeZone: 'Europe/London'
  }
}
