import { digitsOf, guidOf, ninetyMinutes, spanOf, wholeSeconds } from '../sample-values.ts'
import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'
import type { Members } from '../told.ts'

/** What people are shown as addresses is made of these, so actions of no use to Seam are not among them. */
export const samples: Samples = {
  events: {
    BookingCreate: context => aboutBooking('BookingCreate', { ...first, updatedAt: context.now }),
    BookingUpdate: context =>
      aboutBooking('BookingUpdate', {
        ...first,
        arrival: '2027-02-16',
        departure: '2027-02-16',
        updatedAt: context.now
      }),
    BookingDelete: context => aboutBooking('BookingDelete', { ...first, updatedAt: context.now }),
    CoworkerCreate: context => aboutCoworker('CoworkerCreate', first.guest, context.now),
    CoworkerUpdate: context => aboutCoworker('CoworkerUpdate', first.guest, context.now),
    CoworkerDelete: context => aboutCoworker('CoworkerDelete', first.guest, context.now),
    FloorPlanDeskCreate: context => aboutDesk('FloorPlanDeskCreate', context),
    FloorPlanDeskUpdate: context => aboutDesk('FloorPlanDeskUpdate', context),
    FloorPlanDeskDelete: context => aboutDesk('FloorPlanDeskDelete', context)
  },
  tell,
  ids(booking) {
    const place = booking.rooms[0]?.place
    return {
      stays:
        place && booking.status === 'confirmed' ? [{ id: guidOf(booking.id), place: digitsOf(place) }] : []
    }
  }
}

/** A member who changed is told by an event of their own, as far as it was not told with a booking before. */
function tell(before: SampleBooking | undefined, after: SampleBooking): SampleDelivery[] {
  const { guest, updatedAt } = after
  const isKnown = before !== undefined && JSON.stringify(before.guest) === JSON.stringify(guest)
  const member = before?.guest.id === guest.id ? 'CoworkerUpdate' : 'CoworkerCreate'
  const stood = before !== undefined && before.status !== 'cancelled'
  const stands = after.status !== 'cancelled'
  const action = !stands ? 'BookingDelete' : stood ? 'BookingUpdate' : 'BookingCreate'
  return [...(isKnown ? [] : [aboutCoworker(member, guest, updatedAt)]), aboutBooking(action, after)]
}

const first: SampleBooking = {
  ...ninetyMinutes,
  id: '881204417',
  rooms: [{ id: 'r1', place: '190022' }],
  guest: { id: '77120045', name: 'Ada Lovelace', email: 'ada@example.com', phone: '+46855501470' },
  code: null
}

function aboutBooking(action: string, booking: SampleBooking): SampleDelivery {
  const { id, guest, rooms, arrival, departure, checkIn, checkOut, status, updatedAt } = booking
  const { start, end } = spanOf(booking)
  const place = rooms[0]?.place
  const resourceId = place ? Number(digitsOf(place)) : null
  const name = place ? `Studio ${place}` : null
  const sample = delivery(action, {
    Id: Number(digitsOf(id)),
    UniqueId: guidOf(id),
    ResourceId: resourceId,
    ResourceName: name,
    FloorPlanDeskId: null,
    CoworkerId: Number(digitsOf(guest.id)),
    CoworkerFullName: guest.name,
    CoworkerMobilePhone: guest.phone,
    FromTime: wholeSeconds(start),
    ToTime: wholeSeconds(end),
    FromTimeLocal: `${arrival}T${checkIn}:00Z`,
    ToTimeLocal: `${departure}T${checkOut}:00Z`,
    Tentative: status === 'tentative',
    Online: true,
    RepeatSeriesUniqueId: null,
    UpdatedOn: wholeSeconds(updatedAt)
  })
  const resource = resourceId && {
    [`resources/${resourceId}`]: { Id: resourceId, Name: name, Archived: false, MinBookingLength: 90 }
  }
  const member = coworkerOf(guest, updatedAt)
  return { ...sample, world: { [`coworkers/${member.Id}`]: member, ...resource } }
}

function aboutCoworker(action: string, guest: SampleBooking['guest'], now: number): SampleDelivery {
  const member = coworkerOf(guest, now)
  const gone = action === 'CoworkerDelete'
  return { ...delivery(action, member), world: { [`coworkers/${member.Id}`]: gone ? null : member } }
}

function coworkerOf({ id, name, email, phone }: SampleBooking['guest'], now: number): Members {
  return {
    Id: Number(digitsOf(id)),
    UniqueId: guidOf(`coworker ${id}`),
    FullName: name,
    Email: email,
    MobilePhone: phone,
    Active: true,
    UpdatedOn: wholeSeconds(now)
  }
}

function aboutDesk(action: string, { now }: SampleContext): SampleDelivery {
  return delivery(action, { Id: 6601, Name: 'Desk 12', UpdatedOn: wholeSeconds(now) })
}

/** An array of one record; what happened to it stands in the address only. */
function delivery(action: string, record: Members): SampleDelivery {
  return { event: action, body: JSON.stringify([record]), query: { event: action } }
}
