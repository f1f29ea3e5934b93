import { createHash } from 'node:crypto'
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
  ids(booking) {
    const place = booking.rooms[0]?.place
    return { stays: place ? [{ id: `${numberOf(booking.id)}`, place: `${numberOf(place)}` }] : [] }
  }
}

/** Uplisting’s ids are numbers: a number stays, any other text becomes one, always the same. */
function numberOf(text: string): number {
  return /^[1-9]\d{0,14}$/.test(text)
    ? Number(text)
    : createHash('sha256').update(text).digest().readUIntBE(0, 5) + 1
}

function utc(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
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
    timestamp: utc(booking.updatedAt)
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
    ...delivery(event, { id: 52001, name: attributes.name, timestamp: utc(now) }),
    world: { 'properties/52001': event === 'property_removed' ? null : attributes }
  }
}

/** Only the address names the event. */
function delivery(event: string, body: object): SampleDelivery {
  return { event, query: { event }, body: JSON.stringify(body) }
}

function demoBooking({ now }: SampleContext): SampleBooking {
  const day = (days: number) => new Date(now + days * 86_400_000).toISOString().slice(0, 10)
  return {
    id: '2800001',
    status: 'confirmed',
    rooms: [{ id: 'r1', place: '52001' }],
    guest: { id: 'g1', name: 'Amelia Okafor', email: 'amelia@example.com', phone: '+447700900001' },
    arrival: day(7),
    departure: day(11),
    checkIn: '15:00',
    checkOut: '11:00',
    timeZone: 'Europe/London',
    code: null,
    updatedAt: now
  }
}
