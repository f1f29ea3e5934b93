import type { Queries } from '../desired/queries.ts'
import { keysNamedIn } from '../model/names.ts'
import type { ClaimedLane } from '../store/lane-claims.ts'
import type { DirtyResource, Outbox } from '../store/outbox.ts'
import type { Refusals } from './refusals.ts'

export interface ChangesOptions {
  queries: Pick<Queries, 'lanes'>
  outbox: Outbox
  /** Resources that are read of each sort, at most. */
  limit: number
}

/** What is to be sent of a customer in one step. */
export interface Changes {
  resources: DirtyResource[]
  /** Whether there is more than one step may take. */
  more: boolean
}

/** What is due of a customer, the nearest arrivals first. */
export async function changesOf(
  { queries, outbox, limit }: ChangesOptions,
  lane: ClaimedLane,
  refusals: Refusals
): Promise<Changes> {
  const readFrom = Number(await queries.lanes.revision(lane))
  const stays = await outbox.dirtyStays(lane, limit)
  // While stays are left over, only their own parents go with them: the nearest arrivals first, and nobody is deleted
  // whom a stay still to be sent may name.
  const moreStays = stays.length === limit
  const parents = await outbox.dirtyAmong(lane, [...new Set(stays.flatMap(each => keysNamedIn(each.fields)))])
  const others = moreStays ? [] : await outbox.dirtyOthers(lane, limit, refusals.keptKeys)
  // Whoever went while we were reading may be named by a stay as it was read a moment before: next time. So does that stay
  // where Seam has never heard of them.
  const named = [...parents, ...others]
  const wentMeanwhile = named.filter(each => each.fields === null && each.revision > readFrom)
  // A stay that is not sent yet may name at Seam what goes, even if those that are sent now name its key in another list.
  const mayGo = (each: DirtyResource) => each.fields !== null || !moreStays
  const certain = named.filter(each => !wentMeanwhile.includes(each) && mayGo(each))
  const unheardOf = new Set(wentMeanwhile.filter(each => !each.offered).map(each => each.key))
  const whole = stays.filter(each => !keysNamedIn(each.fields).some(key => unheardOf.has(key)))
  const refused = refusals.toDelete
  const more = moreStays || others.length === limit || refused.length > limit
  const distinct = new Map(
    [...whole, ...certain, ...refused.slice(0, limit)].map(each => [`${each.kind} ${each.key}`, each])
  )
  return { resources: [...distinct.values()], more }
}
