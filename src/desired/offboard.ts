import { later, NEVER, type Stamp } from '../model/stamp.ts'
import type { Offboarding } from '../store/offboard.ts'
import type { Lane } from '../store/resources.ts'
import type { Store } from '../store/store.ts'
import type { Write } from '../store/write.ts'
import type { Queries } from './queries.ts'

export interface OffboardOptions {
  store: Store
  queries: Queries
  offboarding: Offboarding
  now(): number
  /** Something is to be sent. */
  onDue(afterMs: number): void
  /** Something waits to be drawn again. */
  onRedraw?(): void
}

/**
 * Takes a customer off: Seam is told, and what was said before `stamp` is void from then on, what is known of it and waits
 * to be sent as well as what comes late. What was said later stays, and is sent again.
 * @param also committed together with it
 */
export async function offboard(
  options: OffboardOptions,
  lane: Lane,
  stamp: Stamp,
  also: Write[]
): Promise<void> {
  const { store, queries, offboarding, now } = options
  for (;;) {
    const state = await queries.lanes.state(lane)
    const known = state?.offboardStamp ?? NEVER
    const isNew = later(known, stamp) !== known
    const writes = isNew
      ? [
          ...queries.lanes.advance(lane, state?.revision, { dueAt: now(), arrivalAt: null }),
          ...offboarding.begin(lane, stamp)
        ]
      : []
    const { committed } = await store.commit([...writes, ...also])
    if (!committed) continue
    if (!isNew) return
    options.onDue(0)
    options.onRedraw?.()
    return
  }
}
