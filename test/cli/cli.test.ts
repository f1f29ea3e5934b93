import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import t from 'tap'
import packageFile from '../../package.json' with { type: 'json' }
import { ownTerminal } from '../../src/cli/cli.ts'
import { within } from '../run-relay.ts'
import { demoFolder } from './demo-relay.ts'
import { run } from './terminal.ts'

const commands = ['start', 'sandbox', 'send', 'translate', 'check', 'migrate', 'store', 'replay']

t.test('help names every command, on standard output', async t => {
  const { code, out, err } = await run(['--help'])
  t.equal(code, 0)
  t.equal(err, '')
  for (const command of commands) t.match(out, new RegExp(`^  ${command} `, 'm'))
})

for (const command of commands) {
  t.test(`${command} has help of its own`, async t => {
    const { code, out } = await run([command, '--help'])
    t.equal(code, 0)
    t.match(out, `Usage: seam-relay ${command}`)
  })
}

t.test('the version is that of the package', async t => {
  t.same(await run(['--version']), { code: 0, out: `${packageFile.version}\n`, err: '' })
})

for (const [args, said] of [
  [[], 'seam-relay'],
  [['stard'], "error: unknown command 'stard'"],
  [['start', '--fast'], "error: unknown option '--fast'"],
  [['send'], "error: missing required argument 'platform'"],
  [['sandbox', '--port', '65536'], 'Give a whole number from 0 to 65535.'],
  [['send', 'standard', 'test.ping', '--timeout', '-1'], 'Give a whole number from 0 to 86400.']
] as const) {
  t.test(`seam-relay ${args.join(' ')} is answered with help and the code of wrong usage`, async t => {
    const { code, out, err } = await run([...args])
    t.equal(code, 2)
    t.equal(out, '')
    t.match(err, said)
    t.match(err, 'Usage: seam-relay')
    t.notMatch(err, /^ +at /m)
  })
}

t.test('wrong settings are all named, whatever the command', async t => {
  const env = { PORT: 'x', RELAY_LEASE_MS: '1', RELAY_FOO: '1' }
  for (const args of [['start'], ['migrate'], ['replay', '--all', 'a'], ['send', 'standard', 'test.ping']]) {
    t.same(await run(args, env), {
      code: 78,
      out: '',
      err: [
        'seam-relay: wrong settings',
        '  PORT: give a whole number from 0 to 65535',
        '  RELAY_LEASE_MS: give a whole number from 1000 to 3600000',
        '  RELAY_FOO: is not a setting; unset it, or give it a name without RELAY_',
        ''
      ].join('\n')
    })
  }
  t.equal((await run(['check'], env)).code, 78)
})

t.test('every wrong place of the connections file is named', async t => {
  const { env } = demoFolder(t, { connections: 'connections: [{ id: a, platform: acme }, { id: a }]' })
  const { code, err } = await run(['start'], env)
  t.equal(code, 78)
  t.match(
    err,
    /^ {2}\S+connections.yaml:1:\d+ connections\[0\]\.platform: is not a platform that the relay knows/m
  )
  t.match(err, /^ {2}\S+connections.yaml:1:\d+ connections\[1\]\.id: is taken/m)
})

t.test('check tells what there is', async t => {
  const { env } = demoFolder(t)
  const { code, out, err } = await run(['check'], env)
  t.equal(code, 0)
  t.match(out, 'Connection demo-standard (Standard)')
  t.equal(err, '')
})

t.test('settings that are not in the environment are read from the file .env', async t => {
  const { env } = demoFolder(t)
  const { PORT: _port, ...others } = env
  writeFileSync(`${t.testdirName}/.env`, 'PORT=4711\nRELAY_LEASE_MS=50000\n')
  const before = process.cwd()
  t.teardown(() => process.chdir(before))
  process.chdir(t.testdirName)
  const { out } = await run(['check'], { ...others, RELAY_LEASE_MS: '70000' })
  t.match(out, /PORT +4711/)
  t.match(out, /RELAY_LEASE_MS +70000 ms/, 'the environment comes first')
})

t.test('a file .env that cannot be read is told as a wrong setting', async t => {
  demoFolder(t)
  mkdirSync(`${t.testdirName}/.env`)
  const before = process.cwd()
  t.teardown(() => process.chdir(before))
  process.chdir(t.testdirName)
  t.same(await run(['check']), {
    code: 78,
    out: '',
    err: 'seam-relay: wrong settings\n  .env: cannot be read (EISDIR); it must be a file with settings that the relay may read\n'
  })
})

t.test('a port in use is one clear line, and nothing is left open', async t => {
  const { env } = demoFolder(t)
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  for (const args of [['start'], ['sandbox', '--port', `${port}`]]) {
    const { code, out, err } = await run(args, { ...env, PORT: `${port}` })
    t.equal(code, 1)
    t.equal(out, '')
    t.match(err, `seam-relay: cannot listen on 127.0.0.1:${port}: the port is in use;`)
    t.equal(err.split('\n').length, 2)
  }
})

t.test('an address that is not of this machine is one clear line', async t => {
  const { env } = demoFolder(t)
  const { code, err } = await run(['start'], { ...env, HOST: '192.0.2.1' })
  t.equal(code, 1)
  t.match(err, 'cannot listen on 192.0.2.1: this machine has no such address (EADDRNOTAVAIL); correct HOST')
  t.equal(err.split('\n').length, 2)
})

t.test('a store that cannot be opened is one clear line', async t => {
  const { env, folder } = demoFolder(t)
  const { code, err } = await run(['migrate'], {
    ...env,
    DATABASE_URL: `file:${folder}/connections.yaml/relay.db`
  })
  t.equal(code, 1)
  t.match(err, /^seam-relay: the store: .*relay\.db: E.*\n$/)
})

t.test('a process whose output nobody reads any more ends, as others do then', async t => {
  const cli = JSON.stringify(import.meta.resolve('../../src/cli/cli.ts'))
  const child = spawn(process.execPath, ['-e', `import(${cli}).then(({ main }) => main(['--help']))`], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  child.stdout.destroy()
  t.strictSame(await within(once(child, 'exit'), 'its end'), [141, null])
})

t.test('the process’s own standard input is what commands read', async t => {
  t.equal(ownTerminal.input(), process.stdin)
})

t.test('a signal of the process itself is heard', async t => {
  const before = process.listeners('SIGTERM')
  const signalled = ownTerminal.signalled()
  const added = process.listeners('SIGTERM').filter(each => !before.includes(each))
  t.equal(added.length, 1)
  for (const listener of added) listener('SIGTERM')
  t.equal(await signalled, 'SIGTERM')
})
