import type { Connection } from '../../model/connection.ts'
import { lowerText } from '../fields.ts'
import type { Statuses } from '../statuses.ts'
import type { Reservation } from './events.ts'

const standings = new Map<string, 'pushed' | 'tentative' | 'cancelled'>([
  ['accepted', 'pushed'],
  ['request', 'tentative'],
  ['cancelled', 'cancelled'],
  ['not accepted', 'cancelled']
])

export const statuses: Statuses = {
  member: 'reservation_status.current.category',
  standings,
  beside:
    'With `unknown` Hospitable says nothing, and nothing changes. An owner’s stay (`stay_type: owner_stay`) is not pushed, nor is one that was over when the account was connected, unless they are off.'
}

/** The status in the platform's current words, in lower case; the older `status` is deprecated. */
export function categoryOf(reservation: Pick<Reservation, 'reservation_status'>): string | undefined {
  return lowerText(reservation.reservation_status?.current?.category)?.replace(/[_-]/g, ' ')
}

/** Undefined for a category nobody has told us of. */
export function standingOf(category: string | undefined) {
  return standings.get(category ?? '')
}

/** Whether it is to be a stay at Seam; if not, neither its places nor its guest have to be known. */
export function isPushed(
  reservation: Pick<Reservation, 'reservation_status' | 'stay_type'>,
  { tentative }: Pick<Connection, 'tentative'>
): boolean {
  const standing = standingOf(categoryOf(reservation))
  if (reservation.stay_type === 'owner_stay') return false
  return standing === 'pushed' || (standing === 'tentative' && tentative === 'push')
}
