import { madeUpNumber, namesOf, roomsGone, threeNights, wholeSeconds } from '../sample-values.ts'
import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'

type World = Record<string, unknown>
type Room = SampleBooking['rooms'][number]

const statuses = { confirmed: 'confirmed', tentative: 'request', cancelled: 'cancelled' }
const account = { id: 30991, timezone: 'Europe/Stockholm' }

const example: SampleBooking = {
  ...threeNights,
  id: '71200451',
  rooms: [{ id: 'r1', place: '488021-2' }],
  guest: { ...threeNights.guest, phone: '+46855501470' },
  code: '481920'
}

/** One kind of message. A booking has one room, so one of several rooms is a group of bookings. */
export const samples: Samples = {
  events: {
    booking: context => withWorld({ ...example, updatedAt: context.now }, context),
    cancelled: context => withWorld({ ...example, status: 'cancelled', updatedAt: context.now }, context),
    SYNC_ROOM: context => ({
      event: 'SYNC_ROOM',
      body: JSON.stringify({
        roomId: '488021',
        propId: String(propertyOf(context)),
        ownerId: String(account.id),
        action: 'SYNC_ROOM'
      })
    })
  },
  tell(before, after, context) {
    const gone = roomsGone(before, after)
    return [
      ...after.rooms.map(room => told(after, room, context, statuses[after.status])),
      ...gone.map(room => told(after, room, context, 'cancelled'))
    ]
  },
  ids: booking => ({
    stays: booking.rooms.flatMap(room =>
      room.place === null || booking.status !== 'confirmed'
        ? []
        : [{ id: String(idOf(booking, room)), place: placeOf(room.place) }]
    )
  })
}

function withWorld(booking: SampleBooking, context: SampleContext): SampleDelivery {
  const [room] = booking.rooms as [Room]
  return told(booking, room, context, statuses[booking.status])
}

/** The capture was a list of one; the maker’s file shows one object. */
function told(booking: SampleBooking, room: Room, context: SampleContext, status: string): SampleDelivery {
  const entity = entityOf(booking, room, context, status)
  const { infoItems, ...rest } = entity
  const message = {
    timeStamp: entity.modifiedTime,
    booking: rest,
    infoItems,
    invoiceItems: [],
    messages: [],
    retries: 0
  }
  return {
    event: 'booking',
    body: JSON.stringify(context.serial % 2 === 0 ? message : [message]),
    world: {
      [`bookings/${entity.id}`]: entity,
      [`accounts/${account.id}`]: { ...account, timezone: booking.timeZone },
      [`properties/${propertyOf(context)}`]: property(propertyOf(context)),
      [`rooms/${entity.roomId}`]: roomType(room, entity.roomId, propertyOf(context))
    }
  }
}

function entityOf(booking: SampleBooking, room: Room, context: SampleContext, status: string) {
  const { guest, rooms, code } = booking
  const { first, last } = namesOf(guest)
  const modifiedTime = wholeSeconds(booking.updatedAt)
  const [roomId, unitId] = placeOf(room.place ?? `none of ${booking.id}`)
    .split('-')
    .map(Number)
  const id = idOf(booking, room)
  const ids = rooms.map(each => idOf(booking, each))
  return {
    id,
    bookingGroup: rooms.length > 1 ? { master: ids[0], ids } : null,
    masterId: null,
    propertyId: propertyOf(context),
    roomId,
    unitId: room.place === null ? 0 : unitId,
    roomQty: 1,
    status,
    subStatus: status === 'cancelled' ? 'cancelledByGuest' : 'none',
    arrival: booking.arrival,
    departure: booking.departure,
    firstName: first,
    lastName: last,
    email: guest.email ?? '',
    phone: guest.phone ?? '',
    mobile: '',
    arrivalTime: 'after 6 pm',
    apiReference: '',
    modifiedTime,
    cancelTime: status === 'cancelled' ? modifiedTime : null,
    infoItems: code === null ? [] : [{ id: 9010022, bookingId: id, code: 'doorPin', text: code }]
  }
}

function property(id: number): World {
  return {
    id,
    name: 'Harbour House',
    account: { ownerId: account.id },
    address: '12 Quay Road',
    city: 'Gothenburg',
    state: '',
    country: 'SE',
    postcode: '411 21',
    latitude: 57.7072,
    longitude: 11.9668,
    checkInStart: '15:00',
    checkInEnd: '22:00',
    checkOutEnd: '11:00'
  }
}

function roomType(room: Room, id: number | undefined, propertyId: number): World {
  const units = [1, 2, 3].map(unit => ({ id: unit, name: unit === 3 ? '' : `${room.place} ${unit}` }))
  return { id, propertyId, name: 'Double', qty: 3, units }
}

function idOf({ id }: { id: string }, room: Room): number {
  return /^[1-9]\d{7}$/.test(id) ? Number(id) : madeUpNumber(`${id}/${room.id}`)
}

/** `<type>-<unit>`, always the same one for the same place. */
function placeOf(place: string): string {
  return /^\d+-\d+$/.test(place) ? place : `${madeUpNumber(place)}-${(madeUpNumber(`unit ${place}`) % 3) + 1}`
}

function propertyOf({ connection }: SampleContext): number {
  return Number(connection.api?.property_id?.split(',')[0] ?? 224410)
}
