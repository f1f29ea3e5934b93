import { RelayError } from '../../errors.ts'
import {
  type Change,
  cancelled,
  notPushed,
  remove,
  type Stay,
  type StayGuest,
  stays,
  upsertPlace
} from '../../model/change.ts'
import { foundClock, notFoundClock, readingClock } from '../api.ts'
import { firstText, joinName } from '../fields.ts'
import { ignored, type TranslateContext, type Translation, unknownStatus } from '../platform.ts'
import { idOf, isMembers, type Members, membersOf, told } from '../told.ts'
import { type CalendarEvent, endings, isOurs, type PropertyEvent } from './events.ts'
import type { Facts } from './hydrate.ts'
import { placeFields } from './places.ts'
import { standingOf } from './status.ts'
import { momentOf, utcMs, zoneOf } from './times.ts'

/** Any event of a lead is a hint at it; what was read of it counts, also where the event is called a cancellation. */
export function leadTold({ lead_uid }: CalendarEvent, context: TranslateContext): Translation {
  if (!lead_uid) return ignored('it names no booking')
  // In one case, so that it is one stay; a lead that is not found tells no writing of its own.
  const uid = lead_uid.toLowerCase()
  const facts = factsOf(context)
  const { connection, delivery } = context
  if (!('lead' in facts)) return notFound(uid, readingClock(facts, delivery.receivedAt), context)
  const { lead } = facts
  // A key may read the leads of several agencies, and the webhook that named this one was not signed.
  if (!isOurs(idOf(lead.agencyUid), connection)) return ignored('the booking belongs to another agency')
  const version = clockOf(membersOf(lead.metadata), readingClock(facts, delivery.receivedAt))
  const place = idOf(lead.propertyUid)
  const zone = zoneOf(lead.checkInZonedDateTime, lead.checkInLocalDateTime)
  const places: Change[] =
    place === undefined || zone === undefined ? [] : [upsertPlace(place, version, { timeZone: zone })]
  const status = firstText(lead.status)
  const standing = standingOf(status, lead.type)
  switch (standing) {
    case undefined:
      return unknownStatus(status)
    // A booking that stays nowhere says nothing of its property: it may be the last one of a property that is gone.
    case 'cancelled':
      return [cancelled(uid, version, status)]
    case 'block':
    case 'inquiry':
      return [notPushed(uid, version, standing)]
    case 'no access':
      return [notPushed(uid, version, `${status}`)]
    case 'tentative':
      if (connection.tentative === 'hold') return [...places, notPushed(uid, version, `${status}`)]
  }
  return [...places, stays(uid, version, [stayOf(uid, place, lead)])]
}

/**
 * Where the event tells of an end, the lead is deleted. Else it may have been so without a word, or the API may not know it for the
 * moment: it is over until it changes or is found again an hour later. A new one may be too new for the API, and is not told of at all.
 */
function notFound(uid: string, readAt: number, { event }: TranslateContext): Translation {
  if (endings.includes(event.type)) return [cancelled(uid, readAt, 'deleted')]
  if (event.type.startsWith('NEW_')) return ignored('the booking is not found yet')
  return [notPushed(uid, notFoundClock(readAt), 'not found')]
}

/**
 * A property that was switched off keeps its facts: stays that are booked in it go on. Whether one can still be found is
 * not documented, so not being found is no end either.
 */
export function propertyTold({ property_uid: uid }: PropertyEvent, context: TranslateContext): Translation {
  const facts = factsOf(context)
  const { receivedAt } = context.delivery
  if ('property' in facts) return [upsertPlace(uid, receivedAt, placeFields(facts.property))]
  return endings.includes(context.event.type)
    ? [remove('place', uid, receivedAt)]
    : ignored('the property is not found, and no event says that it was deleted')
}

function factsOf({ facts }: TranslateContext): Facts {
  if (facts === undefined || facts === null) throw new RelayError('RELAY_HYDRATION_NOT_CONFIGURED')
  return facts as Facts
}

/** Null says that it was never updated; where nothing is said, it may have been, and nobody knows when. */
function clockOf({ createdUtcDateTime, updatedUtcDateTime }: Members, readAt: number): number {
  const changedAt = utcMs(updatedUtcDateTime === null ? createdUtcDateTime : updatedUtcDateTime)
  return changedAt === undefined ? readAt : foundClock(changedAt, readAt)
}

function stayOf(id: string, place: string | undefined, lead: Members): Stay {
  const guest = guestOf(lead.guestInformation)
  return {
    id,
    name: firstText(lead.externalBookingId) ?? guest?.name,
    // Never the webhook's property, which may be the one before a move.
    places: place === undefined ? [] : [place],
    guest,
    start: momentOf(lead.checkInZonedDateTime, lead.checkInLocalDateTime),
    end: momentOf(lead.checkOutZonedDateTime, lead.checkOutLocalDateTime)
  }
}

/** A guest has no id; the e-mail tells them apart. One whose data were erased is somebody still. */
function guestOf(guest: unknown): StayGuest | null | undefined {
  if (!isMembers(guest)) return guest === null ? null : undefined
  return {
    name: joinName(guest.firstName, guest.lastName),
    email: told(guest.email),
    phone: told(guest.phoneNumber, guest.cellPhoneNumber)
  }
}
