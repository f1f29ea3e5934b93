import { inLowerCase, type Statuses } from '../statuses.ts'

const standings = new Map<string, 'pushed' | 'checked out' | 'cancelled'>([
  ['Confirmed', 'pushed'],
  ['InHouse', 'pushed'],
  ['CheckedOut', 'checked out'],
  ['Canceled', 'cancelled'],
  ['Cancelled', 'cancelled'],
  ['NoShow', 'cancelled']
])

const anyCase = inLowerCase(standings)

export const statuses: Statuses = { member: 'status', standings }

/** Undefined for a status nobody has told us of. */
export function standingOf(status: string) {
  return anyCase.get(status.toLowerCase())
}
