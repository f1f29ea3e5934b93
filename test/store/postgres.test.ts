import t, { type Test } from 'tap'
import { openStore, type Store } from '../../src/store/store.ts'
import { emptyDatabase } from '../postgres/empty-database.ts'
import { storeContract } from './contract.ts'
import { empty } from './empty-store.ts'
import { overlapping } from './overlapping.ts'

async function openAt(t: Pick<Test, 'teardown'>, address: string): Promise<Store> {
  const store = await openStore(address)
  t.teardown(() => store.close())
  return store
}

async function openShared() {
  const address = await emptyDatabase(t)
  return { address, store: await openAt(t, address) }
}

let shared: ReturnType<typeof openShared> | undefined

storeContract({
  name: 'PostgreSQL',
  open: async t => openAt(t, await emptyDatabase(t)),
  async emptied() {
    shared ??= openShared()
    const { store } = await shared
    await empty(store)
    return store
  },
  async atOnce(first, second) {
    shared ??= openShared()
    return overlapping(await shared, first, second)
  }
})
