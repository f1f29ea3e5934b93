import { type Static, type TProperties, type TSchema, Type } from '@sinclair/typebox'
import { Clock, Id, Instant, LocalDate, LocalTime, Maybe, Metadata, Text, TimeZone } from './values.ts'

/**
 * The relay's own events. A reservation is always told whole; guests and listings are told in parts.
 * Everything a schema cannot say is in `rules.ts`; for people there is docs/standard-events.md.
 */
export type Reservation = Static<typeof Reservation>
export type Unit = Static<typeof Unit>
/** What a reservation says for all of its units, and a unit for itself. */
export type StayMembers = Omit<Unit, 'id'>
export type Guest = Static<typeof Guest>
export type Listing = Static<typeof Listing>
export type StandardEvent = Static<typeof standardEventSchema>
export type StandardEventType = StandardEvent['type']

/** What a status asks for. A status that is not listed is kept and does nothing. */
export const standings = new Map<
  string,
  'pushed' | 'tentative' | 'inquiry' | 'owner stay' | 'block' | 'cancelled'
>([
  ['confirmed', 'pushed'],
  ['tentative', 'tentative'],
  ['inquiry', 'inquiry'],
  ['owner_stay', 'owner stay'],
  ['blocked', 'block'],
  ['cancelled', 'cancelled'],
  ['canceled', 'cancelled'],
  ['declined', 'cancelled'],
  ['expired', 'cancelled']
])

export const Status = Type.String({
  pattern: '^[a-z][a-z_]{0,39}$',
  description: `a status in lower case: ${[...standings.keys()].join(', ')}`
})

const guestFields = {
  name: Maybe(Text, 'The whole name; goes before first_name and last_name.'),
  first_name: Maybe(Text, 'Together with last_name where there is no name.'),
  last_name: Maybe(Text, 'Together with first_name where there is no name.'),
  email: Maybe(Text, 'Null takes away the one that is known.'),
  phone: Maybe(Text, 'Best with + and country code. Null takes away the one that is known.'),
  updated_at: Maybe(Clock, 'When the guest’s data changed, where that is not the time of the event.')
}

const Guest = closed('an object with the guest’s id', {
  id: Id,
  ...guestFields
})

const StayGuest = closed('an object with what is known of the guest', {
  id: Maybe(
    Id,
    'Your id of the guest, the same in every reservation. Without one, guests are distinguished by e-mail.'
  ),
  ...guestFields
})

const Listing = closed('an object with the listing’s id', {
  id: Id,
  name: Maybe(Text, 'As Seam is to show it.'),
  time_zone: Maybe(TimeZone, 'IANA name; needed where reservations give dates.'),
  check_in_time: Maybe(
    LocalTime,
    'Local time from which guests may enter, where a reservation does not say.'
  ),
  check_out_time: Maybe(
    LocalTime,
    'Local time until which guests may stay, where a reservation does not say.'
  ),
  address: Maybe(Text, 'In one line.'),
  latitude: Maybe(
    Type.Number({ minimum: -90, maximum: 90, description: 'a number from -90 to 90' }),
    'Degrees; together with longitude.'
  ),
  longitude: Maybe(
    Type.Number({ minimum: -180, maximum: 180, description: 'a number from -180 to 180' }),
    'Degrees; together with latitude.'
  ),
  duration_minutes: Maybe(
    Type.Integer({ minimum: 1, description: 'a whole number of minutes above 0' }),
    'For listings that are booked in slots.'
  ),
  updated_at: Maybe(Clock, 'When the listing’s data changed, where that is not the time of the event.')
})

const stayMembers = {
  name: Maybe(Text, 'Shown in Seam.'),
  guest: Maybe(StayGuest, 'Who stays; null while nobody is named, which holds the reservation back.'),
  starts_at: Maybe(Instant, 'From when the code works. Either this or arrival_date.'),
  ends_at: Maybe(Instant, 'Until when the code works. Either this or departure_date.'),
  arrival_date: Maybe(LocalDate, 'Local date. Either this or starts_at.'),
  departure_date: Maybe(LocalDate, 'Local date. Either this or ends_at.'),
  check_in_time: Maybe(LocalTime, 'Local time on arrival_date, where it differs from the listing’s.'),
  check_out_time: Maybe(LocalTime, 'Local time on departure_date, where it differs from the listing’s.'),
  time_zone: Maybe(TimeZone, 'IANA name for the dates, where it differs from the listing’s.'),
  listing_id: Maybe(
    Id,
    'Your id of the listing; null while none is assigned, which holds the reservation back.'
  ),
  listing_ids: Maybe(
    Type.Array(Id, { maxItems: 500, description: 'a list of at most 500 ids' }),
    'Several listings that one code opens, instead of listing_id.'
  ),
  listing: Maybe(Listing, 'The listing with what is known of it, instead of listing_id.'),
  preferred_code: Maybe(Text, 'A wished door code of 4 to 9 digits, as a text.'),
  metadata: Maybe(Metadata, 'Your own facts, passed on to Seam.')
}

const Unit = closed('an object with the unit’s id', { id: Id, ...stayMembers })

const Reservation = closed('an object with the reservation’s id', {
  id: Id,
  status: Maybe(Status, 'Confirmed by default.'),
  updated_at: Maybe(Clock, 'When the reservation changed, where that is not the time of the event.'),
  ...stayMembers,
  units: Maybe(
    Type.Array(Unit, { minItems: 1, maxItems: 500, description: 'a list of 1 to 500 units' }),
    'For bookings of several units; each becomes a reservation at Seam.'
  )
})

const ReservationEvent = event(
  ['reservation.created', 'reservation.updated', 'reservation.cancelled'],
  Reservation
)
const GuestEvent = event(['guest.created', 'guest.updated', 'guest.deleted'], Guest)
const ListingEvent = event(['listing.created', 'listing.updated', 'listing.deleted'], Listing)
const PingEvent = closed('a test event', {
  type: Type.Literal('test.ping'),
  id: Maybe(Id, 'Your id of the event.'),
  timestamp: Maybe(Clock, 'Not read.'),
  data: Type.Optional(Type.Unknown())
})

/** One event, as JSON Schema too. */
export const standardEventSchema = Type.Union([ReservationEvent, GuestEvent, ListingEvent, PingEvent], {
  title: 'Relay event',
  description: 'One event of the relay’s own format'
})

/** The schema of each event, by its type. */
export const schemas: Record<StandardEventType, TSchema> = {
  'reservation.created': ReservationEvent,
  'reservation.updated': ReservationEvent,
  'reservation.cancelled': ReservationEvent,
  'guest.created': GuestEvent,
  'guest.updated': GuestEvent,
  'guest.deleted': GuestEvent,
  'listing.created': ListingEvent,
  'listing.updated': ListingEvent,
  'listing.deleted': ListingEvent,
  'test.ping': PingEvent
}

function event<T extends string, D extends TSchema>(types: T[], data: D) {
  return closed('an event', {
    type: Type.Union(types.map(type => Type.Literal(type))),
    id: Maybe(Id, 'Your id of the event.'),
    timestamp: Clock,
    data
  })
}

function closed<P extends TProperties>(description: string, properties: P) {
  return Type.Object(properties, { additionalProperties: false, description })
}
