import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { commandLine, newPlatform, WALK_THROUGH_LIMITS } from '../../scripts/new-platform.ts'

const root = join(import.meta.dirname, '../..')

/** The files that it reads and changes, in a folder of their own. */
function copyIn(folder: string): string {
  for (const path of [
    'docs/adding-a-platform.md',
    'src/platforms/registry.ts',
    'connections.yaml',
    'test/platform-limits.ts'
  ]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    cpSync(join(root, path), join(folder, path))
  }
  return folder
}

t.test(
  'a new platform is the walk-through under its own name, registered, with a test that fails',
  async t => {
    const folder = copyIn(t.testdir())
    const read = (path: string) => readFileSync(join(folder, path), 'utf8')
    const { written, left } = newPlatform(folder, 'birch', 'Birch Lodges')
    t.strictSame(written, [
      ...['events', 'status', 'translate', 'birch', 'samples'].map(file => `src/platforms/birch/${file}.ts`),
      'test/platforms/birch/fixtures/booking-saved.json',
      'test/platforms/birch/fixtures/booking-saved.changes.json',
      'test/platforms/birch/birch.test.ts',
      'src/platforms/registry.ts',
      'test/platform-limits.ts',
      'connections.yaml'
    ])
    t.match(read('src/platforms/birch/birch.ts'), "name: 'birch',\n  title: 'Birch Lodges',")
    for (const path of written.slice(0, 7)) t.notMatch(read(path), /pinewood|PW-/i, path)
    t.match(read('test/platforms/birch/birch.test.ts'), /t\.fail\(/)
    t.match(
      read('src/platforms/registry.ts'),
      /beds24\.ts'\nimport \{ birch \} from '\.\/birch\/birch\.ts'\nimport \{ calcom/
    )
    t.match(read('src/platforms/registry.ts'), / {4}beds24,\n {4}birch,\n {4}calcom,/)
    const { connections } = parse(read('connections.yaml'))
    t.match(connections.at(-1), {
      id: 'demo-birch',
      platform: 'birch',
      secrets: { signing_secret: /^demo-only/ }
    })
    t.ok(left.length > 3)
  }
)

t.test('a name behind all others goes to the end', async t => {
  const folder = copyIn(t.testdir())
  newPlatform(folder, 'zelkova')
  const registry = readFileSync(join(folder, 'src/platforms/registry.ts'), 'utf8')
  t.match(registry, /uplisting\.ts'\nimport \{ zelkova \}/)
  t.match(registry, / {4}uplisting,\n {4}zelkova\n {2}\]/)
  t.match(readFileSync(join(folder, 'src/platforms/zelkova/zelkova.ts'), 'utf8'), "title: 'Zelkova'")
})

t.test('what the walk-through cannot tell is written down for the histories of the tests', async t => {
  for (const name of ['aspen', 'birch', 'zelkova']) {
    const folder = copyIn(t.testdir())
    newPlatform(folder, name)
    const { limitsOf } = await import(`${folder}/test/platform-limits.ts?${name}`)
    const { anything, limitsOf: limitsBefore } = await import('../platform-limits.ts')
    const told = Object.fromEntries(WALK_THROUGH_LIMITS.map(limit => [limit, false]))
    t.strictSame(limitsOf(name), { ...anything, ...told })
    for (const other of ['acuity', 'beds24', 'calcom', 'uplisting'])
      t.strictSame(limitsOf(other), limitsBefore(other), other)
    t.match(
      readFileSync(join(folder, 'docs/adding-a-platform.md'), 'utf8'),
      `pinewood: { ${WALK_THROUGH_LIMITS.map(limit => `${limit}: false`).join(', ')} }`
    )
  }
})

t.test('what is written is as the formatter would have it', async t => {
  const folder = copyIn(t.testdir())
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  for (const name of ['birch', 'zelkova']) {
    for (const path of newPlatform(folder, name, 'Birch Lodges').written.filter(each =>
      each.endsWith('.ts')
    )) {
      const input = readFileSync(join(folder, path), 'utf8')
      const { stdout } = spawnSync(process.execPath, [biome, 'format', `--stdin-file-path=${path}`], {
        cwd: root,
        input,
        encoding: 'utf8'
      })
      t.equal(stdout, input, path)
    }
  }
})

t.test('a word that cannot name a constant is refused, and nothing is written', async t => {
  const folder = copyIn(t.testdir())
  for (const name of ['class', 'await', 'yield', 'static', 'eval'])
    t.throws(() => newPlatform(folder, name), {
      message: `"${name}" is a word of TypeScript; choose another name`
    })
  t.doesNotThrow(() => newPlatform(folder, 'async'))
})

t.test('a name that is none or taken is refused, and nothing is written', async t => {
  const folder = copyIn(t.testdir())
  for (const name of ['', 'Birch', 'birch-lodges', '../birch'])
    t.throws(() => newPlatform(folder, name), /is no name for a platform/)
  newPlatform(folder, 'birch')
  const before = readFileSync(join(folder, 'src/platforms/registry.ts'), 'utf8')
  t.throws(() => newPlatform(folder, 'birch'), /is there already/)
  t.equal(readFileSync(join(folder, 'src/platforms/registry.ts'), 'utf8'), before)
})

t.test('on the command line it tells what is written, and what is left to do', async t => {
  const folder = copyIn(t.testdir())
  const said: string[] = []
  const complaints: string[] = []
  const terminal = {
    log: (line: string) => void said.push(line),
    error: (line: string) => void complaints.push(line)
  }
  t.equal(commandLine(folder, ['birch', 'Birch Lodges'], terminal), 0)
  t.match(said, [
    /^Written:\n {2}src\/platforms\/birch\/events\.ts\n/,
    /^\nLeft to do, .*\n {2}src\/platforms\/birch: /
  ])
  t.strictSame(complaints, [])
  t.equal(commandLine(folder, ['birch'], terminal), 64)
  t.strictSame(complaints, ['src/platforms/birch is there already'])
  t.throws(
    () => commandLine(t.testdir({}), ['birch'], terminal),
    { code: 'ENOENT' },
    'a broken repository is no wrong name'
  )
})

t.test('without a name it says what is a name, and exits as after a wrong command', async t => {
  const script = join(root, 'scripts/new-platform.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  t.same([status, stdout], [64, ''])
  t.match(stderr, /^"" is no name for a platform: /)
})
