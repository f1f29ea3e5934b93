import type { Moment } from '../model/change.ts'
import type { Connection } from '../model/connection.ts'
import { usableCode, usableEmail, usablePhone } from '../model/contact.ts'
import { type Kind, kindOfList, kinds } from '../model/kind.ts'
import { instantOf, seamInstant, usableTime, usableZone } from '../model/time.ts'
import { type Facts, METADATA_NAME, numberOf, textOf } from './facts.ts'
import { placeSettings } from './keys.ts'

/** What Seam shall hold of a resource, as push_data spells it. */
export type SeamFields = Record<string, unknown>

/** Of a place, what the stays in it depend on. */
export interface PlaceContext {
  alive: boolean
  timeZone: string | undefined
  checkInTime: string | undefined
  checkOutTime: string | undefined
  /** The place it was merged into, in the platform's id. */
  mergedInto: string | undefined
}

/** What the operator says beats what the platform tells; the connection fills what neither says. */
export function placeContext(
  connection: Connection,
  sourceId: string,
  facts: Facts,
  alive: boolean
): PlaceContext {
  const settings = placeSettings(connection, sourceId)
  return {
    alive,
    timeZone: settings?.timeZone ?? usableZone(textOf(facts, 'timeZone')) ?? connection.timeZone,
    checkInTime: settings?.checkInTime ?? usableTime(textOf(facts, 'checkInTime')) ?? connection.checkInTime,
    checkOutTime:
      settings?.checkOutTime ?? usableTime(textOf(facts, 'checkOutTime')) ?? connection.checkOutTime,
    mergedInto: textOf(facts, 'mergedInto')
  }
}

/** Only `spaces` have a member for zone, hours, address and position; the other lists take a name alone. */
export function renderPlace(connection: Connection, key: string, sourceId: string, facts: Facts): SeamFields {
  const kind = kindOfList(connection.lists.place)
  const settings = placeSettings(connection, sourceId)
  const fields: SeamFields = {
    [kinds[kind].keyField]: key,
    name: settings?.name ?? told(textOf(facts, 'name')) ?? sourceId
  }
  if (kind !== 'space') return fields

  const { timeZone, checkInTime, checkOutTime } = placeContext(connection, sourceId, facts, true)
  const customerData = withoutUndefined({
    time_zone: timeZone,
    default_checkin_time: checkInTime,
    default_checkout_time: checkOutTime,
    address: settings?.address ?? told(textOf(facts, 'address'))
  })
  if (Object.keys(customerData).length > 0) fields.customer_data = customerData
  const latitude = numberOf(facts, 'latitude')
  const longitude = numberOf(facts, 'longitude')
  if (
    latitude !== undefined &&
    longitude !== undefined &&
    Math.abs(latitude) <= 90 &&
    Math.abs(longitude) <= 180
  ) {
    fields.geolocation = { latitude, longitude }
  }
  const minutes = numberOf(facts, 'durationMinutes')
  if (minutes !== undefined && Number.isInteger(minutes) && minutes > 0) fields.duration_minutes = minutes
  return fields
}

/** Of a guest, what others depend on; both in the form that Seam gets. */
export interface GuestContext {
  email: string | undefined
  phone: string | undefined
  mergedInto: string | undefined
}

export function guestContext(connection: Connection, facts: Facts): GuestContext {
  return {
    email: usableEmail(textOf(facts, 'email')),
    phone: usablePhone(textOf(facts, 'phone'), connection.country),
    mergedInto: textOf(facts, 'mergedInto')
  }
}

export interface Rendered {
  fields: SeamFields
  warnings: string[]
}

/**
 * @param may whether this guest is the one that holds the contact detail in the workspace
 * @param kind another one only where the guest was pushed to another list before the settings changed
 */
export function renderGuest(
  connection: Connection,
  key: string,
  facts: Facts,
  may: { email: boolean; phone: boolean },
  kind = kindOfList(connection.lists.guest)
): Rendered {
  const { email, phone } = guestContext(connection, facts)
  const warnings: string[] = []
  const name = told(textOf(facts, 'name')) ?? told(textOf(facts, 'fallbackName')) ?? 'Guest'
  const fields: SeamFields = { [kinds[kind].keyField]: key, name }
  if (email !== undefined && may.email) fields.email_address = email
  if (phone !== undefined && may.phone) fields.phone_number = phone
  if (email === undefined && told(textOf(facts, 'email')))
    warnings.push('the e-mail address is not valid and was left out')
  if (phone === undefined && told(textOf(facts, 'phone'))) {
    warnings.push(
      'the phone number is not valid and was left out; set country on the connection if it lacks its prefix'
    )
  }
  if (email !== undefined && !may.email)
    warnings.push('another guest of the workspace has this e-mail address; it was left out')
  if (phone !== undefined && !may.phone)
    warnings.push('another guest of the workspace has this phone number; it was left out')
  return { fields, warnings }
}

