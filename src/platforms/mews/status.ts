import type { Statuses } from '../statuses.ts'

export const standings = new Map<string, 'pushed' | 'checked out' | 'tentative' | 'inquiry' | 'cancelled'>([
  ['Confirmed', 'pushed'],
  ['Started', 'pushed'],
  ['Processed', 'checked out'],
  ['Optional', 'tentative'],
  ['Inquired', 'inquiry'],
  ['Requested', 'inquiry'],
  ['Canceled', 'cancelled']
])

export const statuses: Statuses = {
  member: 'State',
  standings,
  beside: 'A guest who did not come is a cancellation with the reason `NoShow`.'
}
