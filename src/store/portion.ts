import type { Store } from './store.ts'
import { resultsOf, type Write } from './write.ts'

/** What one small step has taken away. */
export interface Portion<From> {
  removed: number
  /** Where the next step goes on; undefined where nothing more is old enough. */
  next: From | undefined
}

/** @returns a commit that says how many rows the first of its writes has touched */
export function changesIn(store: Store) {
  return async (...writes: Write[]): Promise<number> => {
    const results = resultsOf(await store.commit(writes)).slice(0, 1)
    return results.reduce((sum, { changes }) => sum + changes, 0)
  }
}
