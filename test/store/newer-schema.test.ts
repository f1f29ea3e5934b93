import { type KyselyPlugin, sql } from 'kysely'
import t, { type Test } from 'tap'
import { openStore, type Store } from '../../src/store/store.ts'
import { emptyDatabase } from '../postgres/empty-database.ts'
import { deliveriesContract } from './contract-deliveries.ts'
import { lanesContract } from './contract-lanes.ts'
import { outboxContract } from './contract-outbox.ts'
import { resourcesContract } from './contract-resources.ts'
import { empty } from './empty-store.ts'
import { tablesIn } from './full-store.ts'

type Testing = Pick<Test, 'teardown'>

const engines: Record<string, (t: Testing) => Promise<string>> = {
  SQLite: async () => `file:${t.testdir()}/${crypto.randomUUID()}.db`,
  PostgreSQL: emptyDatabase
}

async function run(store: Store, ...statements: string[]): Promise<void> {
  await store.commit(statements.map(text => ({ sql: text, rows: [[]], returning: false })))
}

/** All that a release may do to the schema without keeping the one before it from working. */
async function expand(store: Store): Promise<void> {
  for (const { name } of await tablesIn(store)) {
    await run(
      store,
      `alter table ${name} add column later_fact text`,
      `alter table ${name} add column later_count bigint not null default 7`,
      `create index later_${name} on ${name} (later_count, later_fact)`
    )
  }
  await run(
    store,
    'create table later_table (id bigint primary key)',
    `insert into migrations (name) values ('9999-later')`
  )
}

/** Some tests compare whole rows. What else a row has by now is nothing that this release asks for by name. */
const knownColumns: KyselyPlugin = {
  transformQuery: ({ node }) => node,
  async transformResult({ result }) {
    const known = ([column]: [string, unknown]) => !column.startsWith('later_')
    return {
      ...result,
      rows: result.rows.map(row => Object.fromEntries(Object.entries(row).filter(known)))
    }
  }
}

/** Opened by this release after a newer one has been there. */
async function openNewer(t: Testing, url: string): Promise<Store> {
  const newer = await openStore(url)
  await expand(newer)
  await newer.close()
  const store = await openStore(url)
  t.teardown(() => store.close())
  return { ...store, db: store.db.withPlugin(knownColumns) }
}

for (const [name, newUrl] of Object.entries(engines)) {
  let shared: Promise<Store> | undefined
  const open = async (t: Testing) => openNewer(t, await newUrl(t))

  t.test(`a newer release has added to ${name}, and this one goes on as before`, async t => {
    const engine = {
      name,
      open,
      async emptied() {
        shared ??= open(t)
        await empty(await shared)
        return shared
      },
      async atOnce(): Promise<never> {
        throw new TypeError('what runs at once sees no columns that others do not')
      }
    }
    deliveriesContract(t, engine)
    lanesContract(t, engine)
    outboxContract(t, engine)
    resourcesContract(t, engine)
  })

  t.test(`a newer release has taken something from ${name}, and this one refuses it`, async t => {
    const url = await newUrl(t)
    const newer = await openStore(url)
    await run(newer, `insert into migrations (name, contracts) values ('9999-later', 1)`)
    await newer.close()
    for (const migrate of ['start', 'never'] as const) {
      await t.rejects(openStore(url, { migrate }), {
        code: 'RELAY_CONFIG_INVALID',
        message:
          'a newer release has brought the store to 9999-later, and this one cannot work with that; start the newer one'
      })
    }
  })

  t.test(
    `${name} that lacks a migration is refused where none are to be made, and left as it is`,
    async t => {
      const url = await newUrl(t)
      const refused = { code: 'RELAY_CONFIG_INVALID', retryable: false }
      await t.rejects(openStore(url, { migrate: 'never' }), {
        ...refused,
        message: /^the store lacks 0001-journey, .*; run "seam-relay migrate", or set RELAY_MIGRATE to start$/
      })
      const made: string[] = []
      await (await openStore(url, { onMigrated: each => made.push(each) })).close()
      t.equal(made[0], '0001-journey', 'nothing was made before')
      const store = await openStore(url, { migrate: 'never', onMigrated: () => t.fail('nothing is made') })
      t.teardown(() => store.close())
      const { rows } = await sql<{ name: string }>`select name from migrations order by name`.execute(
        store.db
      )
      t.strictSame(
        rows.map(row => row.name),
        made
      )
    }
  )
}
