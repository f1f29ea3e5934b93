import { snakeText } from '../fields.ts'
import type { Statuses } from '../statuses.ts'
import type { Members } from '../told.ts'
import { isCancelled, type ReservationEvent } from './events.ts'
import { clockMs } from './values.ts'

/** The names are documented, what each means for access is not. A reservation that was moved or extended is as live as before. */
const standings = new Map<string, 'pushed' | 'tentative' | 'inquiry' | 'cancelled'>([
  ['accepted', 'pushed'],
  ['moved', 'pushed'],
  ['extended', 'pushed'],
  ['edited', 'pushed'],
  ['new', 'tentative'],
  ['pending', 'tentative'],
  ['awaiting_payment', 'tentative'],
  ['preapproved', 'inquiry'],
  ['offer', 'inquiry'],
  ['inquiry', 'inquiry'],
  ['denied', 'cancelled'],
  ['declined_inq', 'cancelled'],
  ['cancelled', 'cancelled'],
  ['cancelled_by_host', 'cancelled'],
  ['cancelled_by_guest', 'cancelled'],
  ['no_show', 'cancelled'],
  ['expired', 'cancelled'],
  ['timedout', 'cancelled'],
  ['withdrawn', 'cancelled'],
  ['retracted', 'cancelled'],
  ['not_possible', 'cancelled'],
  ['deleted', 'cancelled']
])

export const statuses: Statuses = {
  member: 'status',
  standings,
  beside: 'Where the word is not known, a `status_code` of 8 deletes the stay.'
}

/** Undefined for a status nobody has told us of. The word counts; of the codes only one is known. */
export function standingOf(status: unknown, code: unknown) {
  const known = standings.get(snakeText(status) ?? '')
  return known ?? (isCancelled(code) ? 'cancelled' : undefined)
}

/** Whether the message cancels what an answer says is on: it was taken up again since, or the answer is behind. */
export function isContradicted({ message }: ReservationEvent, { status, status_code }: Members): boolean {
  const standing = standingOf(status, status_code)
  const isOn = standing !== undefined && standing !== 'cancelled'
  return isOn && isCancelled(message.status_code)
}

/**
 * Which of the two it is: a reservation that was taken up again was changed after the message. What was not, or does not say
 * when, is behind.
 */
export function isBehind(event: ReservationEvent, reservation: Members): boolean {
  return isContradicted(event, reservation) && (clockMs(reservation.updated_at) ?? 0) < event.sentAt
}