export interface GuestPart {
  /** Undefined: of the list that the connection's settings name. */
  kind?: Kind
  key: string
  name: string | undefined
  context: GuestContext
}

/** What a stay names, resolved. */
export interface StayParts {
  /** In the order of the stay; merged places already replaced. */
  places: { key: string; context: PlaceContext }[]
  guest: GuestPart | undefined
}

export type RenderedStay = (Rendered & { startsAt: number }) | { held: string; startsAt: number | null }

/** A stay in Seam's words, or what it waits for. */
export function renderStay(
  connection: Connection,
  key: string,
  facts: Facts,
  parts: StayParts
): RenderedStay {
  const place = parts.places[0]
  const zoneAndHours = place?.context
  const start = momentOf(facts, 'start')
  const end = momentOf(facts, 'end')
  const timeZone = zoneAndHours?.timeZone ?? connection.timeZone
  const checkIn = zoneAndHours?.checkInTime ?? connection.checkInTime
  const checkOut = zoneAndHours?.checkOutTime ?? connection.checkOutTime
  const startsAt = start === undefined ? undefined : instantOf(start, { timeZone, time: checkIn }, 'check-in')
  const endsAt = end === undefined ? undefined : instantOf(end, { timeZone, time: checkOut }, 'check-out')
  const startMs = startsAt !== undefined && 'ms' in startsAt ? startsAt.ms : null
  const held = (reason: string) => ({ held: reason, startsAt: startMs })

  if (place === undefined) return held('no room is assigned yet')
  if (parts.places.some(each => !each.context.alive)) return held('its place was removed at the platform')
  if (parts.guest === undefined) return held('nobody is named as its guest')
  if (startsAt === undefined) return held('the check-in is not told')
  if (endsAt === undefined) return held('the check-out is not told')
  if ('missing' in startsAt) return held(startsAt.missing)
  if ('missing' in endsAt) return held(endsAt.missing)
  if (endsAt.ms <= startsAt.ms) return held('it ends before it starts')

  const stayKind = kindOfList(connection.lists.stay)
  const warnings: string[] = []
  const code = preferredCode(connection, facts, parts.guest.context, warnings)
  const name = told(textOf(facts, 'name')) ?? parts.guest.name
  const metadata = metadataOf(facts)
  const fields = withoutUndefined({
    [kinds[stayKind].keyField]: key,
    name,
    starts_at: seamInstant(startsAt.ms),
    ends_at: seamInstant(endsAt.ms),
    [kinds[parts.guest.kind ?? kindOfList(connection.lists.guest)].keyField]: parts.guest.key,
    [String(kinds[kindOfList(connection.lists.place)].refField)]: [
      ...new Set(parts.places.map(each => each.key))
    ],
    preferred_code: code,
    // Only reservations take metadata (openapi/seam/push_data.yaml).
    custom_metadata: stayKind === 'reservation' ? metadata : undefined
  })
  return { fields, warnings, startsAt: startsAt.ms }
}

function preferredCode(
  connection: Connection,
  facts: Facts,
  guest: GuestContext,
  warnings: string[]
): string | undefined {
  if (connection.preferredCode === 'phone_last_four') return guest.phone?.slice(-4)
  if (connection.preferredCode === 'none') return undefined
  const wished = told(textOf(facts, 'preferredCode'))
  const code = usableCode(wished)
  if (wished !== undefined && code === undefined)
    warnings.push('the preferred code is not 4 to 9 digits and was left out')
  return code
}

function momentOf(facts: Facts, name: 'start' | 'end'): Moment | undefined {
  const value = facts[name]?.value
  return typeof value === 'object' && value !== null ? (value as Moment) : undefined
}

/** Seam allows so many names; types 1.1038.0. */
const MOST_METADATA = 50

/** Seam keeps what it is not told of again, and takes away what it is told as null: names that are gone are told so. */
function metadataOf(facts: Facts): object | undefined {
  const value = facts.metadata?.value
  const told = typeof value === 'object' && value !== null ? value : {}
  const gone = Object.keys(facts)
    .filter(name => name.startsWith(METADATA_NAME))
    .map(name => name.slice(METADATA_NAME.length))
    .filter(name => !Object.hasOwn(told, name))
    .sort((a, b) => (a < b ? -1 : 1))
    .slice(0, Math.max(MOST_METADATA - Object.keys(told).length, 0))
  const all = { ...told, ...Object.fromEntries(gone.map(name => [name, null])) }
  return Object.keys(all).length > 0 ? all : undefined
}

/** A text that says something. */
function told(text: string | undefined): string | undefined {
  const trimmed = text?.trim()
  return trimmed === '' ? undefined : trimmed
}

function withoutUndefined(fields: Record<string, unknown>): SeamFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
