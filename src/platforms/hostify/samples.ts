import { comingStay, numberedStay, numberOf, spacedSeconds } from '../sample-values.ts'
import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'
import { confirmation, notification } from '../sns-samples.ts'

const statuses = { confirmed: 'accepted', tentative: 'pending', cancelled: 'cancelled_by_guest' }

/** The channel's copy of a listing, which reservations name beside the unit itself. */
function copyOf(listingId: number): number {
  return listingId + 1
}

function listingOf(place: string, timezone: string) {
  return {
    id: numberOf(place),
    name: `${place} – harbour view`,
    nickname: place,
    street: '12 Quay Road',
    city: 'Gothenburg',
    state: '',
    zipcode: '411 21',
    country: 'Sweden',
    lat: 57.7072,
    lng: 11.9668,
    timezone,
    timezone_offset: '+01:00',
    checkin_start: '15:00',
    checkin_end: '22:00',
    checkout: '11:00',
    is_listed: 1,
    parent_id: null,
    master_calendar: 1
  }
}

/** The custom field that the connection looks into. */
function fieldsOf({ code }: SampleBooking, { connection }: SampleContext) {
  return [{ id: 611, name: connection.preferredCodeField ?? 'door_code', value: code }]
}

/** What the API knows of a booking and its listing. */
function worldOf(booking: SampleBooking, context: SampleContext): Record<string, unknown> {
  const id = numberOf(booking.id)
  const place = booking.rooms[0]?.place
  const listing = place ? listingOf(place, booking.timeZone) : null
  const { name, email, phone } = booking.guest
  const guest = { id: numberOf(booking.guest.id), name, email, phone }
  const reservation = {
    id,
    confirmation_code: `HM${id}`,
    listing_id: listing && copyOf(listing.id),
    parent_listing_id: listing?.id,
    guest_id: guest.id,
    status: statuses[booking.status],
    status_code: booking.status === 'cancelled' ? 8 : 1,
    source: 'Airbnb',
    checkIn: booking.arrival,
    checkOut: booking.departure,
    planned_arrival: booking.checkIn,
    planned_departure: booking.checkOut,
    guests: 2,
    updated_at: spacedSeconds(booking.updatedAt),
    lock_pin: '999999',
    lock_link: null
  }
  const custom_fields = fieldsOf(booking, context)
  return {
    [`reservations/${id}`]: { reservation, guest, listing, custom_fields },
    ...(listing && { [`listings/${listing.id}`]: listing })
  }
}

/** Amazon sends at once, and the relay takes nothing that was sent too long ago. */
const LONGEST_WAY_MS = 3_600_000

/** @param at when it became so, ms since 1970 */
function told(action: string, content: object, context: SampleContext, at = context.now): SampleDelivery {
  const auth = context.connection.secrets.auth?.slice(0, 1)
  const message = JSON.stringify({ ...content, auth, action })
  const sentAt = Math.min(Math.max(at, context.now - LONGEST_WAY_MS), context.now)
  return { event: action, body: notification(message, context, sentAt) }
}

function created(booking: SampleBooking, context: SampleContext): SampleDelivery {
  const data = {
    reservation: {
      status: statuses[booking.status],
      checkIn: booking.arrival,
      checkOut: booking.departure,
      planned_arrival: `${booking.checkIn}:00`,
      planned_departure: `${booking.checkOut}:00`,
      custom_fields: fieldsOf(booking, context)
    },
    listing: { nickname: booking.rooms[0]?.place },
    guest: { name: booking.guest.name },
    transactions: []
  }
  const content = { data, reservation_id: numberOf(booking.id) }
  return { ...told('new_reservation', content, context, booking.updatedAt), world: worldOf(booking, context) }
}

/** Tells the status only where that is what changed. */
function updated(booking: SampleBooking, context: SampleContext, before?: SampleBooking): SampleDelivery {
  const content = {
    checkIn: booking.arrival,
    checkOut: booking.departure,
    planned_arrival: booking.checkIn,
    planned_departure: booking.checkOut,
    ...(booking.status === 'cancelled' && before?.status !== 'cancelled' && { status_code: '8' }),
    reservation_id: String(numberOf(booking.id))
  }
  return {
    ...told('update_reservation', content, context, booking.updatedAt),
    world: worldOf(booking, context)
  }
}

function moved(booking: SampleBooking, context: SampleContext): SampleDelivery {
  const content = {
    data: { listing: { nickname: booking.rooms[0]?.place } },
    reservation_id: String(numberOf(booking.id))
  }
  return {
    ...told('move_reservation', content, context, booking.updatedAt),
    world: worldOf(booking, context)
  }
}

function aboutListing(action: string, context: SampleContext): SampleDelivery {
  const { rooms, timeZone } = example(context)
  const listing = listingOf(`${rooms[0]?.place}`, timeZone)
  const { id, nickname } = listing
  return {
    ...told(action, { data: { listing: { id, nickname } }, listing_id: id }, context),
    world: { [`listings/${id}`]: listing }
  }
}

function example({ now }: SampleContext, status: SampleBooking['status'] = 'confirmed'): SampleBooking {
  return {
    ...comingStay(now, 9, 12),
    id: '40118823',
    status,
    rooms: [{ id: '1', place: 'Quay Loft' }],
    guest: {
      id: '5511002',
      name: 'Zoë Lindqvist',
      email: 'zoe.lindqvist@example.com',
      phone: '+46855501470'
    },
    checkIn: '16:00',
    timeZone: 'Europe/Stockholm',
    code: '481920'
  }
}

export const samples: Samples = {
  events: {
    new_reservation: context => created(example(context), context),
    update_reservation: context => updated(example(context, 'cancelled'), context),
    move_reservation: context =>
      moved({ ...example(context), rooms: [{ id: '1', place: 'Quay Studio' }] }, context),
    create_listing: context => aboutListing('create_listing', context),
    update_listing: context => aboutListing('update_listing', context),
    create_update_listing: context => aboutListing('create_update_listing', context),
    message_new: context => told('message_new', { message_id: 8_800_000 + context.serial }, context),
    listing_photo_processed: context => told('listing_photo_processed', { listing_id: 300451 }, context),
    SubscriptionConfirmation: context => ({
      event: 'SubscriptionConfirmation',
      body: confirmation('SubscriptionConfirmation', context)
    }),
    UnsubscribeConfirmation: context => ({
      event: 'UnsubscribeConfirmation',
      body: confirmation('UnsubscribeConfirmation', context)
    })
  },
  tell(before, after, context) {
    if (before === undefined) return [created(after, context)]
    const hasMoved = before.rooms[0]?.place !== after.rooms[0]?.place && after.status !== 'cancelled'
    return [hasMoved ? moved(after, context) : updated(after, context, before)]
  },
  ids: numberedStay
}
