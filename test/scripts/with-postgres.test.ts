import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { column } from '../postgres/query.ts'

const script = join(import.meta.dirname, '../../scripts/with-postgres.ts')
const { TEST_DATABASE_URL: _, ...env } = process.env

/** Runs a program of JavaScript beside a server, with arguments. */
function beside(program: string, args: string[] = [], more: Record<string, string> = {}) {
  return spawn(process.execPath, [script, process.execPath, '-e', program, '--', ...args], {
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe']
  })
}

t.test('a command finds a server of its own, which is gone when the command is', async t => {
  const program = `
    const { Client } = require('pg')
    const client = new Client({ connectionString: process.env.TEST_DATABASE_URL })
    client.connect().then(() => client.query('SELECT 41 + 1 AS sum')).then(({ rows }) => {
      console.log(JSON.stringify([process.env.TEST_DATABASE_URL, rows[0].sum, ...process.argv.slice(1)]))
      process.exit(7)
    })`
  const running = beside(program, ['test/x.test.ts', '--grep=two words'])
  const [said, [code]] = await Promise.all([text(running.stdout), once(running, 'exit')])
  const [url, ...rest] = JSON.parse(said)
  t.strictSame(rest, [42, 'test/x.test.ts', '--grep=two words'], 'arguments reach it as they are')
  t.equal(code, 7, 'its exit code is passed on')
  await t.rejects(column(url, 'SELECT 1'), { code: 'ECONNREFUSED' })
})

t.test('sources are compiled once for all processes, but not where coverage is measured', async t => {
  const cacheWith = async (...args: string[]) => {
    const command = [script, process.execPath, '-p', 'process.env.NODE_COMPILE_CACHE', '--', ...args]
    const running = spawn(process.execPath, command, {
      env: { ...env, NODE_COMPILE_CACHE: undefined, TEST_DATABASE_URL: 'postgres://database.test' },
      stdio: ['ignore', 'pipe', 'inherit']
    })
    return (await text(running.stdout)).trim()
  }
  t.equal(await cacheWith(), 'undefined')
  t.match(await cacheWith('--disable-coverage'), /compiled$/)
})

t.test('where TEST_DATABASE_URL names a server, none is started', async t => {
  const url = 'postgres://me@database.test/postgres'
  const running = beside('console.log(process.env.TEST_DATABASE_URL)', [], { TEST_DATABASE_URL: url })
  t.equal((await text(running.stdout)).trim(), url)
})

for (const [signal, expected] of [
  ['SIGINT', 130],
  ['SIGTERM', 143]
] as const) {
  t.test(`${signal} ends the command, then the server`, async t => {
    const running = beside('console.log(process.env.TEST_DATABASE_URL); setInterval(() => {}, 1e6)')
    const [url] = await once(createInterface(running.stdout), 'line')
    t.strictSame(await column(url, 'SELECT 1'), [1])
    running.kill(signal)
    const [code] = await once(running, 'exit')
    t.equal(code, expected, 'as a shell tells it')
    await t.rejects(column(url, 'SELECT 1'), { code: 'ECONNREFUSED' })
  })
}

t.test('a command that is not there is an error, and nothing stays behind', async t => {
  const running = spawn(process.execPath, [script, 'no-such-command'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const [said, [code]] = await Promise.all([text(running.stderr), once(running, 'exit')])
  t.equal(code, 1)
  t.match(said, 'no-such-command ENOENT')
})

t.test('without a server nothing is run, and the reason is told without a stack', async t => {
  // Root looks for an account to run it, anybody else for room for its data.
  const running = beside('console.log("ran")', [], { PATH: '/dev/null', TMPDIR: '/dev/null' })
  const [out, said, [code]] = await Promise.all([
    text(running.stdout),
    text(running.stderr),
    once(running, 'exit')
  ])
  t.strictSame([out, code], ['', 1])
  t.match(said, /neither an account|ENOTDIR/)
  t.notMatch(said, /^\s+at /m)
})
