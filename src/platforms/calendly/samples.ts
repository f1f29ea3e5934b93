import { hexOf, ninetyMinutes, spanOf, stateOf } from '../sample-values.ts'
import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'

const API = 'https://api.calendly.com'

export const samples: Samples = {
  events: {
    'invitee.created': context => invitee('invitee.created', first, context),
    'invitee.canceled': context => invitee('invitee.canceled', first, context, off),
    'invitee_no_show.created': context =>
      delivery('invitee_no_show.created', context.now, {
        uri: `${API}/invitee_no_shows/NSH00001`,
        invitee: uriOf(first)
      }),
    'invitee_no_show.deleted': context =>
      delivery('invitee_no_show.deleted', context.now, {
        uri: `${API}/invitee_no_shows/NSH00001`,
        invitee: uriOf(first)
      }),
    'routing_form_submission.created': context =>
      delivery('routing_form_submission.created', context.now, {
        uri: `${API}/routing_form_submissions/RFS00001`,
        questions_and_answers: []
      })
  },
  tell,
  ids(booking) {
    const place = booking.rooms[0]?.place
    return { stays: place && booking.status === 'confirmed' ? [{ id: idOf(booking), place }] : [] }
  }
}

/**
 * Calendly tells of bookings made and cancelled, and of nothing before a booking stands. Other dates, another guest or
 * another answer are a reschedule, told in two halves. A reschedule keeps the event type, so another one is a
 * cancellation and a new booking.
 */
function tell(
  before: SampleBooking | undefined,
  after: SampleBooking,
  context: SampleContext
): SampleDelivery[] {
  const at = { ...context, now: after.updatedAt }
  const live = before?.status === 'confirmed' ? before : undefined
  if (after.status !== 'confirmed') {
    if (live !== undefined) return [invitee('invitee.canceled', live, at, off)]
    return before === undefined && after.status === 'cancelled'
      ? [invitee('invitee.canceled', after, at, off)]
      : []
  }
  if (live === undefined) return [invitee('invitee.created', after, at)]
  if (live.rooms[0]?.place !== after.rooms[0]?.place) {
    return [invitee('invitee.canceled', live, at, off), invitee('invitee.created', after, at)]
  }
  return [
    invitee('invitee.canceled', live, at, { ...off, rescheduled: true, new_invitee: uriOf(after) }),
    invitee('invitee.created', after, at, { old_invitee: uriOf(live) })
  ]
}

const off = { status: 'canceled' }

const first: SampleBooking = { ...ninetyMinutes, rooms: [{ id: 'r1', place: 'TYP00001' }] }

function invitee(
  type: string,
  booking: SampleBooking,
  { connection, now }: SampleContext,
  differing: Record<string, unknown> = {}
): SampleDelivery {
  const { guest, rooms, timeZone, code } = booking
  const { start, end } = spanOf(booking)
  const place = rooms[0]?.place
  const event = `${API}/scheduled_events/${eventOf(booking)}`
  const status = differing.status ?? 'active'
  const eventType = place ? { uri: `${API}/event_types/${place}`, name: `Studio ${place}` } : undefined
  const payload = {
    uri: uriOf(booking),
    event,
    email: guest.email,
    name: guest.name,
    first_name: null,
    last_name: null,
    status,
    timezone: timeZone,
    text_reminder_number: guest.phone,
    rescheduled: false,
    old_invitee: null,
    new_invitee: null,
    no_show: null,
    created_at: stamp(now),
    updated_at: stamp(now),
    questions_and_answers:
      code === null
        ? []
        : [{ question: connection.preferredCodeField ?? 'Wished door PIN', answer: code, position: 0 }],
    scheduled_event: {
      uri: event,
      name: eventType?.name ?? null,
      status,
      start_time: stamp(start),
      end_time: stamp(end),
      event_type: eventType?.uri ?? null,
      location: { type: 'physical', location: '12 Quay Road, Gothenburg' },
      invitees_counter: { total: 1, active: status === 'active' ? 1 : 0, limit: 1 },
      event_memberships: [{ user: `${API}/users/AAAA1111BBBB2222`, user_name: 'Quay Studios' }],
      event_guests: []
    },
    ...differing
  }
  const { body } = delivery(type, now, payload)
  return {
    event: type,
    body,
    ...(eventType && { world: { [`event_types/${place}`]: { ...eventType, active: true, duration: 90 } } })
  }
}

function delivery(event: string, now: number, payload: unknown): SampleDelivery {
  const created_by = `${API}/users/AAAA1111BBBB2222`
  return { event, body: JSON.stringify({ event, created_at: stamp(now), created_by, payload }) }
}

function uriOf(booking: SampleBooking): string {
  return `${API}/scheduled_events/${eventOf(booking)}/invitees/${inviteeOf(booking)}`
}

function idOf(booking: SampleBooking): string {
  return `${eventOf(booking)}:${inviteeOf(booking)}`
}

function eventOf(booking: SampleBooking): string {
  return `EVT${codeOf(booking)}`
}

function inviteeOf(booking: SampleBooking): string {
  return `INV${codeOf(booking)}`
}

/** One for every state of a booking, because every reschedule makes a new invitee, the way back to earlier dates too. */
function codeOf(booking: SampleBooking): string {
  return hexOf(stateOf(booking), 12)
}

/** Microseconds, as Calendly writes them. */
function stamp(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}
