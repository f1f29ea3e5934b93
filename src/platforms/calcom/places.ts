import { type UpsertPlace, upsertPlace } from '../../model/change.ts'
import { firstText, instantMs } from '../fields.ts'
import { idOf, placeNamed } from '../told.ts'
import { answerTo, type Booking, member } from './events.ts'

/** The event type plays the place; group bookings made on the fly have none. Undefined where an event leaves it out. */
export function placesOf({ eventTypeId }: Booking): string[] | undefined {
  return idOf(eventTypeId) === '0' ? [] : placeNamed(eventTypeId)
}

/** What a booking tells of its event type, for which Cal.com has no event. */
export function placeTold(booking: Booking, version: number): UpsertPlace[] {
  const title = firstText(booking.eventTitle)
  const slug = booking.type === booking.title ? undefined : firstText(booking.type)
  const facts = {
    name: title,
    timeZone: firstText(member(booking.organizer, 'timeZone')),
    address: addressOf(booking),
    durationMinutes: durationOf(booking)
  }
  return (placesOf(booking) ?? []).flatMap(id => [
    upsertPlace(id, version, facts),
    // Not every event tells the title. Version 0: the slug is better than a number, and any title told at any time beats it.
    ...(title === undefined && slug !== undefined ? [upsertPlace(id, 0, { name: slug })] : [])
  ])
}

/**
 * The length of the event type, where it can be one: `length` is the booking's own when it is made and the event type's
 * default later, so a difference says that the event type has several lengths and no fixed one.
 */
function durationOf(booking: Booking): number | undefined {
  const { length } = booking
  const start = instantMs(booking.startTime)
  const end = instantMs(booking.endTime)
  if (typeof length !== 'number' || length <= 0 || start === undefined || end === undefined) return undefined
  return length * 60_000 === end - start ? length : undefined
}

/** The only kind of location whose text is the place's address. */
const atTheHost = 'inPerson'
/** Kinds of location, named where the place itself is not. */
const locationKinds = new Set([
  atTheHost,
  'attendeeInPerson',
  'attendeePhone',
  'conferencing',
  'link',
  'phone',
  'somewhereElse',
  'userPhone'
])

const scheme = /^(?:integrations:|mailto:|sips?:|tel:|[a-z][a-z\d+.-]*:\/\/)/i
const hostName = /\.[a-z]{2,}(?:[/:?#]|$)/i
const phoneNumber = /^[+(]?\d[\d\s().+/-]*$/

function addressOf(booking: Booking): string | undefined {
  const location = firstText(booking.location)
  const answer = answerTo('location', booking.responses)
  if (location === undefined || isElsewhere(location) || phoneNumber.test(location)) return undefined
  // The booker's own text, such as an address of theirs, is none of the place.
  if (firstText(member(answer, 'optionValue')) !== undefined) return undefined
  const kind = firstText(member(answer, 'value'), answer)
  return kind !== undefined && kind !== atTheHost && isElsewhere(kind) ? undefined : location
}

function isElsewhere(text: string): boolean {
  return locationKinds.has(text) || isLink(text)
}

function isLink(location: string): boolean {
  return scheme.test(location) || (!/\s/.test(location) && hostName.test(location))
}
