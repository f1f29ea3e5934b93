import { type Static, Type } from '@sinclair/typebox'
import type { Connection } from '../../model/connection.ts'
import type { Delivery, Incoming } from '../../model/delivery.ts'
import { trimmed } from '../../model/trimmed.ts'
import { firstText, Maybe } from '../fields.ts'
import { type PlatformEvent, peekObject, readObject, unreadable } from '../platform.ts'
import { membersOf } from '../told.ts'

/** Becomes a part of an address. */
const Uid = Type.String({ pattern: '^[\\w-]{1,64}$' })
const Text = Maybe(Type.String())

/** About a lead, which is what Hostfully calls a booking in any state. The property may be the one before a move. */
export const LeadEvent = Type.Object({ lead_uid: Uid, agency_uid: Text })

/** Events of a property's calendar, which tell now and then what lead is behind them. A form writes none as an empty text. */
export const CalendarEvent = Type.Object({
  lead_uid: Maybe(Type.Union([Uid, Type.Literal('')])),
  agency_uid: Text
})
export type CalendarEvent = Static<typeof CalendarEvent>

export const PropertyEvent = Type.Object({ property_uid: Uid, agency_uid: Text })
export type PropertyEvent = Static<typeof PropertyEvent>

/**
 * The last four are documented as causes of PROPERTY_AVAILABILITY_UPDATED, and seen registered by themselves in public
 * code; whether Hostfully takes that is not confirmed.
 */
export const leadEvents = [
  'NEW_INQUIRY',
  'NEW_HOLD',
  'NEW_BOOKING_REQUEST',
  'NEW_BOOKING',
  'BOOKING_UPDATED',
  'BOOKING_CANCELLED',
  'LEAD_DATES_CHANGED',
  'LEAD_PROPERTY_CHANGED',
  'LEAD_SOFT_DELETED',
  'HOLD_CANCELLED'
] as const
export const calendarEvents = ['UNIT_CHANGED', 'PROPERTY_AVAILABILITY_UPDATED'] as const
export const propertyEvents = [
  'NEW_PROPERTY',
  'UPDATED_PROPERTY',
  'DELETED_PROPERTY',
  'ACTIVATED_PROPERTY',
  'DEACTIVATED_PROPERTY'
] as const
/** Of all these, those that speak of an end. */
export const endings: readonly string[] = [
  'BOOKING_CANCELLED',
  'LEAD_SOFT_DELETED',
  'HOLD_CANCELLED',
  'DELETED_PROPERTY'
]

/** A webhook is JSON where it was registered as POST_JSON, a form as POST_FORM. */
export function readEvents(delivery: Delivery): PlatformEvent[] {
  const payload = formOf(delivery) ?? readObject(delivery)
  const type = firstText(payload.event_type)?.toUpperCase()
  if (type === undefined) throw unreadable('the body names no event_type')
  return [{ type, payload }]
}

/** The agency that a body names. */
export function agencyOf(incoming: Incoming): string | undefined {
  return firstText((formOf(incoming) ?? peekObject(incoming))?.agency_uid)
}

/** Also where no agency is told, or the connection names none. */
export function isOurs(agency: string | undefined, { secrets }: Pick<Connection, 'secrets'>): boolean {
  const ours = secrets.agency_uid
  return (
    agency === undefined ||
    ours === undefined ||
    ours.some(each => each.toLowerCase() === agency.toLowerCase())
  )
}

/** By its looks, since some senders call everything JSON; undefined where it is no form of Hostfully's. */
function formOf({ body }: { body: Uint8Array }): Record<string, unknown> | undefined {
  const text = Buffer.from(body).toString()
  if (!/^[\w.-]+=/.test(text)) return undefined
  const form = new URLSearchParams(text)
  return form.has('event_type') ? membersOf(trimmed(Object.fromEntries(form))) : undefined
}
