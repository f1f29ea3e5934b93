import t from 'tap'
import { openPool } from '../../src/store/postgres-pool.ts'
import { type Step, transaction } from '../../src/store/postgres-transaction.ts'
import { emptyDatabase } from '../postgres/empty-database.ts'

t.test('nothing that rests upon an expectation counts where the beginning is broken off', async t => {
  const pool = openPool({ url: await emptyDatabase(t), timeoutMs: 10_000, pooled: false }, 1)
  t.teardown(() => pool.end())
  await pool.query('create table told (word text)')
  const step = (text: string, expect?: number): Step => ({
    statements: [{ text }],
    expect,
    harmless: text.startsWith('select')
  })
  const put = step(`insert into told values ('it happened')`)
  const fails = step('select 1 from told where false', 1)
  const holds = step('select 1 from told where false', 0)
  // As what a server says that was told to cancel just then; the connection is as good as before.
  const brokenOff = 'select 1 / 0'
  for (const steps of [
    [fails, put],
    [put, fails],
    [{ ...put, expect: 1 }, fails],
    [holds, put, fails]
  ]) {
    await t.rejects(transaction(pool, brokenOff, steps), { code: '22012' })
    t.equal(await transaction(pool, 'begin', steps), undefined)
    t.same((await pool.query('select * from told')).rows, [])
  }
  await transaction(pool, 'begin', [holds, put, step('select 1 from told', 1)])
  t.equal((await pool.query('select * from told')).rowCount, 1)
})
