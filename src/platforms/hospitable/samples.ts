import { namesOf, spanOf, uuidOf, withOffset } from '../sample-values.ts'
import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'

export const samples: Samples = {
  events: {
    'reservation.created': context =>
      reservation('reservation.created', ['status_changed'], booking, context),
    'reservation.changed': context =>
      reservation('reservation.changed', ['status_changed'], { ...booking, status: 'cancelled' }, context),
    'property.created': context => delivery('property.created', [], property('p1'), context),
    'property.changed': context => delivery('property.changed', 'checkin_checkout', property('p1'), context),
    'property.deleted': context =>
      delivery('property.deleted', undefined, { id: uuid('property', 'p1') }, context),
    'property.merged': context =>
      delivery(
        'property.merged',
        undefined,
        { previous_id: uuid('property', 'p1'), new_id: uuid('property', 'p2') },
        context
      ),
    'message.created': context =>
      delivery('message.created', undefined, { reservation_id: uuid('reservation', 'b1') }, context),
    'review.created': context => delivery('review.created', undefined, { id: uuid('review', 'b1') }, context),
    'integration.disconnected': context =>
      delivery(
        'integration.disconnected',
        undefined,
        { user: uuid('user', 'u1'), disconnected_at: stamp(context.now) },
        context
      ),
    test: context => reservation('reservation.created', 'test', booking, context)
  },
  tell(before, after, context) {
    const action = before === undefined ? 'reservation.created' : 'reservation.changed'
    return [reservation(action, triggersOf(before, after), after, { ...context, now: after.updatedAt })]
  },
  ids(booking) {
    const place = booking.rooms[0]?.place
    return {
      stays: place ? [{ id: uuid('reservation', booking.id), place: uuid('property', place) }] : []
    }
  }
}

const booking: SampleBooking = {
  id: 'b1',
  status: 'confirmed',
  rooms: [{ id: 'r1', place: 'p1' }],
  guest: { id: '884422', name: 'Noor Haddad', email: 'noor@example.com', phone: '+12125550101' },
  arrival: '2026-03-12',
  departure: '2026-03-15',
  checkIn: '16:00',
  checkOut: '11:00',
  timeZone: 'America/New_York',
  code: null,
  updatedAt: 0
}

const statuses = {
  confirmed: { category: 'accepted', sub_category: null },
  tentative: { category: 'request', sub_category: 'request to book' },
  cancelled: { category: 'cancelled', sub_category: null }
}

function triggersOf(before: SampleBooking | undefined, after: SampleBooking): string[] {
  const changed = (name: keyof SampleBooking) => before?.[name] !== after[name]
  const triggers = [
    ...(changed('status') ? ['status_changed'] : []),
    ...(changed('arrival') || changed('departure') ? ['dates_changed'] : []),
    ...(changed('checkIn') ? ['checkin_changed'] : []),
    ...(changed('checkOut') ? ['checkout_changed'] : []),
    ...(before?.rooms[0]?.place !== after.rooms[0]?.place ? ['listing_changed'] : [])
  ]
  return triggers.length > 0 ? triggers : ['guests_changed']
}

function reservation(
  action: string,
  triggers: unknown,
  booking: SampleBooking,
  context: SampleContext
): SampleDelivery {
  const { guest, rooms, timeZone } = booking
  const { first, last } = namesOf(guest)
  const { start, end } = spanOf(booking)
  const dates = spanOf({ ...booking, checkIn: '00:00', checkOut: '00:00' })
  const place = rooms[0]?.place
  const current = statuses[booking.status]
  const id = uuid('reservation', booking.id)
  const data = {
    id,
    platform: 'direct',
    platform_id: `HM${id.slice(0, 8).toUpperCase()}`,
    arrival_date: withOffset(dates.start, timeZone),
    departure_date: withOffset(dates.end, timeZone),
    check_in: withOffset(start, timeZone),
    check_out: withOffset(end, timeZone),
    stay_type: 'guest_stay',
    reservation_status: { current, history: [{ ...current, changed_at: stamp(context.now) }] },
    guest: {
      id: guest.id,
      first_name: first,
      last_name: last,
      email: guest.email,
      phone_numbers: guest.phone === null ? [] : [guest.phone]
    },
    properties: place ? [property(place)] : [],
    user: { id: uuid('user', 'u1') }
  }
  return { ...delivery(action, triggers, data, context), world: { [`/v2/reservations/${id}`]: data } }
}

function property(place: string): Record<string, unknown> {
  return {
    id: uuid('property', place),
    name: `Bleecker ${place}`,
    public_name: 'Sunny village apartment',
    timezone: '-0400',
    'check-in': '16:00',
    'check-out': '11:00',
    address: {
      display: 'Bleecker St 4F, New York, NY 10012, US',
      coordinates: { latitude: 40.7265, longitude: -73.9962 }
    }
  }
}

function delivery(
  action: string,
  triggers: unknown,
  data: unknown,
  { now, serial }: SampleContext
): SampleDelivery {
  const id = `01JDEMO${String(serial).padStart(19, '0')}`
  const body = { id, action, triggers, created: stamp(now), version: 'v2', data }
  return { event: action, body: JSON.stringify(body) }
}

function uuid(kind: string, id: string): string {
  return uuidOf(`${kind} ${id}`)
}

function stamp(ms: number): string {
  return new Date(ms).toISOString()
}
