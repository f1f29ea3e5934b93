import { comingStay, numberOf } from '../sample-values.ts'
import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'

const statuses = { confirmed: 'Booked', tentative: 'Tentative', cancelled: 'Declined' }

export const samples: Samples = {
  events: {
    booking_new_any_status: context => tellBooking('booking_new_any_status', demoBooking(context)),
    booking_new_status_booked: context => tellBooking('booking_new_status_booked', demoBooking(context)),
    booking_change: context => tellBooking('booking_change', demoBooking(context)),
    booking_status_change_booked: context =>
      tellBooking('booking_status_change_booked', demoBooking(context)),
    booking_status_change_tentative: context =>
      tellBooking('booking_status_change_tentative', demoBooking(context, 'tentative')),
    booking_status_change_open: context =>
      tellBooking('booking_status_change_open', demoBooking(context), 'Open'),
    booking_status_change_declined: context =>
      tellBooking('booking_status_change_declined', demoBooking(context, 'cancelled')),
    availability_change: () => delivery('availability_change', { property_id: 410010 }),
    rate_change: () => delivery('rate_change', { property_id: 410010 }),
    guest_message_received: ({ serial }) => delivery('guest_message_received', { message_id: serial })
  },
  tell(before, after) {
    return eventsOf(before, after).map(event => tellBooking(event, after))
  },
  ids(booking) {
    const { property, types } = houseOf(booking)
    const [first] = types
    const place = types.length > 1 ? first?.room_type_id : property
    return { stays: place ? [{ id: `${numberOf(booking.id)}`, place: `${place}` }] : [] }
  }
}

/** One change is told by all subscriptions that it concerns. */
function eventsOf(before: SampleBooking | undefined, after: SampleBooking): string[] {
  const status = statuses[after.status].toLowerCase()
  if (before === undefined) {
    return ['booking_new_any_status', ...(status === 'booked' ? ['booking_new_status_booked'] : [])]
  }
  return ['booking_change', ...(before.status === after.status ? [] : [`booking_status_change_${status}`])]
}

/** A room is a property of its own, until a booking has several: then they are room types of one house. */
function houseOf({ rooms }: SampleBooking) {
  const places = rooms.flatMap(({ place }) => place ?? [])
  const single = places.length === 1
  return {
    property: places[0] === undefined ? null : numberOf(single ? places[0] : `house of ${places[0]}`),
    name: `Casa ${places[0]}`,
    types: places.map(place => ({
      room_type_id: numberOf(single ? `room type of ${place}` : place),
      name: `Casa ${place}`
    }))
  }
}

function tellBooking(
  action: string,
  booking: SampleBooking,
  status = statuses[booking.status]
): SampleDelivery {
  const id = numberOf(booking.id)
  const { guest } = booking
  const { property, name, types } = houseOf(booking)
  const sourceText = null
  return {
    ...delivery(action, {
      booking: {
        type: 'Booking',
        id,
        date_arrival: `${booking.arrival}T00:00:00`,
        date_departure: `${booking.departure}T00:00:00`,
        date_created: '2026-04-17T19:48:14+00:00',
        property_id: property,
        property_name: name,
        property_image_url: null,
        status,
        room_types: types.map((type, index) => ({ id: id + index, ...type, people: 2 })),
        add_ons: [],
        currency_code: 'EUR',
        source: 'Manual',
        source_text: sourceText,
        notes: null,
        language: 'en'
      },
      guest: { uid: `uid-${guest.id}`, name: guest.name, email: guest.email, phone_number: guest.phone },
      current_order: { id: 88001, property_id: property, currency_code: 'EUR', status: 'Agreed' },
      subowner: null,
      booking_total_amount: '900',
      balance_due: '900'
    }),
    world: {
      [`bookings/${id}`]: {
        id,
        type: 'Booking',
        arrival: booking.arrival,
        departure: booking.departure,
        property_id: property,
        status,
        rooms: types.map(type => ({ room_type_id: type.room_type_id, people: 2, key_code: booking.code })),
        guest: { name: guest.name, email: guest.email, phone: guest.phone },
        source: 'Manual',
        source_text: sourceText,
        created_at: '2026-04-17T19:48:14+00:00',
        updated_at: new Date(booking.updatedAt).toISOString(),
        canceled_at: null,
        is_deleted: false
      },
      [`properties/${property}`]: {
        id: property,
        name,
        address: '3 Rua do Sol',
        latitude: 38.71,
        longitude: -9.13,
        rooms: types.map(type => ({ id: type.room_type_id, name: type.name }))
      }
    }
  }
}

function delivery(action: string, rest: object): SampleDelivery {
  return { event: action, query: { event: action }, body: JSON.stringify({ action, ...rest }) }
}

function demoBooking({ now }: SampleContext, status: SampleBooking['status'] = 'confirmed'): SampleBooking {
  return {
    ...comingStay(now, 8, 11),
    id: '9100001',
    status,
    rooms: [{ id: 'r1', place: '410010' }],
    guest: { id: 'AJdemo1', name: 'Oskar Nilsen', email: 'oskar@example.com', phone: '4790000001' },
    timeZone: 'Europe/Lisbon',
    code: '4827'
  }
}
