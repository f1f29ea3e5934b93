import t, { type Test } from 'tap'
import { openStore, type Store } from '../../src/store/store.ts'
import { emptyDatabase } from '../postgres/empty-database.ts'
import { storeContract } from './contract.ts'
import { empty } from './empty-store.ts'

async function open(t: Pick<Test, 'teardown'>): Promise<Store> {
  const store = await openStore(await emptyDatabase(t))
  t.teardown(() => store.close())
  return store
}

let shared: Promise<Store> | undefined

storeContract({
  name: 'PostgreSQL',
  open,
  async emptied() {
    shared ??= open(t)
    await empty(await shared)
    return shared
  }
})
