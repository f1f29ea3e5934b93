import { inLowerCase, type Statuses } from '../statuses.ts'

/** There is no word of its own for a cancellation: it is `Declined`. Some consumers expect `Canceled` too. */
const standings = new Map<string, 'pushed' | 'tentative' | 'inquiry' | 'cancelled'>([
  ['Booked', 'pushed'],
  ['Tentative', 'tentative'],
  ['Open', 'inquiry'],
  ['Declined', 'cancelled'],
  ['Canceled', 'cancelled'],
  ['Cancelled', 'cancelled']
])

const anyCase = inLowerCase(standings)

export const statuses: Statuses = {
  member: 'status',
  standings,
  beside: 'Rows of the type `ClosedPeriod` or `EnquiryOnly` are not pushed unless they are off.'
}

/** Undefined for a status nobody has told us of. */
export function standingOf(status: string | undefined) {
  return anyCase.get(status?.toLowerCase() ?? '')
}
