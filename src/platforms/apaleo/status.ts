import { inLowerCase, type Statuses } from '../statuses.ts'

const standings = new Map<string, 'pushed' | 'no access' | 'cancelled'>([
  ['Confirmed', 'pushed'],
  ['InHouse', 'pushed'],
  ['CheckedOut', 'no access'],
  ['Canceled', 'cancelled'],
  ['Cancelled', 'cancelled'],
  ['NoShow', 'cancelled']
])

const anyCase = inLowerCase(standings)

export const statuses: Statuses = {
  member: 'status',
  standings,
  beside: 'A `CheckedOut` one with a `checkOutTime` is pushed with that end.'
}

/** Undefined for a status nobody has told us of. */
export function standingOf(status: string) {
  return anyCase.get(status.toLowerCase())
}
