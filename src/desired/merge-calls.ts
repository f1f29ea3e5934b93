import { CALLERS, type PushChange } from '../model/call.ts'
import { kinds } from '../model/kind.ts'
import { keysNamedIn } from '../model/names.ts'
import { later, stampOf } from '../model/stamp.ts'
import { factsOfEntry } from './entry-facts.ts'
import { newest, tell } from './facts.ts'
import { isAlive, isHad, type LaneView } from './lane-view.ts'
import { type Effect, effectOf, orderOf, removeRow, type SaidByCaller, takeBackRemoval } from './merge.ts'

/** Takes what a caller said into the view, beside what platforms say of the same resource; stamps decide. */
export async function mergeCall(view: LaneView, said: SaidByCaller): Promise<Effect[]> {
  const { change } = said
  const { kind, key, version } = change
  const stamp = stampOf(version, orderOf(said), change.change === 'erase')
  const { role } = kinds[kind]
  const known = await view.get({ kind, key })
  const had = isHad(known)
  const row =
    known ?? (await view.obtain({ kind, key }, { connectionId: CALLERS, sourceId: key, booking: null }))
  view.touch(row)
  // Deleted before it was known here.
  if (known === undefined && role === 'guest') tell(row.facts, { standing: false }, row.removedStamp, '')
  takeBackRemoval(row, stamp)
  if (change.change === 'erase') {
    const stale = stamp < later(row.upsertStamp, row.removedStamp)
    if (role === 'guest') tell(row.facts, { standing: false }, stamp, '')
    removeRow(row, stamp, role)
    if (known === undefined && change.evenIfUnknown) view.insist(row)
    return [effectOf(said, row, version, stale)]
  }
  // A guest's removal takes nothing away while a stay needs the guest, so it is no floor for what is known of them.
  const floor = role === 'guest' ? '' : row.removedStamp
  const stale = stamp < later(newest(row.facts), row.removedStamp)
  tell(row.facts, factsOfEntry(kind, change.fields), stamp, floor)
  row.upsertStamp = later(row.upsertStamp, stamp)
  if (role === 'place' && !had && isAlive(row)) view.announce(row)
  return [effectOf(said, row, version, stale)]
}

/** Keys that an entry of a push speaks of, its own first. */
export function keysOfPush({ key, fields }: PushChange): string[] {
  return [key, ...keysNamedIn(fields)]
}
