import { hashOf, namesOf, spacedSeconds } from '../sample-values.ts'
import type { SampleBooking } from '../samples.ts'

export type World = Record<string, unknown>
type Room = SampleBooking['rooms'][number]

export const statuses = { confirmed: 'confirmed', tentative: 'not_confirmed', cancelled: 'canceled' }

/** What the API knows once the booking is as told. */
export function worldOf(booking: SampleBooking, property: string): World {
  const rooms = booking.rooms.filter(room => room.place !== null)
  return {
    [`reservations/${property}/${reservationId(booking)}`]: reservation(booking, property),
    [`guests/${property}/${guestId(booking.guest)}`]: guest(booking),
    [`hotels/${property}`]: hotel(booking),
    ...Object.fromEntries(rooms.map(({ place }) => [`rooms/${property}/${roomId(place)}`, room(place)]))
  }
}

function reservation(booking: SampleBooking, property: string): World {
  const { guest, arrival, departure } = booking
  const dates = { startDate: arrival, endDate: departure }
  const rows = booking.rooms.map(({ id, place }) => ({
    reservationRoomID: String(digits(`${booking.id}/${id}`, 8)),
    subReservationID: subReservationId(booking, { id, place }),
    roomTypeName: 'Queen',
    roomTypeIsVirtual: false,
    ...(place !== null && { ...room(place), dormRoomName: '' }),
    ...dates
  }))
  const modified = spacedSeconds(booking.updatedAt)
  return {
    propertyID: property,
    reservationID: reservationId(booking),
    guestName: guest.name,
    guestEmail: guest.email ?? '',
    isAnonymized: false,
    status: statuses[booking.status],
    source: 'Website',
    ...dates,
    estimatedArrivalTime: '17:30',
    dateModified: modified,
    guestList: { [guestId(guest)]: listed(booking) },
    assigned: rows.filter(row => 'roomID' in row),
    unassigned: rows.filter(row => !('roomID' in row)),
    cardsOnFile: [],
    customFields:
      booking.code === null
        ? []
        : [{ shortcode: 'doorPin', customFieldName: 'Door PIN', customFieldValue: booking.code }]
  }
}

function listed({ guest }: SampleBooking): World {
  const { firstName, lastName, email, cellPhone } = person(guest)
  return {
    guestID: guestId(guest),
    guestFirstName: firstName,
    guestLastName: lastName,
    guestEmail: email,
    guestPhone: '',
    guestCellPhone: cellPhone,
    isMainGuest: true,
    isAnonymized: false,
    rooms: [],
    customFields: []
  }
}

function guest(booking: SampleBooking): World {
  return { ...person(booking.guest), phone: '', isAnonymized: false, isMerged: false, newGuestID: '' }
}

function person(guest: SampleBooking['guest']) {
  const { first, last } = namesOf(guest)
  return { firstName: first, lastName: last, email: guest.email ?? '', cellPhone: guest.phone ?? '' }
}

function room(place: string | null): World {
  return { roomID: roomId(place), roomName: place, roomTypeID: roomId(place).split('-')[0] }
}

/** The hours are the property's, whatever the booking’s own. */
function hotel({ timeZone }: SampleBooking): World {
  return {
    propertyName: 'Harbour House',
    propertyTimezone: timeZone,
    propertyPolicy: { propertyCheckInTime: '15:00', propertyCheckOutTime: '11:00' },
    propertyAddress: {
      propertyAddress1: '12 Quay Road',
      propertyCity: 'New York',
      propertyState: 'NY',
      propertyZip: '10004',
      propertyCountry: 'US',
      propertyLatitude: '40.7033',
      propertyLongitude: '-74.0170'
    }
  }
}

export function reservationId(booking: { id: string }): string {
  return /^\d{8,}$/.test(booking.id) ? booking.id : String(digits(`reservation ${booking.id}`, 12))
}

/** The first room's is the reservation's own. */
export function subReservationId(booking: { id: string }, { id }: Room): string {
  const number = Number(/\d+$/.exec(id)?.[0] ?? 1) - 1
  return number === 0 ? reservationId(booking) : `${reservationId(booking)}-${number}`
}

export function guestId(guest: { id: string }): string {
  return String(digits(`guest ${guest.id}`, 9))
}

export function roomId(place: string | null): string {
  if (place !== null && /^\d+-\d+$/.test(place)) return place
  return `${digits(`type of ${place}`, 6)}-${digits(`room ${place}`, 3)}`
}

/** So many digits, always the same ones for the same words. */
function digits(words: string, count: number): number {
  const start = 10 ** (count - 1)
  const hash = hashOf(words).readUIntBE(0, 6)
  return start + (hash % (9 * start))
}
