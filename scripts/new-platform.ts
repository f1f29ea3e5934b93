/**
 * `npm run new-platform <name> [title]` lays out the folders of a new adapter: the walk-through of
 * docs/adding-a-platform.md under another name, registered, with a test that fails until the platform's own words are in.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Script } from 'node:vm'

const PAGE = 'docs/adding-a-platform.md'
const REGISTRY = 'src/platforms/registry.ts'
const CONNECTIONS = 'connections.yaml'
const LIMITS = 'test/platform-limits.ts'

/** What a platform of the walk-through's kind cannot tell, so that no history of the tests holds it. */
export const WALK_THROUGH_LIMITS = ['severalRooms', 'unassigned', 'tellsCodes', 'tellsHours']

/**
 * @param title as people write it; the name with a capital unless given
 * @returns what is written, by its path, and what is left to do by hand
 * @throws TypeError where the name is none, or taken
 */
export function newPlatform(
  root: string,
  name: string,
  title = capital(name)
): { written: string[]; left: string[] } {
  if (!/^[a-z][a-z0-9]{1,30}$/.test(name))
    throw new TypeError(
      `"${name}" is no name for a platform: lower-case letters and digits, such as pinewood`
    )
  if (isReserved(name)) throw new TypeError(`"${name}" is a word of TypeScript; choose another name`)
  if (existsSync(join(root, `src/platforms/${name}`)))
    throw new TypeError(`src/platforms/${name} is there already`)
  const read = (path: string) => readFileSync(join(root, path), 'utf8')
  const files: Record<string, string> = {
    ...filesOfWalkThrough(read(PAGE), name, title),
    [`test/platforms/${name}/${name}.test.ts`]: FAILING_TEST,
    [REGISTRY]: registered(read(REGISTRY), name),
    [LIMITS]: limited(read(LIMITS), name),
    [CONNECTIONS]: `${read(CONNECTIONS).trimEnd()}\n\n${demoConnection(name)}`
  }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return {
    written: Object.keys(files),
    left: [
      `src/platforms/${name}: put ${title}'s own schema, translator and samples in the place of the walk-through's`,
      `test/platforms/${name}: fixtures cut from its documents, and a test for each trap`,
      `test/connections/demo.test.ts: demo-${name} in the list`,
      `${LIMITS}: what ${title} cannot tell, in the place of the walk-through's`,
      `docs/platforms/${name}.md, docs/platforms/README.md, docs/connections.md: what people have to do`,
      'npm run generate'
    ]
  }
}

/** A word that names no constant of a module. */
function isReserved(name: string): boolean {
  try {
    new Script(`async () => { 'use strict'; const ${name} = 0 }`)
    return false
  } catch {
    return true
  }
}

/** The samples of the page that say where they belong: on their first line, or in the line above them. */
function filesOfWalkThrough(page: string, name: string, title: string): Record<string, string> {
  const renamed = (text: string) =>
    text
      .replaceAll('Pinewood Cabins', title)
      .replaceAll('Pinewood', title)
      .replaceAll('PW-', `${name.toUpperCase()}-`)
      .replaceAll('pinewood', name)
  const code = page.matchAll(/^```ts\n\/\/ (src\/platforms\/pinewood\/\S+)\n([\s\S]*?)^```$/gm)
  const fixtures = page.matchAll(
    /^`(test\/platforms\/pinewood\/fixtures\/\S+)`\n\n```json\n([\s\S]*?)^```$/gm
  )
  return Object.fromEntries(
    [...code, ...fixtures].map(([, path = '', text = '']) => [renamed(path), renamed(text)])
  )
}

const FAILING_TEST = `import t from 'tap'

t.test('what its documents tell is in the adapter', async t => {
  t.fail('this is still the walk-through; write its schema, translator and samples, and a test for each trap')
})
`

/** In the order of the alphabet, as the linter wants it. */
function registered(registry: string, name: string): string {
  const lines = registry.split('\n')
  const insert = (line: string, isLater: (other: string) => boolean, isLast: (other: string) => boolean) => {
    const later = lines.findIndex(isLater)
    const at = later >= 0 ? later : lines.findLastIndex(isLast) + 1
    lines.splice(at, 0, line)
  }
  const folderIn = (line: string) => /^import \{ \w+ \} from '\.\/(\w+)\//.exec(line)?.[1]
  const entryIn = (line: string) => /^ {4}(\w+),?$/.exec(line)?.[1]
  const isAfter = (other: string | undefined) => other !== undefined && other > name
  insert(
    `import { ${name} } from './${name}/${name}.ts'`,
    line => isAfter(folderIn(line)),
    line => folderIn(line) !== undefined
  )
  const last = lines.findLastIndex(line => entryIn(line) !== undefined)
  if (isAfter(entryIn(String(lines[last]))))
    insert(
      `    ${name},`,
      line => isAfter(entryIn(line)),
      () => false
    )
  else lines.splice(last, 1, `${String(lines[last])},`, `    ${name}`)
  return lines.join('\n')
}

/** In the order of the alphabet, with the comment that stands above each. */
function limited(limits: string, name: string): string {
  const lines = limits.split('\n')
  const begin = lines.findIndex(line => line.startsWith('const exceptions'))
  const end = lines.indexOf('}', begin)
  const nameIn = (line: string) => /^ {2}(\w+): \{/.exec(line)?.[1]
  const later = lines.findIndex((line, at) => at > begin && at < end && `${nameIn(line) ?? ''}` > name)
  const before =
    later < 0 ? end - 1 : lines.findLastIndex((line, at) => at < later && !/^ {2}\/\//.test(line))
  // The last entry has no comma behind it.
  if (later < 0) lines[before] += ','
  const entry = WALK_THROUGH_LIMITS.map(limit => `    ${limit}: false`).join(',\n')
  lines.splice(
    before + 1,
    0,
    "  // As the walk-through's: a booking is of one cabin, has no code, and no hour at its end.",
    `  ${name}: {`,
    entry,
    later < 0 ? '  }' : '  },'
  )
  return lines.join('\n')
}

function demoConnection(name: string): string {
  return `  - id: demo-${name}
    platform: ${name}
    customer_key: demo-${name}
    secrets:
      signing_secret: demo-only-${name}-signing-secret
    time_zone: Europe/Berlin
    check_in_time: "15:00"
    check_out_time: "11:00"
`
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

/** Source: sysexits.h, EX_USAGE. */
const EXIT_USAGE = 64

/** @returns the exit code */
export function commandLine(
  root: string,
  [name = '', title]: string[],
  { log, error: complain }: Pick<Console, 'log' | 'error'>
): number {
  try {
    const { written, left } = newPlatform(root, name, title)
    log(`Written:\n${written.map(path => `  ${path}`).join('\n')}`)
    log(`\nLeft to do, as ${PAGE} tells:\n${left.map(step => `  ${step}`).join('\n')}`)
    return 0
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    complain(error.message)
    return EXIT_USAGE
  }
}

if (import.meta.main)
  process.exitCode = commandLine(join(import.meta.dirname, '..'), process.argv.slice(2), console)
