import type { Store } from '../../src/store/store.ts'
import { away } from '../../src/store/unavailable.ts'

/** The same store; while `on`, it commits and goes away before it answers. */
export function answersLost(store: Store) {
  const losing = {
    on: false,
    store: {
      ...store,
      async commit(writes) {
        const committed = await store.commit(writes)
        if (losing.on) throw away('it went away before it answered')
        return committed
      }
    } as Store
  }
  return losing
}
