import {
  type Change,
  cancelled,
  notPushed,
  remove,
  type StaysChange,
  stays,
  upsertGuest,
  upsertPlace
} from '../../model/change.ts'
import { firstText } from '../fields.ts'
import { type Ignored, ignored, type TranslateContext, type Translation, unknownStatus } from '../platform.ts'
import { entriesOf, idOf, localMoment, type Members, placeNamed } from '../told.ts'
import { type EntityEvent, entityOf, namedIn } from './events.ts'
import { guestFields, guestOf } from './guests.ts'
import type { Facts } from './hydrate.ts'
import { placeFields } from './places.ts'
import { clockOf, standingOf, updatedAt } from './status.ts'

/** What the event and the reading tell together: whoever reads sees to it that the facts are not the older. */
function entityTold(event: EntityEvent, facts: Facts | undefined): Members {
  return { ...entityOf(event), ...(facts && 'entity' in facts ? facts.entity : undefined) }
}

function factsOf({ facts }: TranslateContext): Facts | undefined {
  return (facts ?? undefined) as Facts | undefined
}

/** A booking or a hold, made or changed. A cancellation is a change like any other. */
export function bookingTold(event: EntityEvent, context: TranslateContext): Translation {
  const { receivedAt } = context.delivery
  const facts = factsOf(context)
  const id = event.entity_id
  if (facts && 'gone' in facts) return notFound(id, entityOf(event) ?? {}, receivedAt)
  const booking = entityTold(event, facts)
  if (Object.keys(booking).length === 0) return ignored('nothing but an id, and it could not be read')
  const version = clockOf(booking) ?? receivedAt
  const change = changeOf(id, version, booking, context)
  if ('ignored' in change) return change
  // A booking that stays nowhere says nothing of its property: it may be the last one of a property that is gone.
  if (change.stays.length === 0 && standingOf(booking) !== 'tentative') return [change]
  return [...placeOf(booking, version), change]
}

/**
 * Deletions have an event of their own. Else the API may not have caught up, or not know it for the moment: it is over until it is
 * found again, unchanged as it may be.
 */
function notFound(id: string, told: Members, receivedAt: number): Translation {
  if (standingOf(told) === 'cancelled') return [cancelled(id, receivedAt, 'gone')]
  const changedAt = clockOf(told)
  if (changedAt === undefined)
    return ignored('the booking is not found, and no event says that it was deleted')
  return [notPushed(id, changedAt, 'not found')]
}

/** The event of a deletion has no clock, and bookings have OwnerRez's; no two clocks are so far apart. */
const CLOCKS_APART_MS = 3_600_000

/** A real deletion, for good; a cancelled booking stays where it is and is told as a change. */
export function bookingDeleted(event: EntityEvent, { delivery }: TranslateContext): Translation {
  return [cancelled(event.entity_id, delivery.receivedAt + CLOCKS_APART_MS, 'deleted')]
}

/** The time of receipt is the version: guests have no clock, and are read again where that is possible. */
export function guestTold(event: EntityEvent, context: TranslateContext): Translation {
  const facts = factsOf(context)
  const { receivedAt } = context.delivery
  if (facts && 'gone' in facts) return [remove('guest', event.entity_id, receivedAt)]
  return [upsertGuest(event.entity_id, receivedAt, guestFields(entityTold(event, facts)))]
}

export function guestDeleted(event: EntityEvent, { delivery }: TranslateContext): Translation {
  return [remove('guest', event.entity_id, delivery.receivedAt)]
}

export function propertyTold(event: EntityEvent, context: TranslateContext): Translation {
  const facts = factsOf(context)
  const { receivedAt } = context.delivery
  // Deletions are told as such, and the loss of a place ends every stay in it.
  if (facts && 'gone' in facts)
    return ignored('the property is not found, and no event says that it was deleted')
  const property = entityTold(event, facts)
  // When it was made says nothing of a change, and bookings have told its name since.
  return [upsertPlace(event.entity_id, updatedAt(property) ?? receivedAt, placeFields(property))]
}

export function propertyDeleted(event: EntityEvent, { delivery }: TranslateContext): Translation {
  return [remove('place', event.entity_id, delivery.receivedAt)]
}

function changeOf(
  id: string,
  version: number,
  booking: Members,
  context: TranslateContext
): StaysChange | Ignored {
  const { connection, delivery } = context
  const standing = standingOf(booking)
  if (standing === undefined) return unknownStatus(firstText(booking.status) ?? null)
  if (standing === 'cancelled') return cancelled(id, version, 'canceled')
  if (standing === 'block') return notPushed(id, version, kindOfBlock(booking))
  if (standing === 'tentative' && connection.tentative === 'hold') return notPushed(id, version, 'pending')
  const facts = factsOf(context)
  const read = facts && 'guest' in facts ? facts.guest : undefined
  const guest = guestOf(booking, read, delivery.receivedAt)
  const { id: place } = namedIn(booking.property_id, booking.property)
  return stays(id, version, [
    {
      id,
      name: firstText(booking.platform_reservation_number, guest.name, booking.title),
      places: placeNamed(place ?? booking.property_id),
      guest,
      start: localMoment(booking.arrival, booking.check_in),
      end: localMoment(booking.departure, booking.check_out),
      preferredCode: codeOf(booking.door_codes, connection.preferredCodeField)
    }
  ])
}

function kindOfBlock({ type }: Members): string {
  const kind = firstText(type)
  return kind === undefined || kind === 'booking' ? 'block' : kind
}

/**
 * There is one code for each lock. They are one wish where all are the same, or where the connection names the lock
 * that counts.
 */
function codeOf(list: unknown, lockName: string | undefined): string | null | undefined {
  if (!Array.isArray(list)) return undefined
  const all = entriesOf(list)
  const named = all.filter(entry => lockName !== undefined && entry.lock_name === lockName)
  const codes = new Set((named.length > 0 ? named : all).flatMap(({ code }) => idOf(code) ?? []))
  const [code = null] = codes
  return codes.size === 1 ? code : null
}

/** Of the property a booking tells only the name. */
function placeOf(booking: Members, version: number): Change[] {
  const { id, part } = namedIn(booking.property_id, booking.property)
  const name = firstText(part.name)
  return id === undefined || name === undefined ? [] : [upsertPlace(id, version, { name })]
}
