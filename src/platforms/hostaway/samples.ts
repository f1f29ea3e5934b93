import { comingStay, namesOf, numberOf, spacedSeconds } from '../sample-values.ts'
import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'

/** A listing with units, as soon as a booking has several rooms; else the room is the listing. */
function listingOf(booking: SampleBooking): number | null {
  const [room] = booking.rooms
  if (booking.rooms.length > 1) return numberOf(`house of ${room?.place}`)
  return room === undefined || room.place === null ? null : numberOf(room.place)
}

function unitsOf(booking: SampleBooking): { rowId: number; place: string | null }[] {
  if (booking.rooms.length < 2) return []
  return booking.rooms.map(({ id, place }) => ({ rowId: numberOf(`${booking.id}/${id}`), place }))
}

function guestOf(guest: SampleBooking['guest']) {
  const { first, last } = namesOf(guest)
  return { guestName: guest.name, guestFirstName: first, guestLastName: last || null }
}

/** The reservation as a webhook and the API show it. @param status in Hostaway's word */
function reservationOf(booking: SampleBooking, status: string) {
  const id = numberOf(booking.id)
  const listingMapId = listingOf(booking)
  const cancelledOn = status === 'cancelled' ? spacedSeconds(booking.updatedAt).slice(0, 10) : null
  return {
    id,
    listingMapId,
    listingName: booking.rooms[0]?.place ?? null,
    channelId: 2000,
    channelName: 'direct',
    reservationId: `70011-${listingMapId}-2000-${id}`,
    hostawayReservationId: String(id),
    confirmationCode: null,
    ...guestOf(booking.guest),
    guestEmail: booking.guest.email,
    phone: booking.guest.phone,
    numberOfGuests: 2,
    arrivalDate: booking.arrival,
    departureDate: booking.departure,
    isDatesUnspecified: 0,
    // Whole hours are all there is.
    checkInTime: Number(booking.checkIn.slice(0, 2)),
    checkOutTime: Number(booking.checkOut.slice(0, 2)),
    status,
    cancellationDate: cancelledOn,
    cancelledBy: cancelledOn && 'guest',
    doorCode: booking.code,
    isArchived: 0,
    reservationUnit: unitsOf(booking).map(({ rowId, place }) => ({
      id: rowId,
      reservationId: id,
      listingUnitId: place === null ? null : numberOf(place),
      ...guestOf(booking.guest),
      numberOfGuests: 2
    })),
    customFieldValues: [],
    updatedOn: spacedSeconds(booking.updatedAt),
    latestActivityOn: spacedSeconds(booking.updatedAt)
  }
}

function worldOf(booking: SampleBooking, reservation: { id: number; listingMapId: number | null }) {
  const world: Record<string, unknown> = { [`reservations/${reservation.id}`]: reservation }
  const { listingMapId } = reservation
  if (listingMapId !== null) {
    world[`listings/${listingMapId}`] = {
      id: listingMapId,
      name: booking.rooms[0]?.place,
      address: '1 Harbour Street',
      timeZoneName: booking.timeZone,
      checkInTimeStart: 15,
      checkOutTime: 11,
      listingUnits: unitsOf(booking).flatMap(({ place }) =>
        place === null ? [] : { id: numberOf(place), name: place, unitNumber: null }
      )
    }
  }
  return world
}

function webhook(object: string, event: string, data: unknown, context: SampleContext): SampleDelivery {
  const account = context.connection.api?.account_id ?? '70011'
  const accountId = /^[1-9]\d*$/.test(account) ? Number(account) : account
  return { event, body: JSON.stringify({ object, event, accountId, data }) }
}

const statuses = { confirmed: 'modified', tentative: 'pending', cancelled: 'cancelled' }

function told(isNew: boolean, booking: SampleBooking, context: SampleContext): SampleDelivery {
  const status = isNew && booking.status === 'confirmed' ? 'new' : statuses[booking.status]
  const reservation = reservationOf(booking, status)
  const event = isNew ? 'reservation.created' : 'reservation.updated'
  return { ...webhook('reservation', event, reservation, context), world: worldOf(booking, reservation) }
}

function demoBooking({ now }: SampleContext, status: SampleBooking['status']): SampleBooking {
  return {
    ...comingStay(now, 9, 12),
    id: '51200001',
    status,
    rooms: [{ id: '1', place: '310042' }],
    guest: { id: '1', name: 'Ines Duarte', email: 'ines@example.com', phone: '+351912345678' },
    checkIn: '16:00',
    timeZone: 'Europe/Lisbon',
    code: '4821'
  }
}

export const samples: Samples = {
  events: {
    'reservation.created': context => told(true, demoBooking(context, 'confirmed'), context),
    'reservation.updated': context => told(false, demoBooking(context, 'cancelled'), context),
    'message.received': context =>
      webhook(
        'conversationMessage',
        'message.received',
        { id: 8_800_000 + context.serial, reservationId: 51200001, body: 'When can we arrive?' },
        context
      ),
    test: () => ({ event: 'test', body: JSON.stringify({ data: 'test' }) })
  },
  tell: (before, after, context) => [told(before === undefined, after, context)],
  ids(booking) {
    const id = numberOf(booking.id)
    const rows = unitsOf(booking)
    const stays =
      rows.length > 0
        ? rows.map(({ rowId, place }) => ({ id: `${id}_${rowId}`, place }))
        : booking.rooms.map(({ place }) => ({ id: `${id}`, place }))
    return {
      stays: stays.flatMap(({ id, place }) => (place === null ? [] : { id, place: `${numberOf(place)}` }))
    }
  }
}
