import { lowerText } from '../fields.ts'
import type { Statuses } from '../statuses.ts'
import type { Members } from '../told.ts'

/** In small letters, as Beds24 writes them; any case is taken. */
const standings = new Map<string, 'pushed' | 'tentative' | 'inquiry' | 'block' | 'cancelled'>([
  ['confirmed', 'pushed'],
  ['new', 'pushed'],
  ['request', 'tentative'],
  ['inquiry', 'inquiry'],
  ['black', 'block'],
  ['cancelled', 'cancelled'],
  ['canceled', 'cancelled']
])

export const statuses: Statuses = {
  member: 'status',
  standings,
  beside: 'The stay of a guest who did not come (`subStatus: noShow`) is deleted.'
}

/** By its status, in any case. */
export function standingOf({ status }: Members) {
  return standings.get(lowerText(status) ?? '')
}

export function isNoShow({ subStatus }: Members): boolean {
  return lowerText(subStatus) === 'noshow'
}
