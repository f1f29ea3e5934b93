import type { Queries } from '../desired/queries.ts'
import { kinds } from '../model/kind.ts'
import type { ClaimedLane } from '../store/lane-claims.ts'
import type { DirtyResource, Outbox } from '../store/outbox.ts'
import type { Lane, ResourceRef, ResourceRow } from '../store/resources.ts'
import type { Write } from '../store/write.ts'

export interface OnceMoreOptions {
  queries: Pick<Queries, 'lanes' | 'resources'>
  outbox: Pick<Outbox, 'tellAgain'>
  now(): number
}

/** What goes to Seam once more because Seam has agreed to these, in the commit that settles them. */
export function onceMoreOf({ queries, outbox, now }: OnceMoreOptions) {
  /**
   * Stays that went through while Seam would not take a place or guest they name: whether Seam mends them by itself once
   * it has taken that is not documented, so they are told once more.
   */
  async function toldWithout(lane: ClaimedLane, resources: DirtyResource[]): Promise<Write[]> {
    const late = resources.filter(each => each.fields !== null && each.stumbled)
    const rows = await queries.resources.byRef(lane, await staysNaming(lane, late))
    const through = rows.filter(each => each.revision === each.synced_revision)
    if (through.length === 0) return []
    return [queries.lanes.revive(lane, now()), outbox.tellAgain(lane, through)]
  }

  /**
   * A deletion names keys, and no customer. One that goes once more because a call came late may name keys that are another
   * customer's by now: whatever Seam had of those is gone, with the access of the stays that name them.
   */
  async function takenFromOthers(lane: ClaimedLane, resources: DirtyResource[]): Promise<Write[]> {
    const { workspaceId } = lane
    const keys = resources.filter(each => each.fields === null).map(each => each.key)
    const owners = await queries.resources.owners(workspaceId, keys)
    const others = owners.filter(each => !each.isGone && each.customerKey !== lane.customerKey)
    const writes: Write[] = []
    for (const [customerKey, theirs] of Map.groupBy(others, each => each.customerKey)) {
      const owner = { workspaceId, customerKey }
      const refs = [...theirs, ...(await staysNaming(owner, theirs))]
      const rows = await queries.resources.byRef(owner, refs)
      writes.push(
        queries.lanes.revive({ ...owner, arrivalAt: nearestIn(rows) }, now()),
        outbox.tellAgain(owner, rows)
      )
    }
    return writes
  }

  async function staysNaming(lane: Lane, refs: ResourceRef[]): Promise<ResourceRef[]> {
    const stays: ResourceRef[] = []
    for (const role of ['place', 'guest'] as const) {
      const keys = refs.filter(each => kinds[each.kind].role === role).map(each => each.key)
      stays.push(...(await queries.resources.naming(lane, role, keys)))
    }
    return stays
  }

  return async (lane: ClaimedLane, resources: DirtyResource[]): Promise<Write[]> => [
    ...(await toldWithout(lane, resources)),
    ...(await takenFromOthers(lane, resources))
  ]
}

function nearestIn(rows: ResourceRow[]): number | null {
  const arrivals = rows.map(row => row.starts_at).filter(start => start !== null)
  return arrivals.length === 0 ? null : Math.min(...arrivals)
}
