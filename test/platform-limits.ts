/** What a true history may hold at a platform, where that is less than {@link anything}. */
export interface Limits {
  /** Whether a booking can have several rooms. */
  severalRooms: boolean
  /** Whether a booking can be without a room. */
  unassigned: boolean
  /** By what the platform tells guests apart: an id of its own, else the e-mail, else the stay. */
  guestsBy: 'id' | 'address' | 'address or phone'
  /**
   * Whether each webhook carries what changed. Where it only says what to read, a state that was over by then is never
   * seen: a guest's new name in it, and the booking's next guest with it, and other bookings of the first guest keep the
   * old one.
   */
  tellsItself: boolean
  /** The platform's clock goes in steps of so many ms; what happens within one step has no order. */
  clockMs: number
  /** Whether a stay's name at Seam is or contains the guest's. */
  staysNamedAfterGuest: boolean
  /** Whether the platform knows of door codes. */
  tellsCodes: boolean
  /** Whether webhooks tell the time zone of the place. */
  tellsZone: boolean
  /** Whether a booking has hours of its own; else those of its place count. */
  tellsHours: boolean
  /** The zone in which everything happens: where nobody tells one, that of the test's connection. */
  zone?: string
  /** Settings under `api` beside the invented credentials. */
  api?: Record<string, string>
}

export const anything: Limits = {
  severalRooms: true,
  unassigned: true,
  guestsBy: 'id',
  tellsItself: true,
  clockMs: 1,
  staysNamedAfterGuest: true,
  tellsCodes: true,
  tellsZone: true,
  tellsHours: true
}

const exceptions: Record<string, Partial<Limits>> = {
  // An appointment is one slot of one calendar. Clients have no id.
  acuity: { severalRooms: false, unassigned: false, guestsBy: 'address', tellsItself: false },
  // A reservation names its guest without an id. Codes are not among what apaleo knows.
  apaleo: { guestsBy: 'address', tellsItself: false, tellsCodes: false },
  // A booking names its guest without an id; `modifiedTime` has whole seconds. Hours are the property's, and the zone is that
  // of the account, of which all histories share one.
  beds24: {
    guestsBy: 'address',
    tellsItself: false,
    clockMs: 1_000,
    tellsHours: false,
    zone: 'America/New_York'
  },
  // A booking is one slot of one event type. Attendees have no id; one without an e-mail gets an address made of the phone.
  calcom: { severalRooms: false, guestsBy: 'address or phone' },
  // A booking is one slot of one event type; invitees have no id; the time zone in a payload is the invitee's.
  calendly: { severalRooms: false, unassigned: false, guestsBy: 'address', tellsZone: false },
  // A guest's change is an event of its own. Bookings are told by their dates; hours and zone are those of the property, of
  // which all histories share one.
  cloudbeds: { tellsHours: false, zone: 'America/New_York' },
  // The invented platform tells a lodge's zone in an event of its own, which no story holds.
  custom: { tellsZone: false, zone: 'Europe/Berlin' },
  // A reservation is always one of a listing.
  guesty: { severalRooms: false, unassigned: false, tellsItself: false },
  // The property's time zone is an offset and not used, since all times are instants; stays are named by the channel's code.
  hospitable: { severalRooms: false, tellsZone: false, tellsCodes: false, staysNamedAfterGuest: false },
  // `updatedOn` has whole seconds; a reservation names its guest without an id.
  hostaway: { guestsBy: 'address', tellsItself: false, clockMs: 1_000 },
  // A lead is of one property and has no guest's id. Its clock has whole seconds; zones and codes are not documented.
  hostfully: {
    severalRooms: false,
    unassigned: false,
    guestsBy: 'address',
    tellsItself: false,
    clockMs: 1_000,
    tellsCodes: false,
    tellsZone: false
  },
  // A reservation is always one of a listing. `updated_at` has whole seconds; custom fields are read where a connection asks.
  hostify: {
    severalRooms: false,
    unassigned: false,
    tellsItself: false,
    clockMs: 1_000,
    api: { custom_fields: 'true' }
  },
  // A stay may name several rooms, of which the oracle knows one each. No zone and no hours are told.
  lodgify: {
    severalRooms: false,
    unassigned: false,
    tellsItself: false,
    tellsZone: false,
    tellsHours: false,
    zone: 'Europe/Berlin'
  },
  // A guest's change is an event of its own. Codes are an extra request that a connection has to ask for.
  mews: { api: { pin_codes: 'true' } },
  // A booking is one slot of one resource, in UTC. `UpdatedOn` has whole seconds. A code is the member's, not the booking's.
  nexudus: { severalRooms: false, unassigned: false, clockMs: 1_000, tellsZone: false, tellsCodes: false },
  // A booking is one slot of one resource and has a title. A code is the member's, not the booking's.
  officernd: { severalRooms: false, unassigned: false, staysNamedAfterGuest: false, tellsCodes: false },
  // `updated_utc` has whole seconds. E-mail, phone and codes are read, and no zone is told.
  ownerrez: {
    severalRooms: false,
    unassigned: false,
    tellsItself: false,
    clockMs: 1_000,
    tellsZone: false,
    zone: 'Europe/Berlin'
  },
  // Reservations name their guest without an id; they are read again, and changed at a minute. Zones are read with places.
  smoobu: {
    severalRooms: false,
    unassigned: false,
    guestsBy: 'address',
    tellsItself: false,
    clockMs: 60_000,
    tellsCodes: false,
    tellsZone: false,
    zone: 'Europe/Berlin'
  },
  // Bookings are told without their listings.
  standard: { tellsZone: false },
  // `timestamp` has whole seconds; a booking names its guest without an id, and no zone.
  uplisting: {
    severalRooms: false,
    unassigned: false,
    guestsBy: 'address',
    clockMs: 1_000,
    tellsCodes: false,
    tellsZone: false,
    zone: 'Europe/Berlin'
  }
}

export function limitsOf(platform: string): Limits {
  return { ...anything, ...exceptions[platform] }
}
