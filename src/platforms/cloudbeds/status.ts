import { lowerText } from '../fields.ts'
import type { Statuses } from '../statuses.ts'

/** In small letters, as Cloudbeds writes them; any case is taken. */
const standings = new Map<string, 'pushed' | 'tentative' | 'no access' | 'cancelled'>([
  ['confirmed', 'pushed'],
  ['checked_in', 'pushed'],
  ['not_confirmed', 'tentative'],
  // Still being booked.
  ['in_progress', 'no access'],
  // When they left is not told, and the booked end may be days away: whoever has checked out gets in no more.
  ['checked_out', 'cancelled'],
  ['canceled', 'cancelled'],
  ['cancelled', 'cancelled'],
  ['no_show', 'cancelled']
])

/** Undefined for a status that nobody told us of. */
export function standingOf(status: unknown) {
  return standings.get(lowerText(status) ?? '')
}

/** Whether a booking is off, or whoever stayed has left. */
export function isOver(status: unknown): boolean {
  return standingOf(status) === 'cancelled'
}

/** Whether a booking is still being made, or not confirmed yet. */
export function isAwaited(status: unknown): boolean {
  return ['tentative', 'no access'].includes(`${standingOf(status)}`)
}

export const statuses: Statuses = {
  member: 'status',
  standings,
  beside: 'One `in_progress` is still being booked. A booking without any row of rooms is not pushed.'
}
