import {
  type Change,
  cancelled,
  notPushed,
  type StaysChange,
  stays,
  upsertPlace
} from '../../model/change.ts'
import { firstText } from '../fields.ts'
import { type Ignored, type TranslateContext, type Translation, unknownStatus } from '../platform.ts'
import {
  guestByEmail,
  idOf,
  isTrue,
  localMoment,
  type Members,
  membersOf,
  placeNamed,
  told
} from '../told.ts'
import {
  apartmentOf,
  clockOf,
  isOlder,
  lacks,
  madeOf,
  modifiedOf,
  type ReservationEvent,
  reservationOf
} from './events.ts'
import type { Facts } from './hydrate.ts'
import { overBecause, standingOf } from './status.ts'

/** The farthest that a local time is from UTC, either way. */
const FARTHEST_ZONE_MS = 14 * 3_600_000
const MINUTE_MS = 60_000

/** Made, changed, cancelled or deleted: each carries the whole reservation, a deletion perhaps only its id. */
export function reservationTold({ data }: ReservationEvent, context: TranslateContext): Translation {
  const { event, delivery } = context
  const id = String(data.id)
  const webhook = reservationOf(data)
  const facts = (context.facts ?? undefined) as Facts | undefined
  if (facts && 'gone' in facts) return [notFound(id, webhook, context)]
  const read = facts && reservationOf(facts.reservation)
  const isRead = read !== undefined && !isOlder(read, webhook)
  // What a reading leaves out is as the webhook has it.
  const reservation = isRead ? { ...webhook, ...read, type: read.type ?? webhook.type } : webhook
  const version = isRead && lacks(read, webhook) ? olderOf(reservation, webhook) : clockOf(reservation)
  // What was read again is not off because an event, which nobody signed, says so.
  const off = overBecause(isRead ? '' : event.type, reservation.type)
  if (off !== undefined) {
    // When it was made does not tell when it ended.
    return [cancelled(id, removalVersion(event.type, modifiedOf(reservation), delivery), off)]
  }
  const unclocked = event.type === 'newReservation' ? beforeAll(delivery) : delivery.receivedAt
  const change = bookingTold(id, version ?? unclocked, reservation)
  if ('ignored' in change) return change
  // A booking that stays nowhere says nothing of its apartment.
  if (change.stays.length === 0) return [change]
  return [...placeOf(reservation, version ?? delivery.receivedAt), change]
}

/** What is put together of both is no newer than the older of them. */
function olderOf(reservation: Members, webhook: Members): number | undefined {
  const clocks = [clockOf(reservation), clockOf(webhook)].filter(clock => clock !== undefined)
  return clocks.length === 0 ? undefined : Math.min(...clocks)
}

/** A change tells when it was made: of that minute too, a reservation that is found again later counts. */
function notFound(id: string, webhook: Members, { event, delivery }: TranslateContext): StaysChange {
  if (overBecause(event.type, webhook.type) !== undefined) return cancelled(id, afterAll(delivery), 'gone')
  const changed = modifiedOf(webhook)
  if (event.type !== 'newReservation' && changed !== undefined) return notPushed(id, changed, 'not found')
  // The API may not have caught up with one that was just made: whatever is told of it, as of that minute too, counts.
  const made = madeOf(webhook) ?? changed
  const version = made === undefined ? beforeAll(delivery) : Math.floor(made / MINUTE_MS) * MINUTE_MS - 1
  return notPushed(id, version, 'not found')
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
  if (isTrue(reservation['is-blocked-booking'])) return notPushed(id, version, 'blocked')
  if (standingOf(reservation.type) === undefined) return unknownStatus(firstText(reservation.type))
  const guest = guestByEmail({
    name: firstText(reservation['guest-name']),
    email: told(reservation.email),
    phone: told(reservation.phone)
  })
  return stays(id, version, [
    {
      id,
      name: firstText(idOf(reservation['reference-id']), guest.name),
      places: placeNamed(reservation.apartment && membersOf(reservation.apartment).id),
      guest,
      start: localMoment(reservation.arrival, reservation['check-in']),
      end: localMoment(reservation.departure, reservation['check-out'])
    }
  ])
}

function placeOf(reservation: Members, version: number): Change[] {
  const id = apartmentOf(reservation)
  const name = firstText(membersOf(reservation.apartment).name)
  return id === undefined || name === undefined ? [] : [upsertPlace(id, version, { name })]
}
