import { snakeText } from '../fields.ts'
import type { Statuses } from '../statuses.ts'

/** `confirmed` is the only one that is seen; the others are taken for what they say. Any case is taken. */
const standings = new Map<string, 'pushed' | 'tentative' | 'inquiry' | 'block' | 'cancelled'>([
  ['confirmed', 'pushed'],
  ['checked_in', 'pushed'],
  ['pending', 'tentative'],
  ['tentative', 'tentative'],
  ['request', 'tentative'],
  ['requested', 'tentative'],
  ['unconfirmed', 'tentative'],
  ['on_hold', 'tentative'],
  ['inquiry', 'inquiry'],
  ['enquiry', 'inquiry'],
  ['blocked', 'block'],
  ['cancelled', 'cancelled'],
  ['canceled', 'cancelled'],
  ['declined', 'cancelled'],
  ['rejected', 'cancelled'],
  ['expired', 'cancelled'],
  ['void', 'cancelled'],
  ['no_show', 'cancelled']
])

/** One that is no text is a status all the same; only what is missing or empty is none, and then confirmed. */
export function statusOf(told: unknown): string {
  if (told !== null && told !== undefined && typeof told !== 'string') return JSON.stringify(told)
  return snakeText(told) ?? 'confirmed'
}

/** Undefined for a status that nobody told us of. Whoever cancelled, it is off. */
export function standingOf(status: string) {
  return standings.get(status) ?? (/^cancell?ed_/.test(status) ? 'cancelled' : undefined)
}

export const statuses: Statuses = {
  member: 'status',
  standings,
  beside: 'A booking without one is confirmed. `cancelled_by_guest` and the like are cancelled.'
}
