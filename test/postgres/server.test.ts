import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { Client } from 'pg'
import t from 'tap'
import { column } from './query.ts'
import { openPostgres, restartablePostgres } from './server.ts'
import { whenGone } from './when-gone.ts'

t.test('a server that is killed comes back at the same address with all that was committed', async t => {
  const server = await restartablePostgres(t)
  await column(server.url, 'CREATE TABLE kept (id bigint)')
  for (let id = 1; id <= 3; id += 1) {
    await column(server.url, `INSERT INTO kept VALUES (${id})`)
    const open = await transaction(server.url, 'INSERT INTO kept VALUES (-1)')
    await server.kill()
    t.ok(await open.brokenOff, 'an open transaction ends with its connection')
    await t.rejects(column(server.url, 'SELECT 1'), { code: 'ECONNREFUSED' })
    await server.start()
  }
  t.strictSame(await column(server.url, 'SELECT id FROM kept ORDER BY id'), ['1', '2', '3'])
  await server.start()
  t.strictSame(await column(server.url, 'SELECT 1'), [1], 'to start what runs changes nothing')
})

t.test('a process that is busy dies with the others, and does not keep the server from starting', async t => {
  const server = await restartablePostgres(t)
  // A loop without a single wait never looks whether the first process is still there.
  const busy = await transaction(server.url, 'SELECT 1')
  busy.run('DO $$ BEGIN LOOP END LOOP; END $$')
  const isBusy = `SELECT count(*)::int FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO %'`
  while ((await column(server.url, isBusy))[0] !== 1);
  await server.kill()
  await busy.brokenOff
  await server.start()
  t.strictSame(await column(server.url, isBusy), [0])
})

t.test('a server that is paused takes connections and does not answer until it is resumed', async t => {
  const server = await restartablePostgres(t)
  const client = await transaction(server.url, 'SELECT 1')
  await server.pause()
  const late = client.run('SELECT 2')
  const newcomer = new Client({ connectionString: server.url, connectionTimeoutMillis: 200 })
  await t.rejects(newcomer.connect(), /timeout/)
  await server.resume()
  t.match(await late, { rowCount: 1 }, 'who was connected still is')
  t.strictSame(await column(server.url, 'SELECT 1'), [1])
  client.end()

  t.test('or killed', async t => {
    await server.pause()
    await server.kill()
    await server.start()
    t.strictSame(await column(server.url, 'SELECT 1'), [1])
  })
  t.test('or stopped', async t => {
    await server.pause()
    await server.stopGently()
    await t.rejects(column(server.url, 'SELECT 1'), { code: 'ECONNREFUSED' })
  })
})

t.test('a server that is stopped gently tells those connected, and can be started again', async t => {
  const server = await restartablePostgres(t)
  const client = await transaction(server.url, 'SELECT 1')
  await server.stopGently()
  t.match(await client.brokenOff, { code: '57P01' })
  await server.stopGently()
  await server.start()
  t.strictSame(await column(server.url, 'SELECT 1'), [1])
})

t.test('settings: in haste unless told, room for many connections, any of PostgreSQL’s own', async t => {
  const hasty = await openPostgres({ settings: { work_mem: '7MB' } })
  t.teardown(hasty.close)
  const durable = await restartablePostgres(t)
  const told = `SELECT setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'max_connections', 'work_mem') ORDER BY name`
  t.strictSame(await column(hasty.url, told), ['off', 'off', '300', '7168'])
  t.strictSame(await column(durable.url, told), ['on', 'on', '300', '4096'])
  t.not(new URL(hasty.url).port, new URL(durable.url).port)
})

t.test('nothing is left of a server that was closed', async t => {
  const server = await openPostgres()
  const folder = await folderOf(server.url)
  t.ok(existsSync(folder))
  await server.close()
  t.notOk(existsSync(folder))
  await t.rejects(column(server.url, 'SELECT 1'), { code: 'ECONNREFUSED' })
  await server.close()
  await t.rejects(server.start(), { message: 'this PostgreSQL was closed' })
})

t.test('nothing is left of a server that does not start, and its log tells why', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'seam-relay-no-postgres-'))
  chmodSync(folder, 0o755)
  const { TMPDIR } = process.env
  t.teardown(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
    rmSync(folder, { recursive: true })
  })
  process.env.TMPDIR = folder
  await t.rejects(
    openPostgres({ settings: { max_connections: 'none' } }),
    /invalid value .*"max_connections"/
  )
  t.strictSame(readdirSync(folder), [])
})

t.test('nothing is left when the process that opened it is killed', async t => {
  const script = `
    import { openPostgres } from './test/postgres/server.ts'
    console.log((await openPostgres()).url)
    setInterval(() => {}, 1e6)`
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const [url] = await once(createInterface(owner.stdout), 'line')
  const folder = await folderOf(url)
  owner.kill('SIGKILL')
  await whenGone(folder)
  await t.rejects(column(url, 'SELECT 1'), { code: 'ECONNREFUSED' })
})

async function folderOf(url: string): Promise<string> {
  return dirname(String((await column(url, 'SHOW data_directory'))[0]))
}

/** A connection inside a transaction that has run a statement. */
async function transaction(url: string, statement: string) {
  const client = new Client({ connectionString: url })
  const brokenOff = new Promise<Error>(resolve => client.once('error', resolve))
  client.on('error', () => undefined)
  await client.connect()
  await client.query('BEGIN')
  await client.query(statement)
  const run = (text: string) => {
    const running = client.query(text)
    running.catch(() => undefined)
    return running
  }
  return { brokenOff, run, end: () => client.end() }
}
