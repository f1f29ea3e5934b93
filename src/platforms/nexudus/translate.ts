import {
  type Change,
  cancelled,
  type Moment,
  notPushed,
  remove,
  type StayGuest,
  stays,
  type UpsertPlace,
  upsertGuest,
  upsertPlace
} from '../../model/change.ts'
import type { Connection } from '../../model/connection.ts'
import { firstText, instantMs, joinName, lowerText } from '../fields.ts'
import type { TranslateContext, Translation } from '../platform.ts'
import { idOf, isTrueInAnyCase, type Members, membersOf, placeNamed, textNamed, told } from '../told.ts'
import type { BookingRecord, CoworkerRecord, DeskRecord } from './events.ts'
import type { Facts } from './hydrate.ts'

/** Before the number of a desk, which a resource may have too. */
export const DESK = 'desk:'

/** Made or changed. Approval, where it is needed, comes as a change. */
export function bookingTold(booking: BookingRecord, context: TranslateContext): Translation {
  const { connection } = context
  if (isTrueInAnyCase(booking.IsCancelled)) return bookingDeleted(booking, context)
  const version = versionOf(booking, context)
  const places = placeTold(booking, version)
  if (isTrueInAnyCase(booking.Tentative) && connection.tentative === 'hold') {
    return [...places, ...idsOf(booking).map(id => notPushed(id, version, 'tentative'))]
  }
  const guest = guestOf(booking, context)
  if (guest === undefined) {
    return idsOf(booking).map(id => notPushed(id, version, 'a block, of no member'))
  }
  return [
    ...places,
    stays(String(booking.Id), version, [
      {
        id: stayIdOf(booking),
        name: joinName(booking.ResourceName, booking.CoworkerFullName),
        places: placesOf(booking),
        guest,
        start: momentOf(booking.FromTime),
        end: momentOf(booking.ToTime),
        preferredCode: codeOf(context.facts, connection)
      }
    ])
  ]
}

/**
 * Deleted, cancelled by either side, or by itself because nobody came or paid. A booking that stays nowhere says nothing of
 * its desk: it may be the last one of a desk that is gone.
 */
export function bookingDeleted(booking: BookingRecord, context: TranslateContext): Change[] {
  const version = versionOf(booking, context)
  return idsOf(booking).map(id => cancelled(id, version))
}

/** A member who is no longer active keeps the bookings that stand. */
export function coworkerTold(coworker: CoworkerRecord, context: TranslateContext): Change[] {
  return [upsertGuest(String(coworker.Id), versionOf(coworker, context), fieldsOf(coworker))]
}

export function coworkerDeleted(coworker: CoworkerRecord, context: TranslateContext): Change[] {
  return [remove('guest', String(coworker.Id), versionOf(coworker, context))]
}

export function deskTold(desk: DeskRecord, context: TranslateContext): Change[] {
  const name = firstText(desk.Name)
  return [upsertPlace(`${DESK}${desk.Id}`, versionOf(desk, context), { name })]
}

export function deskDeleted(desk: DeskRecord, context: TranslateContext): Change[] {
  return [remove('place', `${DESK}${desk.Id}`, versionOf(desk, context))]
}

function versionOf({ UpdatedOn }: { UpdatedOn?: unknown }, { event, delivery }: TranslateContext): number {
  const ms = utcMs(UpdatedOn)
  if (ms === undefined) return delivery.receivedAt
  return event.type.endsWith('Create') ? ms : afterCreation(ms)
}

/** Whole seconds cannot tell a change from the creation before it; a creation is never the later one. */
function afterCreation(ms: number): number {
  return ms % 1_000 === 0 ? ms + 1 : ms
}

/** Nexudus writes UTC; a text without a zone is the same. */
function utcMs(value: unknown): number | undefined {
  const text = firstText(value)
  return instantMs(text) ?? instantMs(`${text}Z`)
}

function momentOf(time: unknown): Moment | null {
  const ms = utcMs(time)
  return ms === undefined ? null : { instant: new Date(ms).toISOString() }
}

/** The same in every mechanism of Nexudus. */
function stayIdOf({ UniqueId, Id }: BookingRecord): string {
  return lowerText(UniqueId) ?? String(Id)
}

/** A booking is known by its number, which no record leaves out. Under the id of its stay, callers may have told of one. */
function idsOf(booking: BookingRecord): string[] {
  return [...new Set([String(booking.Id), stayIdOf(booking)])]
}

function placesOf({ ResourceId, FloorPlanDeskId }: BookingRecord): string[] | undefined {
  const desk = idOf(FloorPlanDeskId)
  if (idOf(ResourceId) === undefined && desk !== undefined) return [`${DESK}${desk}`]
  return placeNamed(ResourceId)
}

/** There is no event for resources; a booking tells the name. */
function placeTold(booking: BookingRecord, version: number): UpsertPlace[] {
  const name = firstText(booking.ResourceName)
  return name === undefined ? [] : (placesOf(booking) ?? []).map(id => upsertPlace(id, version, { name }))
}

/** Undefined where the booking is of no member: an administrator's block, or the space's own use. */
function guestOf(booking: BookingRecord, { facts }: TranslateContext): StayGuest | undefined {
  const id = idOf(booking.CoworkerId)
  if (id === undefined) return undefined
  const seen = {
    id,
    name: firstText(booking.CoworkerFullName),
    phone: firstText(booking.CoworkerMobilePhone)
  }
  const coworker = coworkerOf(facts)
  if (coworker === undefined) return seen
  const read = fieldsOf(coworker)
  const updatedOn = utcMs(coworker.UpdatedOn)
  return {
    id,
    name: read.name ?? seen.name,
    email: read.email,
    phone: read.phone === undefined ? seen.phone : read.phone,
    // What was read has the member's own clock, so that a member's event and a booking's never argue.
    ...(updatedOn !== undefined && { version: afterCreation(updatedOn) })
  }
}

function coworkerOf(facts: unknown): Members | undefined {
  const read = facts as Facts | undefined
  return read !== undefined && 'coworker' in read ? read.coworker : undefined
}

function fieldsOf({ FullName, Email, MobilePhone }: Members) {
  return { name: firstText(FullName), email: told(Email), phone: told(MobilePhone) }
}

/** A custom field of the member, such as `Salto.Pin`. */
function codeOf(facts: unknown, { preferredCodeField }: Connection): string | undefined {
  return textNamed(preferredCodeField, membersOf(coworkerOf(facts)?.codes))
}
