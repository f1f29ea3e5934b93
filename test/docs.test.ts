import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'
import { settingNames } from '../src/config/settings.ts'
import { errorCodes } from '../src/errors.ts'
import { heldReasons } from '../src/model/held-reasons.ts'
import { rejectionCauses } from '../src/model/rejection.ts'
import { platforms } from '../src/platforms/registry.ts'
import { run } from './cli/terminal.ts'
import { codeOf, documentOf, documents, quoted, root, sourceText, tableUnder } from './docs/documents.ts'

/** `deployment/seam-relay` is no call, and `bin/seam-relay.js` is one. */
const calling = /(?<![\w/])(?:bin\/seam-relay\.js|seam-relay) ((?:[a-z]+|--)[^#;]*)/g

t.test('every link to another document or file leads somewhere, to its heading too', async t => {
  for (const [path, text] of documents) {
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      const [file = '', anchor] = target.split('#')
      const linked = file === '' ? path : normalize(join(dirname(path), file))
      t.ok(existsSync(join(root, linked)), `${path}: ${target}`)
      if (anchor !== undefined) t.ok(anchorsOf(linked).includes(anchor), `${path}: ${target}`)
    }
  }
})

t.test('a test file is run by a script that builds tap’s plug-ins first, on every page', async t => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  t.match(scripts['test:file'], /tap build && tap --disable-coverage$/)
  for (const path of ['README.md', 'CONTRIBUTING.md', 'docs/adding-a-platform.md'])
    t.ok(
      codeOf(documentOf(path)).some(code => code.startsWith('npm run test:file test/')),
      path
    )
  for (const [path, text] of documents) t.notMatch(codeOf(text).join('\n'), /npx tap/, path)
})

t.test('every npm script that is named exists', async t => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const [path, text] of documents) {
    for (const code of codeOf(text)) {
      for (const [, run, plain] of code.matchAll(/npm (?:run ([\w:-]+)|(start|test))/g))
        t.ok(Object.hasOwn(scripts, run ?? plain ?? ''), `${path}: ${code}`)
    }
  }
})

t.test(
  'every command of seam-relay that is named exists, with its options, platforms and events',
  async t => {
    const help = new Map<string, string>()
    const helpOf = async (command: string) => {
      const args = command === '' ? [] : command.split(' ')
      const known = help.get(command) ?? (await run([...args, '--help'])).out
      help.set(command, known)
      return known
    }
    const commands = Array.from(
      (await helpOf('')).matchAll(/^ {2}([a-z-]+)(?= .*| *$)/gm),
      ([, name = '']) => name
    )
    let calls = 0
    for (const [path, text] of documents) {
      for (const code of codeOf(text)) {
        for (const [, call = ''] of code.matchAll(calling)) {
          calls += 1
          const [command = '', ...rest] = call.trim().split(/\s+/)
          t.ok(commands.includes(command), `${path}: seam-relay ${call}`)
          const whole = (await helpOf(command)).includes('\nCommands:') ? `${command} ${rest[0]}` : command
          for (const option of rest.filter(word => word.startsWith('--')))
            t.match(await helpOf(whole), `${option} `, `${path}: seam-relay ${call}`)
          const [platform = '', event = ''] = rest
          if (command !== 'send' || platform === 'pinewood' || !/^[a-z]/.test(platform)) continue
          t.ok(platforms[platform]?.samples.events[event], `${path}: seam-relay ${call}`)
        }
      }
    }
    t.ok(calls > 20, 'many are named')
  }
)

t.test('every setting and error code that is named exists', async t => {
  const known = new Set<string>([...settingNames, ...Object.keys(errorCodes)])
  for (const [path, text] of documents) {
    for (const [name] of text.matchAll(/\bRELAY_[A-Z][A-Z_]+[A-Z]\b/g))
      t.ok(known.has(name) || known.has(name.replace(/_FILE$/, '')), `${path}: ${name}`)
  }
})

