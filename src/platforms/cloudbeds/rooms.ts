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
 * row that was made first keeps its plain id, the others add that of their row. Dates move, and a key must not move with
 * them to another room: they count only where rows have no ids.
 */
export function stayRows({ rooms = [], reservationID }: Reservation): StayRow[] {
  const taken = new Set<string>()
  const rows: StayRow[] = []
  for (const row of rooms.toSorted(byRow)) {
    const sub = idOf(row.subReservationID) ?? idOf(row.reservationRoomID) ?? String(reservationID)
    const suffix = taken.has(sub) ? `${sub}_${idOf(row.reservationRoomID) ?? row.startDate}` : sub
    if (taken.has(suffix)) continue
    taken.add(suffix)
    rows.push({ suffix, row })
  }
  return rows
}

const { compare } = new Intl.Collator('en', { numeric: true })

function byRow(a: Members, b: Members): number {
  const [first, second] = [idOf(a.reservationRoomID), idOf(b.reservationRoomID)]
  if (first !== undefined && second !== undefined) return compare(first, second)
  if (first === undefined && second === undefined) return compare(`${a.startDate}`, `${b.startDate}`)
  return first === undefined ? 1 : -1
}
