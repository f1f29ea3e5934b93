import { type Static, type TProperties, type TSchema, Type } from '@sinclair/typebox'
import { closed } from '../../openapi/shapes.ts'

/**
 * The body of push_data: nineteen lists beside the customer's key, as Seam documents them in openapi/seam/push_data.yaml
 * (a test compares field by field), and nothing unknown. What callers that are judged strictly are refused beyond this
 * stands in the descriptions.
 */

const text = (description: string) => Type.String({ description })
const maybeText = (description: string) => Type.Optional(text(description))
const ownKey = (whose: string) =>
  Type.String({
    minLength: 1,
    description: `Your id of the ${whose}: unique in the workspace, the same for ever, without white space around it.`
  })
const maybeKeys = (whose: string) =>
  Type.Optional(Type.Array(Type.String(), { description: `Your keys of the ${whose}.` }))

/** `field` as a member that must be there; its type keeps the name. */
function keyed<F extends string>(field: F, whose: string) {
  return { [field]: ownKey(whose) } as Record<F, ReturnType<typeof ownKey>>
}

const placeName = text('What Seam shows for the place.')
const personName = text('What Seam shows for the person.')
const parentSite = {
  parent_site_key: Type.Optional(
    Type.String({ minLength: 1, description: 'Your key of the site that it belongs to.' })
  )
}
const contact = {
  email_address: maybeText(
    'Of no other person in the workspace: Seam skips stays of the second one silently.'
  ),
  phone_number: maybeText('Best as + with country code; of no other person in the workspace.')
}

const CustomMetadata = Type.Record(
  Type.String(),
  Type.Union([Type.String({ maxLength: 500 }), Type.Boolean(), Type.Null()]),
  {
    title: 'CustomMetadata',
    description:
      'Your own facts by name: texts of at most 500 characters, or true or false; null takes a name away. At most 50 names of at most 40 characters, without a period.'
  }
)

const LocalTime = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?$' })

/** Null: there is none. */
const orNull = <S extends TSchema>(schema: S, description: string) =>
  Type.Optional(Type.Union([schema, Type.Null()], { description }))

const SpaceCustomerData = closed(
  'SpaceCustomerData',
  'What applies to stays in this space unless they say otherwise; null means that there is none.',
  {
    time_zone: orNull(Type.String(), 'IANA name of the time zone, such as Europe/Berlin.'),
    default_checkin_time: orNull(LocalTime, 'Local time from which guests may enter: 15:00 or 15:00:00.'),
    default_checkout_time: orNull(LocalTime, 'Local time until which guests may stay: 11:00 or 11:00:00.'),
    address: orNull(Type.String(), 'Postal address.')
  }
)

const Geolocation = closed('Geolocation', 'Where the space is.', {
  latitude: Type.Number({ format: 'float', description: 'Decimal degrees, north above 0.' }),
  longitude: Type.Number({ format: 'float', description: 'Decimal degrees, east above 0.' })
})

const Space = place('Space', 'space_key', 'space', {
  ...parentSite,
  duration_minutes: Type.Optional(
    Type.Integer({
      exclusiveMinimum: 0,
      description: 'Length of a slot, where the space is booked in slots.'
    })
  ),
  customer_data: Type.Optional(SpaceCustomerData),
  geolocation: Type.Optional(Geolocation)
})

/** The places and the person that a stay names. Property listings are named through `space_keys`. */
const namedByStay = {
  space_keys: maybeKeys('spaces and property listings that the code opens'),
  property_keys: maybeKeys('properties that the code opens'),
  room_keys: maybeKeys('rooms that the code opens'),
  common_area_keys: maybeKeys('common areas that the code opens'),
  unit_keys: maybeKeys('units that the code opens'),
  facility_keys: maybeKeys('facilities that the code opens'),
  building_keys: maybeKeys('buildings that the code opens'),
  listing_keys: maybeKeys('listings that the code opens'),
  guest_key: maybeText('Your key of the guest who stays. Give one of the five user keys.'),
  tenant_key: maybeText('Your key of the tenant who stays.'),
  resident_key: maybeText('Your key of the resident who stays.'),
  user_key: maybeText('Your key of the user who stays.'),
  user_identity_key: maybeText('Your key of the user identity that stays.')
}

