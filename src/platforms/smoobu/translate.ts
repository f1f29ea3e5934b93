import {
  type Change,
  cancelled,
  notPushed,
  type StayGuest,
  type StaysChange,
  stays,
  upsertPlace
} from '../../model/change.ts'
import { firstText } from '../fields.ts'
import { type Ignored, type TranslateContext, type Translation, unknownStatus } from '../platform.ts'
import { idOf, isTrue, localMoment, type Members, membersOf, told } from '../told.ts'
import { clockOf, memberOf, modifiedOf, type ReservationEvent } from './events.ts'
import type { Facts } from './hydrate.ts'
import { standingOf } from './status.ts'

/** The farthest that a local time is from UTC, either way. */
const FARTHEST_ZONE_MS = 14 * 3_600_000

/** Made, changed, cancelled or deleted: each carries the whole reservation, a deletion perhaps only its id. */
export function reservationTold({ data }: ReservationEvent, context: TranslateContext): Translation {
  const { event, delivery } = context
  const id = String(data.id)
  const facts = (context.facts ?? undefined) as Facts | undefined
  const first = event.type === 'newReservation'
  if (facts && 'gone' in facts) {
    // The API may not have caught up with one that was just made: whatever is told of it later counts.
    return [
      first
        ? notPushed(id, clockOf(data) ?? beforeAll(delivery), 'not found')
        : cancelled(id, afterAll(delivery), 'gone')
    ]
  }
  const read = newerOf(data, facts?.reservation)
  const reservation = read ?? data
  const off = cancellationOf(event.type, reservation, read !== undefined)
  // What was read and tells no clock is as new as the webhook at least.
  const version = clockOf(reservation) ?? clockOf(data)
  const places = placeOf(reservation, version ?? delivery.receivedAt)
  if (off !== undefined) {
    // When it was made does not tell when it ended.
    const endedAt = modifiedOf(reservation) ?? modifiedOf(data)
    return [...places, cancelled(id, removalVersion(event.type, endedAt, delivery), off)]
  }
  const change = bookingTold(id, version ?? (first ? beforeAll(delivery) : delivery.receivedAt), reservation)
  return 'ignored' in change ? change : [...places, change]
}

/** What was read, unless it is older than the webhook: then the API has not caught up yet. */
function newerOf(data: Members, read: Members | undefined): Members | undefined {
  const [here, there] = [clockOf(data), read && clockOf(read)]
  return here !== undefined && there !== undefined && there < here ? undefined : read
}

/**
 * Why it is off, if it is. The type says so even in an update; what was read again is not off because an event, which
 * nobody signed, says so.
 */
function cancellationOf(event: string, reservation: Members, isRead: boolean): string | undefined {
  if (standingOf(reservation.type) === 'cancelled') return 'cancellation'
  if (isRead) return undefined
  if (event === 'deleteReservation') return 'deleted'
  return event === 'cancelReservation' ? 'cancellation' : undefined
}

/**
 * A time of receipt cannot be compared with the platform's clock, whose zone is not known: it may be up to fourteen
 * hours off. What ends a reservation without telling when is put behind all that can have been told before, and what
 * begins one before all that can be told later.
 */
function afterAll({ receivedAt }: TranslateContext['delivery']): number {
  return receivedAt + FARTHEST_ZONE_MS
}

function beforeAll({ receivedAt }: TranslateContext['delivery']): number {
  return receivedAt - FARTHEST_ZONE_MS
}

/** A deletion is final, and tells when the reservation was last changed, not when it was deleted. */
function removalVersion(
  event: string,
  version: number | undefined,
  delivery: TranslateContext['delivery']
): number {
  return event === 'deleteReservation' ? afterAll(delivery) : (version ?? afterAll(delivery))
}

function bookingTold(id: string, version: number, reservation: Members): StaysChange | Ignored {
  if (isTrue(memberOf(reservation, 'is-blocked-booking'))) return notPushed(id, version, 'blocked')
  if (standingOf(reservation.type) === undefined) return unknownStatus(firstText(reservation.type))
  const guest: StayGuest = {
    name: firstText(memberOf(reservation, 'guest-name')),
    email: told(reservation.email),
    phone: told(reservation.phone)
  }
  const place = apartmentOf(reservation)
  return stays(id, version, [
    {
      id,
      name: firstText(memberOf(reservation, 'reference-id'), guest.name),
      places: place === undefined ? [] : [place],
      guest,
      start: localMoment(reservation.arrival, memberOf(reservation, 'check-in')),
      end: localMoment(reservation.departure, memberOf(reservation, 'check-out'))
    }
  ])
}

function apartmentOf(reservation: Members): string | undefined {
  return idOf(membersOf(reservation.apartment).id)
}

function placeOf(reservation: Members, version: number): Change[] {
  const id = apartmentOf(reservation)
  const name = firstText(membersOf(reservation.apartment).name)
  return id === undefined || name === undefined ? [] : [upsertPlace(id, version, { name })]
}
