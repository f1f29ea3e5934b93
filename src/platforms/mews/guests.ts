import type { Static } from '@sinclair/typebox'
import { type Change, type GuestFields, merge, type StayGuest } from '../../model/change.ts'
import { firstText, instantMs, joinName } from '../fields.ts'
import { told } from '../told.ts'
import type { Customer } from './events.ts'

type CustomerEntity = Static<typeof Customer>

/** Who the customer became: Mews keeps a merged profile, inactive and pointing at the one that lives on. */
export function mergedInto(customer: CustomerEntity): string | undefined {
  return customer.IsActive === false ? firstText(customer.MergeTargetId) : undefined
}

/**
 * Only the family name is sure to be told. An address that a travel site made for one booking (`HasOtaEmail`) is passed
 * on all the same: it reaches the guest, and no two guests share it.
 */
export function guestFields(customer: CustomerEntity): GuestFields {
  return {
    name: joinName(customer.FirstName, customer.LastName),
    email: told(customer.Email),
    phone: told(customer.Phone)
  }
}

/** @param customers the customer that the reservation names and those they were merged into, as hydration read them */
export function stayGuest(guestId: string, customers: CustomerEntity[], receivedAt: number): StayGuest {
  const id = livesOnAs(guestId, customers)
  const customer = customers.find(each => each.Id === id)
  return customer === undefined
    ? { id }
    : { id, ...guestFields(customer), version: clockOf(customer, receivedAt) }
}

/** Every profile that was merged away points straight at the one that lives on. */
export function merges(named: string, customers: CustomerEntity[], receivedAt: number): Change[] {
  const into = livesOnAs(named, customers)
  if (into === named) return []
  return customers
    .filter(customer => customer.Id !== into)
    .map(customer => merge('guest', customer.Id, into, clockOf(customer, receivedAt)))
}

/**
 * Who was merged stays who they are until Mews returns the active profile at the end of the line: nothing is known of any other,
 * and the stay would be without a name and contact details.
 */
export function livesOnAs(named: string, customers: CustomerEntity[]): string {
  const last = customers.at(-1)
  return last === undefined || last.IsActive === false ? named : last.Id
}

export function clockOf(entity: { UpdatedUtc?: unknown }, receivedAt: number): number {
  return instantMs(entity.UpdatedUtc) ?? receivedAt
}
