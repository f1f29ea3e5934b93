import { firstText, snakeText } from '../fields.ts'
import type { Statuses } from '../statuses.ts'

/**
 * Guesty's statuses. `canceled` has one L; nothing else announces a cancellation, there is no event of that name.
 * Who checked out keeps the stay: its end does that work.
 */
const standings = new Map<string, 'pushed' | 'tentative' | 'inquiry' | 'cancelled'>([
  ['confirmed', 'pushed'],
  ['checked_in', 'pushed'],
  ['in_house', 'pushed'],
  ['checked_out', 'pushed'],
  ['reserved', 'tentative'],
  ['awaiting_payment', 'tentative'],
  ['inquiry', 'inquiry'],
  ['canceled', 'cancelled'],
  ['cancelled', 'cancelled'],
  ['closed', 'cancelled'],
  ['declined', 'cancelled'],
  ['expired', 'cancelled']
])

export const statuses: Statuses = {
  member: 'status',
  standings,
  beside: 'An owner’s stay, recognised by its `source`, is not pushed unless it is off.'
}

/** Undefined for a status nobody has told us of. Both spellings occur, `checked_in` and `checked-in`. */
export function standingOf(status: unknown) {
  const spelt = snakeText(status)
  return spelt === undefined ? undefined : standings.get(spelt)
}

/**
 * Guesty's owner reservations come as `source: owner` and `owner-guest`; seen in public code, not documented. A source
 * is free text elsewhere, so `Owner referral` must stay a booking.
 */
export function isOwnerStay(source: unknown): boolean {
  return /^owner(?:[\s_-](?:guest|stay))?$/i.test(firstText(source) ?? '')
}
