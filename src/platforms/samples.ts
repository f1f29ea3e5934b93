import type { Connection } from '../model/connection.ts'

/**
 * A booking as somebody at the platform's own screen would see it, without the platform's words.
 * The demo, `seam-relay send` and the property tests tell their stories in these; each adapter puts them into its platform's words.
 */
export interface SampleBooking {
  /** Short and unique, such as `b1`; the adapter makes an id of its platform's kind of it, always the same one. */
  id: string
  status: 'confirmed' | 'tentative' | 'cancelled'
  /** One per unit; platforms whose bookings have one unit look at the first only. `place` null: no room assigned yet. */
  rooms: { id: string; place: string | null }[]
  guest: { id: string; name: string; email: string | null; phone: string | null }
  /** Local dates, `YYYY-MM-DD`, and hours, `HH:mm`, in `timeZone`. */
  arrival: string
  departure: string
  checkIn: string
  checkOut: string
  timeZone: string
  code: string | null
  /** The platform's clock when this became true, ms since 1970. */
  updatedAt: number
}

/** One request as the platform would make it, before signing. */
export interface SampleDelivery {
  event: string
  body: string
  headers?: Record<string, string>
  query?: Record<string, string>
  /** What the platform's API knows from now on: path-like name → entity; null where it is gone. For the stand-in. */
  world?: Record<string, unknown>
}

export interface SampleContext {
  connection: Connection
  /** ms since 1970. */
  now: number
  /** Different for every delivery; for ids and clocks. */
  serial: number
}

export interface Samples {
  /** Every event the platform documents that has a sample, by type: for `seam-relay send <platform> <event>`. */
  events: Record<string, (context: SampleContext) => SampleDelivery>
  /** What the platform sends as a booking goes from `before` (undefined: new) to `after`; several requests where it would send several. */
  tell(before: SampleBooking | undefined, after: SampleBooking, context: SampleContext): SampleDelivery[]
  /** The ids a booking has at this platform, for those who look at the outcome. One stay per live room. */
  ids(booking: SampleBooking): { stays: { id: string; place: string }[] }
}

/** The platform's API, played: pure but for `world`, which the samples fill. Demands what the platform demands. */
export type StandIn = (
  request: StandInRequest,
  world: Map<string, unknown>,
  settings: Record<string, string>
) => StandInResponse

export interface StandInRequest {
  method: string
  path: string
  query: Record<string, string[]>
  headers: Record<string, string>
  /** JSON or form, parsed; undefined where there was none. */
  body: unknown
}

export interface StandInResponse {
  status: number
  headers?: Record<string, string>
  body?: unknown
}
