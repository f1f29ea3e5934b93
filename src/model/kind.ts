/** What a resource is for the relay's own logic. */
export type Role = 'place' | 'guest' | 'stay'

/** What a stay can name. */
export type NamedRole = Exclude<Role, 'stay'>

interface KindRow {
  /** List name in push_data. */
  list: string
  /** The member of an entry that holds its key. */
  keyField: string
  /** List name in delete_data; undefined where Seam offers no deletion. */
  deleteList: string | undefined
  /** The list that a stay names this kind in; undefined where a stay cannot name it. */
  refField: string | undefined
  role: Role
}

/**
 * One row per kind of Seam resource, in push order: parents first.
 * Source: openapi/seam/push_data.yaml and delete_data.yaml. Deleting is not symmetrical: a site can be pushed and not
 * deleted, and `customer_keys` wipes a whole customer, so it is no kind. A property listing is named through
 * `space_keys` (Seam's guide on filtering portal resources).
 */
const rows = {
  site: place('sites', 'site_key', undefined, undefined),
  building: place('buildings', 'building_key', 'building_keys'),
  facility: place('facilities', 'facility_key', 'facility_keys'),
  property: place('properties', 'property_key', 'property_keys'),
  space: place('spaces', 'space_key', 'space_keys'),
  room: place('rooms', 'room_key', 'room_keys'),
  common_area: place('common_areas', 'common_area_key', 'common_area_keys'),
  unit: place('units', 'unit_key', 'unit_keys'),
  listing: place('listings', 'listing_key', 'listing_keys'),
  property_listing: place('property_listings', 'property_listing_key', 'property_listing_keys', 'space_keys'),
  guest: person('guests', 'guest_key'),
  tenant: person('tenants', 'tenant_key'),
  resident: person('residents', 'resident_key'),
  user: person('users', 'user_key'),
  user_identity: person('user_identities', 'user_identity_key'),
  staff_member: { ...person('staff_members', 'staff_member_key'), refField: undefined },
  reservation: stay('reservations', 'reservation_key'),
  booking: stay('bookings', 'booking_key'),
  access_grant: stay('access_grants', 'access_grant_key')
} as const satisfies Record<string, KindRow>

export type Kind = keyof typeof rows

export const kinds: Record<Kind, KindRow> = rows

export const kindNames = Object.keys(kinds) as Kind[]

/** Position in push order; parents have smaller numbers. */
export const pushOrder: Record<Kind, number> = Object.fromEntries(
  kindNames.map((kind, position) => [kind, position])
) as Record<Kind, number>

/** Which Seam list plays the listing, the guest and the stay of a connection. */
export const placeLists = [
  'spaces',
  'property_listings',
  'listings',
  'properties',
  'rooms',
  'units',
  'facilities'
] as const
export const guestLists = ['guests', 'user_identities', 'users', 'tenants', 'residents'] as const
export const stayLists = ['reservations', 'bookings', 'access_grants'] as const
export type PlaceList = (typeof placeLists)[number]
export type GuestList = (typeof guestLists)[number]
export type StayList = (typeof stayLists)[number]

/** @throws TypeError for a name that is no list of push_data: the settings' schema has refused it before */
export function kindOfList(list: string): Kind {
  const kind = kindNames.find(name => kinds[name].list === list)
  if (kind === undefined) throw new TypeError(`no kind is pushed as ${list}`)
  return kind
}

/** What the places and guests of a connection can be. */
export const placeKinds = placeLists.map(kindOfList)
export const guestKinds = guestLists.map(kindOfList)

/** Everything that gives access to places. */
export const stayKinds = kindNames.filter(kind => rows[kind].role === 'stay')

/** Everybody who has contact details, staff included. */
export const peopleKinds = kindNames.filter(kind => rows[kind].role === 'guest')

/** Members of a stay that name people, each with the kind of whom it names. Staff is nobody's guest. */
export const guestFields: ReadonlyMap<string, Kind> = new Map(
  peopleKinds.flatMap(kind => {
    const { refField } = rows[kind]
    return refField === undefined ? [] : [[refField, kind] as const]
  })
)

/** Members of a stay that name places, each with the kinds of what it names. */
export const placeFields: ReadonlyMap<string, Kind[]> = Map.groupBy(
  kindNames.filter(kind => rows[kind].role === 'place' && rows[kind].refField !== undefined),
  kind => `${rows[kind].refField}`
)

function place(
  list: string,
  keyField: string,
  deleteList: string | undefined,
  refField = deleteList
): KindRow {
  return { list, keyField, deleteList, refField, role: 'place' }
}

function person(list: string, keyField: string): KindRow {
  return { list, keyField, deleteList: `${keyField}s`, refField: keyField, role: 'guest' }
}

function stay(list: string, keyField: string): KindRow {
  return { list, keyField, deleteList: `${keyField}s`, refField: undefined, role: 'stay' }
}
