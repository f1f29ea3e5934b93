import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import t, { type Test } from 'tap'
import { emptyDatabase, testServer } from './empty-database.ts'
import { column } from './query.ts'
import { openPostgres } from './server.ts'
import { whenGone } from './when-gone.ts'

const run = promisify(execFile)

t.test('a test gets a database that holds nothing, and another one each time', async t => {
  const urls = await Promise.all([emptyDatabase(t), emptyDatabase(t), emptyDatabase(t)])
  t.equal(new Set(urls).size, 3)
  const [first = '', second = ''] = urls
  await column(first, 'CREATE TABLE only_here (id bigint)')
  const tables = `SELECT tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`
  t.strictSame(await column(first, tables), ['only_here'])
  t.strictSame(await column(second, tables), [])
})

t.test('the database goes with the test, whoever is still connected', async t => {
  let url = ''
  let cutOff: Promise<unknown> | undefined
  await t.test('a test that forgets a connection', async t => {
    url = await emptyDatabase(t)
    const client = new Client({ connectionString: url })
    cutOff = new Promise(resolve => client.on('error', resolve))
    await client.connect()
  })
  t.match(await cutOff, { code: '57P01' }, 'it was cut off')
  await t.rejects(column(url, 'SELECT 1'), { code: '3D000' }, 'there is no such database')
})

t.test('how text compares is told by the test, not by the machine', async t => {
  const comparison = `SELECT 'a' < 'B'`
  const provider = 'SELECT datlocprovider FROM pg_database WHERE datname = current_database()'
  for (const [locale, letter, isLess] of [
    ['C', 'c', false],
    ['C.UTF-8', 'b', false],
    ['en-US', 'i', true]
  ] as const) {
    const url = await emptyDatabase(t, { locale })
    t.strictSame(await column(url, comparison), [isLess], locale)
    t.strictSame(await column(url, provider), [letter], locale)
    t.strictSame(await column(url, 'SHOW server_encoding'), ['UTF8'], locale)
  }
  t.test('or for the whole run by TEST_DATABASE_LOCALE', async t => {
    environment(t, { TEST_DATABASE_LOCALE: 'en-US' })
    t.strictSame(await column(await emptyDatabase(t), comparison), [true])
    environment(t, { TEST_DATABASE_LOCALE: 'sv_SE' })
    await t.rejects(emptyDatabase(t), { message: 'TEST_DATABASE_LOCALE is one of C, C.UTF-8, en-US' })
  })
})

t.test('TEST_DATABASE_URL names another server', async t => {
  const other = await openPostgres()
  t.teardown(other.close)
  environment(t, { TEST_DATABASE_URL: other.url })
  t.equal(await testServer(), other.url)
  t.equal(new URL(await emptyDatabase(t)).port, new URL(other.url).port)
  t.test('and where that does not answer, the test fails and says which', async t => {
    await t.rejects(emptyDatabase(t, { server: 'postgres://me:secret@127.0.0.1:1/postgres' }), {
      message: 'The PostgreSQL of the tests at 127.0.0.1:1 (TEST_DATABASE_URL) takes no connection'
    })
  })
})

t.test('a test file that is run by hand has a server of its own, which ends with it', async t => {
  const script = `
    import { emptyDatabase } from './test/postgres/empty-database.ts'
    import { column } from './test/postgres/query.ts'
    const urls = await Promise.all([1, 2].map(() => emptyDatabase({ teardown() {} })))
    console.log(...urls.map(url => new URL(url).port), ...await column(urls[0], 'SHOW data_directory'))`
  const { TEST_DATABASE_URL: _, ...env } = process.env
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { env })
  const [port, samePort, data = ''] = stdout.trim().split(' ')
  t.equal(port, samePort, 'one server for all databases')
  await whenGone(dirname(data))
})

/** Until the test ends. */
function environment(t: Pick<Test, 'teardown'>, changes: Record<string, string>): void {
  const before = { ...process.env }
  t.teardown(() => {
    process.env = before
  })
  Object.assign(process.env, changes)
}
