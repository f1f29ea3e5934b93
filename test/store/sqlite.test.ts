import t, { type Test } from 'tap'
import { openStore, type Store } from '../../src/store/store.ts'
import { storeContract } from './contract.ts'
import { empty } from './empty-store.ts'

async function open(t: Pick<Test, 'teardown'>, url: string): Promise<Store> {
  const store = await openStore(url)
  t.teardown(() => store.close())
  return store
}

const folder = t.testdir()
let files = 0

/** A folder that is made anew would take away the files of those that are open. */
function newFile(): string {
  files += 1
  return `file:${folder}/data/relay-${files}.db`
}

const engines = {
  'SQLite in a file': newFile,
  'SQLite in memory': () => 'file::memory:'
}

for (const [name, url] of Object.entries(engines)) {
  let shared: Store | undefined
  storeContract({
    name,
    open: async t => open(t, url()),
    async emptied() {
      shared ??= await open(t, url())
      await empty(shared)
      return shared
    },
    async atOnce(...commits) {
      const store = shared as Store
      const [first, second] = await Promise.all(commits.map(writes => store.commit(writes)))
      return [first?.committed === true, second?.committed === true]
    }
  })
}
