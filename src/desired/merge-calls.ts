import { CALLERS, type PushChange } from '../model/call.ts'
import type { Connection } from '../model/connection.ts'
import { kinds } from '../model/kind.ts'
import { keysNamedIn } from '../model/names.ts'
import { justBefore, later, NEVER, type Stamp, stampOf } from '../model/stamp.ts'
import type { ResourceRef } from '../store/resources.ts'
import { type Effect, effectOf, effectOfVoid } from './effect.ts'
import { ERASED, erasedUpTo, factsOfEntry } from './entry-facts.ts'
import { forget, newest, tell, tellKeyDeleted } from './facts.ts'
import type { LaneView } from './lane-view.ts'
import { floorOf, removeRow, takeBackRemoval } from './merge.ts'
import { isAlive, isHad, type Resource } from './resource.ts'
import { orderOf, type SaidByCaller } from './said.ts'

/** Takes what a caller said into the view, beside what platforms say of the same resource; stamps decide. */
export async function mergeCall(
  view: LaneView,
  said: SaidByCaller,
  connectionOf: (id: string) => Connection | undefined
): Promise<Effect[]> {
  const { change } = said
  const { kind, key, version } = change
  const stamp = stampOf(version, orderOf(said), change.change === 'erase' && change.winsTies)
  const { role } = kinds[kind]
  const known = await view.get({ kind, key })
  if (view.isVoid(stamp)) return [effectOfVoid(said, { kind, key }, known, version)]
  const had = isHad(known)
  const row =
    known ?? (await view.obtain({ kind, key }, { connectionId: CALLERS, sourceId: key, booking: null }))
  view.touch(row)
  if (known === undefined) {
    row.removedStamp = later(row.removedStamp, unnamedUpTo(view, row, connectionOf))
    // Deleted before it was known here.
    if (role === 'guest') tell(row.facts, ERASED, row.removedStamp, '')
  }
  takeBackRemoval(row, stamp)
  if (change.change === 'erase') {
    const stale = stamp < later(row.upsertStamp, row.removedStamp)
    if (role === 'guest') {
      tell(row.facts, ERASED, stamp, '')
      forgetErased(row)
    }
    removeRow(row, stamp, role)
    if (change.everywhere) tellKeyDeleted(row.facts, stamp)
    if (known === undefined && change.evenIfUnknown) view.insist(row)
    return [effectOf(said, row, version, stale)]
  }
  const stale = stamp < later(newest(row.facts), row.removedStamp)
  tell(row.facts, factsOfEntry(kind, change.fields), stamp, floorOf(view, row, role))
  if (role === 'guest') forgetErased(row)
  row.upsertStamp = later(row.upsertStamp, stamp)
  if (role === 'place' && !had && isAlive(row)) view.announce(row)
  return [effectOf(said, row, version, stale)]
}

/** All but the deletion itself. */
function forgetErased({ facts }: Resource): void {
  forget(facts, justBefore(erasedUpTo(facts)))
}

/**
 * For a stay that is new here: until when the booking with its key was without it by what its platform said.
 * @returns NEVER where no platform spoke of such a booking
 */
function unnamedUpTo(
  view: LaneView,
  { kind, key }: ResourceRef,
  connectionOf: (id: string) => Connection | undefined
): Stamp {
  const booking = view.knownBooking(key)
  if (booking === undefined) return NEVER
  return connectionOf(booking.connectionId)?.lists.stay === kinds[kind].list ? booking.stamp : NEVER
}

/** Keys that an entry of a push speaks of, its own first. */
export function keysOfPush({ key, fields }: PushChange): string[] {
  return [key, ...keysNamedIn(fields)]
}
