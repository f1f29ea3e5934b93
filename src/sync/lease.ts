import type { Queries } from '../desired/queries.ts'
import type { ClaimedLane } from '../store/lane-claims.ts'
import type { Store } from '../store/store.ts'
import type { Write } from '../store/write.ts'

/** The lease of a customer went to somebody else: what we were doing is theirs now. */
export class LaneLeaseLost extends Error {}

/** What only whoever has a customer may write. */
export interface Lease {
  /** Commits only while the lease is ours, and prolongs it. @throws LaneLeaseLost */
  commit(lane: ClaimedLane, writes: Write[]): Promise<void>
  /** As `commit`. @returns false where the lease is somebody else's, or one of the writes did not find what it expects */
  mayCommit(lane: ClaimedLane, writes: Write[]): Promise<boolean>
  /** The lane leaves our hands. @throws LaneLeaseLost */
  end(write: Write): Promise<void>
}

export interface LeaseOptions {
  store: Store
  queries: Pick<Queries, 'lanes'>
  leaseMs: number
  now(): number
}

export function leaseOf({ store, queries, leaseMs, now }: LeaseOptions): Lease {
  async function mayCommit(lane: ClaimedLane, writes: Write[]): Promise<boolean> {
    const until = now() + leaseMs
    const { committed } = await store.commit([queries.lanes.holdLease(lane, until), ...writes])
    if (committed) lane.leaseUntil = until
    return committed
  }

  return {
    mayCommit,

    async commit(lane, writes) {
      if (!(await mayCommit(lane, writes))) throw new LaneLeaseLost()
    },

    async end(write) {
      const { committed } = await store.commit([write])
      if (!committed) throw new LaneLeaseLost()
    }
  }
}
