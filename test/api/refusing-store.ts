import { RelayError } from '../../src/errors.ts'
import { openStore, type Store } from '../../src/store/store.ts'

/** A store whose disk refuses every commit. */
export async function refusingStore(): Promise<Store> {
  const store = await openStore('file::memory:')
  return {
    ...store,
    db: store.db,
    commit: async () => {
      throw new RelayError('RELAY_STORE_UNAVAILABLE', 'the disk is full', { retryable: true })
    }
  }
}
