import { mended } from '../model/broken-text.ts'
import type { Moment } from '../model/change.ts'
import type { Connection } from '../model/connection.ts'
import { asE164, usableCode, usableEmail, usablePhone } from '../model/contact.ts'
import { heldReasons } from '../model/held-reasons.ts'
import { type Kind, kindOfList, kinds } from '../model/kind.ts'
import { instantOf, seamInstant, usableTime, usableZone } from '../model/time.ts'
import { isCallers } from './callers.ts'
import { metadataOfPlace, metadataOfStay } from './custom-metadata.ts'
import { codeToldIn, staffListsIn } from './entry-facts.ts'
import { type Facts, numberOf, textOf } from './facts.ts'
import { placeSettings } from './keys.ts'
import type { SeamFields } from './seam-fields.ts'

/** Seam demands a name. */
export const NAMELESS_GUEST = 'Guest'

/** Of a place, what the stays in it depend on. */
export interface PlaceContext {
  alive: boolean
  timeZone: string | undefined
  checkInTime: string | undefined
  checkOutTime: string | undefined
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
      settings?.checkOutTime ?? usableTime(textOf(facts, 'checkOutTime')) ?? connection.checkOutTime
  }
}

/** Only `spaces` have a member for zone, hours, address and position; the other lists take a name alone. */
export function renderPlace(connection: Connection, key: string, sourceId: string, facts: Facts): SeamFields {
  const kind = kindOfList(connection.lists.place)
  const settings = placeSettings(connection, sourceId)
  const fields: SeamFields = {
    [kinds[kind].keyField]: key,
    name: settings?.name ?? nonBlank(textOf(facts, 'name')) ?? sourceId
  }
  const site = textOf(facts, 'site')
  if (site !== undefined) fields.parent_site_key = site
  const metadata = metadataOfPlace(facts)
  if (metadata !== undefined) fields.custom_metadata = metadata
  if (kind !== 'space') return fields

  const { timeZone, checkInTime, checkOutTime } = placeContext(connection, sourceId, facts, true)
  // A caller's null goes to Seam as null; what a platform no longer tells is left out.
  const orNull = <Value>(value: Value | undefined, name: string) =>
    value ?? (isCallers(connection) && facts[name]?.value === null ? null : undefined)
  const customerData = withoutUndefined({
    time_zone: orNull(timeZone, 'timeZone'),
    default_checkin_time: orNull(checkInTime, 'checkInTime'),
    default_checkout_time: orNull(checkOutTime, 'checkOutTime'),
    address: orNull(settings?.address ?? nonBlank(textOf(facts, 'address')), 'address')
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
  const phone = textOf(facts, 'phone')
  return {
    email: emailIn(facts),
    phone: usablePhone(phone, connection.country) ?? (isCallers(connection) ? asE164(phone) : undefined),
    mergedInto: textOf(facts, 'mergedInto')
  }
}

/** Of a guest, in the form that Seam gets. Takes a hundredth of {@link guestContext}, which reads the number too. */
export function emailIn(facts: Facts): string | undefined {
  return usableEmail(textOf(facts, 'email'))
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
  const name = nonBlank(textOf(facts, 'name')) ?? nonBlank(textOf(facts, 'fallbackName')) ?? NAMELESS_GUEST
  const fields: SeamFields = { [kinds[kind].keyField]: key, name, ...staffListsIn(facts) }
  if (email !== undefined && may.email) fields.email_address = email
  if (phone !== undefined && may.phone) fields.phone_number = phone
  if (email === undefined && nonBlank(textOf(facts, 'email')))
    warnings.push('the e-mail address is not valid and was left out')
  if (phone === undefined && nonBlank(textOf(facts, 'phone'))) {
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

export interface PlacePart {
  key: string
  /** The member of the stay that names it. */
  field: string
  context: PlaceContext
  /** Its key belongs to another customer. */
  isForeign?: boolean
}

/** What a stay names, resolved. */
export interface StayParts {
  /** In the order of the stay; merged places already replaced. */
  places: PlacePart[]
  guest: GuestPart | undefined
  /** Members that are told even where they name nothing. */
  emptied?: string[]
  /** Goes to Seam with what is told of it: callers may tell a stay in parts, and Seam may hold the others. */
  partial?: boolean
}

export type RenderedStay =
  | (Rendered & { startsAt: number | null })
  | { held: string; startsAt: number | null }

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
  const endMs = endsAt !== undefined && 'ms' in endsAt ? endsAt.ms : null
  const held = (reason: string) => ({ held: reason, startsAt: startMs })

  if (parts.places.some(each => each.isForeign)) return held(heldReasons.foreignPlace)
  const missing = whatIsMissing(parts, startsAt, endsAt)
  const warnings: string[] = []
  if (parts.places.some(each => !each.context.alive)) return held(heldReasons.placeRemoved)
  if (missing !== undefined && parts.partial !== true) return held(missing)
  if (parts.partial === true && startsAt !== undefined && endsAt === undefined)
    return held(heldReasons.openEnd)
  if (missing !== undefined) warnings.push(`it gives no access yet: ${missing}`)
  if (startMs !== null && endMs !== null && endMs <= startMs) return held(heldReasons.endsBeforeStart)

  const stayKind = kindOfList(connection.lists.stay)
  const code = preferredCode(connection, facts, parts.guest?.context, warnings)
  const name = nonBlank(textOf(facts, 'name')) ?? (parts.partial ? undefined : nonBlank(parts.guest?.name))
  const metadata = metadataOfStay(facts)
  const fields = withoutUndefined({
    [kinds[stayKind].keyField]: key,
    name,
    starts_at: startMs === null ? undefined : seamInstant(startMs),
    ends_at: endMs === null ? undefined : seamInstant(endMs),
    ...(parts.guest && {
      [kinds[parts.guest.kind ?? kindOfList(connection.lists.guest)].keyField]: parts.guest.key
    }),
    ...namedPlaces(parts),
    preferred_code: code,
    // Only reservations take metadata (openapi/seam/push_data.yaml).
    custom_metadata: stayKind === 'reservation' ? metadata : undefined
  })
  return { fields, warnings, startsAt: startMs }
}

/** What keeps a stay from giving access; undefined where nothing does. */
function whatIsMissing(
  { places, guest }: StayParts,
  startsAt: ReturnType<typeof instantOf> | undefined,
  endsAt: ReturnType<typeof instantOf> | undefined
): string | undefined {
  if (places.length === 0) return heldReasons.noRoom
  if (guest === undefined) return heldReasons.noGuest
  if (startsAt === undefined) return heldReasons.noStart
  if (endsAt === undefined) return heldReasons.noEnd
  if ('missing' in startsAt) return startsAt.missing
  return 'missing' in endsAt ? endsAt.missing : undefined
}

/** The member in which a stay of this connection names its places. */
export function placeField(connection: Connection): string {
  return String(kinds[kindOfList(connection.lists.place)].refField)
}

function namedPlaces({ places, emptied = [] }: StayParts): SeamFields {
  const lists: Record<string, string[]> = Object.fromEntries(emptied.map(field => [field, []]))
  for (const [field, named] of Map.groupBy(places, place => place.field)) {
    lists[field] = [...new Set(named.map(place => place.key))]
  }
  return lists
}

function preferredCode(
  connection: Connection,
  facts: Facts,
  guest: GuestContext | undefined,
  warnings: string[]
): string | undefined {
  const { preferredCode: mode } = connection
  const asked = nonBlank(codeToldIn(facts, mode === 'platform'))
  if (mode === 'phone_last_four' && asked === undefined) return guest?.phone?.slice(-4)
  const wished = asked ?? (mode === 'platform' ? nonBlank(textOf(facts, 'preferredCode')) : undefined)
  const code = usableCode(wished)
  if (wished !== undefined && code === undefined)
    warnings.push('the preferred code is not 4 to 9 digits and was left out')
  return code
}

function momentOf(facts: Facts, name: 'start' | 'end'): Moment | undefined {
  const value = facts[name]?.value
  return typeof value === 'object' && value !== null ? (value as Moment) : undefined
}

/** A text that says something. Platforms cut texts within an emoji, and Seam could not keep the half that is left. */
function nonBlank(text: string | undefined): string | undefined {
  const trimmed = text === undefined ? undefined : mended(text).trim()
  return trimmed === '' ? undefined : trimmed
}

function withoutUndefined(fields: Record<string, unknown>): SeamFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
