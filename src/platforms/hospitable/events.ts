import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { Id, Maybe, Told } from '../fields.ts'

/** As it stands alone in `property.…` events and inside reservations. The two hours are spelled in several ways. */
export const Property = Type.Object({
  id: Id,
  name: Told,
  public_name: Told,
  'check-in': Told,
  check_in: Told,
  checkin: Told,
  'check-out': Told,
  check_out: Told,
  checkout: Told,
  address: Told
})
export type Property = Static<typeof Property>

const ReservationStatus = Type.Object({
  current: Maybe(Type.Object({ category: Maybe(Type.String()), sub_category: Told })),
  history: Told
})

/** A cancellation needs nothing but the id and the status: whatever else is odd, the door code has to go. */
export const Reservation = Type.Object({
  id: Id,
  /** The code of the channel, such as Airbnb’s. */
  platform_id: Told,
  /** `guest_stay` or `owner_stay`; unknown to events before July 2025. */
  stay_type: Told,
  reservation_status: Maybe(ReservationStatus),
  /** Instants with the property’s offset. */
  check_in: Told,
  check_out: Told,
  /** Written as instants, and only their dates count. */
  arrival_date: Told,
  departure_date: Told,
  /** Present where the integration has the scope for them: a reservation without them does not say that it has none. */
  guest: Told,
  properties: Told
})
export type Reservation = Static<typeof Reservation>

/**
 * Where the guest stays: nowhere yet where the reservation says so, undefined where it does not tell, or tells nothing
 * that can be read.
 */
export function propertiesOf({ properties }: { properties?: unknown }): Property[] | undefined {
  if (properties === null) return []
  if (!Array.isArray(properties)) return undefined
  const told = properties.filter((each): each is Property => Value.Check(Property, each))
  return told.length === 0 && properties.length > 0 ? undefined : told
}

const envelope = { created: Told, triggers: Told }

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