t.test('the list of log events is whole, and so are their fields', async t => {
  const logged = loggedEvents()
  const listed = new Map<string, string[]>()
  for (const [events = '', , fields = ''] of tableUnder('docs/operations.md', '## The log'))
    for (const event of quoted(events)) listed.set(event, quoted(fields))
  t.strictSame(new Set(listed.keys()), new Set(logged.keys()))
  for (const [event, { fields, more }] of logged) {
    const told = listed.get(event) ?? []
    const known = more ? told.filter(field => fields.has(field)) : told
    t.strictSame(new Set(known), fields, event)
  }
})

t.test('the causes for which a request is refused are all explained', async t => {
  const explained = tableUnder('docs/errors.md', '## Causes of rejected requests').flatMap(([cause = '']) => [
    ...quoted(cause)
  ])
  t.strictSame(explained, [...rejectionCauses])
  for (const cause of rejectionCauses) t.match(documentOf('docs/operations.md'), `\`${cause}\``)
})

t.test('the reasons for which a stay is held are those that the relay gives', async t => {
  const spoken = ['check-in', 'check-out'].map(what =>
    sourceText.replaceAll(`\${what.replace('-', '_')}`, what.replace('-', '_')).replaceAll(`\${what}`, what)
  )
  const reasons = tableUnder('README.md', '### Held stays').flatMap(([reason = '']) => quoted(reason))
  for (const reason of reasons) {
    const literals = [`'${reason}'`, `\`${reason}\``]
    t.ok(
      spoken.some(source => literals.some(literal => source.includes(literal))),
      reason
    )
  }
  const render = readFileSync('src/desired/render.ts', 'utf8')
  const missing = render.slice(
    render.indexOf('function whatIsMissing'),
    render.indexOf('function placeField')
  )
  // The row of the check-in time says that the same goes for the check-out.
  const { noCheckOutTime: _sameAsCheckIn, ...listed } = heldReasons
  const given = [
    ...Object.values(listed),
    ...Array.from(sourceText.matchAll(/held\('([^']+)'\)/g), ([, reason]) => reason),
    ...Array.from(missing.matchAll(/return '([^']+)'$/gm), ([, reason]) => reason)
  ]
  t.ok(given.length > 5)
  for (const reason of given) t.ok(reasons.includes(String(reason)), String(reason))
})

t.test('every platform has a page, which names only events that the adapter knows', async t => {
  for (const [name, platform] of Object.entries(platforms)) {
    const page = documents.get(`docs/platforms/${name}.md`)
    t.ok(page, name)
    t.match(documentOf('docs/platforms/README.md'), `(${name}.md)`)
    const [, events = ''] = /\*\*Events\*\*:([\s\S]*?)\n\n/.exec(page ?? '') ?? []
    for (const event of quoted(events)) t.ok(Object.hasOwn(platform.events, event), `${name}: ${event}`)
  }
})

/** The names under which a document's headings can be linked to, as GitHub makes them. */
function anchorsOf(path: string): string[] {
  const headings = documentOf(path).matchAll(/^#+ (.+)$/gm)
  return Array.from(headings, ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
  )
}

interface Logged {
  fields: Set<string>
  /** Some come from elsewhere, and only the source can tell them. */
  more: boolean
}

/** Every event that the source logs, with its fields. */
function loggedEvents(): Map<string, Logged> {
  const found = new Map<string, Logged>()
  const states = ['translated', 'ignored', 'held', 'dead']
  for (const [, inside = ''] of sourceText.matchAll(/log(?:\??\.\w+|\[[^\]]*\])\(\{([\s\S]*?)\}\)/g)) {
    const [, named = ''] = /event: ['`]([^'`]+)['`]/.exec(inside) ?? []
    const members = inside.split(/[,\n]/).map(member => member.trim())
    const fields = members.map(member => /^\w+/.exec(member)?.[0] ?? 'event').filter(name => name !== 'event')
    const more = members.some(member => member.startsWith('...'))
    const events = named.includes('$') ? states.map(state => named.replace(/\$\{\w+\}/, state)) : [named]
    for (const event of events) {
      const known = found.get(event) ?? { fields: new Set<string>(), more: false }
      found.set(event, { fields: new Set([...known.fields, ...fields]), more: known.more || more })
    }
  }
  return found
}
