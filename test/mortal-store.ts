import type { Store } from '../src/store/store.ts'

/** A store that stops answering the moment the process that uses it "dies". */
export interface MortalStore {
  store: Store
  /** Resolves when it dies. */
  died: Promise<undefined>
  isDoomed(): boolean
  /** It dies at its so-and-so-many-th commit from now: instead of it, or right after it. */
  dieAfter(commits: number, landed: boolean): void
}

export function mortalStore(store: Store): MortalStore {
  let left = Number.POSITIVE_INFINITY
  let landing = false
  let die: (nothing: undefined) => void = () => undefined
  const died = new Promise<undefined>(resolve => {
    die = resolve
  })
  /** For good: a dead process gets no answers. */
  const silence = new Promise<never>(() => undefined)
  const mortal: Store = {
    ...store,
    async commit(writes) {
      left -= 1
      if (left >= 0) return store.commit(writes)
      if (left === -1 && landing) await store.commit(writes)
      die(undefined)
      return silence
    },
    close: async () => undefined
  }
  return {
    store: mortal,
    died,
    isDoomed: () => left < Number.POSITIVE_INFINITY,
    dieAfter(commits, landed) {
      left = commits
      landing = landed
    }
  }
}
