import { comingStay, namesOf, spanOf, uuidOf, withOffset } from '../sample-values.ts'
import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'
import { calendarEvents, leadEvents, propertyEvents } from './events.ts'
import { ignoredEvents } from './ignored.ts'

/** Hostfully's ids are UUIDs: one stays, any other text becomes one, always the same. */
function uidOf(text: string): string {
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(text) ? text : uuidOf(text)
}

const agency = '942d0000-0000-4000-8000-00000000a001'

function webhook(event: string, { connection }: SampleContext, ids: Record<string, unknown>): SampleDelivery {
  const agency_uid = connection.secrets.agency_uid?.[0] ?? agency
  return { event, body: JSON.stringify({ agency_uid, event_type: event, ...ids }) }
}

const statuses = { confirmed: 'BOOKED', tentative: 'PENDING', cancelled: 'CANCELLED' }

function leadOf(booking: SampleBooking, agencyUid: string) {
  const { arrival, departure, checkIn, checkOut, timeZone, guest } = booking
  const { start, end } = spanOf(booking)
  const { first, last } = namesOf(guest)
  const place = booking.rooms[0]?.place
  return {
    uid: uidOf(booking.id),
    propertyUid: place ? uidOf(place) : null,
    agencyUid,
    type: 'BOOKING',
    status: statuses[booking.status],
    externalBookingId: null,
    checkInLocalDateTime: `${arrival}T${checkIn}:00`,
    checkOutLocalDateTime: `${departure}T${checkOut}:00`,
    checkInZonedDateTime: withOffset(start, timeZone),
    checkOutZonedDateTime: withOffset(end, timeZone),
    notes: null,
    metadata: {
      createdUtcDateTime: '2025-12-01T18:00:00',
      updatedUtcDateTime: new Date(booking.updatedAt).toISOString().slice(0, 19)
    },
    guestInformation: {
      firstName: first,
      lastName: last,
      email: guest.email,
      phoneNumber: guest.phone,
      adultCount: 2,
      childrenCount: 0
    }
  }
}

function propertyOf(place: string) {
  return {
    uid: uidOf(place),
    name: `Chalet ${place}`,
    isActive: true,
    address: {
      address: '4 Pine Road',
      address2: null,
      city: 'Vail',
      state: 'CO',
      zipCode: '81657',
      countryCode: 'US'
    },
    availability: { checkInTimeStart: 16, checkOutTime: 10 }
  }
}

function worldOf(booking: SampleBooking, agencyUid: string): Record<string, unknown> {
  const place = booking.rooms[0]?.place
  return {
    [`leads/${uidOf(booking.id)}`]: leadOf(booking, agencyUid),
    ...(place && { [`properties/${uidOf(place)}`]: propertyOf(place) })
  }
}

/** @param at the booking in whose property it happened, as far as the webhook knows */
function told(event: string, booking: SampleBooking, context: SampleContext, at = booking): SampleDelivery {
  const place = at.rooms[0]?.place
  const ids = { property_uid: place ? uidOf(place) : null, lead_uid: uidOf(booking.id) }
  const agencyUid = context.connection.secrets.agency_uid?.[0] ?? agency
  return { ...webhook(event, context, ids), world: worldOf(booking, agencyUid) }
}

function example({ now }: SampleContext, status: SampleBooking['status'] = 'confirmed'): SampleBooking {
  return {
    ...comingStay(now, 9, 13),
    id: 'c0ffee00-0000-4000-8000-00000000c001',
    status,
    rooms: [{ id: '1', place: '7b110000-0000-4000-8000-00000000b001' }],
    guest: { id: '1', name: 'Yuki Sato', email: 'yuki@example.com', phone: '+13035550102' },
    checkIn: '16:00',
    checkOut: '10:00',
    timeZone: 'America/Denver'
  }
}

const exampleStatus: Record<string, SampleBooking['status']> = {
  NEW_INQUIRY: 'tentative',
  NEW_HOLD: 'tentative',
  NEW_BOOKING_REQUEST: 'tentative',
  BOOKING_CANCELLED: 'cancelled',
  LEAD_SOFT_DELETED: 'cancelled',
  HOLD_CANCELLED: 'cancelled'
}

function aboutProperty(event: string, context: SampleContext): SampleDelivery {
  const [room] = example(context).rooms
  const property = propertyOf(`${room?.place}`)
  const key = `properties/${property.uid}`
  return {
    ...webhook(event, context, { property_uid: property.uid }),
    world: { [key]: event === 'DELETED_PROPERTY' ? null : property }
  }
}

function samplesOf(
  names: readonly string[],
  make: (event: string, context: SampleContext) => SampleDelivery
): Samples['events'] {
  return Object.fromEntries(names.map(name => [name, (context: SampleContext) => make(name, context)]))
}

export const samples: Samples = {
  events: {
    // The first is what somebody tries first.
    ...samplesOf(['NEW_BOOKING', ...leadEvents, ...calendarEvents], (event, context) =>
      told(event, example(context, exampleStatus[event]), context)
    ),
    ...samplesOf(propertyEvents, aboutProperty),
    ...samplesOf(Object.keys(ignoredEvents), (event, context) =>
      webhook(event, context, { property_uid: example(context).rooms[0]?.place })
    )
  },
  /** Dates are blocked first, as some channels do, and a change comes as a burst. */
  tell(before, after, context) {
    if (after.status === 'cancelled') return [told('BOOKING_CANCELLED', after, context)]
    if (before !== undefined) {
      return [told('BOOKING_UPDATED', after, context, before), told('BOOKING_UPDATED', after, context)]
    }
    const property_uid = after.rooms[0]?.place && uidOf(after.rooms[0].place)
    return [
      webhook('NEW_BLOCKED_DATES', context, { property_uid }),
      told(after.status === 'confirmed' ? 'NEW_BOOKING' : 'NEW_BOOKING_REQUEST', after, context)
    ]
  },
  ids(booking) {
    const place = booking.rooms[0]?.place
    return { stays: place ? [{ id: uidOf(booking.id), place: uidOf(place) }] : [] }
  }
}
