import { idOf, type Members } from '../told.ts'
import type { Reservation } from './hydrate.ts'

/** A row of rooms, and the end of its stay's id. */
export interface StayRow {
  suffix: string
  row: Members
}

/**
 * The rows of a reservation, by the id of their sub-reservation: those of the first room equals the reservation's, and
 * their numbers have gaps, so no number is ever counted. In a split stay several rows may be of one sub-reservation; the
 * first in time keeps its plain id, the others add that of their row.
 */
export function stayRows({ rooms = [], reservationID }: Reservation): StayRow[] {
  const taken = new Set<string>()
  const rows: StayRow[] = []
  for (const row of rooms.toSorted(byTime)) {
    const sub = idOf(row.subReservationID) ?? idOf(row.reservationRoomID) ?? String(reservationID)
    const suffix = taken.has(sub) ? `${sub}_${idOf(row.reservationRoomID) ?? row.startDate}` : sub
    if (taken.has(suffix)) continue
    taken.add(suffix)
    rows.push({ suffix, row })
  }
  return rows
}

function byTime(a: Members, b: Members): number {
  const [first, second] = [a, b].map(row => `${row.startDate} ${row.reservationRoomID}`) as [string, string]
  return first < second ? -1 : Number(first > second)
}
