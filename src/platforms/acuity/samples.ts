import { digitsOf, namesOf, ninetyMinutes, spanOf, withOffset } from '../sample-values.ts'
import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'

export const samples: Samples = {
  events: {
    scheduled: context => told('scheduled', first, context),
    rescheduled: context =>
      told('rescheduled', { ...first, arrival: '2027-02-16', departure: '2027-02-16' }, context),
    canceled: context => told('canceled', { ...first, status: 'cancelled' }, context),
    changed: context => told('changed', first, context),
    'order.completed': () => form({ action: 'order.completed', id: '9002211' })
  },
  tell,
  ids(booking) {
    const place = booking.rooms[0]?.place
    return {
      stays:
        place && booking.status === 'confirmed' ? [{ id: digitsOf(booking.id), place: digitsOf(place) }] : []
    }
  }
}

/** Every change is told twice: by its own action, and as `changed`. Nothing is told before an appointment stands. */
function tell(
  before: SampleBooking | undefined,
  after: SampleBooking,
  context: SampleContext
): SampleDelivery[] {
  const both = (action: string) => [told(action, after, context), told('changed', after, context)]
  const stood = before?.status === 'confirmed'
  if (after.status === 'tentative') return stood ? both('canceled') : []
  if (after.status === 'cancelled') return stood || before === undefined ? both('canceled') : []
  if (!stood) return both('scheduled')
  const moved = whenOf(before) !== whenOf(after)
  return moved ? both('rescheduled') : [told('changed', after, context)]
}

function whenOf({ arrival, departure, checkIn, checkOut }: SampleBooking): string {
  return [arrival, checkIn, departure, checkOut].join(' ')
}

const first: SampleBooking = {
  ...ninetyMinutes,
  id: '481516234',
  rooms: [{ id: 'r1', place: '77120' }]
}

const typeId = 310442

/** The webhook, and what the API knows from then on. */
function told(action: string, booking: SampleBooking, { connection }: SampleContext): SampleDelivery {
  const id = digitsOf(booking.id)
  const place = booking.rooms[0]?.place
  const calendarID = place ? Number(digitsOf(place)) : null
  const { guest, code, timeZone } = booking
  const { first: firstName, last: lastName } = namesOf(guest)
  const appointment = {
    id: Number(id),
    firstName,
    lastName,
    phone: guest.phone ?? '',
    email: guest.email ?? '',
    ...timesOf(booking),
    type: 'Studio – 90 minutes',
    appointmentTypeID: typeId,
    classID: null,
    calendar: place ? `Studio ${place}` : '',
    calendarID,
    location: '12 Quay Road, Gothenburg',
    timezone: timeZone,
    calendarTimezone: timeZone,
    canceled: booking.status !== 'confirmed',
    noShow: false,
    notes: '',
    forms:
      code === null
        ? []
        : [
            {
              id: 1,
              name: 'Access',
              values: [
                { id: 7, fieldID: 1, name: connection.preferredCodeField ?? 'Wished door PIN', value: code }
              ]
            }
          ]
  }
  return {
    ...form({ action, id, calendarID: `${calendarID ?? ''}`, appointmentTypeID: `${typeId}` }),
    world: {
      [`appointments/${id}`]: appointment,
      [`appointment-types/${typeId}`]: { id: typeId, name: 'Studio – 90 minutes', duration: 90 },
      ...(calendarID && {
        [`calendars/${calendarID}`]: {
          id: calendarID,
          name: appointment.calendar,
          location: appointment.location,
          timezone: timeZone
        }
      })
    }
  }
}

function form(variables: Record<string, string>): SampleDelivery {
  return {
    event: `${variables.action}`,
    body: new URLSearchParams(variables).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' }
  }
}

/** The start with an offset that has no colon, and the length in minutes as a text. */
function timesOf(booking: SampleBooking) {
  const { start, end } = spanOf(booking)
  return {
    datetime: withOffset(start, booking.timeZone).replace(/:(?=\d\d$)/, ''),
    duration: String((end - start) / 60_000)
  }
}
