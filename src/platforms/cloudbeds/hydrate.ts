import { Value } from '@sinclair/typebox/value'
import type { Connection } from '../../model/connection.ts'
import {
  askAgainFirst,
  askAgainOfCancelled,
  type Dated,
  dated,
  goneOnceAsked,
  type PlatformApi,
  unavailable
} from '../api.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import { needStatus, only } from '../read-entity.ts'
import { idOf, isMembers, isTrue, type Members } from '../told.ts'
import { ask } from './ask.ts'
import { GuestEvent, guestEvents, ReservationEvent, reservationEvents } from './events.ts'
import { keyOf } from './guests.ts'
import { isAwaited, isOver, standingOf } from './status.ts'
import { rowsOf } from './values.ts'

/** As stored beside a delivery. */
export type ReservationFacts = ({ gone: true } | { reservation: Reservation }) & Dated
/** The guest named, then the one they were merged into, and so on, as far as they were found. */
export type GuestFacts = { gone: true } | { guests: { id: string; guest: Members }[] }

/** What is read of a reservation, with its lists as lists. */
export interface Reservation extends Members {
  /** Undefined where Cloudbeds told neither list of rooms. */
  rooms?: Members[]
  guestList: Members[]
  customFields: Members[]
}

const reservationMembers = [
  'reservationID',
  'status',
  'startDate',
  'endDate',
  'guestName',
  'guestEmail',
  'isAnonymized'
]
const roomMembers = [
  'reservationRoomID',
  'subReservationID',
  'roomID',
  'roomName',
  'dormRoomName',
  'startDate',
  'endDate'
]
const guestListMembers = [
  'guestID',
  'guestFirstName',
  'guestLastName',
  'guestEmail',
  'guestPhone',
  'guestCellPhone',
  'isMainGuest',
  'isAnonymized',
  'roomID'
]
const guestMembers = [
  'firstName',
  'lastName',
  'email',
  'phone',
  'cellPhone',
  'isAnonymized',
  'isMerged',
  'newGuestID'
]
const fieldMembers = ['shortcode', 'isActive', 'customFieldName', 'customFieldValue']

/** Longer than any chain of merged guests goes. */
const MOST_MERGES = 10

/** Whether the reservation's custom fields are where the wished code comes from. */
export function readsCustomFields({ preferredCode, preferredCodeField }: Connection): boolean {
  return preferredCode === 'platform' && preferredCodeField !== undefined
}

export const hydration: Hydration = {
  wants({ type }, connection) {
    if (type === 'reservation/custom_fields_changed') return readsCustomFields(connection) ? 'must' : 'no'
    return reservationEvents.includes(type) || guestEvents.includes(type) ? 'must' : 'no'
  },
  read: (events, api) => Promise.all(events.map(event => readFacts(event, api)))
}

/** Null for an event that names nothing, which its schema refuses later. */
async function readFacts({ type, payload }: PlatformEvent, api: PlatformApi) {
  if (guestEvents.includes(type)) return Value.Check(GuestEvent, payload) ? readGuest(payload, api) : null
  return Value.Check(ReservationEvent, payload)
    ? dated(api, readAt => readReservation(payload, api, readAt))
    : null
}

async function readReservation(
  { property, reservation: id, status }: ReservationEvent,
  api: PlatformApi,
  readAt: number
): Promise<ReservationFacts> {
  const data = await ask(api, 'getReservation', { propertyID: property, reservationID: id })
  if (data === undefined) {
    return isOver(status)
      ? { gone: true }
      : goneOnceAsked(api, 'Cloudbeds does not know a reservation that is on')
  }
  if (!isMembers(data) || idOf(data.reservationID) !== id) {
    throw unavailable('Cloudbeds answered getReservation with another reservation')
  }
  needStatus('Cloudbeds', 'reservation', idOf(data.status))
  if (isOver(status) && !isOver(data.status)) {
    askAgainFirst(api, 'Cloudbeds shows as on what its webhook says is over')
  }
  if (isAwaited(status) && standingOf(data.status) === 'pushed') {
    askAgainFirst(api, 'Cloudbeds shows as confirmed what its webhook says is not')
  }
  if (!isOver(data.status)) await askAgainOfCancelled(api, keyOf(property, id), readAt)
  const { assigned, unassigned } = data
  const rooms = [...rowsOf(assigned), ...rowsOf(unassigned)].map(room => only(roomMembers, room))
  return {
    reservation: {
      ...only(reservationMembers, data),
      ...((assigned !== undefined || unassigned !== undefined) && { rooms }),
      guestList: rowsOf(data.guestList).map(guest => ({
        ...only(guestListMembers, guest),
        rooms: rowsOf(guest.rooms).map(room => only(roomMembers, room))
      })),
      customFields: rowsOf(data.customFields).map(field => only(fieldMembers, field))
    }
  }
}

async function readGuest({ property, guest }: GuestEvent, api: PlatformApi): Promise<GuestFacts> {
  const guests: { id: string; guest: Members }[] = []
  let next: string | undefined = guest
  while (next !== undefined && guests.length < MOST_MERGES && guests.every(({ id }) => id !== next)) {
    const data = await ask(api, 'getGuest', { propertyID: property, guestID: next })
    if (!isMembers(data)) {
      if (guests.length > 0)
        askAgainFirst(api, 'Cloudbeds does not know a guest whom another was merged into')
      break
    }
    guests.push({ id: next, guest: only(guestMembers, data) })
    next = mergedInto(data)
  }
  return guests.length === 0
    ? goneOnceAsked(api, 'Cloudbeds does not know a guest that it named')
    : { guests }
}

export function mergedInto(guest: Members): string | undefined {
  return isTrue(guest.isMerged) ? idOf(guest.newGuestID) : undefined
}
