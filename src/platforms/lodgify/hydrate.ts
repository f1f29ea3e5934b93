import { Value } from '@sinclair/typebox/value'
import { RelayError } from '../../errors.ts'
import type { PlaceFields } from '../../model/change.ts'
import { usableZone } from '../../model/time.ts'
import {
  askAgainFirst,
  askAgainOfCancelled,
  type Dated,
  dated,
  goneOnceAsked,
  isAnswer,
  isRefusal,
  type PlatformApi,
  wanted
} from '../api.ts'
import { firstText } from '../fields.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import { needStatus, only, readEntity } from '../read-entity.ts'
import { entriesOf, idOf, isTrueInAnyCase, type Members, positionOf } from '../told.ts'
import { BookingEvent, bookingEvents, madeAt, statusTold } from './events.ts'
import { typesIn } from './rooms.ts'
import { standingOf } from './status.ts'

export type Facts = (
  | { gone: true }
  /** Why the booking may not be read, where others of its delivery may. */
  | { refused: string }
  | {
      booking: Members
      /** How many room types the property lets; undefined where that made no difference. */
      roomTypes?: number
    }
) &
  Dated

/** What is read of a booking. */
const bookingMembers = [
  'status',
  'type',
  'booking_type',
  'arrival',
  'departure',
  'property_id',
  'property_name',
  'rooms',
  'guest',
  'source_text',
  'key_code',
  'updated_at',
  'canceled_at',
  'is_deleted'
]

/**
 * Every booking is read again where that is possible: a webhook has no clock, and no door code. What one says that is not
 * read would outdo every reading, and may be hours late; so it is waited for. A new booking need not wait: when it was made is
 * told, and whatever is read is later.
 */
export const hydration: Hydration = {
  wants({ type, payload }, { api }) {
    if (!bookingEvents.includes(type) || !Value.Check(BookingEvent, payload)) return 'no'
    return api === undefined || madeAt(type, payload) !== undefined ? 'may' : 'must'
  },
  read: readBookings
}

/**
 * One booking that may not be read must not keep the others of its delivery. Where none of them may, that is about the key,
 * which can be mended, and all are asked for again.
 */
async function readBookings(events: PlatformEvent[], api: PlatformApi): Promise<(Facts | null)[]> {
  const readings = await Promise.allSettled(events.map(event => readFacts(event, api)))
  const failures = readings.flatMap(each => (each.status === 'rejected' ? [each.reason] : []))
  const ofAll = failures.length === events.length ? failures[0] : undefined
  const failure = failures.find(each => !isRefused(each)) ?? ofAll
  if (failure !== undefined) throw failure
  return events.map((event, index) => {
    const reading = readings[index] as PromiseSettledResult<Facts | null>
    return reading.status === 'fulfilled' ? reading.value : refused(event, reading.reason, api)
  })
}

/** Whether the key may not read this one, and may read others. */
function isRefused(error: unknown): boolean {
  return error instanceof RelayError && isAnswer(error) && isRefusal(error)
}

/** Somebody may be about to give the right, so it is asked for several times. A new booking does without, as it does alone. */
function refused({ type, payload }: PlatformEvent, { message }: RelayError, api: PlatformApi): Facts | null {
  askAgainFirst(api, message)
  return madeAt(type, payload as BookingEvent) === undefined ? { refused: message } : null
}

async function readFacts({ payload }: PlatformEvent, api: PlatformApi): Promise<Facts | null> {
  return Value.Check(BookingEvent, payload) ? dated(api, readAt => readBooking(payload, api, readAt)) : null
}

async function readBooking(payload: BookingEvent, api: PlatformApi, readAt: number): Promise<Facts> {
  const { id } = payload.booking
  const booking = await get(api, `/v2/reservations/bookings/${encodeURIComponent(id)}`, String(id))
  const isOver = standingOf(statusTold(payload)) === 'cancelled'
  if (booking === undefined)
    return isOver ? { gone: true } : goneOnceAsked(api, 'Lodgify does not know a booking that is on')
  if (booking.is_deleted !== true) needStatus('Lodgify', 'booking', firstText(booking.status))
  if (isOver && !isOff(booking))
    askAgainFirst(api, 'Lodgify says that a booking is on which its webhook says is declined')
  if (!isOff(booking)) await askAgainOfCancelled(api, String(payload.booking.id), readAt)
  const facts = { booking: only(bookingMembers, booking) }
  const property = idOf(booking.property_id, payload.booking.property_id)
  // Rooms of several types speak for themselves; those of one may be the whole rental or some of the rooms of a house.
  const types = new Set(typesIn(entriesOf(booking.rooms)))
  if (property === undefined || types.size > 1 || isOff(booking)) return facts
  // Done without only where it is refused: any other trouble passes, and a stay must not be moved out of its room for as long.
  const house = await wanted({ ...api, goesWithout: isRefusal }, () => get(api, propertyPath(property)))
  return house === undefined ? facts : { ...facts, roomTypes: entriesOf(house.rooms).length }
}

function isOff({ status, is_deleted }: Members): boolean {
  const standing = standingOf(firstText(status))
  return isTrueInAnyCase(is_deleted) || standing === 'cancelled' || standing === 'inquiry'
}

/**
 * The zone is read where it stands, though no document promises one. A place may also be a room type, which has no
 * address of its own: what is not found is therefore not gone, it has nothing to tell.
 */
export async function readPlace(id: string, api: PlatformApi): Promise<PlaceFields> {
  const property = await get(api, propertyPath(id))
  if (property === undefined) return {}
  return {
    name: firstText(property.name, property.internal_name),
    timeZone: usableZone(firstText(property.timezone_name, property.time_zone, property.timezone)),
    address: firstText(property.address),
    ...positionOf(property.latitude, property.longitude)
  }
}

function propertyPath(id: string): string {
  return `/v2/properties/${encodeURIComponent(id)}`
}

function get(api: PlatformApi, path: string, id?: string): Promise<Members | undefined> {
  const headers = { 'x-apikey': `${api.settings.api_key}` }
  return readEntity(api, 'Lodgify', { method: 'GET', origin: 'https://api.lodgify.com', path, headers }, id)
}
