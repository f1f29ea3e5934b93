import { type Static, Type } from '@sinclair/typebox'
import { Id, Maybe } from '../fields.ts'

/** Of no use where it is of another type, and no reason to lose the booking. */
const Unsure = Type.Optional(Type.Unknown())

/** As it stands alone in `property.…` events and inside reservations. The two hours are spelled in several ways. */
export const Property = Type.Object({
  id: Id,
  name: Unsure,
  public_name: Unsure,
  'check-in': Unsure,
  check_in: Unsure,
  checkin: Unsure,
  'check-out': Unsure,
  check_out: Unsure,
  checkout: Unsure,
  address: Maybe(
    Type.Object({
      display: Unsure,
      coordinates: Maybe(Type.Object({ latitude: Unsure, longitude: Unsure }))
    })
  )
})
export type Property = Static<typeof Property>

const Guest = Type.Object({
  id: Maybe(Id),
  first_name: Unsure,
  last_name: Unsure,
  email: Unsure,
  phone_numbers: Maybe(Type.Array(Type.Unknown()))
})

const ReservationStatus = Type.Object({
  current: Maybe(Type.Object({ category: Maybe(Type.String()), sub_category: Maybe(Type.String()) })),
  history: Maybe(Type.Array(Type.Object({ changed_at: Unsure })))
})

export const Reservation = Type.Object({
  id: Id,
  /** The code of the channel, such as Airbnb’s. */
  platform_id: Maybe(Id),
  /** `guest_stay` or `owner_stay`; unknown to events before July 2025. */
  stay_type: Maybe(Type.String()),
  reservation_status: Maybe(ReservationStatus),
  /** Instants with the property’s offset. */
  check_in: Maybe(Type.String()),
  check_out: Maybe(Type.String()),
  /** Written as instants, and only their dates count. */
  arrival_date: Maybe(Type.String()),
  departure_date: Maybe(Type.String()),
  /** Present where the integration has the scope for them. */
  guest: Maybe(Guest),
  properties: Maybe(Type.Array(Property))
})
export type Reservation = Static<typeof Reservation>

/** What hydration adds; the rest of its answer is kept and not read. */
export const ReservationFacts = Type.Pick(Reservation, ['guest', 'properties'])

const envelope = { created: Maybe(Type.String()), triggers: Unsure }

export const ReservationEvent = Type.Object({ ...envelope, data: Reservation })
export type ReservationEvent = Static<typeof ReservationEvent>

export const PropertyEvent = Type.Object({ ...envelope, data: Property })
export type PropertyEvent = Static<typeof PropertyEvent>

export const PropertyDeletedEvent = Type.Object({ ...envelope, data: Type.Object({ id: Id }) })
export type PropertyDeletedEvent = Static<typeof PropertyDeletedEvent>

export const PropertyMergedEvent = Type.Object({
  ...envelope,
  data: Type.Object({ previous_id: Id, new_id: Id })
})
export type PropertyMergedEvent = Static<typeof PropertyMergedEvent>

/** `triggers` is documented as one text and seen as a list. */
export function triggersOf(envelope: { triggers?: unknown }): unknown[] {
  return [envelope.triggers].flat()
}
