import type { GuestFields, StayGuest } from '../../model/change.ts'
import { joinName } from '../fields.ts'
import { entriesOf, idOf, type Members, membersOf, told } from '../told.ts'

export function guestFields(guest: Members): GuestFields {
  return {
    name: joinName(guest.first_name, guest.last_name),
    email: defaultOf(guest.email_addresses, 'address'),
    phone: defaultOf(guest.phones, 'number')
  }
}

/** The default entry of a list, else its first; null where the list is empty. */
function defaultOf(list: unknown, member: string): string | null | undefined {
  if (!Array.isArray(list)) return undefined
  const filled = entriesOf(list).filter(entry => told(entry[member]))
  const chosen = filled.find(entry => entry.is_default === true) ?? filled[0]
  return told(chosen?.[member]) ?? null
}

/**
 * The guest of a booking. What was read of the guest is as new as the receipt at least; the name inside the booking is
 * as old as the booking.
 */
export function guestOf(booking: Members, read: Members | undefined, receivedAt: number): StayGuest {
  const partial = membersOf(booking.guest)
  const id = idOf(booking.guest_id, partial.id)
  return read === undefined
    ? { id, ...guestFields(partial) }
    : { id, ...guestFields({ ...partial, ...read }), version: receivedAt }
}
