// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how the file names variables
import fc from 'fast-check'
import t from 'tap'
import { loadConfig } from '../../src/config.ts'
import { loadConnections } from '../../src/connections.ts'
import { acme, advice, load, one, platforms, refused, SEAM } from './given.ts'

t.test('variables come from the environment, or from the file that NAME_FILE names', async t => {
  const text =
    'connections:\n  - { id: a, platform: acme, customer_key: "${WHO}-homes", secrets: { signing_secret: "${KEY}" } }'
  const read: string[] = []
  const { connections } = loadConnections({
    config: loadConfig(SEAM),
    env: { WHO: 'lakeside', KEY_FILE: '/run/secrets/key' },
    platforms,
    readFile: path => {
      read.push(path)
      return path === './connections.yaml' ? text : 'from-a-mounted-file\n'
    }
  })
  t.equal(connections[0]?.customerKey, 'lakeside-homes')
  t.strictSame(connections[0]?.secrets, { signing_secret: ['from-a-mounted-file'] })
  t.strictSame(read, ['./connections.yaml', '/run/secrets/key'])
})

t.test('what merely looks like a variable can be written', async t => {
  const { secrets } = one(
    'connections:\n  - { id: a, platform: acme, customer_key: c, secrets: { signing_secret: "$${KEY} costs $5 {or more}" } }'
  )
  t.strictSame(secrets, { signing_secret: ['${KEY} costs $5 {or more}'] })
})

t.test(
  'variables that are not to be had are named with their place, and nothing else is said of it',
  async t => {
    const text = `connections:
  - id: \${ID}
    platform: acme
    customer_key: \${GONE}
    secrets:
      signing_secret:
        - fine-and-long-enough
        - before-\${EMPTY}-\${BOTH}
    country: \${hunter2!}`
    t.strictSame(refused(text, { ...SEAM, EMPTY: '', BOTH: 'x', BOTH_FILE: '/x' }), [
      'connections.yaml:2:5 connections[0].id: ${ID} is not set in the environment; set it',
      'connections.yaml:4:5 connections[0].customer_key: ${GONE} is not set in the environment; set it',
      'connections.yaml:8:11 connections[0].secrets.signing_secret[1]: ${EMPTY} is not set in the environment; set it',
      'connections.yaml:9:5 connections[0].country: holds ${…} around something that is not the name of a variable; for the characters themselves write $${'
    ])
    t.match(
      advice(`connections:${acme}\n    time_zone: "\${BOTH}"`, { ...SEAM, BOTH: 'x', BOTH_FILE: '/x' }),
      ['connections[0].time_zone: ${BOTH} is given twice; keep either BOTH or BOTH_FILE']
    )
  }
)

t.test('what is missing only because its variable is not set is told once', async t => {
  const text = `workspaces:
  - id: north
    api_key: \${NORTH}
connections:
  - id: a
    platform: dune
    customer_key: c
    workspace: north
    secrets:
      token: \${TOKEN}
  - id: b
    platform: dune
    customer_key: c
    workspace: north
    secrets:
      header: \${HEADER}
      value: a-value-that-is-long
  - id: c
    platform: dune
    customer_key: c
    workspace: north
    secrets: {}`
  t.strictSame(refused(text), [
    'connections.yaml:3:5 workspaces[0].api_key: ${NORTH} is not set in the environment; set it',
    'connections.yaml:10:7 connections[0].secrets.token: ${TOKEN} is not set in the environment; set it',
    'connections.yaml:16:7 connections[1].secrets.header: ${HEADER} is not set in the environment; set it',
    'connections.yaml:22:5 connections[2].secrets: needs at least 1 of token, header, value'
  ])
})

t.test('a variable that is never closed is no secret, and is told with its place', async t => {
  const text = `connections:
  - id: a
    platform: acme
    customer_key: c
    secrets:
      signing_secret:
        - before-\${KEY
        - \${KEY} and-\${hunter2
        - fine-$\${KEY-and-long-enough`
  t.strictSame(refused(text, { ...SEAM, KEY: '0123456789abcdef' }), [
    'connections.yaml:7:11 connections[0].secrets.signing_secret[0]: opens ${ and never closes it; write ${NAME}, or $${ for the characters themselves',
    'connections.yaml:8:11 connections[0].secrets.signing_secret[1]: opens ${ and never closes it; write ${NAME}, or $${ for the characters themselves'
  ])
})

