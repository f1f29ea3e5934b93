import {
  cancelled,
  type Moment,
  type StayGuest,
  stays,
  type UpsertPlace,
  upsertPlace
} from '../../model/change.ts'
import type { Connection } from '../../model/connection.ts'
import { cancellationClock, readingClock } from '../api.ts'
import { firstText, instantMs, joinName, lowerText } from '../fields.ts'
import { type TranslateContext, type Translation, unreadable } from '../platform.ts'
import { entriesOf, idOf, type Members } from '../told.ts'
import type { AppointmentEvent } from './events.ts'
import { type Facts, isCanceled, zoneOf } from './hydrate.ts'

/** Any of the actions: what the appointment is by now was read, and is all that counts. */
export function appointmentTold({ id }: AppointmentEvent, context: TranslateContext): Translation {
  const { connection, delivery } = context
  const facts = context.facts as Facts | undefined
  if (facts === undefined) throw unreadable('the appointment was not read')
  const version = readingClock(facts, delivery.receivedAt)
  const endedAt = cancellationClock(facts, delivery.receivedAt)
  if ('gone' in facts) return [cancelled(id, endedAt, 'gone')]
  const { appointment } = facts
  // A booking that stays nowhere says nothing of its place.
  if (isCanceled(appointment)) return [cancelled(id, endedAt)]
  const place = placeOf(appointment, connection)
  const guest = guestOf(appointment)
  const { start, end } = timesOf(appointment)
  return [
    ...placeTold(place, appointment, version),
    stays(id, version, [
      {
        id,
        name: joinName(appointment.type, guest.name),
        places: place.id === undefined ? [] : [place.id],
        guest,
        start,
        end,
        preferredCode: codeOf(appointment, connection)
      }
    ])
  ]
}

interface Place {
  id: string | undefined
  name: string | undefined
}

/** The calendar, unless the connection says that appointment types are the rooms. */
function placeOf({ calendar, calendarID, type, appointmentTypeID }: Members, { api }: Connection): Place {
  const [id, name] = api?.place === 'type' ? [appointmentTypeID, type] : [calendarID, calendar]
  return { id: idOf(id), name: firstText(name) }
}

function placeTold(
  { id, name }: Place,
  { location, calendarTimezone }: Members,
  version: number
): UpsertPlace[] {
  if (id === undefined) return []
  // `timezone` is the one in which the client looked at the calendar.
  const told = upsertPlace(id, version, { name, timeZone: zoneOf(calendarTimezone) })
  const address = firstText(location)
  // Where one appointment is, such as a video call, may not be where its calendar is: older than whatever that one tells.
  return address === undefined ? [told] : [told, upsertPlace(id, 0, { address })]
}

/** Clients have no id in the API. What is empty was not told, even where all is, as of a client whose data was deleted. */
function guestOf({ firstName, lastName, email, phone }: Members): StayGuest {
  return { name: joinName(firstName, lastName), email: firstText(email), phone: firstText(phone) }
}

/** `datetime` has an offset without a colon; `date`, `time` and `endTime` are words for people and are not read. */
function timesOf({ datetime, duration }: Members): { start: Moment | null; end: Moment | null } {
  const start = instantMs(datetime)
  if (start === undefined) return { start: null, end: null }
  const minutes = Number(firstText(duration) ?? duration)
  const end = start + minutes * 60_000
  return { start: momentOf(start), end: minutes > 0 && isDate(end) ? momentOf(end) : null }
}

function isDate(ms: number): boolean {
  return !Number.isNaN(new Date(ms).getTime())
}

function momentOf(ms: number): Moment {
  return { instant: new Date(ms).toISOString() }
}

/** An answer whose question, or number of the field, is the one that the connection names. */
function codeOf({ answers }: Members, { preferredCodeField }: Connection): string | undefined {
  const wanted = preferredCodeField?.trim().toLowerCase()
  if (wanted === undefined) return undefined
  const answer = entriesOf(answers).find(
    ({ name, fieldID }) => fieldID === wanted || lowerText(name) === wanted
  )
  return firstText(answer?.value)
}
