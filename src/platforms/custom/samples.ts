import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'

/** In the words of the invented platform: see demo.ts. */
export const demoSamples: Samples = {
  events: {
    'booking.saved': context => told('booking.saved', context, { ...booking, contact }),
    'lodge.saved': context =>
      told('lodge.saved', context, { lodge: { no: 'L-5', name: 'Reed', zone: 'Europe/Berlin' } }),
    'review.posted': context => told('review.posted', context, { review: { stars: 5 } })
  },
  tell: (_before, after, context) => [
    told('booking.saved', { ...context, now: after.updatedAt }, bookingOf(after))
  ],
  ids: ({ id, rooms }) => ({
    stays: rooms.flatMap(room => (room.place === null ? [] : [{ id: `${id}_${room.id}`, place: room.place }]))
  })
}

const booking = {
  booking: {
    ref: 'H-1001',
    state: 'booked',
    arrives: '2027-08-01',
    leaves: '2027-08-05',
    door: { from: '16:00', until: '11:00', code: '4711' },
    lodges: [{ slot: 'a', lodge: { no: 'L-5' } }]
  }
}
const contact = { no: 'G-77', name: 'Noor Haddad', mail: 'noor@example.com', mobile: '+12125550101' }

const states = { confirmed: 'booked', tentative: 'pencilled', cancelled: 'called off' }

function bookingOf({ id, status, rooms, guest, arrival, departure, checkIn, checkOut, code }: SampleBooking) {
  return {
    booking: {
      ref: id,
      state: states[status],
      arrives: arrival,
      leaves: departure,
      door: { from: checkIn, until: checkOut, code },
      lodges: rooms.map(room => ({ slot: room.id, lodge: room.place === null ? null : { no: room.place } }))
    },
    contact: { no: guest.id, name: guest.name, mail: guest.email, mobile: guest.phone }
  }
}

function told(event: string, { serial, now }: SampleContext, members: object): SampleDelivery {
  const body = { event, event_id: `he_${serial}`, occurred_at: new Date(now).toISOString(), ...members }
  return { event, body: JSON.stringify(body) }
}
