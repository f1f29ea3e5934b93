import { firstText } from '../fields.ts'
import type { Statuses } from '../statuses.ts'

/** Of the invitee, and of the event that they come to. Documented is `canceled` with one l. */
export const standings = new Map<string, 'pushed' | 'cancelled'>([
  ['active', 'pushed'],
  ['canceled', 'cancelled'],
  ['cancelled', 'cancelled']
])

export const statuses: Statuses = {
  member: 'status',
  standings,
  beside:
    'One that is not given counts as `active`. The invitee and the event each have one; the stay is deleted where either is off.'
}

/** In small letters. */
export function statusOf(status: unknown): string {
  return (firstText(status) ?? 'active').toLowerCase().slice(0, 40)
}
