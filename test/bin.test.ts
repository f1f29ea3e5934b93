import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import packageFile from '../package.json' with { type: 'json' }
import { bin, runCommand, spawnNode, within } from './run-relay.ts'

const brought = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`

interface PackageOptions {
  /** A stub of the relay's command line in these places, with the time of its last change. */
  dist?: Date
  src?: Date
  /** What it demands of Node. */
  node?: string
}

/** A package of its own around the real bin, with stubs that say which of them runs. */
function packageOf(t: Test, { dist, src, node = packageFile.engines.node }: PackageOptions): string {
  const stub = (what: string) => `export const main = async args => {
    console.log(${JSON.stringify(what)}, ...args)
    return 7
  }`
  // Outside of the repository, whose own Node would be found from within.
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'seam-relay-bin-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  write('package.json', JSON.stringify({ type: 'module', engines: { node } }))
  mkdirSync(join(folder, 'bin'))
  if (dist !== undefined) write('dist/cli/cli.js', stub('built'))
  if (src !== undefined) write('src/cli/cli.ts', stub('source'))
  if (src !== undefined) write('src/cli/other.ts', '')
  copyFileSync(bin, `${folder}/bin/seam-relay.js`)
  const at = (path: string, time: Date) => utimesSync(`${folder}/${path}`, time, time)
  if (dist !== undefined) at('dist/cli/cli.js', dist)
  if (src !== undefined)
    for (const path of ['src/cli/cli.ts', 'src/cli/other.ts', 'src/cli', 'src']) at(path, src)
  return folder
}

const run = (folder: string, ...args: string[]) =>
  runCommand(args, { cwd: folder, env: {}, script: `${folder}/bin/seam-relay.js` })

const [early, late] = [new Date('2026-01-01'), new Date('2026-01-02')]

t.test('the published package runs what was built', async t => {
  t.same(await run(packageOf(t, { dist: early }), 'check', '--x'), {
    code: 7,
    signal: null,
    out: 'built check --x\n',
    err: ''
  })
})

t.test('a checkout runs its sources until it is built', async t => {
  t.match(await run(packageOf(t, { src: early }), 'start'), { code: 7, out: 'source start\n' })
})

t.test('a checkout that is built runs what was built', async t => {
  t.match(await run(packageOf(t, { src: early, dist: late })), { out: 'built\n' })
})

for (const path of ['src/cli/other.ts', 'src/cli', 'src']) {
  t.test(`a build that is older than ${path} is not run`, async t => {
    const folder = packageOf(t, { src: early, dist: early })
    t.match(await run(folder), { out: 'built\n' })
    utimesSync(`${folder}/${path}`, late, late)
    t.match(await run(folder), { out: 'source\n' })
  })
}

t.test('a checkout without its packages says how to get them', async t => {
  const folder = packageOf(t, { src: early })
  writeFileSync(`${folder}/src/cli/cli.ts`, "import 'not-installed'")
  const { code, out, err } = await run(folder, 'start')
  t.equal(code, 1)
  t.equal(out, '')
  t.match(
    err,
    /^seam-relay: Cannot find package 'not-installed'.*\nRun "npm ci" to install what is missing\.\n$/
  )
})

t.test('a Node that is too old is told in one line', async t => {
  const { code, out, err } = await run(packageOf(t, { src: early, node: '>=999.3' }), 'start')
  t.equal(code, 1)
  t.equal(out, '')
  t.match(err, `seam-relay needs Node 999.3 or newer; this is ${process.versions.node}.`)
  t.equal(err.split('\n').length, 2)
})

t.test('the minor version counts too', async t => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const codeFor = async (node: string) => (await run(packageOf(t, { src: early, node }))).code
  t.equal(await codeFor(`>=${major}.${minor}`), 7)
  t.equal(await codeFor(`>=${major}`), 7)
  t.equal(await codeFor(`>=${major - 1}.${minor + 1}`), 7)
  t.equal(await codeFor(`>=${major}.${minor + 1}`), 1)
})

/** The Node that the repository brings: here a script. */
function bring(folder: string, script: string): void {
  const home = `${folder}/node_modules/${brought}`
  mkdirSync(`${home}/bin`, { recursive: true })
  writeFileSync(`${home}/package.json`, '{}')
  writeFileSync(`${home}/bin/node`, script)
  chmodSync(`${home}/bin/node`, 0o755)
}

t.test(
  'a Node that is too old hands over to the one that the repository brings',
  { skip: process.platform === 'win32' },
  async t => {
    const folder = packageOf(t, { src: early, node: '>=999' })
    bring(folder, '#!/bin/sh\necho "handed over: $@"\nexit 5\n')
    t.same(await run(folder, 'send', 'a b'), {
      code: 5,
      signal: null,
      out: `handed over: ${folder}/bin/seam-relay.js send a b\n`,
      err: ''
    })
    rmSync(`${folder}/node_modules/${brought}/bin/node`)
    t.match(await run(folder), { code: 1, err: 'seam-relay needs Node 999 or newer' })
  }
)

t.test(
  'a Node that the repository brings and is too old itself does not hand over to itself for ever',
  async t => {
    const folder = packageOf(t, { src: early, node: '>=999' })
    mkdirSync(`${folder}/node_modules/${brought}/bin`, { recursive: true })
    writeFileSync(`${folder}/node_modules/${brought}/package.json`, '{}')
    symlinkSync(
      process.execPath,
      `${folder}/node_modules/${brought}/bin/${process.platform === 'win32' ? 'node.exe' : 'node'}`
    )
    t.match(await run(folder), { code: 1, err: 'seam-relay needs Node 999 or newer' })
  }
)

t.test(
  'signals are passed on, and the end is the relay’s',
  { skip: process.platform === 'win32' },
  async t => {
    const folder = packageOf(t, { src: early, node: '>=999' })
    const started = async () => {
      const child = spawnNode([`${folder}/bin/seam-relay.js`], { cwd: folder, env: {} })
      t.teardown(() => child.kill('SIGKILL'))
      await within(once(createInterface(child.stdout), 'line'), 'its first line')
      return { child, exited: once(child, 'exit') }
    }
    bring(folder, `#!/bin/sh\ntrap 'exit 3' TERM\necho started\nwhile :; do sleep 0.1; done\n`)
    const ordered = await started()
    ordered.child.kill('SIGTERM')
    t.same(await within(ordered.exited, 'the end'), [3, null])

    bring(folder, '#!/bin/sh\necho started\nkill -KILL $$\n')
    t.same(await within((await started()).exited, 'the end'), [null, 'SIGKILL'])
  }
)

const systemNode = '/usr/bin/node'
const found = existsSync(systemNode) ? spawnSync(systemNode, ['--version'], { encoding: 'utf8' }).stdout : ''
const isOld = found !== '' && Number(found.slice(1).split('.')[0]) < 22
t.test(
  'an old Node of the system hands over to the repository’s',
  { skip: !isOld && 'there is none' },
  async t => {
    const command = { cwd: t.testdir(), env: {}, node: systemNode }
    t.same(await runCommand(['--version'], command), {
      code: 0,
      signal: null,
      out: `${packageFile.version}\n`,
      err: ''
    })
    const folder = packageOf(t, { src: early })
    const { code, err } = await runCommand([], { ...command, script: `${folder}/bin/seam-relay.js` })
    t.equal(code, 1)
    t.match(err, /^seam-relay needs Node 22\.\d+ or newer; this is \d+\.\d+\.\d+\..*\n$/)
  }
)
