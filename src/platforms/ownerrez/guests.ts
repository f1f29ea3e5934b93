import type { GuestFields, StayGuest } from '../../model/change.ts'
import { joinName } from '../fields.ts'
import { entriesOf, type Members, told } from '../told.ts'
import { namedIn } from './events.ts'

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
  const { id, part } = namedIn(booking.guest_id, booking.guest)
  return read === undefined
    ? { id, ...guestFields(part) }
    : { id, ...guestFields({ ...part, ...read }), version: receivedAt }
}
