import { comingStay, numberedStay, numberOf } from '../sample-values.ts'
import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'

export const samples: Samples = {
  events: {
    newReservation: context => told('newReservation', demoBooking(context), context),
    updateReservation: context => told('updateReservation', demoBooking(context), context),
    cancelReservation: context =>
      told('cancelReservation', { ...demoBooking(context), status: 'cancelled' }, context),
    deleteReservation: context => ({
      ...delivery('deleteReservation', { id: numberOf(demoBooking(context).id) }, context),
      world: { [`reservations/${numberOf(demoBooking(context).id)}`]: null }
    }),
    updateRates: context => delivery('updateRates', { 3320001: {} }, context),
    newMessage: context => delivery('newMessage', { id: 7_000_000 + context.serial }, context)
  },
  tell(before, after, context) {
    if (after.status === 'cancelled') return [told('cancelReservation', after, context)]
    return [told(before === undefined ? 'newReservation' : 'updateReservation', after, context)]
  },
  ids: numberedStay
}

/** To the minute, without a zone. */
function minute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
}

function reservationOf(booking: SampleBooking) {
  const place = booking.rooms[0]?.place
  // Nothing is tentative at Smoobu: what is not booked yet is a block.
  const isBlock = booking.status === 'tentative'
  return {
    id: numberOf(booking.id),
    'reference-id': null,
    type: booking.status === 'cancelled' ? 'cancellation' : 'reservation',
    arrival: booking.arrival,
    departure: booking.departure,
    'check-in': booking.checkIn,
    'check-out': booking.checkOut,
    apartment: place ? { id: numberOf(place), name: `Altstadt ${place}` } : null,
    channel: isBlock ? { id: 11, name: 'Blocked channel' } : { id: 465614, name: 'Booking.com' },
    'guest-name': isBlock ? '' : booking.guest.name,
    email: isBlock ? null : booking.guest.email,
    phone: isBlock ? null : booking.guest.phone,
    adults: 2,
    children: 0,
    price: 320,
    language: 'de',
    notice: '',
    'is-blocked-booking': isBlock
  }
}

function told(action: string, booking: SampleBooking, context: SampleContext): SampleDelivery {
  const reservation = reservationOf(booking)
  const changedAt = minute(booking.updatedAt)
  const { apartment } = reservation
  return {
    ...delivery(action, { ...reservation, modifiedAt: changedAt }, context),
    world: {
      [`reservations/${reservation.id}`]: { ...reservation, 'modified-at': changedAt },
      ...(apartment && {
        [`apartments/${apartment.id}`]: {
          ...apartment,
          location: {
            street: 'Marktgasse 2',
            zip: '1010',
            city: 'Wien',
            country: 'Austria',
            latitude: '48.2109',
            longitude: '16.3747'
          },
          timeZone: booking.timeZone
        }
      })
    }
  }
}

function delivery(action: string, data: object, { connection }: SampleContext): SampleDelivery {
  const user = Number(connection.api?.user_id ?? 130001)
  return { event: action, body: JSON.stringify({ action, user, data }) }
}

function demoBooking({ now }: SampleContext): SampleBooking {
  return {
    ...comingStay(now, 6, 9),
    id: '102400001',
    rooms: [{ id: 'r1', place: '3320001' }],
    guest: { id: 'g1', name: 'Jonas Weber', email: 'jonas@example.com', phone: '+4915550002222' },
    timeZone: 'Europe/Vienna'
  }
}
