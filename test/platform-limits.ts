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
  tellsZone: true
}

const exceptions: Record<string, Partial<Limits>> = {
  // A booking is one slot of one event type. Attendees have no id; one without an e-mail gets an address made of the phone.
  calcom: { severalRooms: false, guestsBy: 'address or phone' },
  // A reservation is always one of a listing.
  guesty: { severalRooms: false, unassigned: false, tellsItself: false },
  // The property's time zone is an offset and not used, since all times are instants; stays are named by the channel's code.
  hospitable: { severalRooms: false, tellsZone: false, tellsCodes: false, staysNamedAfterGuest: false },
  // `updatedOn` has whole seconds; a reservation names its guest without an id.
  hostaway: { guestsBy: 'address', tellsItself: false, clockMs: 1_000 },
  // A guest's change is an event of its own. Codes are an extra request that a connection has to ask for.
  mews: { api: { pin_codes: 'true' } },
  // Bookings are told without their listings.
  standard: { tellsZone: false }
}

export function limitsOf(platform: string): Limits {
  return { ...anything, ...exceptions[platform] }
}
