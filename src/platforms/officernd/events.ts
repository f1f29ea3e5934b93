import { type Static, Type } from '@sinclair/typebox'
import type { Delivery } from '../../model/delivery.ts'
import { firstText, Told } from '../fields.ts'
import { type PlatformEvent, readObject, unreadable } from '../platform.ts'
import { idOf, isTrueInAnyCase, membersOf } from '../told.ts'

const record = { _id: Type.String({ pattern: '\\S' }), modifiedAt: Told }

/** A booking with the names of API v1 and of v2. */
const Booking = Type.Object({
  ...record,
  start: Told,
  end: Told,
  timezone: Told,
  resourceId: Told,
  resource: Told,
  member: Told,
  team: Told,
  company: Told,
  summary: Told,
  title: Told,
  tentative: Told,
  isTentative: Told,
  canceled: Told,
  isCanceled: Told,
  isCancelled: Told,
  recurrence: Told
})

/** A member, or a company. */
const Person = Type.Object({ ...record, name: Told, email: Told, phone: Told })

export const BookingEvent = Type.Object({ createdAt: Told, object: Booking })
export const PersonEvent = Type.Object({ createdAt: Told, object: Person })

export type Booking = Static<typeof Booking>
export type Person = Static<typeof Person>
export type BookingEvent = Static<typeof BookingEvent>
export type PersonEvent = Static<typeof PersonEvent>

/** One event. The record stands in `data.object`; `data` alone is taken where it is one itself. */
export function readEvents(delivery: Pick<Delivery, 'body'>): PlatformEvent[] {
  const { eventType, createdAt, data } = readObject(delivery)
  const type = firstText(eventType)
  if (type === undefined) throw unreadable('the body names no eventType')
  const { object = membersOf(data)._id === undefined ? undefined : data } = membersOf(data)
  return [{ type: familyOf(type), payload: { createdAt, object } }]
}

/** Families that are ignored as a whole; of payment details there are several, of members and of companies. */
function familyOf(type: string): string {
  const [noun = ''] = type.split('.')
  const family = /^(?:membership|contract|pass|occupancyslot|fee)$|paymentdetails$/i.exec(noun)?.[0]
  return family === undefined ? type : `${family.toLowerCase()}.*`
}

/** An id, or the id of what stands in its place. */
export function refOf(...candidates: unknown[]): string | undefined {
  return idOf(...candidates.flatMap(each => [each, membersOf(each)._id]))
}

/** Who booked: a member, else a company. */
export function bookerOf({
  member,
  team,
  company
}: Booking): { list: 'members' | 'companies'; id: string } | undefined {
  const person = refOf(member)
  if (person !== undefined) return { list: 'members', id: person }
  const firm = refOf(team, company)
  return firm === undefined ? undefined : { list: 'companies', id: firm }
}

export type Standing = 'off' | 'recurring' | 'tentative' | 'booked'

/** No real booking was seen, so a flag is read however it is written. */
export function standingOf(booking: Booking): Standing {
  const { canceled, isCanceled, isCancelled, tentative, isTentative, recurrence } = booking
  if ([canceled, isCanceled, isCancelled].some(isTrueInAnyCase)) return 'off'
  if (recurs(recurrence)) return 'recurring'
  return [tentative, isTentative].some(isTrueInAnyCase) ? 'tentative' : 'booked'
}

/** A list or an object of rules as well: one stay for a series would open the door on one of its dates only. */
function recurs(recurrence: unknown): boolean {
  const { rrule = recurrence } = membersOf(recurrence)
  return isObject(rrule) ? Object.values(rrule).some(saysSomething) : saysSomething(rrule)
}

function saysSomething(value: unknown): boolean {
  if (isObject(value)) return Object.keys(value).length > 0
  return typeof value === 'string' ? value.trim() !== '' : Boolean(value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
