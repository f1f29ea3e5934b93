import { guestKinds, type Kind, kinds, placeFields } from '../model/kind.ts'
import { NEVER, type Stamp } from '../model/stamp.ts'
import type { ResourceRef } from '../store/resources.ts'
import { type Facts, textOf, textsOf } from './facts.ts'
import type { SeamFields } from './seam-fields.ts'

/**
 * What callers say in Seam's words, as facts. What platforms tell too has the same names, so that of two statements the
 * later one counts, whoever made it; the rest has names of its own, which only callers use.
 */

/** Before the name of a member that lists keys. */
const KEYS = 'keys.'
/** Before each name of custom_metadata: Seam keeps the names that are not told again. */
const CUSTOM = 'custom.'

/** Members of staff that list keys; openapi/seam/push_data.yaml. */
const staffLists = [...placeFields.keys(), 'property_listing_keys', 'site_keys']

/** An entry of push_data → facts; undefined where nothing is told. */
export function factsOfEntry(kind: Kind, entry: SeamFields): object {
  const { name } = entry
  const custom = prefixed(CUSTOM, entry.custom_metadata)
  switch (kinds[kind].role) {
    case 'stay':
      return { name, ...stayFacts(entry), ...custom }
    case 'guest':
      // Stands for itself: not for the stays that name it.
      return {
        name,
        standing: true,
        email: entry.email_address,
        phone: entry.phone_number,
        ...keysIn(staffLists, entry)
      }
    case 'place':
      return { name, ...placeFacts(entry), ...custom }
  }
}

function stayFacts(entry: SeamFields): object {
  const { starts_at: start, ends_at: end, preferred_code: code } = entry
  const guest = guestKinds.find(kind => entry[kinds[kind].keyField] !== undefined)
  return {
    start: start === undefined ? undefined : { instant: start },
    end: end === undefined ? undefined : { instant: end },
    code,
    guestKey: guest && { kind: guest, key: entry[kinds[guest].keyField] },
    ...keysIn(placeFields.keys(), entry)
  }
}

function placeFacts(entry: SeamFields): object {
  const { customer_data, geolocation, duration_minutes: durationMinutes, parent_site_key: site } = entry
  const customer = (customer_data ?? {}) as SeamFields
  const position = (geolocation ?? {}) as SeamFields
  return {
    timeZone: customer.time_zone,
    checkInTime: customer.default_checkin_time,
    checkOutTime: customer.default_checkout_time,
    address: customer.address,
    latitude: position.latitude,
    longitude: position.longitude,
    durationMinutes,
    site
  }
}

function keysIn(fields: Iterable<string>, entry: SeamFields): object {
  return Object.fromEntries([...fields].map(field => [KEYS + field, entry[field]]))
}

function prefixed(prefix: string, members: unknown): object {
  return Object.fromEntries(Object.entries(members ?? {}).map(([name, value]) => [prefix + name, value]))
}

/** Lists of keys as callers told them last, by member; not those that a platform has told anew since. */
export function keysToldIn(facts: Facts): Map<string, string[]> {
  const since = facts.places?.stamp ?? ''
  const names = Object.keys(facts).filter(
    name => name.startsWith(KEYS) && facts[name] && facts[name].stamp > since
  )
  return new Map(names.map(name => [name.slice(KEYS.length), textsOf(facts, name)]))
}

/** The lists of keys of a member of staff. */
export function staffListsIn(facts: Facts): SeamFields {
  return Object.fromEntries(keysToldIn(facts))
}

/** Whom a caller told last as the guest of a stay; undefined where a platform has told since. */
export function guestToldIn(facts: Facts): ResourceRef | undefined {
  const named = facts.guestKey
  if (named === undefined || named.stamp < (facts.guest?.stamp ?? '')) return undefined
  return named.value as ResourceRef
}

/**
 * The door code that a caller wishes.
 * @param isLater only where no platform has told of one since, as where the platform's word counts too
 */
export function codeToldIn(facts: Facts, isLater: boolean): string | undefined {
  const { code, preferredCode } = facts
  if (isLater && code !== undefined && preferredCode !== undefined && code.stamp < preferredCode.stamp)
    return undefined
  return textOf(facts, 'code')
}

/** A name of custom_metadata and what a caller told of it. */
export interface CustomTold {
  name: string
  value: unknown
  stamp: Stamp
}

/** What callers told of custom_metadata, latest first; of names that a platform tells too, those that callers told later. */
export function customToldIn(facts: Facts): CustomTold[] {
  const { metadata } = facts
  return Object.entries(facts)
    .filter(([name]) => name.startsWith(CUSTOM))
    .map(([name, { value, stamp }]) => ({ name: name.slice(CUSTOM.length), value, stamp }))
    .filter(
      ({ name, stamp }) =>
        metadata === undefined || stamp > metadata.stamp || !Object.hasOwn(metadata.value as object, name)
    )
    .sort((a, b) => (`${a.stamp} ${a.name}` < `${b.stamp} ${b.name}` ? 1 : -1))
}

/** What a caller's deletion tells of a person: no caller wants them at Seam any more. */
export const ERASED = { standing: false, erased: true }

/**
 * Until when what was said of a person is void: whom callers deleted and pushed again since is told anew. Of whom they
 * only deleted it counts, as a stay may still need them.
 */
export function erasedUpTo(facts: Facts): Stamp {
  return facts.erased !== undefined && standsForItself(facts) ? facts.erased.stamp : NEVER
}

/** Whether a caller wants this person at Seam, whoever stays there. */
export function standsForItself(facts: Facts): boolean {
  return facts.standing?.value === true
}
