import { hashOf, ninetyMinutes, spanOf, stateOf, wholeSeconds } from '../sample-values.ts'
import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'

export const samples: Samples = {
  events: {
    BOOKING_CREATED: context => bookingEvent('BOOKING_CREATED', first, context),
    BOOKING_RESCHEDULED: context =>
      bookingEvent('BOOKING_RESCHEDULED', moved, context, { rescheduleUid: uidOf(first) }),
    BOOKING_CANCELLED: context =>
      bookingEvent('BOOKING_CANCELLED', first, context, { status: 'CANCELLED', cancellationReason: 'Ill' }),
    BOOKING_REQUESTED: context => bookingEvent('BOOKING_REQUESTED', first, context, { status: 'PENDING' }),
    BOOKING_REJECTED: context => bookingEvent('BOOKING_REJECTED', first, context, { status: 'REJECTED' }),
    BOOKING_PAYMENT_INITIATED: context =>
      bookingEvent('BOOKING_PAYMENT_INITIATED', first, context, { paymentId: 901 }),
    BOOKING_PAID: context => bookingEvent('BOOKING_PAID', first, context, { paymentId: 901 }),
    BOOKING_NO_SHOW_UPDATED: context =>
      event('BOOKING_NO_SHOW_UPDATED', context.now, {
        message: 'An attendee was marked as no-show',
        bookingUid: uidOf(first),
        bookingId: 7310045,
        attendees: [{ email: first.guest.email, noShow: true }]
      }),
    MEETING_STARTED: context => bookingEvent('MEETING_STARTED', first, context),
    MEETING_ENDED: context => bookingEvent('MEETING_ENDED', first, context),
    AFTER_HOSTS_CAL_VIDEO_NO_SHOW: context =>
      event('AFTER_HOSTS_CAL_VIDEO_NO_SHOW', context.now, { bookingUid: uidOf(first) }),
    AFTER_GUESTS_CAL_VIDEO_NO_SHOW: context =>
      event('AFTER_GUESTS_CAL_VIDEO_NO_SHOW', context.now, { bookingUid: uidOf(first) }),
    RECORDING_READY: context =>
      event('RECORDING_READY', context.now, {
        uid: uidOf(first),
        downloadLink: 'https://video.example.com/r/1'
      }),
    RECORDING_TRANSCRIPTION_GENERATED: context =>
      event('RECORDING_TRANSCRIPTION_GENERATED', context.now, { uid: uidOf(first), downloadLinks: {} }),
    INSTANT_MEETING: context => event('INSTANT_MEETING', context.now, { title: 'Instant meeting' }),
    OOO_CREATED: context => event('OOO_CREATED', context.now, { oooEntry: { id: 12, reasonId: 1 } }),
    FORM_SUBMITTED: context => event('FORM_SUBMITTED', context.now, { formId: 'f1', responses: {} }),
    FORM_SUBMITTED_NO_EVENT: context =>
      event('FORM_SUBMITTED_NO_EVENT', context.now, { formId: 'f1', responses: {} }),
    PING: context => event('PING', context.now, { type: 'Test', title: 'Test trigger event', attendees: [] })
  },
  tell,
  ids(booking) {
    const place = booking.rooms[0]?.place
    return { stays: place && booking.status !== 'cancelled' ? [{ id: uidOf(booking), place }] : [] }
  }
}

/**
 * Cal.com tells of no change but a reschedule, which is a new `uid`: other dates, another guest, another answer. Another
 * event type, or a way back to a request, is a cancellation and a new booking.
 */
function tell(
  before: SampleBooking | undefined,
  after: SampleBooking,
  context: SampleContext
): SampleDelivery[] {
  const at = { ...context, now: after.updatedAt }
  const live = before?.status === 'cancelled' ? undefined : before
  const off = (booking: SampleBooking) =>
    bookingEvent('BOOKING_CANCELLED', booking, at, { status: 'CANCELLED' })
  if (after.status === 'cancelled') {
    const gone = live ?? (before === undefined ? after : undefined)
    return gone === undefined ? [] : [off(gone)]
  }
  const samePlace = live !== undefined && live.rooms[0]?.place === after.rooms[0]?.place
  if (after.status === 'confirmed' && samePlace) {
    return [bookingEvent('BOOKING_RESCHEDULED', after, at, { rescheduleUid: uidOf(live) })]
  }
  const anew =
    after.status === 'confirmed'
      ? bookingEvent('BOOKING_CREATED', after, at)
      : bookingEvent('BOOKING_REQUESTED', after, at, { status: 'PENDING' })
  return live === undefined ? [anew] : [off(live), anew]
}

const first: SampleBooking = { ...ninetyMinutes, rooms: [{ id: 'r1', place: '90417' }] }

const moved: SampleBooking = { ...first, arrival: '2027-02-16', departure: '2027-02-16', updatedAt: 1 }

/** Default length of the event types played here, minutes. A booking of another length tells of an event type with several. */
const defaultLength = 90

function bookingEvent(
  type: string,
  booking: SampleBooking,
  { connection, now, serial }: SampleContext,
  differing: Record<string, unknown> = {}
): SampleDelivery {
  const { guest, rooms, timeZone, code } = booking
  const { start, end } = spanOf(booking)
  const email = guest.email ?? madeUpEmail(guest)
  const answers =
    code === null
      ? {}
      : { [connection.preferredCodeField ?? 'doorPin']: { label: 'Wished door PIN', value: code } }
  return event(type, now, {
    type: 'podcast-studio',
    title: `Podcast studio with ${guest.name}`,
    description: '',
    startTime: wholeSeconds(start),
    endTime: wholeSeconds(end),
    organizer: { id: 5120, name: 'Quay Studios', email: 'desk@quay.example.com', timeZone },
    attendees: [{ email, name: guest.name, timeZone, phoneNumber: guest.phone }],
    responses: {
      name: { label: 'your_name', value: guest.name },
      email: { label: 'email_address', value: email },
      location: { label: 'location', value: { optionValue: '', value: 'inPerson' } },
      ...answers
    },
    userFieldsResponses: answers,
    location: '12 Quay Road',
    eventTypeId: eventTypeId(rooms[0]?.place),
    eventTitle: 'Podcast studio',
    seatsPerTimeSlot: null,
    uid: uidOf(booking),
    bookingId: 7310000 + serial,
    length: defaultLength,
    metadata: {},
    status: 'ACCEPTED',
    ...differing
  })
}

function event(type: string, now: number, payload: unknown): SampleDelivery {
  return {
    event: type,
    body: JSON.stringify({ triggerEvent: type, createdAt: new Date(now).toISOString(), payload }),
    headers: { 'x-cal-webhook-version': '2021-10-20' }
  }
}

/** One for every state of a booking, because every reschedule makes a new one, the way back to earlier dates too. */
function uidOf(booking: SampleBooking): string {
  return hashOf(stateOf(booking)).toString('base64').replace(/\W/g, '').slice(0, 20)
}

/** Numbers, as Cal.com has them, where the sample's place is one. */
function eventTypeId(place: string | null | undefined): string | number | null {
  if (!place) return null
  return /^\d+$/.test(place) ? Number(place) : place
}

/** Whoever books without an e-mail gets an address made of the phone number. */
function madeUpEmail({ id, phone }: SampleBooking['guest']): string {
  const digits = (phone ?? Buffer.from(id).join('')).replace(/\D/g, '')
  return `${digits}@sms.cal.com`
}