const StaffMember = closed('StaffMember', 'Somebody who works for the customer.', {
  staff_member_key: text('Your id of the staff member.'),
  name: personName,
  ...contact,
  site_keys: maybeKeys('sites they work at'),
  building_keys: maybeKeys('buildings they work at'),
  facility_keys: maybeKeys('facilities they work at'),
  property_keys: maybeKeys('properties they work at'),
  space_keys: maybeKeys('spaces they work at'),
  room_keys: maybeKeys('rooms they work at'),
  common_area_keys: maybeKeys('common areas they work at'),
  unit_keys: maybeKeys('units they work at'),
  listing_keys: maybeKeys('listings they work at'),
  property_listing_keys: maybeKeys('property listings they work at')
})

const metadata = { custom_metadata: Type.Optional(CustomMetadata) }

export type PushData = Static<typeof PushData>

export const PushData = closed(
  'PushData',
  'What a customer has: places, people and stays. What is named here is added or brought up to date; what is not named stays as it is.',
  {
    customer_key: Type.String({
      minLength: 1,
      description: 'Your id of the customer whom all of this belongs to, without white space around it.'
    }),
    sites: list('Sites, which group other places.', place('Site', 'site_key', 'site', {})),
    buildings: list('Buildings.', place('Building', 'building_key', 'building', {})),
    facilities: list('Gyms and the like.', place('Facility', 'facility_key', 'facility', {})),
    properties: list('Properties for short stays.', place('Property', 'property_key', 'property', {})),
    spaces: list('Spaces of any sort; the only places with zone, hours and address.', Space),
    rooms: list('Rooms of a hotel.', place('Room', 'room_key', 'room', parentSite)),
    common_areas: list(
      'Areas that many share.',
      place('CommonArea', 'common_area_key', 'common area', parentSite)
    ),
    units: list('Flats and other units of a building.', place('Unit', 'unit_key', 'unit', parentSite)),
    listings: list('Listings.', place('Listing', 'listing_key', 'listing', {})),
    property_listings: list(
      'Listings of properties; stays name them through space_keys.',
      place('PropertyListing', 'property_listing_key', 'property listing', metadata)
    ),
    guests: list('Guests.', person('Guest', 'guest_key', 'guest')),
    tenants: list('Tenants.', person('Tenant', 'tenant_key', 'tenant')),
    residents: list('Residents.', person('Resident', 'resident_key', 'resident')),
    users: list('Users.', person('User', 'user_key', 'user')),
    user_identities: list(
      'People under the name that Seam itself gives them.',
      person('UserIdentity', 'user_identity_key', 'user identity')
    ),
    staff_members: list('Staff.', StaffMember),
    reservations: list('Confirmed stays.', stay('Reservation', 'reservation_key', 'reservation', metadata)),
    bookings: list('Confirmed stays, called bookings.', stay('Booking', 'booking_key', 'booking', {})),
    access_grants: list(
      'Stays under the name that Seam itself gives them.',
      stay('AccessGrant', 'access_grant_key', 'access grant', {})
    )
  }
)

function list<S extends TSchema>(description: string, entry: S) {
  return Type.Optional(Type.Array(entry, { description }))
}

function place<F extends string, M extends TProperties>(title: string, keyField: F, called: string, more: M) {
  return closed(title, `One ${called}.`, { ...keyed(keyField, called), name: placeName, ...more })
}

function person<F extends string>(title: string, keyField: F, called: string) {
  return closed(title, `One ${called}.`, { ...keyed(keyField, called), name: personName, ...contact })
}

function stay<F extends string, M extends TProperties>(title: string, keyField: F, called: string, more: M) {
  return closed(title, `One ${called}: who may open what, and when. Send it whole each time.`, {
    ...keyed(keyField, called),
    name: maybeText('What Seam shows for it.'),
    starts_at: instant('From when the code works, such as 2027-07-01T14:00:00Z.'),
    ends_at: instant('Until when the code works; after starts_at.'),
    preferred_code: maybeText('The door code that is wished for, 4 to 9 digits; Seam may give another.'),
    ...namedByStay,
    ...more
  })
}

function instant(description: string) {
  return Type.Optional(Type.String({ format: 'date-time', description }))
}
