import { cancelled, notPushed, type Stay, type StayGuest, stays } from '../../model/change.ts'
import type { Connection } from '../../model/connection.ts'
import { firstText, instantMs, joinName, lowerText } from '../fields.ts'
import { type TranslateContext, type Translation, unknownStatus } from '../platform.ts'
import {
  entriesOf,
  guestByEmail,
  idOf,
  localMoment,
  type Members,
  phoneTold,
  placeNamed,
  told
} from '../told.ts'
import type { BookingEvent } from './events.ts'
import { type BookingFacts, isReachable, masterOf, withRead } from './hydrate.ts'
import { placeId } from './places.ts'
import { isNoShow, standingOf } from './status.ts'

/** Something about a booking changed; `status` tells what it has become. */
export function bookingTold(event: BookingEvent, context: TranslateContext): Translation {
  const { connection, delivery } = context
  // As readFacts left them: null or undefined where nothing was read.
  const facts = (context.facts ?? undefined) as BookingFacts | undefined
  const booking = withRead({ infoItems: event.infoItems, ...event.booking }, facts?.booking ?? null)
  const id = String(event.booking.id)
  const version = instantMs(booking.modifiedTime) ?? instantMs(event.timeStamp) ?? delivery.receivedAt
  const status = lowerText(booking.status) ?? ''
  const because = firstText(booking.subStatus)
  switch (standingOf(booking)) {
    case undefined:
      return unknownStatus(booking.status ?? null)
    case 'cancelled':
      return [cancelled(id, version, because && because !== 'none' ? because : status)]
    case 'block':
      return [notPushed(id, version, 'block')]
    case 'inquiry':
      return [notPushed(id, version, status)]
    case 'tentative':
      if (connection.tentative === 'hold') return [notPushed(id, version, status)]
  }
  if (isNoShow(booking)) return [cancelled(id, version, because)]
  return [stays(id, version, [stayOf(id, booking, facts, connection)])]
}

/** Dates only: the hours are the property's, and `arrivalTime` is what a guest writes. */
function stayOf(id: string, booking: Members, facts: BookingFacts | undefined, connection: Connection): Stay {
  const guest = guestOf(booking, facts?.master, connection)
  return {
    id,
    name: nameOf(booking) ?? guest.name ?? idOf(booking.apiReference) ?? `Guest ${id}`,
    places: placesOf(booking, facts?.qty),
    guest,
    start: localMoment(booking.arrival),
    end: localMoment(booking.departure),
    preferredCode: codeOf(booking, connection)
  }
}

/** Unit 0 means that none is given yet, unless the type has one only. */
function placesOf({ roomId, unitId }: Members, qty: unknown): string[] | undefined {
  const type = idOf(roomId)
  const unit = idOf(unitId) ?? '0'
  if (type === undefined) return placeNamed(roomId)
  if (unit !== '0') return [placeId(type, unit)]
  return idOf(qty) === '1' ? [placeId(type, '1')] : []
}

/**
 * Guests have no id: the e-mail tells them apart, else each booking has its own. Webhooks without personal data tell
 * nothing of them, which takes nothing away; and of a group it may be the master alone who can be reached, and is the guest then,
 * by name and all: lent to another name, an e-mail would give that name to the master's own room. While that one is not read,
 * nobody knows who it is: a name alone would be another guest.
 */
function guestOf(booking: Members, master: Members | undefined, { country }: Connection): StayGuest {
  const reachable = isReachable(booking)
  if (!reachable && master === undefined && masterOf(booking) !== undefined) return {}
  const person = master === undefined || reachable || !isReachable(master) ? booking : master
  const { email, phone, mobile } = person
  return guestByEmail({
    name: nameOf(person) ?? nameOf({ ...master }),
    email: told(email),
    phone: phoneTold(country, mobile, phone)
  })
}

function nameOf({ firstName, lastName }: Members): string | undefined {
  return joinName(firstName, lastName)
}

/** A custom field, `custom1` to `custom10`, or the info item of that code; empty and missing ones are no wish. */
function codeOf(booking: Members, { preferredCode, preferredCodeField: field }: Connection) {
  if (preferredCode !== 'platform' || field === undefined) return undefined
  if (/^custom(?:[1-9]|10)$/.test(field)) return told(booking[field])
  const items = entriesOf(booking.infoItems)
  const item = items.findLast(({ code }) => lowerText(code) === field.toLowerCase())
  return Array.isArray(booking.infoItems) ? (idOf(item?.text) ?? null) : undefined
}
