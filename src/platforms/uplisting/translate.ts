import { type Change, cancelled, notPushed, remove, stays, upsertPlace } from '../../model/change.ts'
import { firstText, instantMs } from '../fields.ts'
import { ignored, type TranslateContext, type Translation, unknownStatus } from '../platform.ts'
import { guestByEmail, idOf, localMoment, placeNamed, told } from '../told.ts'
import type { BookingEvent, PropertyEvent, RemovedEvent } from './events.ts'
import type { Facts } from './hydrate.ts'
import { placeFields } from './places.ts'
import { standingOf, statusOf } from './status.ts'

export function bookingTold(booking: BookingEvent, context: TranslateContext): Translation {
  const id = String(booking.id)
  const version = versionOf(booking, context)
  const status = statusOf(booking.status)
  const places = placeTold(booking, version)
  switch (standingOf(status)) {
    case undefined:
      return unknownStatus(status)
    // A booking that stays nowhere says nothing of its property: it may be the last one of a property that is gone.
    case 'cancelled':
      return [cancelled(id, version, status)]
    case 'inquiry':
    case 'block':
      return [notPushed(id, version, status)]
    case 'tentative':
      if (context.connection.tentative === 'hold') return [...places, notPushed(id, version, status)]
  }
  const guest = guestByEmail({
    name: firstText(booking.guest_name, booking.preferred_guest_name),
    email: told(booking.guest_email),
    phone: told(booking.guest_phone)
  })
  return [
    ...places,
    stays(id, version, [
      {
        id,
        name: firstText(idOf(booking.external_reservation_id), guest.name),
        places: placeNamed(placeOf(booking).id ?? booking.property_id),
        guest,
        start: localMoment(booking.check_in, booking.arrival_time),
        end: localMoment(booking.check_out, booking.departure_time)
      }
    ])
  ]
}

/** Over, whatever the reason. The event names no guest and no multi-unit, and none is needed. */
export function bookingRemoved(booking: RemovedEvent, context: TranslateContext): Translation {
  return [cancelled(String(booking.id), versionOf(booking, context), 'removed')]
}

export function propertyTold(property: PropertyEvent, context: TranslateContext): Translation {
  const facts = (context.facts ?? undefined) as Facts | undefined
  const id = String(property.id)
  if (facts && 'gone' in facts) return ignored('the property was not found; only its removal takes it away')
  const known = { name: property.name, ...facts?.property }
  return [upsertPlace(id, versionOf(property, context), placeFields(known))]
}

export function propertyRemoved(property: RemovedEvent, context: TranslateContext): Translation {
  return [remove('place', String(property.id), versionOf(property, context))]
}

/** Deliveries may be out of order and doubled; the body's own time orders them. */
function versionOf({ timestamp }: { timestamp?: unknown }, { delivery }: TranslateContext): number {
  return instantMs(timestamp) ?? delivery.receivedAt
}

/** The multi-unit where there is one, else the property. */
function placeOf(booking: BookingEvent): { id: string | undefined; name: string | undefined } {
  const unit = idOf(booking.mutli_unit_id, booking.multi_unit_id)
  const unitName = firstText(booking.mutli_unit_name, booking.multi_unit_name)
  const propertyName = firstText(booking.property_name)
  return unit === undefined
    ? { id: idOf(booking.property_id), name: propertyName }
    : { id: unit, name: unitName ?? propertyName }
}

function placeTold(booking: BookingEvent, version: number): Change[] {
  const { id, name } = placeOf(booking)
  return id === undefined || name === undefined ? [] : [upsertPlace(id, version, { name })]
}
