import { roomsGone, threeNights, uuidOf } from '../sample-values.ts'
import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'
import { type Room, reservationId, unitId, type World, worldOf } from './sample-world.ts'

/** What the events without a story of their own are about. */
const room: Room = { id: 'r1', place: 'HBR-QUX' }
const example: SampleBooking = {
  ...threeNights,
  id: 'QKZTWVLM',
  rooms: [room],
  updatedAt: Date.parse('2027-02-11T09:30:05Z')
}
const cancelled: SampleBooking = { ...example, status: 'cancelled' }

/** A reservation has one unit, so a booking of several rooms is one of several reservations. */
export const samples: Samples = {
  events: {
    'reservation/created': about('created'),
    'system/healthcheck': healthcheck,
    'reservation/amended': about('amended'),
    'reservation/changed': about('changed'),
    'reservation/checked-in': about('checked-in'),
    'reservation/checked-out': about('checked-out'),
    'reservation/check-in-reverted': about('check-in-reverted'),
    'reservation/set-to-no-show': about('set-to-no-show', cancelled),
    'reservation/unit-assigned': about('unit-assigned'),
    'reservation/unit-unassigned': about('unit-unassigned'),
    'reservation/canceled': about('canceled', cancelled),
    'reservation/deleted': about('deleted'),
    'reservation/picked-up-from-block': about('picked-up-from-block'),
    'reservation/payment-account-set': about('payment-account-set'),
    'reservation/payment-account-removed': about('payment-account-removed'),
    'booking/created': other('Booking', 'created', 'QKZTWVLM'),
    'booking/changed': other('Booking', 'changed', 'QKZTWVLM'),
    'booking/deleted': other('Booking', 'deleted', 'QKZTWVLM'),
    'unit/created': ofUnit('created'),
    'unit/changed': ofUnit('changed'),
    'unit/deleted': ofUnit('deleted'),
    'unitgroup/changed': other('UnitGroup', 'changed', 'HBR-DBL'),
    'property/changed': other('Property', 'changed', 'HBR'),
    'property/set-to-live': other('Property', 'set-to-live', 'HBR'),
    'property/archived': other('Property', 'archived', 'HBR'),
    'account/suspended': other('Account', 'suspended', 'HRBR'),
    'maintenance/created': other('Maintenance', 'created', 'HBR-M1'),
    'block/cancelled': other('Block', 'cancelled', 'HBR-B1')
  },
  tell(before, after, context) {
    const gone = roomsGone(before, after)
    if (after.status === 'tentative') return [told('Block', 'created', after, room, context)]
    return [...after.rooms, ...gone].map((each, index) => {
      const isGone = gone.includes(each)
      const type = isGone ? 'canceled' : typeOf(before, after, each)
      return told('Reservation', type, after, each, { ...context, now: after.updatedAt }, { isGone, index })
    })
  },
  ids: booking => ({
    stays: booking.rooms.flatMap(each =>
      each.place === null || booking.status !== 'confirmed'
        ? []
        : [{ id: reservationId(booking, each), place: unitId(each.place) }]
    )
  })
}

function typeOf(before: SampleBooking | undefined, after: SampleBooking, { id, place }: Room): string {
  const known = before?.rooms.find(each => each.id === id)
  if (after.status === 'cancelled') return 'canceled'
  if (before?.status === 'tentative') return 'picked-up-from-block'
  if (before === undefined || known === undefined) return 'created'
  if (known.place !== place) return place === null ? 'unit-unassigned' : 'unit-assigned'
  const isAmended = before.arrival !== after.arrival || before.departure !== after.departure
  return isAmended ? 'amended' : 'changed'
}

function about(type: string, booking = example): (context: SampleContext) => SampleDelivery {
  return context => told('Reservation', type, booking, room, context)
}

function ofUnit(type: string): (context: SampleContext) => SampleDelivery {
  return context => ({
    ...other('Unit', type, 'HBR-QUX')(context),
    world: worldOf(example, room, propertyOf(context), false)
  })
}

function told(
  topic: string,
  type: string,
  booking: SampleBooking,
  each: Room,
  context: SampleContext,
  { isGone = false, index = 0 } = {}
): SampleDelivery {
  return {
    ...other(topic, type, reservationId(booking, each), index)(context),
    world: worldOf(booking, each, propertyOf(context), isGone)
  }
}

function other(topic: string, type: string, entityId: string, index = 0) {
  return (context: SampleContext): SampleDelivery => {
    // Events of bookings and of the account name no property.
    const isOfProperty = topic !== 'Booking' && topic !== 'Account'
    const body: World = {
      topic,
      type,
      id: uuidOf(`${topic} ${type} ${context.serial} ${index}`),
      accountId: context.connection.api?.account_id ?? 'HRBR',
      ...(isOfProperty && { propertyId: propertyOf(context) }),
      timestamp: context.now,
      clientId: 'ABCD-SP-IBE',
      data: { entityId }
    }
    return { event: `${topic.toLowerCase()}/${type}`, body: JSON.stringify(body) }
  }
}

function healthcheck(context: SampleContext): SampleDelivery {
  const body = {
    topic: 'system',
    type: 'healthcheck',
    id: uuidOf(`healthcheck ${context.serial}`),
    accountId: context.connection.api?.account_id ?? 'HRBR',
    propertyIds: ['HBR', 'HBL'],
    timestamp: context.now
  }
  return { event: 'system/healthcheck', body: JSON.stringify(body) }
}

function propertyOf({ connection }: SampleContext): string {
  return connection.api?.property_id?.split(',')[0]?.trim() ?? 'HBR'
}
