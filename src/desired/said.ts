import type { CallChange } from '../model/call.ts'
import type { Change } from '../model/change.ts'
import type { Connection } from '../model/connection.ts'
import { kinds } from '../model/kind.ts'
import type { ResourceRef } from '../store/resources.ts'
import { guestIdOf, guestRef, placeRef, prefixed, stayRef } from './keys.ts'

/** Where a change comes from. */
export interface Source {
  deliveryId: string
  eventIndex: number
  changeIndex: number
}

/** One change as a platform told it. */
export interface Said extends Source {
  change: Change
  connection: Connection
}

/** One change as a caller told it, in Seam's own words. */
export interface SaidByCaller extends Source {
  change: CallChange
}

export function isByCaller(said: Said | SaidByCaller): said is SaidByCaller {
  return said.change.change === 'push' || said.change.change === 'erase'
}

/** Grows with the time of receipt, so that ties of versions go to the later delivery. */
export function orderOf(said: Source): string {
  const place = (index: number) => String(index).padStart(5, '0')
  return `${said.deliveryId}.${place(said.eventIndex)}.${place(said.changeIndex)}`
}

/** What to read before the changes are merged. */
export function namedBy(said: Said | SaidByCaller): { bookings: string[]; refs: ResourceRef[] } {
  if (isByCaller(said)) {
    const { kind, key } = said.change
    return { bookings: kinds[kind].role === 'stay' ? [key] : [], refs: [{ kind, key }] }
  }
  const { change, connection } = said
  if (change.change === 'stays') {
    const parts = change.stays.flatMap(stay => {
      const { places = [], guest = {} } = stay
      return [
        stayRef(connection, stay.id),
        ...places.map(place => placeRef(connection, place)),
        ...(guest === null ? [] : [guestRef(connection, guestIdOf(guest, stay))])
      ]
    })
    return {
      bookings: [prefixed(connection, change.bookingId)],
      refs: [stayRef(connection, change.bookingId), ...parts]
    }
  }
  const refOf = change.kind === 'place' ? placeRef : guestRef
  const refs = [refOf(connection, change.id)]
  if (change.change === 'merge') refs.push(refOf(connection, change.into))
  return { bookings: [], refs }
}

/** The places that a platform tells of, or puts stays into. */
export function placesToldIn(
  said: Said | SaidByCaller
): { role: 'place'; connection: Connection; id: string }[] {
  if (isByCaller(said)) return []
  const { change, connection } = said
  if (change.change === 'stays') {
    const ids = change.stays.flatMap(({ places = [] }) => places)
    return ids.map(id => ({ role: 'place', connection, id }))
  }
  if (change.kind !== 'place') return []
  const ids = change.change === 'merge' ? [change.id, change.into] : [change.id]
  return ids.map(id => ({ role: 'place', connection, id }))
}
