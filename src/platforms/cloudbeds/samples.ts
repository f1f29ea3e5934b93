import { threeNights } from '../sample-values.ts'
import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'
import {
  guestId,
  reservationId,
  roomId,
  statuses,
  subReservationId,
  type World,
  worldOf
} from './sample-world.ts'

const property = '700123'

/** What the events without a story of their own are about. */
const example: SampleBooking = {
  ...threeNights,
  id: '5566778899',
  rooms: [{ id: 'r1', place: '410022-4' }],
  guest: { ...threeNights.guest, phone: '+1 212 555 0147' },
  arrival: '2027-03-12',
  departure: '2027-03-15',
  timeZone: 'America/New_York'
}
const [room] = example.rooms as [SampleBooking['rooms'][number]]
const block = { roomBlockID: '22334455', roomBlockType: 'out_of_service', startDate: '2027-03-20' }

export const samples: Samples = {
  events: {
    'reservation/created': about('reservation/created', { startDate: example.arrival }),
    'reservation/status_changed': context => status({ ...example, status: 'cancelled' }, context),
    'reservation/dates_changed': about('reservation/dates_changed', { startDate: example.arrival }),
    'reservation/accommodation_status_changed': about('reservation/accommodation_status_changed', {
      roomId: room.place,
      status: 'occupied'
    }),
    'reservation/accommodation_type_changed': about('reservation/accommodation_type_changed', {
      subReservationId: subReservationId(example, room),
      roomTypeId: '410022'
    }),
    'reservation/accommodation_changed': about('reservation/accommodation_changed', {
      subReservationId: subReservationId(example, room),
      roomId: room.place,
      roomIdPrev: '410022-2'
    }),
    'reservation/accommodation_removed': about('reservation/accommodation_removed', { roomId: '410022-2' }),
    'reservation/deleted': about('reservation/deleted'),
    'reservation/notes_changed': about('reservation/notes_changed'),
    'reservation/custom_fields_changed': about('reservation/custom_fields_changed', {
      updatedCustomFields: []
    }),
    'guest/created': about('guest/created', { guestId: guestId(example.guest) }),
    'guest/details_changed': about('guest/details_changed', { guestId: guestId(example.guest) }),
    'guest/assigned': about('guest/assigned', { guestId: guestId(example.guest), roomID: room.place }),
    'guest/removed': about('guest/removed', { guestId: guestId(example.guest), roomID: room.place }),
    'guest/accommodation_changed': about('guest/accommodation_changed', {
      guestId: guestId(example.guest),
      subReservationId: subReservationId(example, room),
      roomId: room.place,
      roomIdPrev: '410022-2'
    }),
    'roomblock/created': other('roomblock/created', block),
    'roomblock/removed': other('roomblock/removed', block),
    'roomblock/details_changed': other('roomblock/details_changed', block),
    'integration/appstate_changed': other('integration/appstate_changed', {
      clientID: 'relay',
      oldState: 'pending',
      newState: 'enabled'
    }),
    'doorLockKey/key_requested': other('doorLockKey/key_requested'),
    'doorLockKey/key_cancelled': other('doorLockKey/key_cancelled'),
    'housekeeping/room_condition_changed': other('housekeeping/room_condition_changed', {
      roomId: room.place
    }),
    'night_audit/completed': other('night_audit/completed'),
    'allotmenBlock/created': other('allotmenBlock/created')
  },
  tell(before, after, context) {
    const updated = { ...context, now: after.updatedAt }
    return changes(before, after).map(([event, members]) => told(event, after, members, updated))
  },
  ids: booking => ({
    stays: booking.rooms.flatMap(each =>
      each.place === null
        ? []
        : [
            {
              id: `${property}:${reservationId(booking)}_${subReservationId(booking, each)}`,
              place: `${property}:${roomId(each.place)}`
            }
          ]
    )
  })
}

/** One edit can fire several events; each tells what to read and not what has changed. */
function changes(before: SampleBooking | undefined, after: SampleBooking): [string, World][] {
  const person = { guestId: guestId(after.guest) }
  if (before === undefined) return [['reservation/created', { startDate: after.arrival }]]
  const list: [string, World][] = []
  if (before.status !== after.status)
    list.push(['reservation/status_changed', { status: statuses[after.status] }])
  if (before.arrival !== after.arrival || before.departure !== after.departure) {
    list.push(['reservation/dates_changed', { startDate: after.arrival, endDate: after.departure }])
  }
  if (JSON.stringify(before.rooms) !== JSON.stringify(after.rooms)) {
    const fewer = before.rooms.length > after.rooms.length
    list.push([`reservation/accommodation_${fewer ? 'removed' : 'changed'}`, {}])
  }
  if (before.guest.id !== after.guest.id) list.push(['guest/assigned', person])
  else if (JSON.stringify(before.guest) !== JSON.stringify(after.guest)) {
    list.push(['guest/details_changed', { ...person, reservationId: undefined }])
  }
  if (before.code !== after.code) list.push(['reservation/custom_fields_changed', {}])
  return list.length > 0 ? list : [['reservation/dates_changed', { startDate: after.arrival }]]
}

function status(booking: SampleBooking, context: SampleContext): SampleDelivery {
  return told('reservation/status_changed', booking, { status: statuses[booking.status] }, context)
}

function about(event: string, members: World = {}): (context: SampleContext) => SampleDelivery {
  return context => told(event, example, members, context)
}

/** The two that were there first spell their ids as no other does. */
const capitals = ['reservation/created', 'reservation/status_changed']

function told(event: string, booking: SampleBooking, members: World, context: SampleContext): SampleDelivery {
  const id = reservationId(booking)
  const named = event.startsWith('guest/')
    ? {}
    : { [capitals.includes(event) ? 'reservationID' : 'reservationId']: id }
  const withBooking = ['guest/assigned', 'guest/removed'].includes(event)
  return {
    ...other(event, { ...named, ...(withBooking && { reservationId: id }), ...members })(context),
    world: worldOf(booking, propertyOf(context))
  }
}

/** An event and its envelope. The microseconds of its time tell deliveries apart. */
function other(event: string, members: World = {}): (context: SampleContext) => SampleDelivery {
  return context => {
    const id = propertyOf(context)
    const name = capitals.includes(event) ? 'propertyID' : 'propertyId'
    const timestamp = context.now / 1_000 + (context.serial % 1_000) / 1_000_000
    const body = {
      version: '1.0',
      event,
      timestamp: Number(timestamp.toFixed(6)),
      [name]: Number(id),
      [`${name}_str`]: id,
      ...members
    }
    return { event, body: JSON.stringify(body) }
  }
}

function propertyOf({ connection }: SampleContext): string {
  return connection.api?.property_id?.split(',')[0]?.trim() ?? property
}
