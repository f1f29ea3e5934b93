import t from 'tap'
import { deliveriesOf } from '../../src/store/deliveries.ts'
import { type CommitMade, openStore } from '../../src/store/store.ts'
import { write } from '../../src/store/write.ts'
import { postgres, sqlite } from '../engines.ts'
import { aDelivery } from './given.ts'

for (const engine of [sqlite, postgres]) {
  t.test(
    `${engine.name} tells of each transaction, how many commits shared it, and how long it took`,
    async t => {
      const told: CommitMade[] = []
      const store = await openStore(await engine.address(t), { onCommit: commit => void told.push(commit) })
      t.teardown(() => store.close())
      const deliveries = deliveriesOf(store)
      await Promise.all(['a', 'b', 'c'].map(id => deliveries.append(aDelivery(id))))
      t.match(told, [{ commits: 3, failed: false }])
      t.ok(told.every(({ seconds }) => seconds > 0 && seconds < 60))

      told.length = 0
      const [twice] = ['a'].map(id => ({ id, settings_hash: 'h' }))
      const insert = () => write(store.db.insertInto('connections').values(twice ?? []))
      await t.rejects(store.commit([insert(), insert()]), { code: 'RELAY_STORE_UNAVAILABLE' })
      t.match(told, [{ commits: 1, failed: false }], 'a statement that is wrong is not the disk’s fault')
    }
  )
}

t.test('a disk that refuses is told', async t => {
  const told: CommitMade[] = []
  const store = await openStore('file::memory:', { onCommit: commit => void told.push(commit) })
  await store.close()
  told.length = 0
  await t.rejects(deliveriesOf(store).append(aDelivery('a')), { code: 'RELAY_STORE_UNAVAILABLE' })
  t.match(told, [{ commits: 1, failed: true }])
})
