import { RelayError } from '../../errors.ts'
import {
  type Change,
  cancelled,
  notPushed,
  type Stay,
  type StayGuest,
  stays,
  upsertPlace
} from '../../model/change.ts'
import type { Connection } from '../../model/connection.ts'
import { cancellationClock, readingClock } from '../api.ts'
import { firstText, joinName } from '../fields.ts'
import { ignored, type TranslateContext, type Translation, unknownStatus, unreadable } from '../platform.ts'
import { entriesOf, localMoment, type Members, membersOf, told } from '../told.ts'
import { isCancelled, type ListingEvent, listingIdOf, type ReservationEvent } from './events.ts'
import type { ListingFacts, ReservationFacts } from './hydrate.ts'
import { isCopy, listingTold, placeFields, unitOf } from './places.ts'
import { isBehind, standingOf } from './status.ts'
import { idOf } from './values.ts'

/**
 * What a message that cancels is ahead of, where it counts without a reading: what was read at about the same time for another message,
 * from an API that did not know of it. Nothing that is told later is outdone, since it only counts once the API has failed for half a minute.
 */
const AHEAD_MS = 10_000

/** Any action of a reservation: a hint at its id, whose truth was read afterwards. */
export function reservationTold(event: ReservationEvent, context: TranslateContext): Translation {
  const { connection, delivery } = context
  const { message, sentAt } = event
  const id = String(message.reservation_id)
  const facts = (context.facts ?? undefined) as ReservationFacts | undefined
  const byMessage = cancelled(id, sentAt + AHEAD_MS)
  if (facts === undefined) {
    if (isCancelled(message.status_code)) return [byMessage]
    throw new RelayError('RELAY_HYDRATION_NOT_CONFIGURED')
  }
  const version = readingClock(facts, delivery.receivedAt)
  const endedAt = cancellationClock(facts, delivery.receivedAt)
  if ('gone' in facts) return [cancelled(id, endedAt, 'deleted')]
  const { reservation } = facts
  const listing = facts.listing ?? {}
  const place = unitOf(reservation, listing)
  const places = placesTold(place, listing, delivery.receivedAt)
  // Judged when it was read, so whatever was read before it was behind as well.
  if (isBehind(event, reservation)) return [cancelled(id, Math.max(endedAt, byMessage.version))]
  const status = firstText(reservation.status)
  switch (standingOf(status, reservation.status_code)) {
    case undefined:
      if (isCancelled(message.status_code)) return [byMessage]
      return unknownStatus(status ?? reservation.status_code)
    // A booking that stays nowhere says nothing of its listing.
    case 'cancelled':
      return [cancelled(id, endedAt, status)]
    case 'inquiry':
      return [notPushed(id, version, `${status}`)]
    case 'tentative':
      if (connection.tentative === 'hold') return [...places, notPushed(id, version, `${status}`)]
  }
  return [...places, stays(id, version, [stayOf(id, place, event, facts, connection)])]
}

/** The listing has no clock; it was read after the message came. */
function placesTold(place: string | undefined, listing: Members, readAt: number): Change[] {
  const shown = idOf(listing.id)
  if (place === undefined || shown === undefined) return []
  const fields = placeFields(listing)
  if (shown === place) return [upsertPlace(place, readAt, fields)]
  // A copy lies where its unit does. That is older than whatever the unit says of itself, which may not be to be read.
  const { timeZone, checkInTime, checkOutTime } = fields
  return [upsertPlace(place, 0, { timeZone, checkInTime, checkOutTime })]
}

/** A listing was made or changed. Of a channel's copy nothing is told: the unit is its parent. */
export function listingChanged(event: ListingEvent, { facts, delivery }: TranslateContext): Translation {
  const id = listingIdOf(event)
  if (id === undefined) throw unreadable('the message names no listing')
  const read = (facts ?? undefined) as ListingFacts | undefined
  if (read === undefined) {
    return [upsertPlace(id, event.sentAt, placeFields(listingTold(event.message as Members)))]
  }
  // No message tells that a listing was deleted, and with its place every stay in it would end.
  if ('gone' in read) return ignored('Hostify does not know the listing: its place is kept')
  if (isCopy(read.listing)) return ignored('a channel’s copy of a listing is not a unit of its own')
  return [upsertPlace(id, delivery.receivedAt, placeFields(read.listing))]
}

function stayOf(
  id: string,
  place: string | undefined,
  { message }: ReservationEvent,
  facts: Exclude<ReservationFacts, { gone: true }>,
  connection: Connection
): Stay {
  const { reservation, customFields } = facts
  const data = membersOf(message.data)
  const guest = guestOf(reservation, facts.guest ?? membersOf(data.guest))
  return {
    id,
    name: joinName(guest.name, reservation.confirmation_code),
    places: place === undefined ? [] : [place],
    guest,
    // `16:00:00` in a webhook, `16:00` in the API.
    start: localMoment(reservation.checkIn, reservation.planned_arrival),
    end: localMoment(reservation.checkOut, reservation.planned_departure),
    preferredCode: codeIn(
      customFields ?? membersOf(data.reservation).custom_fields,
      connection.preferredCodeField ?? 'door_code'
    )
  }
}

/** Where nobody is named any more, as after an erasure, the stay keeps whom it has. */
function guestOf(reservation: Members, guest: Members): StayGuest {
  const id = idOf(reservation.guest_id, guest.id)
  const name = firstText(guest.name)
  const email = told(guest.email)
  const phone = told(guest.phone)
  const somebody = id ?? name ?? email ?? phone
  return somebody === undefined || somebody === null ? {} : { id: id ?? null, name, email, phone }
}

/**
 * A custom field, by its name. Never `lock_pin`: it may be the very code that Seam made, and to wish for that again would
 * go round in a circle.
 */
function codeIn(fields: unknown, name: string): string | null | undefined {
  if (!Array.isArray(fields)) return undefined
  const field = entriesOf(fields).find(each => firstText(each.name) === name)
  return told(field?.value) ?? null
}
