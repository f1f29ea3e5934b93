import { instantMs, lowerText } from '../fields.ts'
import type { Statuses } from '../statuses.ts'
import { isTrueInAnyCase, type Members } from '../told.ts'

const standings = new Map<string, 'pushed' | 'tentative' | 'cancelled'>([
  ['active', 'pushed'],
  ['pending', 'tentative'],
  ['canceled', 'cancelled'],
  ['cancelled', 'cancelled']
])

export const statuses: Statuses = {
  member: 'status',
  standings,
  beside:
    'Holds and other blocks (`is_block`, or another `type` than `booking`) are not pushed unless they are off.'
}

/**
 * Where a booking stands; undefined for a status nobody told us of. A hold keeps its id when it becomes a booking, so
 * what is a block now is nothing to be remembered. Kinds beside `booking` (quote holds, linked availability …) are blocks
 * too; how they are spelled is not documented.
 */
export function standingOf(booking: Members): 'pushed' | 'tentative' | 'cancelled' | 'block' | undefined {
  const standing = standings.get(lowerText(booking.status) ?? '')
  if (standing === 'cancelled') return standing
  const type = lowerText(booking.type) ?? 'booking'
  return isTrueInAnyCase(booking.is_block) || type !== 'booking' ? 'block' : standing
}

/**
 * `updated_utc`, which an entity that was just made may lack. A block without it is the hold as it was made: it is older than
 * the booking that it becomes, mostly within the second, and so older than that second.
 */
export function clockOf(entity: Members): number | undefined {
  const updated = updatedAt(entity)
  if (updated !== undefined) return updated
  const told = [entity.created_utc, entity.canceled_utc].map(utcMs).filter(ms => ms !== undefined)
  if (told.length === 0) return undefined
  const latest = Math.max(...told)
  return standingOf(entity) === 'block' ? Math.floor(latest / 1_000) * 1_000 - 1 : latest
}

/** When it was changed, as far as it says so. */
export function updatedAt({ updated_utc }: Members): number | undefined {
  return utcMs(updated_utc)
}

/** Named and written as UTC; a text that leaves the `Z` out is UTC as well. */
function utcMs(value: unknown): number | undefined {
  return instantMs(value) ?? instantMs(`${value}Z`)
}
