import type { Statuses } from '../statuses.ts'

/** `confirmed` is the only one that is seen; the others are taken for what they say. Any case is taken. */
export const standings = new Map<string, 'pushed' | 'tentative' | 'inquiry' | 'block' | 'cancelled'>([
  ['confirmed', 'pushed'],
  ['pending', 'tentative'],
  ['tentative', 'tentative'],
  ['request', 'tentative'],
  ['requested', 'tentative'],
  ['inquiry', 'inquiry'],
  ['enquiry', 'inquiry'],
  ['blocked', 'block'],
  ['cancelled', 'cancelled'],
  ['canceled', 'cancelled'],
  ['declined', 'cancelled'],
  ['expired', 'cancelled']
])

export const statuses: Statuses = {
  member: 'status',
  standings,
  beside: 'A booking that tells none is confirmed.'
}
