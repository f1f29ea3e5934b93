import { sameEmail } from '../model/contact.ts'
import type { Lane, ResourceRef } from '../store/resources.ts'
import type { Write } from '../store/write.ts'
import type { Queries } from './lane-view.ts'
import type { SeamFields } from './render.ts'

/** A guest as Seam now holds it. */
export interface SettledGuest extends ResourceRef {
  fields: SeamFields | null
}

/**
 * Contact details that Seam no longer holds under these guests, so that the next guest who wants one may have it.
 * Not before Seam has agreed: two guests with one e-mail, even for a moment, cost a reservation its access.
 */
export async function letGo(queries: Queries, lane: Lane, guests: SettledGuest[]): Promise<Write[]> {
  const contacts = await queries.contacts.ofGuests(lane, guests.map(guest => guest.key))
  const unused = contacts.filter(contact => {
    const guest = guests.find(each => each.key === contact.key && each.kind === contact.kind)
    return contact.state === 'owner' && guest !== undefined && !has(guest.fields, contact)
  })
  if (unused.length === 0) return []
  // Wanted again in the meantime: it stays.
  const rows = await queries.resources.byRef(lane, unused)
  return unused
    .filter(contact => {
      const row = rows.find(each => each.key === contact.key && each.kind === contact.kind)
      return !has(row?.fields == null ? null : JSON.parse(row.fields), contact)
    })
    .flatMap(contact => queries.contacts.release(lane, contact, contact))
}

function has(fields: SeamFields | null, contact: { type: 'email' | 'phone'; value: string }): boolean {
  if (fields === null) return false
  if (contact.type === 'phone') return fields.phone_number === contact.value
  return typeof fields.email_address === 'string' && sameEmail(fields.email_address) === contact.value
}
