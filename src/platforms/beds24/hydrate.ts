import { Value } from '@sinclair/typebox/value'
import { isRefusal, type PlatformApi, wanted } from '../api.ts'
import { askAgainWhileBehind, type Compared } from '../behind.ts'
import { instantMs } from '../fields.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import { needStatus, only } from '../read-entity.ts'
import { entriesOf, idOf, localDate, type Members, membersOf } from '../told.ts'
import { list } from './ask.ts'
import { BookingEvent } from './events.ts'
import { roomOf } from './places.ts'
import { isNoShow, standingOf } from './status.ts'

/** As stored beside a delivery. */
export interface BookingFacts {
  /** Null where the API does not return it, which it does not of a cancelled one. */
  booking: Members | null
  /** Who made the booking of the group, where nobody could be reached by this one. */
  master?: Members
  /** How many units the room type has, where the booking has none of them yet. */
  qty?: unknown
}

const guestMembers = ['firstName', 'lastName', 'email', 'phone', 'mobile']

const bookingMembers = [
  'id',
  'bookingGroup',
  'masterId',
  'propertyId',
  'roomId',
  'unitId',
  'status',
  'subStatus',
  'arrival',
  'departure',
  'apiReference',
  'modifiedTime',
  ...guestMembers,
  ...Array.from({ length: 10 }, (_, index) => `custom${index + 1}`)
]

/**
 * One credit each of the 100 that an account has in five minutes; the house waits a little and then goes without. Not so where no
 * unit is given to a booking that is on: whether it needs one is not told otherwise, and no other webhook may come.
 */
export const hydration: Hydration = {
  wants({ type, payload }) {
    if (type !== 'booking' || !Value.Check(BookingEvent, payload)) return 'no'
    return typeWithoutUnit(payload.booking) === undefined ? 'may' : 'must'
  },
  read: (events, api) => Promise.all(events.map(event => readFacts(event, api)))
}

async function readFacts({ payload }: PlatformEvent, api: PlatformApi): Promise<BookingFacts | null> {
  if (!Value.Check(BookingEvent, payload)) return null
  const told = payload.booking as Members
  const booking = (await readBooking(String(payload.booking.id), api)) ?? null
  if (booking !== null) askAgainWhileBehind(api, 'Beds24', comparedTo(told, booking))
  const known = withRead(told, booking)
  const facts: BookingFacts = { booking }
  const master = masterOf(known)
  if (master !== undefined && !isReachable(known)) {
    const found = await wanted(api, () => readBooking(master, api))
    if (found !== undefined && isSomebody(found)) facts.master = only(guestMembers, found)
  }
  const type = typeWithoutUnit(known)
  if (type !== undefined) {
    facts.qty = (await wanted({ ...api, goesWithout: isRefusal }, () => roomOf(type, api)))?.room.qty
  }
  return facts
}

/** The room type of a booking that is on and has none of its units. */
function typeWithoutUnit(booking: Members): string | undefined {
  const { roomId, unitId } = booking
  const standing = standingOf(booking)
  const isOn = (standing === 'pushed' || standing === 'tentative') && !isNoShow(booking)
  return isOn && Number(unitId ?? 0) === 0 ? idOf(roomId) : undefined
}

function isOver(booking: Members): boolean {
  return standingOf(booking) === 'cancelled' || isNoShow(booking)
}

/** Both are the same object, as it was at two times. */
function comparedTo(told: Members, read: Members): Compared {
  return {
    standing: [isOver(told) ? 'cancelled' : standingOf(told), isOver(read) ? 'cancelled' : standingOf(read)],
    others: [
      [localDate(told.arrival), localDate(read.arrival)],
      [localDate(told.departure), localDate(read.departure)],
      [idOf(told.roomId), idOf(read.roomId)],
      [idOf(told.unitId), idOf(read.unitId)]
    ],
    toldAt: instantMs(told.modifiedTime),
    changedAt: instantMs(read.modifiedTime)
  }
}

async function readBooking(id: string, api: PlatformApi): Promise<Members | undefined> {
  const bookings = await list(api, 'bookings', { id, includeInfoItems: 'true' })
  const found = bookings.find(each => idOf(each.id) === id)
  if (found === undefined) return undefined
  needStatus('Beds24', 'booking', idOf(found.status))
  const infoItems = entriesOf(found.infoItems).map(item => only(['code', 'text'], item))
  return { ...only(bookingMembers, found), ...(found.infoItems !== undefined && { infoItems }) }
}

/**
 * What was read counts, above what the webhook told. Personal data is left out, or shown as empty texts, to a token that may
 * not read it: then the webhook's counts.
 */
export function withRead(told: Members, read: Members | null): Members {
  const both = { ...told, ...read }
  if (read === null || isSomebody(read)) return both
  return { ...both, ...Object.fromEntries(guestMembers.map(name => [name, told[name]])) }
}

/** Whether anything is told of the guest. */
function isSomebody(booking: Members): boolean {
  return idOf(...guestMembers.map(name => booking[name])) !== undefined
}

/** The booking of the group whose guest may be its only one; undefined where it is this one. */
export function masterOf({ id, masterId, bookingGroup }: Members): string | undefined {
  const master = idOf(masterId, membersOf(bookingGroup).master)
  return master === idOf(id) ? undefined : master
}

/** Whether a way to reach the guest is told. */
export function isReachable(booking: unknown): boolean {
  const { email, phone, mobile } = membersOf(booking)
  return idOf(email, phone, mobile) !== undefined
}
