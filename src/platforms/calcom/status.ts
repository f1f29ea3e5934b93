import type { Statuses } from '../statuses.ts'

/** In capitals, as Cal.com writes them; any case is taken. */
export const standings = new Map<string, 'pushed' | 'tentative' | 'cancelled'>([
  ['ACCEPTED', 'pushed'],
  ['PENDING', 'tentative'],
  ['AWAITING_HOST', 'tentative'],
  ['CANCELLED', 'cancelled'],
  ['REJECTED', 'cancelled']
])

export const statuses: Statuses = {
  member: 'status',
  standings,
  beside: 'Requests, cancellations and refusals are events, and say so without a status.'
}
