import { RelayError } from '../../errors.ts'
import {
  type Change,
  cancelled,
  merge,
  notPushed,
  type Stay,
  type StaysChange,
  stays,
  upsertGuest,
  upsertPlace
} from '../../model/change.ts'
import type { Connection } from '../../model/connection.ts'
import { cancellationClock, readingClock } from '../api.ts'
import { firstText } from '../fields.ts'
import { type Ignored, ignored, type TranslateContext, type Translation, unknownStatus } from '../platform.ts'
import { idOf, isTrue, localDate, localMoment } from '../told.ts'
import type { GuestEvent, ReservationEvent } from './events.ts'
import { guestFields, guestOf, keyOf } from './guests.ts'
import {
  type GuestFacts,
  mergedInto,
  type Reservation,
  type ReservationFacts,
  readsCustomFields
} from './hydrate.ts'
import { roomName } from './places.ts'
import { stayRows } from './rooms.ts'
import { standingOf } from './status.ts'
import { textOf } from './values.ts'

/** One deletion fires several events, which may be read from an API that does not know of it yet; no API is behind for so long. */
const BEHIND_MS = 3_600_000

/** Something about a reservation changed; what it is now was read. */
export function reservationTold(event: ReservationEvent, context: TranslateContext): Translation {
  const { property } = event
  const { connection, delivery } = context
  const bookingId = keyOf(property, event.reservation)
  const facts = factsOf<ReservationFacts>(context)
  const readAt = readingClock(facts, delivery.receivedAt)
  const endedAt = cancellationClock(facts, delivery.receivedAt)
  if ('gone' in facts) return [cancelled(bookingId, endedAt, 'gone')]
  const { reservation } = facts
  const read = { property, reservation, readAt, endedAt, toldAt: versionOf(event, context) }
  const booking = bookingTold(bookingId, read, connection)
  if ('ignored' in booking) return booking
  // A booking that stays nowhere says nothing of its rooms.
  if (booking.stays.length === 0 && standingOf(reservation.status) !== 'tentative') return [booking]
  return [...placesTold(read), booking]
}

/** Final, and told with the id alone. No id comes back, so what is read for the events beside it brings no stay back. */
export function reservationDeleted(event: ReservationEvent, context: TranslateContext): Translation {
  const version = versionOf(event, context) + BEHIND_MS
  return [cancelled(keyOf(event.property, event.reservation), version, 'deleted')]
}

export function customFieldsChanged(event: ReservationEvent, context: TranslateContext): Translation {
  return readsCustomFields(context.connection)
    ? reservationTold(event, context)
    : ignored('no custom field holds a code for this connection')
}

export function guestTold(event: GuestEvent, context: TranslateContext): Translation {
  const { property } = event
  const version = versionOf(event, context)
  const facts = factsOf<GuestFacts>(context)
  if ('gone' in facts) return ignored('the guest is gone; a guest goes when no stay needs them any more')
  const { guests } = facts
  const known = [undefined, ...guests.map(({ id }) => id)]
  // In the name of somebody of whom nothing is known, stays would lose name and contact.
  if (!guests.every(({ guest }) => known.includes(mergedInto(guest))))
    return ignored('the guest whom this one was merged into is not found')
  return guests.map(({ id, guest }): Change => {
    const into = mergedInto(guest)
    return into === undefined
      ? upsertGuest(keyOf(property, id), version, guestFields(guest))
      : merge('guest', keyOf(property, id), keyOf(property, into), version)
  })
}

/** Milliseconds, of seconds with a fraction: rounded to the microsecond first, since no fraction is exact. */
function versionOf({ timestamp }: { timestamp?: number }, { delivery }: TranslateContext): number {
  return timestamp === undefined ? delivery.receivedAt : Math.floor(Math.round(timestamp * 1e6) / 1e3)
}

function factsOf<T extends object>({ facts, event }: TranslateContext): T {
  if (typeof facts === 'object' && facts !== null) return facts as T
  throw new RelayError(
    'RELAY_HYDRATION_NOT_CONFIGURED',
    `${event.type} carries only ids, and nothing was read for them`
  )
}

interface ReservationRead {
  property: string
  reservation: Reservation
  readAt: number
  /** The version of what was read, where it is a cancellation. */
  endedAt: number
  /** The clock of the event, and of the names in what was read for it: somebody's own event may tell of them later. */
  toldAt: number
}

function bookingTold(id: string, read: ReservationRead, connection: Connection): StaysChange | Ignored {
  const { reservation, readAt, endedAt } = read
  const status = `${firstText(reservation.status)}`.toLowerCase()
  switch (standingOf(status)) {
    case undefined:
      return unknownStatus(reservation.status)
    case 'cancelled':
      return cancelled(id, endedAt, status)
    case 'no access':
      return notPushed(id, readAt, status)
    case 'tentative':
      if (connection.tentative === 'hold') return notPushed(id, readAt, status)
  }
  if (reservation.rooms === undefined) {
    throw new RelayError(
      'RELAY_EVENT_INVALID',
      'reservation: neither assigned nor unassigned rooms are given'
    )
  }
  const list = staysOf(id, read, connection)
  return list.length === 0 ? notPushed(id, readAt, 'no rooms') : stays(id, readAt, list)
}

/** One stay for each row of rooms; a row without a room is held until it has one. The name is the guest's. */
function staysOf(
  id: string,
  { property, reservation, toldAt }: ReservationRead,
  connection: Connection
): Stay[] {
  const preferredCode = codeOf(reservation, connection)
  return stayRows(reservation).map(({ suffix, row }) => {
    const room = idOf(row.roomID)
    return {
      id: `${id}_${suffix}`,
      places: room === undefined ? [] : [keyOf(property, room)],
      guest: { ...guestOf(property, row, reservation), version: toldAt },
      // The hours are the property's. `estimatedArrivalTime` is what a guest guesses, and opens no door.
      start: localMoment(localDate(row.startDate) ?? reservation.startDate),
      end: localMoment(localDate(row.endDate) ?? reservation.endDate),
      preferredCode
    }
  })
}

function placesTold({ property, reservation, toldAt }: ReservationRead): Change[] {
  const rooms = new Map<string, string>()
  for (const row of reservation.rooms ?? []) {
    const [id, name] = [idOf(row.roomID), roomName(row)]
    if (id !== undefined && name !== undefined) rooms.set(id, name)
  }
  return [...rooms].map(([id, name]) => upsertPlace(keyOf(property, id), toldAt, { name }))
}

/** The custom field that the connection names, by its shortcode or its name. */
function codeOf({ customFields }: Reservation, connection: Connection): string | null | undefined {
  const wanted = connection.preferredCodeField
  if (!readsCustomFields(connection)) return undefined
  const field = customFields.find(
    ({ shortcode, customFieldName, isActive }) =>
      isTrue(isActive ?? true) && (shortcode === wanted || customFieldName === wanted)
  )
  const value = field?.customFieldValue
  return textOf(typeof value === 'number' ? String(value) : value) ?? null
}
