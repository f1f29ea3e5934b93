import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'

/** What each part of src may import beside itself; a part is a file or folder at the top, and the one over it of the same name. */
const mayImport: Record<string, string[]> = {
  errors: [],
  model: [],
  backoff: [],
  'in-step': [],
  'change-signal': [],
  'make-folder': [],
  'tick-shape': [],
  loop: [],
  loops: ['loop'],
  'retry-after': [],
  problem: ['errors'],
  methods: ['problem'],
  'request-spans': ['model'],
  openapi: ['model', 'problem', 'errors'],
  platforms: ['model', 'errors'],
  store: ['model', 'errors', 'make-folder'],
  seam: ['model', 'errors', 'retry-after'],
  desired: ['store', 'model', 'errors'],
  config: ['model', 'errors'],
  connections: ['config', 'platforms', 'model', 'errors'],
  api: [
    'change-signal',
    'in-step',
    'methods',
    'openapi',
    'platforms',
    'seam',
    'store',
    'model',
    'errors',
    'problem',
    'request-spans'
  ],
  operate: ['change-signal', 'methods', 'openapi', 'platforms', 'store', 'model', 'errors', 'problem'],
  serve: ['openapi', 'problem'],
  // Types only; see below.
  dashboard: ['operate', 'problem'],
  ingest: [
    'in-step',
    'openapi',
    'methods',
    'platforms',
    'store',
    'model',
    'errors',
    'problem',
    'request-spans'
  ],
  translate: ['desired', 'platforms', 'store', 'model', 'errors', 'backoff', 'retry-after'],
  prune: ['store', 'model'],
  replay: ['store', 'errors'],
  sync: ['desired', 'seam', 'store', 'model', 'errors', 'backoff'],
  observe: ['openapi', 'store', 'model', 'errors', 'problem'],
  sandbox: ['seam', 'platforms', 'model', 'errors', 'make-folder'],
  server: [
    'api',
    'ingest',
    'methods',
    'observe',
    'openapi',
    'operate',
    'sandbox',
    'serve',
    'problem',
    'errors'
  ]
}
/** These put everything together; nobody imports them. */
const tops = ['relay', 'cli']

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(name => /\.tsx?$/.test(name))

function importsOf(file: string): string[] {
  const text = readFileSync(join('src', file), 'utf8')
  return [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, name = '']) =>
    name.startsWith('.') ? join(dirname(file), name) : name
  )
}

/** The names that a file takes of each other one; `*` where it takes the whole of it. */
function namesTaken(file: string): { from: string; names: string[] }[] {
  const text = readFileSync(file, 'utf8')
  const clauses = [...text.matchAll(/(?:import|export) (?:type )?(\{[^}]*\}|\*[^']*) from '(\.[^']+)'/g)]
  const dynamic = [...text.matchAll(/import\('(\.[^']+)'\)/g)].map(([, from = '']) => ['', '*', from])
  return [...clauses, ...dynamic].map(([, clause = '', from = '']) => ({
    from: join(dirname(file), from),
    names: [...clause.matchAll(/(?:^|[{,])\s*(?:type )?(\*|\w+)/g)].map(([, name = '']) => name)
  }))
}

const isOurs = (name: string) => files.includes(name)
const partOf = (file: string) => file.replace(/\.tsx?$/, '').split('/')[0] ?? ''

t.test('imports go one way, and rooms never import each other', async t => {
  const unused = new Set(
    Object.entries(mayImport).flatMap(([part, may]) => may.map(other => `${part} → ${other}`))
  )
  for (const file of files.filter(name => !tops.includes(partOf(name)))) {
    const allowed = mayImport[partOf(file)]
    t.ok(allowed, `${file} belongs to a known part`)
    const others = importsOf(file).filter(isOurs).map(partOf)
    for (const part of others) unused.delete(`${partOf(file)} → ${part}`)
    t.strictSame(
      others.filter(part => part !== partOf(file) && !allowed?.includes(part)),
      [],
      file
    )
  }
  t.strictSame([...unused], [], 'what nobody imports is not allowed either')
})

t.test('the dashboard knows how answers look, and takes nothing of the relay into the browser', async t => {
  for (const file of files.filter(name => name.startsWith('dashboard/'))) {
    const text = readFileSync(join('src', file), 'utf8')
    const strange = [...text.matchAll(/^(import [^;]*?from '([^']+)'|.*import\('([^']+)'\))/gm)].filter(
      ([whole, , from = '', dynamic = '']) =>
        /\.\.\/(?:operate|problem)/.test(from + dynamic) && !whole.startsWith('import type')
    )
    t.strictSame(
      strange.map(([whole]) => whole),
      [],
      file
    )
  }
})

t.test('an adapter knows the model, what stands beside the platforms, and no other adapter', async t => {
  const packages = ['@sinclair/typebox', '@sinclair/typebox/value', 'temporal-polyfill', 'node:crypto']
  // What a connection describes is said in the relay's own format, which is that of `standard`, by expressions that run
  // in a process of their own.
  const exceptions: Record<string, RegExp> = {
    custom: /^(?:platforms\/standard\/(?:read|translate)\.ts|jsonata|node:child_process|node:url)$/
  }
  for (const file of files.filter(name => /^platforms\/\w+\//.test(name))) {
    const strange = importsOf(file).filter(
      name =>
        dirname(name) !== dirname(file) &&
        !/^(?:model\/[\w-]+|errors|platforms\/(?!registry)[\w-]+)\.ts$/.test(name) &&
        !packages.includes(name) &&
        !exceptions[dirname(file).replace('platforms/', '')]?.test(name)
    )
    t.strictSame(strange, [], file)
  }
})

t.test('what a file exports, another one imports', async t => {
  const all = ['src', 'test', 'scripts'].flatMap(folder =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(name => /\.tsx?$/.test(name))
      .map(name => join(folder, name))
  )
  const taken = Map.groupBy(
    all.flatMap(file => namesTaken(file).flatMap(({ from, names }) => names.map(name => ({ from, name })))),
    each => each.from
  )
  // Types are left out: what stands in a signature is exported for those who want to name it.
  const declared = /^export (?:async )?(?:function|const|class|let) (\w+)/gm
  for (const file of all) {
    const names = new Set(taken.get(file)?.map(each => each.name))
    const exported = [...readFileSync(file, 'utf8').matchAll(declared)].map(([, name = '']) => name)
    t.strictSame(names.has('*') ? [] : exported.filter(name => !names.has(name)), [], file)
  }
})
