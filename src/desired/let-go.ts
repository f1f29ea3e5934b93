import { sameEmail } from '../model/contact.ts'
import type { Contact, ContactType } from '../store/contacts.ts'
import type { Lane, ResourceRef } from '../store/resources.ts'
import type { Write } from '../store/write.ts'
import type { Queries } from './queries.ts'
import type { SeamFields } from './seam-fields.ts'

/** A guest as Seam now holds it. */
export interface SettledGuest extends ResourceRef {
  fields: SeamFields | null
}

/**
 * Contact details that Seam no longer holds under these guests, so that the next guest who wants one may have it.
 * Not before Seam has agreed: two guests with one e-mail, even for a moment, cost a reservation its access. And not
 * because a guest was sent without it: whether Seam forgets what it is not sent again is not documented.
 */
export async function letGo(queries: Queries, lane: Lane, guests: SettledGuest[]): Promise<Write[]> {
  const contacts = await queries.contacts.ofGuests(
    lane,
    guests.map(guest => guest.key)
  )
  const free = contacts.filter(contact => {
    const guest = guests.find(each => each.key === contact.key && each.kind === contact.kind)
    return contact.state === 'owner' && guest !== undefined && isGone(contact, guest.fields)
  })
  if (free.length === 0) return []
  // Wanted again in the meantime: it stays.
  const rows = await queries.resources.byRef(lane, free)
  return free.flatMap(contact => {
    const row = rows.find(each => each.key === contact.key && each.kind === contact.kind)
    const fields: SeamFields | null = row?.fields == null ? null : JSON.parse(row.fields)
    if (row === undefined || valueIn(fields, contact.type) === contact.value) return []
    return queries.contacts.release(lane, contact, contact, { revision: row.revision })
  })
}

/** Whether the guest went, or got another one in its place. */
function isGone({ type, value }: Contact, fields: SeamFields | null): boolean {
  const now = valueIn(fields, type)
  return fields === null || (now !== undefined && now !== value)
}

/** The contact detail that fields carry, in the form in which it is owned. */
export function valueIn(fields: SeamFields | null, type: ContactType): string | undefined {
  const value = type === 'phone' ? fields?.phone_number : fields?.email_address
  if (typeof value !== 'string') return undefined
  return type === 'phone' ? value : sameEmail(value)
}
