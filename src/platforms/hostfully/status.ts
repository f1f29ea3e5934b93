import { firstText } from '../fields.ts'
import type { Statuses } from '../statuses.ts'

/** The list comes from how public code reads the documentation. */
const standings = new Map<string, 'pushed' | 'tentative' | 'inquiry' | 'block' | 'cancelled' | 'no access'>([
  ['BOOKED', 'pushed'],
  ['PAID_IN_FULL', 'pushed'],
  ['PENDING', 'tentative'],
  ['PENDING_APPROVED', 'tentative'],
  ['ON_HOLD', 'tentative'],
  ['NEW', 'inquiry'],
  ['BLOCKED', 'block'],
  ['CANCELLED', 'cancelled'],
  ['CANCELED', 'cancelled'],
  ['DECLINED', 'cancelled'],
  ['CLOSED', 'cancelled'],
  ['IGNORED', 'no access'],
  ['DUPLICATE', 'no access'],
  ['SAMPLE', 'no access']
])

export const statuses: Statuses = {
  member: 'status',
  standings,
  beside:
    'A longer word counts by its beginning: `CANCELLED_BY_TRAVELER` is `CANCELLED`. A lead of the type `BLOCK` is a block whatever its status.'
}

/**
 * Undefined for a status nobody has told us of. Longer forms may exist, such as `CANCELLED_BY_TRAVELER`, so the longest
 * beginning that is known decides. The type is no status (once it was the name of the channel), but a block is one
 * whatever its status.
 */
export function standingOf(status: unknown, type: unknown) {
  if (firstText(type)?.toUpperCase() === 'BLOCK') return 'block'
  const words = (firstText(status)?.toUpperCase() ?? '').split(/[\s_-]+/)
  const beginnings = words.map((_, index) => words.slice(0, words.length - index).join('_'))
  return beginnings.map(each => standings.get(each)).find(standing => standing !== undefined)
}
