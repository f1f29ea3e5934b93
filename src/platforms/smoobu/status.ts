import { lowerText } from '../fields.ts'
import type { Statuses } from '../statuses.ts'

/** How the types begin. `reservation`, `modification of booking` and `cancellation` are seen; there is nothing tentative. */
const standings = new Map<string, 'pushed' | 'cancelled'>([
  ['reservation', 'pushed'],
  ['modification', 'pushed'],
  ['cancel', 'cancelled']
])

export const statuses: Statuses = {
  member: 'type',
  standings,
  beside:
    'A type counts by its beginning: `modification of booking`, `cancellation`; one that is missing is a reservation. A blocked booking is not pushed unless it is off.'
}

/** Undefined for a type nobody has told us of. */
export function standingOf(type: unknown) {
  const text = lowerText(type) ?? 'reservation'
  for (const [beginning, standing] of standings) if (text.startsWith(beginning)) return standing
  return undefined
}

/** Why a webhook says that it is over, if it does. The type says so even in an update. */
export function overBecause(event: string, type: unknown): string | undefined {
  if (standingOf(type) === 'cancelled') return 'cancellation'
  if (event === 'deleteReservation') return 'deleted'
  return event === 'cancelReservation' ? 'cancellation' : undefined
}
