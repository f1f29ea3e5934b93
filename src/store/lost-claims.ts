import { randomInt } from 'node:crypto'
import type { Store } from './store.ts'
import { isAway } from './unavailable.ts'
import type { Committed, Write } from './write.ts'

/**
 * Claims of which nobody knows whether they were committed, since the store went away before it answered. Each is known by a
 * token that the claimer chooses, so that it can be given back: else what it leased would wait for a lease that nobody holds.
 */
export interface LostClaims {
  /** Commits a claim. @param giveBack what undoes it, should it have been committed @throws as Store.commit */
  commit(writes: Write[], giveBack: (now: number) => Write[]): Promise<Committed>
  /** Before the next claim. @throws as Store.commit */
  giveBack(now: number): Promise<void>
}

export function lostClaimsOf(store: Pick<Store, 'commit'>): LostClaims {
  const lost: ((now: number) => Write[])[] = []
  return {
    async commit(writes, giveBack) {
      try {
        return await store.commit(writes)
      } catch (error) {
        if (isAway(error)) lost.push(giveBack)
        throw error
      }
    },

    async giveBack(now) {
      if (lost.length === 0) return
      const given = lost.splice(0)
      try {
        await store.commit(given.flatMap(each => each(now)))
      } catch (error) {
        // Else their leases run out.
        if (isAway(error)) lost.push(...given)
        throw error
      }
    }
  }
}

/** Of one claim, and no other one's. */
export function claimToken(): number {
  return randomInt(1, 2 ** 48 - 1)
}
