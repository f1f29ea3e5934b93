import { type Static, Type } from '@sinclair/typebox'
import { type Members, membersOf } from '../told.ts'

/** What is only taken when it is of the type we expect: its absence or oddness is no reason to bury a booking. */
const Nice = Type.Optional(Type.Unknown())

const Invitee = Type.Object({
  /** `https://api.calendly.com/scheduled_events/<event>/invitees/<invitee>` */
  uri: Type.String({ pattern: '\\S' }),
  /** The address of the scheduled event. */
  event: Nice,
  email: Nice,
  name: Nice,
  first_name: Nice,
  last_name: Nice,
  status: Nice,
  rescheduled: Nice,
  text_reminder_number: Nice,
  old_invitee: Nice,
  questions_and_answers: Nice,
  updated_at: Nice,
  /** Missing in payloads of older subscriptions. */
  scheduled_event: Nice
})

/** Both events about an invitee: the whole body. */
export const InviteeEvent = Type.Object({ created_at: Nice, payload: Invitee })

export type Invitee = Static<typeof Invitee>
export type InviteeEvent = Static<typeof InviteeEvent>

/** The members of an object; undefined where there is none, or nothing in it. */
export function presentMembers(value: unknown): Members | undefined {
  const members = membersOf(value)
  return Object.keys(members).length === 0 ? undefined : members
}

/** `<event>:<invitee>` of an invitee's address; the address itself where it is of another form, since it is unique too. */
export function bookingIdOf(uri: string): string {
  const match = /\/scheduled_events\/([^/?#\s]+)\/invitees\/([^/?#\s]+)\/?$/.exec(uri.trim())
  return match === null ? uri.trim() : `${match[1]}:${match[2]}`
}

/** The last segment of an address such as `https://api.calendly.com/event_types/<id>`. */
export function idIn(collection: 'scheduled_events' | 'event_types', uri: unknown): string | undefined {
  if (typeof uri !== 'string') return undefined
  return new RegExp(`/${collection}/([^/?#\\s]+)`).exec(uri)?.[1]
}
