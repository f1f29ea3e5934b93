import {
  type Change,
  cancelled,
  type Moment,
  notPushed,
  type StayGuest,
  type StaysChange,
  stays,
  type UpsertPlace,
  upsertPlace
} from '../../model/change.ts'
import type { Connection } from '../../model/connection.ts'
import { firstText, instantMs, joinName } from '../fields.ts'
import { type TranslateContext, type Translation, unknownStatus } from '../platform.ts'
import { guestByEmail, type Members, membersOf, saysNone } from '../told.ts'
import { answersOf, codeOf, phoneOf } from './answers.ts'
import { bookingIdOf, type Invitee, type InviteeEvent, idIn } from './events.ts'
import type { Facts } from './hydrate.ts'
import { standings, statusOf } from './status.ts'

/** Somebody booked; with `old_invitee` it is the second half of a reschedule. */
export function inviteeCreated(event: InviteeEvent, context: TranslateContext): Translation {
  const { payload: invitee } = event
  const facts = context.facts as Facts | undefined
  const version = versionOf(event, context)
  const bookingId = bookingIdOf(invitee.uri)
  const replaced = replacedBy(invitee, version)
  // What is cancelled can still be read; this may have been too new. So the same booking, told and read again, may say more.
  if (facts !== undefined && 'gone' in facts) return [...replaced, notPushed(bookingId, version, 'gone')]

  const scheduled = facts?.scheduledEvent ?? membersOf(invitee.scheduled_event)
  const statuses = [invitee.status, scheduled.status].map(statusOf)
  // Told late, as by a repeat, it may be off already.
  if (statuses.some(status => standings.get(status) === 'cancelled')) return over(invitee, version)
  const strange = statuses.find(status => !standings.has(status))
  if (strange !== undefined) return unknownStatus(strange)
  return [
    ...replaced,
    stays(bookingId, version, [stayOf(bookingId, invitee, scheduled, context.connection)]),
    ...placeTold(scheduled, version)
  ]
}

/** By either side; with `rescheduled` it is the first half of a reschedule. The booking that took its place tells of itself. */
export function inviteeCancelled(event: InviteeEvent, context: TranslateContext): Change[] {
  return over(event.payload, versionOf(event, context))
}

/** A booking that stays nowhere says nothing of its event type. */
function over(invitee: Invitee, version: number): Change[] {
  const because = invitee.rescheduled === true ? 'rescheduled' : 'cancelled'
  return [...replacedBy(invitee, version), cancelled(bookingIdOf(invitee.uri), version, because)]
}

/** `updated_at` of the invitee; what stands outside the payload may be the time of sending. */
function versionOf({ created_at, payload }: InviteeEvent, { delivery }: TranslateContext): number {
  return instantMs(payload.updated_at) ?? instantMs(created_at) ?? delivery.receivedAt
}

/** The invitee whose place this one took: over, whatever arrives first. */
function replacedBy({ uri, old_invitee }: Invitee, version: number): StaysChange[] {
  const old = firstText(old_invitee)
  if (old === undefined || bookingIdOf(old) === bookingIdOf(uri)) return []
  return [cancelled(bookingIdOf(old), version, 'rescheduled')]
}

function stayOf(id: string, invitee: Invitee, scheduled: Members, connection: Connection) {
  const guest = guestOf(invitee, scheduled)
  return {
    id,
    name: joinName(scheduled.name, guest.name),
    places: placesOf(scheduled),
    guest,
    start: momentOf(scheduled.start_time),
    end: momentOf(scheduled.end_time),
    preferredCode: codeOf(answersOf(invitee), connection.preferredCodeField)
  }
}

/**
 * A form may ask for one name or for two, so either may be null. Invitees have no id that a second booking keeps. What is empty
 * was not told, even where all is: somebody booked.
 */
function guestOf(invitee: Invitee, scheduled: Members): StayGuest {
  return guestByEmail({
    name: firstText(invitee.name) ?? joinName(invitee.first_name, invitee.last_name),
    email: firstText(invitee.email),
    phone: phoneOf(invitee, scheduled)
  })
}

/** The event type plays the place; undefined where none can be read. */
function placesOf({ event_type }: Members): string[] | undefined {
  const id = idIn('event_types', event_type)
  if (id !== undefined) return [id]
  return saysNone(event_type) ? [] : undefined
}

function momentOf(time: unknown): Moment | null {
  return typeof time === 'string' && instantMs(time) !== undefined ? { instant: time } : null
}

/** Its zone is not told: `timezone` is the invitee's. */
function placeTold(scheduled: Members, version: number): UpsertPlace[] {
  const id = idIn('event_types', scheduled.event_type)
  if (id === undefined) return []
  const location = membersOf(scheduled.location)
  return [
    upsertPlace(id, version, {
      name: firstText(scheduled.name),
      address: location.type === 'physical' ? firstText(location.location) : undefined,
      durationMinutes: minutesBetween(scheduled.start_time, scheduled.end_time)
    })
  ]
}

function minutesBetween(start: unknown, end: unknown): number | undefined {
  const minutes = ((instantMs(end) ?? Number.NaN) - (instantMs(start) ?? Number.NaN)) / 60_000
  return Number.isInteger(minutes) && minutes > 0 ? minutes : undefined
}
