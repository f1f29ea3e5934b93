import { Client } from 'pg'
import t, { type Test } from 'tap'
import { deliveriesOf } from '../../src/store/deliveries.ts'
import { type Migration, migrations } from '../../src/store/migrations.ts'
import { openStore, type StoreOptions } from '../../src/store/store.ts'
import { emptyDatabase } from '../postgres/empty-database.ts'
import { column } from '../postgres/query.ts'
import { aDelivery } from './given.ts'

const names = migrations.map(each => each.name)

/** As a later release has it, until the test ends. */
function released(t: Test, told: Partial<Migration>): void {
  migrations.push({ name: '9999-later', statements: () => [], ...told })
  t.teardown(() => void migrations.pop())
}

async function opened(t: Test, url: string, options: Partial<StoreOptions> = {}): Promise<string[]> {
  const made: string[] = []
  const store = await openStore(url, { ...options, onMigrated: name => made.push(name) })
  t.teardown(() => store.close())
  return made
}

async function connected(t: Test, url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  return client
}

const madeIn = (url: string) => column(url, 'select name from migrations order by name')

t.test(
  'ten relays that start together on an empty database all get the schema, and it is made once',
  async t => {
    const url = await emptyDatabase(t)
    const made = await Promise.all(Array.from({ length: 10 }, () => opened(t, url)))
    t.strictSame(made.flat().sort(), names)
    t.strictSame(await madeIn(url), names)
    t.strictSame(await column(url, 'select indexrelid::regclass from pg_index where not indisvalid'), [])
  }
)

t.test(
  'ten that wait for a large index while others write all start, and the index is made once',
  async t => {
    const url = await emptyDatabase(t)
    await opened(t, url)
    released(t, {
      online: true,
      statements: () => ['create index deliveries_later on deliveries (platform)']
    })
    const made = await Promise.all(Array.from({ length: 10 }, () => opened(t, url)))
    t.strictSame(made.flat(), ['9999-later'])
  }
)
