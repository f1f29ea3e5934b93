import { type Static, Type } from '@sinclair/typebox'
import { firstText, Maybe } from '../fields.ts'
import { entriesOf, membersOf } from '../told.ts'

/** What is only taken when it is of the type we expect: its absence or oddness is no reason to bury a booking. */
const Nice = Type.Optional(Type.Unknown())

const AttendeeSchema = Type.Object({
  email: Maybe(Type.String()),
  name: Nice,
  phoneNumber: Nice
})

const BookingSchema = Type.Object({
  uid: Type.String({ minLength: 1 }),
  status: Nice,
  title: Nice,
  startTime: Nice,
  endTime: Nice,
  /** Slug of the event type; some senders put the booking's title here. */
  type: Nice,
  eventTitle: Nice,
  eventTypeId: Maybe(Type.Union([Type.String(), Type.Number()])),
  /** Minutes: of the booking when it is made, of the event type later. */
  length: Nice,
  location: Nice,
  organizer: Maybe(Type.Object({ timeZone: Nice })),
  /** The booker first, additional guests behind. */
  attendees: Maybe(Type.Array(AttendeeSchema)),
  /** Question → `{ label, value }`. */
  responses: Nice,
  userFieldsResponses: Nice,
  smsReminderNumber: Nice,
  /** A number where several people book seats of one slot; some cancellations do not tell it. */
  seatsPerTimeSlot: Maybe(Type.Number()),
  rescheduleUid: Maybe(Type.String()),
  rescheduledBy: Nice
})

/** Every event about a booking: the whole body. */
export const BookingEvent = Type.Object({
  createdAt: Type.String(),
  payload: BookingSchema
})

export type Attendee = Static<typeof AttendeeSchema>
export type Booking = Static<typeof BookingSchema>
export type BookingEvent = Static<typeof BookingEvent>

/** The answer to a question of the booking form, from the first of the forms that holds one. */
export function answerTo(question: string, ...forms: unknown[]): unknown {
  return forms.map(form => member(member(form, question), 'value')).find(value => value !== undefined)
}

/** The answer to the question as the form words it; letter case and white space around do not matter. */
export function answerLabelled(question: string, ...forms: unknown[]): unknown {
  const wanted = question.trim().toLowerCase()
  return forms
    .flatMap(form => entriesOf(Object.values(membersOf(form))))
    .find(({ label }) => firstText(label)?.toLowerCase() === wanted)?.value
}

export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}
