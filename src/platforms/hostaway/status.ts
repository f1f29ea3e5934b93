import { inLowerCase, type Statuses } from '../statuses.ts'

/** Source: the page of reservation statuses. `confirmed` is no longer written since 2020 and may stand on old rows. */
const standings = new Map<
  string,
  'pushed' | 'tentative' | 'inquiry' | 'owner stay' | 'no access' | 'cancelled'
>([
  ['new', 'pushed'],
  ['modified', 'pushed'],
  ['confirmed', 'pushed'],
  ['pending', 'tentative'],
  ['awaitingPayment', 'tentative'],
  ['unconfirmed', 'tentative'],
  ['awaitingGuestVerification', 'tentative'],
  ['inquiry', 'inquiry'],
  ['inquiryPreapproved', 'inquiry'],
  ['ownerStay', 'owner stay'],
  ['unknown', 'no access'],
  ['cancelled', 'cancelled'],
  ['declined', 'cancelled'],
  ['expired', 'cancelled'],
  ['inquiryDenied', 'cancelled'],
  ['inquiryTimedout', 'cancelled'],
  ['inquiryNotPossible', 'cancelled']
])

const anyCase = inLowerCase(standings)

export const statuses: Statuses = {
  member: 'status',
  standings,
  beside: 'A booking with `isDatesUnspecified` is not pushed: the dates in it are not real.'
}

/** Undefined for a status nobody has told us of. */
export function standingOf(status: string) {
  return anyCase.get(status.trim().toLowerCase())
}