t.test('nobody is told to set a variable that the relay would refuse', async t => {
  t.match(advice(`connections:${acme}\n    time_zone: "\${RELAY_ZONE}"`), [
    'connections[0].time_zone: ${RELAY_ZONE} is not set in the environment; give it a name that does not begin with RELAY_'
  ])
  t.equal(
    one(`connections:${acme}\n    time_zone: "\${RELAY_ZONE}"`, { RELAY_ZONE: 'Europe/Berlin' }).timeZone,
    'Europe/Berlin'
  )
})

t.test('broken syntax is told by line, without quoting what may be a secret', async t => {
  const broken = (text: string) => refused(`connections:\n${text}`)
  const [unquoted, ...rest] = broken('  - { secrets: { signing_secret: ${KEY} } }\n')
  t.match(
    unquoted,
    /^connections\.yaml:2:\d+ \(line 2\): cannot be read; inside \{ \} and \[ \] put "\$\{NAME\}" in quotes$/
  )
  t.strictSame(rest, [], 'one line is told once')
  t.match(broken('  - id: a\n    id: hunter2\n'), [
    /^connections\.yaml:3:5 \(line 3\): gives a name that was given before/
  ])
  t.match(broken('  - id: "hunter2\n'), [
    /cannot be read as YAML \(missing char\); look at the indentation and quotes/
  ])
  t.match(broken('  - a: 007\n    "007": b\n    007: hunter2\n'), [/^connections\.yaml:4:5 .*given before/])
  t.notMatch(broken('  - id: a\n   hunter2: b: c\n').join(), 'hunter2')
})

t.test('anchors share values, and one that contains itself is refused', async t => {
  const shared = `connections:
  - { id: a, platform: acme, customer_key: c, secrets: &shared { signing_secret: 0123456789abcdef } }
  - { id: b, platform: acme, customer_key: c, secrets: *shared }`
  t.strictSame(
    load(shared).connections.map(({ secrets }) => secrets.signing_secret),
    [['0123456789abcdef'], ['0123456789abcdef']]
  )
  t.match(advice('connections: &all [*all]'), [/^connections\[0\]\[0\]: is an alias \(\*\) of nothing/])
  t.match(advice(`connections:${acme}\n    country: *hunter2`), [
    'connections[0].country: is an alias (*) of nothing, or of something it is part of; put the value in quotes if no alias is meant'
  ])
})

t.test('odd keys are told apart and never followed', async t => {
  t.match(advice('connections: []\n? [a, b]\n: c\n__proto__: d\n"a.b": e\n~: f\n'), [
    '(no name): is not known here',
    '__proto__: is not known here',
    '["a.b"]: is not known here',
    '["~"]: is not known here'
  ])
  const { places } = one(`connections:${acme}\n    places: { __proto__: { name: Hall } }`)
  t.strictSame(Object.keys(places), ['__proto__'])
  t.match(advice(`connections:${acme.replace('platform: acme', 'platform: constructor')}`), [
    /is not a platform that the relay knows/
  ])
  t.match(advice('connections: []\na/b~c: x'), [
    '["a/b~c"]: is not known here; known: workspaces, connections'
  ])
})

t.test('any text is a connections file or a list of what is wrong with it', async t => {
  const members = fc.constantFrom(
    ...['id', 'platform', 'customer_key', 'secrets', 'api', 'lists', 'places', 'workspace', 'allow_from', 'x']
  )
  const value = fc.oneof(
    fc.constantFrom(
      ...['acme', 'bolt', '[]', '{}', '', '*a', '&a b', '${X}', '${', '"', 'Europe/Berlin', '{ token: [x] }']
    ),
    fc.string()
  )
  const line = fc.tuple(fc.constantFrom('  - ', '    ', '', '      '), members, value)
  fc.assert(
    fc.property(fc.array(line), lines => {
      const text = lines.map(([indent, name, content]) => `${indent}${name}: ${content}`).join('\n')
      return refused(`connections:\n${text}`).every(each => /^connections\.yaml:\d+:\d+ .*: ./.test(each))
    })
  )
  t.pass()
})
