import type { NamedRole } from './kind.ts'

/**
 * What a translator returns. Ids are the platform's own; the relay prefixes the connection.
 * In every set of fields, `undefined` means "not told" and keeps what is known; `null` means "told that there is none".
 * Of a change, `kind` is the role: which kind plays it at Seam is the connection's `lists`, of which a platform knows nothing.
 */
export type Change = StaysChange | UpsertGuest | UpsertPlace | RemoveChange | MergeChange

/** The booking now consists of exactly these stays; stays known before and not named are gone. */
export interface StaysChange {
  change: 'stays'
  bookingId: string
  /** The platform's clock, ms since 1970. */
  version: number
  stays: Stay[]
  /**
   * Why the list is empty, in the platform's word (`cancelled`, `inquiry`, `owner stay` …). A cancellation wins a tie
   * of versions; a booking that is not confirmed yet does not.
   */
  emptyBecause?: string
  cancelled?: boolean
}

/** One unit of a booking: what a door code is made for. */
export interface Stay {
  /** The booking's id, or `<booking>_<unit or sub-reservation>` where the platform tells units apart. */
  id: string
  name?: string | null
  /** The platform's ids of the places; empty while no room is assigned, left out where nothing is told of them. */
  places?: string[]
  /**
   * Who stays. `null` where the platform names nobody, which holds the stay; left out, or without a member that is told,
   * where nothing is told of who it is: then it is whom the booking named before, else a guest of the stay's own.
   */
  guest?: StayGuest | null
  start: Moment | null
  end: Moment | null
  preferredCode?: string | null
  metadata?: Record<string, string | boolean>
}

/** A guest as seen inside a reservation: a part, never the whole. */
export interface StayGuest extends GuestFields {
  /** The platform's stable id. Without one, a hash of the e-mail identifies the guest, else the stay does. */
  id?: string | null
  /** Only where the guest has a clock of its own, ms since 1970; else the change's version counts. */
  version?: number
  /** What is told does not say whether it is another person: they count where the booking has named nobody, and change nobody. */
  unidentified?: boolean
}

export interface GuestFields {
  name?: string | null
  email?: string | null
  /** As the platform writes it; made E.164 later. */
  phone?: string | null
}

export interface PlaceFields {
  name?: string | null
  /** IANA name. Offsets such as `+0200` are not zones: leave them out. */
  timeZone?: string | null
  /** Local wall time, `HH:mm`. */
  checkInTime?: string | null
  checkOutTime?: string | null
  address?: string | null
  latitude?: number | null
  longitude?: number | null
  /** Only for places that are bookable slots. */
  durationMinutes?: number | null
}

/**
 * An instant (ISO 8601 with `Z` or an offset), or a local date whose zone and hour may still have to be learnt; with
 * `orInstant` it is that one for as long as no zone is known.
 */
export type Moment =
  | { instant: string }
  | { date: string; time?: string; timeZone?: string; orInstant?: string }

export interface UpsertGuest {
  change: 'upsert'
  kind: 'guest'
  id: string
  fields: GuestFields
  /** Whole: fields that are not told are gone. Part: they are kept. */
  whole: boolean
  version: number
}

export interface UpsertPlace {
  change: 'upsert'
  kind: 'place'
  id: string
  fields: PlaceFields
  whole: boolean
  version: number
  /** What is known of the place, and no word on whether it is there: a platform may answer of one that it has removed. */
  factsOnly?: boolean
}

export interface RemoveChange {
  change: 'remove'
  kind: NamedRole
  id: string
  version: number
}

/** Two entries turned out to be one: stays that name `id` belong to `into`, and `id` is gone. */
export interface MergeChange {
  change: 'merge'
  kind: NamedRole
  id: string
  into: string
  version: number
}

export function stays(bookingId: string, version: number, list: Stay[]): StaysChange {
  return { change: 'stays', bookingId, version, stays: list }
}

/** The booking is off: no stays, and nothing of the same version brings them back. */
export function cancelled(bookingId: string, version: number, because = 'cancelled'): StaysChange {
  return { change: 'stays', bookingId, version, stays: [], emptyBecause: because, cancelled: true }
}

/** The booking exists and gives no access (yet): inquiry, hold, owner stay, block. */
export function notPushed(bookingId: string, version: number, because: string): StaysChange {
  return { change: 'stays', bookingId, version, stays: [], emptyBecause: because }
}

export function upsertGuest(id: string, version: number, fields: GuestFields, whole = false): UpsertGuest {
  return { change: 'upsert', kind: 'guest', id, fields, whole, version }
}

export function upsertPlace(id: string, version: number, fields: PlaceFields, whole = false): UpsertPlace {
  return { change: 'upsert', kind: 'place', id, fields, whole, version }
}

export function remove(kind: NamedRole, id: string, version: number): RemoveChange {
  return { change: 'remove', kind, id, version }
}

export function merge(kind: NamedRole, id: string, into: string, version: number): MergeChange {
  return { change: 'merge', kind, id, into, version }
}
