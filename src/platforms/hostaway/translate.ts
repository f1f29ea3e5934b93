import { cancelled, type Moment, notPushed, type Stay, type StaysChange, stays } from '../../model/change.ts'
import type { Connection } from '../../model/connection.ts'
import { firstText } from '../fields.ts'
import { type Ignored, type TranslateContext, type Translation, unknownStatus } from '../platform.ts'
import { isTrueInAnyCase, membersOf, told } from '../told.ts'
import { asReservation, hourOf, idOf, type Reservation, type ReservationEvent } from './events.ts'
import type { ReservationFacts } from './hydrate.ts'
import { placesTold } from './places.ts'
import { standingOf } from './status.ts'
import { clockOf } from './times.ts'
import { bookerOf, nameOf, unitGuests, unitRows } from './units.ts'

/**
 * A reservation was made or changed. Where it was read again, the webhook is a hint at its id and nothing more, for
 * nobody signed the body.
 */
export function reservationTold({ data }: ReservationEvent, context: TranslateContext): Translation {
  const { connection, delivery } = context
  // As readReservations left them: null or undefined where nothing was read.
  const facts = (context.facts ?? undefined) as ReservationFacts | undefined
  if (facts?.reservation === null) return [deletionFound(data, delivery.receivedAt)]
  const reservation = asReservation(facts?.reservation ?? data)
  const version = versionOf(reservation, context)
  const booking = bookingTold(reservation, version, connection)
  if ('ignored' in booking) return booking
  // A booking that stays nowhere says nothing of its listing.
  if (booking.stays.length === 0 && standingOf(reservation.status) !== 'tentative') return [booking]
  return [...placesTold(reservation, facts, { version, receivedAt: delivery.receivedAt }), booking]
}

/** Whole seconds cannot tell a change from the creation before it, which is never the later one. What was read tells the same of both. */
function versionOf(reservation: Reservation, { event, facts, delivery }: TranslateContext): number {
  const clock = clockOf(reservation)
  if (clock === undefined) return delivery.receivedAt
  const isToldAsChanged = !facts && event.type === 'reservation.updated'
  return isToldAsChanged && clock % 1_000 === 0 ? clock + 1 : clock
}

/**
 * A reservation that is not found has no clock any more, and may be found again with the one it had: then the later of
 * the two readings counts, so this is no cancellation, which would win that tie. What the webhook tells of the clock is
 * believed up to its receipt.
 */
function deletionFound(data: ReservationEvent['data'], receivedAt: number): StaysChange {
  return notPushed(String(data.id), Math.min(clockOf(membersOf(data)) ?? receivedAt, receivedAt), 'deleted')
}

function bookingTold(
  reservation: Reservation,
  version: number,
  { tentative }: Connection
): StaysChange | Ignored {
  const { status } = reservation
  const id = String(reservation.id)
  switch (standingOf(status)) {
    case undefined:
      return unknownStatus(status)
    case 'cancelled':
      return cancelled(id, version, status)
    case 'owner stay':
      return notPushed(id, version, 'owner stay')
    case 'inquiry':
    case 'no access':
      return notPushed(id, version, status)
    case 'tentative':
      if (tentative === 'hold') return notPushed(id, version, status)
  }
  // Both dates are then set to yesterday, which is nobody's stay.
  if (isTrueInAnyCase(reservation.isDatesUnspecified)) return notPushed(id, version, 'dates not specified')
  return stays(id, version, staysOf(reservation))
}

/** One stay, or one for each unit. A night of no length goes on as it is: the relay holds a stay that ends before it starts. */
function staysOf(reservation: Reservation): Stay[] {
  const id = String(reservation.id)
  const shared = {
    name: firstText(reservation.confirmationCode) ?? nameOf(reservation),
    start: momentOf(reservation.arrivalDate, reservation.checkInTime),
    end: momentOf(reservation.departureDate, reservation.checkOutTime),
    preferredCode: told(reservation.doorCode)
  }
  const units = unitRows(reservation)
  if (units.length === 0) {
    return [{ id, places: placesOf(reservation), guest: bookerOf(reservation), ...shared }]
  }
  return unitGuests(reservation, units).map(({ unit, guest }) => ({
    id: `${id}_${unit.suffix}`,
    places: unit.place === undefined ? [] : [unit.place],
    guest,
    ...shared
  }))
}

/** None where the body says so, for which 0 stands too; undefined where it leaves them out. */
function placesOf({ listingMapId }: Reservation): string[] | undefined {
  const place = idOf(listingMapId)
  if (place !== undefined) return [place]
  return told(listingMapId) === undefined ? undefined : []
}

/** A date, and the hour where the booking itself tells one. */
function momentOf(date: unknown, hour: unknown): Moment | null {
  const day = /^\d{4}-\d{2}-\d{2}/.exec(told(date) ?? '')?.[0]
  if (day === undefined) return null
  const time = hourOf(hour) ?? undefined
  return time === undefined ? { date: day } : { date: day, time }
}
