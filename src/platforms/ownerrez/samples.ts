import { comingStay, namesOf, numberedStay, numberOf, wholeSeconds } from '../sample-values.ts'
import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'

const statuses = { confirmed: 'active', tentative: 'pending', cancelled: 'canceled' }

export const samples: Samples = {
  events: {
    'booking.entity_update': context => told('entity_update', demoBooking(context), context),
    // A booking begins as a hold.
    'booking.entity_create': context => held(demoBooking(context), context),
    'booking.entity_delete': context => deleted('booking', demoBooking(context).id, context),
    'guest.entity_create': context => guestTold('entity_create', demoBooking(context), context),
    'guest.entity_update': context => guestTold('entity_update', demoBooking(context), context),
    'guest.entity_delete': context => deleted('guest', demoBooking(context).guest.id, context),
    'property.entity_create': context => propertyTold('entity_create', context),
    'property.entity_update': context => propertyTold('entity_update', context),
    'property.entity_delete': context => deleted('property', '470001', context),
    webhook_test: context => delivery('webhook_test', undefined, {}, context),
    application_authorization_revoked: context =>
      delivery('application_authorization_revoked', 'api_application', { entity_id: 9001 }, context)
  },
  tell(before, after, context) {
    if (before === undefined) {
      return after.status === 'confirmed'
        ? [held(after, context), told('entity_update', after, context)]
        : [told('entity_create', after, context)]
    }
    const guestChanged = JSON.stringify(before.guest) !== JSON.stringify(after.guest)
    return [
      ...(guestChanged ? [guestTold('entity_update', after, context)] : []),
      told('entity_update', after, context)
    ]
  },
  ids: numberedStay
}

function bookingOf(booking: SampleBooking) {
  const { first, last } = namesOf(booking.guest)
  const guestId = numberOf(booking.guest.id)
  const place = booking.rooms[0]?.place
  return {
    id: numberOf(booking.id),
    type: 'booking',
    status: statuses[booking.status],
    is_block: false,
    arrival: booking.arrival,
    departure: booking.departure,
    check_in: booking.checkIn,
    check_out: booking.checkOut,
    adults: 2,
    children: 0,
    guest_id: guestId,
    guest: { id: guestId, first_name: first, last_name: last },
    property_id: place ? numberOf(place) : null,
    property: place ? { id: numberOf(place), name: `Cabin ${place}` } : null,
    listing_site: null,
    platform_reservation_number: null,
    currency_code: 'USD',
    total_amount: 830,
    updated_utc: wholeSeconds(booking.updatedAt),
    ...(booking.status === 'cancelled' && { canceled_utc: wholeSeconds(booking.updatedAt) })
  }
}

function guestOf({ guest }: SampleBooking) {
  const { first, last } = namesOf(guest)
  return {
    id: numberOf(guest.id),
    first_name: first,
    last_name: last,
    email_addresses: guest.email === null ? [] : [{ id: 1, address: guest.email, is_default: true }],
    phones: guest.phone === null ? [] : [{ id: 2, number: guest.phone, is_default: true }]
  }
}

/** What the API knows as soon as the booking is this one. */
function worldOf(booking: SampleBooking): Record<string, unknown> {
  const entity = bookingOf(booking)
  const guest = guestOf(booking)
  const codes = booking.code === null ? [] : [{ code: booking.code, lock_name: 'Front door' }]
  return {
    [`bookings/${entity.id}`]: { ...entity, door_codes: codes },
    [`guests/${guest.id}`]: guest,
    ...(entity.property && { [`properties/${entity.property_id}`]: entity.property })
  }
}

function told(action: string, booking: SampleBooking, context: SampleContext): SampleDelivery {
  const entity = bookingOf(booking)
  const more = { entity_id: entity.id, categories: ['availability'], entity }
  return { ...delivery(action, 'booking', more, context), world: worldOf(booking) }
}

/** The hold that comes first and becomes the booking within the second, under the same id and with another hour of arrival. */
function held(booking: SampleBooking, context: SampleContext): SampleDelivery {
  const { guest, guest_id, updated_utc, ...entity } = bookingOf(booking)
  const hold = {
    ...entity,
    type: 'block',
    status: 'pending',
    is_block: true,
    title: 'Hold',
    check_in: '16:00',
    created_utc: wholeSeconds(booking.updatedAt)
  }
  const more = { entity_id: entity.id, entity: hold }
  return { ...delivery('entity_create', 'booking', more, context, 'hold'), world: worldOf(booking) }
}

function guestTold(action: string, booking: SampleBooking, context: SampleContext): SampleDelivery {
  const entity = guestOf(booking)
  const more = { entity_id: entity.id, entity }
  return { ...delivery(action, 'guest', more, context, 'guest'), world: worldOf(booking) }
}

function propertyTold(action: string, context: SampleContext): SampleDelivery {
  const entity = {
    id: 470001,
    name: 'Cabin 7',
    address: { street1: '7 Pine Road', city: 'Estes Park', state: 'CO', postal_code: '80517', country: 'US' },
    latitude: 40.3772,
    longitude: -105.5217,
    check_in: '15:00',
    check_out: '11:00'
  }
  const more = { entity_id: entity.id, entity }
  return { ...delivery(action, 'property', more, context), world: { 'properties/470001': entity } }
}

function deleted(kind: string, id: string, context: SampleContext): SampleDelivery {
  return delivery('entity_delete', kind, { entity_id: numberOf(id) }, context)
}

function delivery(
  action: string,
  kind: string | undefined,
  more: object,
  { connection, serial }: SampleContext,
  part = ''
): SampleDelivery {
  const body = {
    id: `5c0b1c11-0000-4000-8000-${String(serial).padStart(12, '0')}${part}`,
    // The test from the settings page names no account.
    ...(kind !== undefined && {
      user_id: Number(connection.api?.user_id ?? 340000001),
      entity_type: kind
    }),
    action,
    ...more
  }
  return {
    event: kind === undefined || kind === 'api_application' ? action : `${kind}.${action}`,
    body: JSON.stringify(body)
  }
}

function demoBooking({ now }: SampleContext): SampleBooking {
  return {
    ...comingStay(now, 5, 9),
    id: '17000001',
    rooms: [{ id: 'r1', place: '470001' }],
    guest: { id: '620000001', name: 'Petra Novak', email: 'petra@example.com', phone: '+1 303 555 0101' },
    timeZone: 'America/Denver',
    code: '5512'
  }
}
