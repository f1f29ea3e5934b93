import { Type } from '@sinclair/typebox'
import { guestFields, type Kind, peopleKinds, placeFields } from '../model/kind.ts'
import type { Entry } from '../seam/contract.ts'

/** A resource as the stand-in holds it. */
export interface SeamResource {
  customerKey: string
  /** As pushed, merged over all pushes. */
  fields: Entry
  /** For e-mail and phone: the number of the write that brought the present value. Who has it first owns it. */
  contactSince: Record<string, number>
}

export type Holdings = Record<Kind, Map<string, SeamResource>>

/**
 * Why an accepted stay gives no access. Seam says none of this in its answer: `ok: true` means accepted. Known from
 * its guide "Reservation Automations": the unknown space and the contact conflict. Where that page is silent (a place of
 * another customer, several guests in one stay, one unknown place among known ones) the stand-in takes the unkind answer.
 */
const skipReasons = [
  'no_guest',
  'several_guests',
  'unknown_guest',
  'no_place',
  'unknown_place',
  'no_start',
  'no_end',
  'end_not_after_start',
  'user_identity_email_or_phone_conflict'
] as const
export type SkipReason = (typeof skipReasons)[number]

export const SkipReasonSchema = Type.Union(skipReasons.map(reason => Type.Literal(reason)))

const contactFields = ['email_address', 'phone_number'] as const

/** Looks at what is held now, so that a place or guest pushed later heals the stay that named it too early. */
export function accessIn(holdings: Holdings): (stay: SeamResource) => SkipReason | undefined {
  const owners = contactOwners(holdings)

  return stay => guestTrouble(stay) ?? placeTrouble(stay) ?? timeTrouble(stay) ?? contactTrouble(stay)

  function guestTrouble(stay: SeamResource): SkipReason | undefined {
    const named = [...guestFields.keys()].filter(field => stay.fields[field] !== undefined)
    if (named.length === 0) return 'no_guest'
    if (named.length > 1) return 'several_guests'
    return guestOf(stay) === undefined ? 'unknown_guest' : undefined
  }

  function placeTrouble(stay: SeamResource): SkipReason | undefined {
    const named = [...placeFields].flatMap(([field, placeKinds]) =>
      keyList(stay.fields[field]).map(key => ({ key, placeKinds }))
    )
    if (named.length === 0) return 'no_place'
    const known = named.every(({ key, placeKinds }) =>
      placeKinds.some(kind => holdings[kind].get(key)?.customerKey === stay.customerKey)
    )
    return known ? undefined : 'unknown_place'
  }

  function contactTrouble(stay: SeamResource): SkipReason | undefined {
    const guest = guestOf(stay)
    const clash = contactsOf(guest).some(({ contact }) => owners.get(contact) !== guest)
    return clash ? 'user_identity_email_or_phone_conflict' : undefined
  }

  function guestOf(stay: SeamResource): SeamResource | undefined {
    return [...guestFields]
      .map(([field, kind]) => holdings[kind].get(String(stay.fields[field])))
      .find(guest => guest?.customerKey === stay.customerKey)
  }
}

function timeTrouble({ fields }: SeamResource): SkipReason | undefined {
  if (fields.starts_at === undefined) return 'no_start'
  if (fields.ends_at === undefined) return 'no_end'
  const lasts = Date.parse(String(fields.ends_at)) - Date.parse(String(fields.starts_at))
  return lasts > 0 ? undefined : 'end_not_after_start'
}

/** Contact → who had it first, over all customers of the workspace. */
function contactOwners(holdings: Holdings): Map<string, SeamResource> {
  const firstWrites = new Map<string, number>()
  const owners = new Map<string, SeamResource>()
  for (const person of peopleKinds.flatMap(kind => [...holdings[kind].values()])) {
    for (const { field, contact } of contactsOf(person)) {
      const since = Number(person.contactSince[field])
      if (since > (firstWrites.get(contact) ?? Number.POSITIVE_INFINITY)) continue
      firstWrites.set(contact, since)
      owners.set(contact, person)
    }
  }
  return owners
}

function contactsOf(person: SeamResource | undefined): { field: string; contact: string }[] {
  return contactFields
    .map(field => ({ field, value: contactValue(field, person?.fields[field]) }))
    .filter(({ value }) => value !== '')
    .map(({ field, value }) => ({ field, contact: `${field} ${value}` }))
}

function contactValue(field: (typeof contactFields)[number], value: unknown): string {
  const text = String(value ?? '').trim()
  return field === 'email_address' ? text.toLowerCase() : text.replace(/[^\d+]/g, '')
}

/** Which contact fields of a person a push changes. */
export function changedContacts(before: Entry, after: Entry): string[] {
  return contactFields.filter(
    field => contactValue(field, before[field]) !== contactValue(field, after[field])
  )
}

function keyList(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}
