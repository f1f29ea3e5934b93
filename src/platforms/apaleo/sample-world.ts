import { hashOf, spanOf, withOffset } from '../sample-values.ts'
import type { SampleBooking } from '../samples.ts'

export type World = Record<string, unknown>
export type Room = SampleBooking['rooms'][number]

/** apaleo knows no tentative reservation: what is not sure yet is a block. */
const statuses = { confirmed: 'Confirmed', cancelled: 'Canceled' }

/** What the API knows of a room of a booking, and of the unit it has. @param property its code */
export function worldOf(booking: SampleBooking, room: Room, property: string, isGone: boolean): World {
  const world: World = { [`properties/${property}`]: propertyOf(booking, property) }
  if (room.place !== null) world[`units/${unitId(room.place)}`] = unit(room.place, property)
  if (booking.status !== 'tentative') {
    const status = isGone ? 'Canceled' : statuses[booking.status]
    world[`reservations/${reservationId(booking, room)}`] = reservation(booking, room, property, status)
  }
  return world
}

function reservation(booking: SampleBooking, room: Room, property: string, status: string): World {
  const { start, end } = spanOf(booking)
  const [from, to] = [withOffset(start, booking.timeZone), withOffset(end, booking.timeZone)]
  const own = room.place === null ? undefined : unit(room.place, property)
  const modified = withOffset(Math.floor(booking.updatedAt / 1000) * 1000, booking.timeZone)
  return {
    id: reservationId(booking, room),
    bookingId: bookingId(booking),
    status,
    property: { id: property, code: property, name: 'Harbour House' },
    unitGroup: { id: `${property}-DBL`, code: 'DBL', name: 'Double', type: 'BedRoom' },
    ...(own && { unit: own, assignedUnits: [{ unit: own, timeRanges: [{ from, to }] }] }),
    arrival: from,
    departure: to,
    modified,
    ...(status === 'Canceled' && { cancellationTime: modified }),
    primaryGuest: person(booking.guest),
    booker: person(booking.guest)
  }
}

function person({ name, email, phone }: SampleBooking['guest']): World {
  const words = name.split(' ')
  return {
    ...(words.length > 1 && { firstName: words.slice(0, -1).join(' ') }),
    lastName: words.at(-1),
    ...(email !== null && { email }),
    ...(phone !== null && { phone })
  }
}

function unit(place: string, property: string): World {
  return {
    id: unitId(place),
    name: place,
    description: '',
    property: { id: property, code: property, name: 'Harbour House' },
    unitGroupId: `${property}-DBL`
  }
}

function propertyOf({ timeZone }: SampleBooking, id: string): World {
  return {
    id,
    code: id,
    name: { en: 'Harbour House' },
    location: { addressLine1: 'Kajplats 4', postalCode: '111 30', city: 'Stockholm', countryCode: 'SE' },
    timeZone
  }
}

/** Letters, always the same ones for the same booking. */
function bookingId({ id }: { id: string }): string {
  return /^[A-Z]{8}$/.test(id) ? id : letters(`booking ${id}`, 8)
}

/** One for each room, with its number. */
export function reservationId(booking: { id: string }, room: Room): string {
  return `${bookingId(booking)}-${/\d+$/.exec(room.id)?.[0] ?? '1'}`
}

export function unitId(place: string): string {
  return /^[A-Z]{3}-[A-Z]{3}$/.test(place) ? place : `HBR-${letters(`unit ${place}`, 6)}`
}

function letters(words: string, count: number): string {
  const bytes = hashOf(words).subarray(0, count)
  return Array.from(bytes, byte => String.fromCharCode(65 + (byte % 26))).join('')
}
