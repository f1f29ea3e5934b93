import { type Static, Type } from '@sinclair/typebox'
import { lowerText, Maybe } from '../fields.ts'
import { entriesOf, isMembers, type Members, membersOf } from '../told.ts'

/** What is only taken when it is of the type we expect: its absence or oddness is no reason to bury a booking. */
const Nice = Type.Optional(Type.Unknown())

const BookingSchema = Type.Object({
  uid: Type.String({ minLength: 1 }),
  status: Nice,
  title: Nice,
  startTime: Nice,
  endTime: Nice,
  /** Slug of the event type; some senders put the booking's title here. */
  type: Nice,
  eventTitle: Nice,
  eventTypeId: Nice,
  /** Minutes: of the booking when it is made, of the event type later. */
  length: Nice,
  location: Nice,
  organizer: Nice,
  /** The booker first, additional guests behind. */
  attendees: Nice,
  /** Question → `{ label, value }`. */
  responses: Nice,
  userFieldsResponses: Nice,
  smsReminderNumber: Nice,
  /** A number where several people book seats of one slot; some cancellations do not tell it. */
  seatsPerTimeSlot: Nice,
  rescheduleUid: Nice,
  rescheduledBy: Nice
})

/** Every event about a booking: the whole body. One that ends it needs to name it, and no more. */
export const BookingEvent = Type.Object({
  createdAt: Type.String(),
  payload: BookingSchema
})

/** An event that may give access: oddness in these would give it to nobody, or to one person twice. */
export const AccessEvent = Type.Object({
  createdAt: Type.String(),
  payload: Type.Object({
    ...BookingSchema.properties,
    attendees: Maybe(Type.Array(Type.Unknown())),
    seatsPerTimeSlot: Maybe(Type.Union([Type.Number(), Type.String()])),
    rescheduleUid: Maybe(Type.String())
  })
})

export type Booking = Static<typeof BookingSchema>
export type BookingEvent = Static<typeof BookingEvent>

/** As listed: what is no object keeps its place, so that nobody else is taken for the booker. */
export function attendeesOf({ attendees }: Booking): (Members | undefined)[] {
  return Array.isArray(attendees) ? attendees.map(each => (isMembers(each) ? each : undefined)) : []
}

/** The answer to a question of the booking form, from the first of the forms that holds one. */
export function answerTo(question: string, ...forms: unknown[]): unknown {
  return forms.map(form => member(member(form, question), 'value')).find(value => value !== undefined)
}

/** The answer to the question as the form words it; letter case and white space around do not matter. */
export function answerLabelled(question: string, ...forms: unknown[]): unknown {
  const wanted = question.trim().toLowerCase()
  return forms
    .flatMap(form => entriesOf(Object.values(membersOf(form))))
    .find(({ label }) => lowerText(label) === wanted)?.value
}

export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}
