import t from 'tap'
import { migrations } from '../../src/store/migrations.ts'
import { openAlone } from '../../src/store/store.ts'
import { emptyDatabase } from '../postgres/empty-database.ts'
import { demoFolder } from './demo-relay.ts'
import { run } from './terminal.ts'

const names = migrations.map(each => each.name)
const lines = (...all: string[]) => all.map(each => `${each}\n`).join('')

for (const engine of ['SQLite', 'PostgreSQL']) {
  const surroundings = async () => {
    const { env } = demoFolder(t)
    return engine === 'SQLite' ? env : { ...env, DATABASE_URL: await emptyDatabase(t) }
  }

  t.test(
    `${engine} is brought up to date without anything being started, and what that took is told`,
    async t => {
      const env = await surroundings()
      t.same(await run(['migrate'], env), {
        code: 0,
        out: lines(...names.map(each => `  ${each}`), 'The store is up to date.'),
        err: ''
      })
      t.same(await run(['migrate'], env), { code: 0, out: 'The store was up to date.\n', err: '' })
    }
  )

  t.test(`with RELAY_MIGRATE=never a start on ${engine} that lacks something says what to do`, async t => {
    const env = { ...(await surroundings()), RELAY_MIGRATE: 'never' }
    const { code, err } = await run(['start'], env)
    t.equal(code, 78)
    t.equal(
      err,
      lines(
        'seam-relay: wrong settings',
        `  the store lacks ${names.join(', ')}; run "seam-relay migrate", or set RELAY_MIGRATE to start`
      )
    )
    t.equal((await run(['migrate'], env)).code, 0, 'which makes them all the same')
    t.match(await run(['keys', 'list'], env), { code: 0, err: '' })
  })

  t.test(`no relay starts on ${engine} while a copy into it is not finished`, async t => {
    const env = await surroundings()
    const store = await openAlone(env.DATABASE_URL)
    await store.commit([
      {
        sql: `insert into migrations (name, contracts) values ('unfinished-copy', 1)`,
        rows: [[]],
        returning: false
      }
    ])
    await store.close()
    const { code, err } = await run(['start'], env)
    t.equal(code, 78)
    t.match(err, 'a copy into this store is under way or was broken off')
  })
}
