// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how the file names variables
import t from 'tap'
import type { Environment } from '../../src/config/environment.ts'
import { loadConfig } from '../../src/config.ts'
import { loadConnections } from '../../src/connections.ts'
import { RelayError } from '../../src/errors.ts'
import { custom } from '../../src/platforms/custom/custom.ts'
import { platforms, SEAM } from './given.ts'

const description = `      verification: { scheme: header, header: X-Key }
      events:
        saved: |
          { "type": "guest.deleted",
            "data": { "id": id } }
`

function file(webhooks: string, secrets = '{ value: a-value-that-is-long }'): string {
  return `connections:
  - id: heron
    platform: custom
    customer_key: heron
    secrets: ${secrets}
    webhooks:
${webhooks}`
}

function load(text: string, env: Environment = {}, more: object = {}) {
  return loadConnections({
    config: loadConfig(SEAM),
    env,
    platforms: { ...platforms, custom },
    readFile: () => text,
    ...more
  })
}

function refused(text: string, env?: Environment): string[] {
  try {
    load(text, env)
  } catch (error) {
    if (error instanceof RelayError) return error.message.split('\n')
    throw error
  }
  return []
}

t.test('a description comes with its connection, every value as it is written', async t => {
  const { connections } = load(
    file(`${description}      limits: { milliseconds: 0100 }`.replace('0100', '100'))
  )
  t.strictSame(connections[0]?.webhooks, {
    description: {
      verification: { scheme: 'header', header: 'X-Key' },
      events: { saved: '{ "type": "guest.deleted",\n  "data": { "id": id } }\n' },
      limits: { milliseconds: '100' }
    },
    bodies: [],
    written: {}
  })
  t.equal(custom.of?.(connections[0] as never).verification.description, 'header x-key: `value`')
})

t.test('a description is asked for where one is needed, and nowhere else', async t => {
  const text = file(description).replace(/ {4}webhooks:[\s\S]*/, '')
  t.strictSame(refused(text), [
    'connections.yaml:2:5 connections[0].webhooks: is missing; describe the platform’s webhooks here'
  ])
  const acme = file(description, '{ signing_secret: a-secret-that-is-long }').replace('custom', 'acme')
  t.strictSame(refused(acme), [
    'connections.yaml:6:5 connections[0].webhooks: is not needed; the relay knows the webhooks of ACME. Remove it'
  ])
  t.match(refused(acme.replace('signing_secret', 'signing_secrett')), [
    /signing_secret: is missing/,
    /signing_secrett: is not known here/,
    /webhooks: is not needed/
  ])
  t.match(refused(file('      - 1')), [/connections\[0\]\.webhooks: must be a mapping/])
})

t.test('members that are not known, missing or wrong are told with their places', async t => {
  const wrong = `      verification: { scheme: hmacs, headers: x }
      event: { type: { body: a, header: b }, id: {}, time: at }
      events: { saved: [1] }
      sample: x
      limits: { milliseconds: 5001 }`
  t.strictSame(
    refused(file(wrong)).map(line =>
      line.replace(/^connections\.yaml:/, '').replace('connections[0].webhooks.', '')
    ),
    [
      '7:23 verification.scheme: does not fit; did you mean hmac?',
      '7:38 verification.headers: is not known here; did you mean header?',
      '8:16 event.type: does not fit; where the name of the event is found: body, header or query; of a list the parts, joined by periods',
      '8:46 event.id: needs at least 1 of body, header, query',
      '8:54 event.time: must be a mapping; where the time of the change is found',
      '9:17 events.saved: does not fit; a JSONata expression',
      '10:7 sample: is not known here; did you mean samples?',
      '11:17 limits.milliseconds: does not fit; time of one evaluation, 1 to 5000; 250 by default'
    ]
  )
})

t.test('the secrets are those of the scheme, and demo secrets are refused as everywhere', async t => {
  t.strictSame(refused(file(description, '{ token: a-token-that-is-long }')), [
    'connections.yaml:5:5 connections[0].secrets.value: is missing',
    'connections.yaml:5:16 connections[0].secrets.token: is not known here; known: value'
  ])
  t.match(refused(file(description, '{ value: demo-only-value-0001 }')), [/is the example’s secret/])
})

t.test('a member that does not fit hides nothing of what is wrong with the others', async t => {
  const wrong = `      verification: { scheme: hmak, header: X-Key }
      event: { type: { header: cookie }, id: { query: key } }
      events: { saved: "a b", gone: c }
      ignored: { gone: of no use }`
  t.match(
    refused(file(wrong)),
    [
      /scheme: does not fit; did you mean hmac\?/,
      /event\.type: is a header that holds/,
      /saved: S0201/,
      /gone: has an/
    ],
    'but which secrets there are, nobody knows then'
  )
  const token = '{ token: a-token-that-is-long }'
  const unclear = `      verification: { scheme: header, header: X-Key }
      event: { type: x }
      events: { saved: "a b", gone: c }`
  t.match(refused(file(unclear, token)), [
    /secrets\.value: is missing/,
    /secrets\.token: is not known here/,
    /event\.type: does not fit/,
    /saved: S0201/
  ])
  t.strictSame(
    refused(file(unclear, token)).length,
    4,
    'that events cannot be told apart is no news where the type does not fit'
  )
  t.match(refused(file(`      verification: { scheme: header, header: X-Key }`, token)), [
    /secrets\.value: is missing/,
    /secrets\.token: is not known here/,
    /webhooks\.events: is missing/
  ])
})

t.test('a name that is not known hides nothing of what else is wrong', async t => {
  const wrong = `      verification: { scheme: header, header: X-Key }
      titel: Heron
      event: { type: { body: a }, tme: { body: b } }
      events: { saved: "a b", gone: c }
      ignored: { gone: of no use }`
  const token = '{ token: a-token-that-is-long }'
  t.match(refused(file(wrong, token)), [
    /secrets\.value: is missing/,
    /secrets\.token: is not known here/,
    / connections\[0\]\.webhooks\.titel: is not known here; did you mean title\?/,
    / connections\[0\]\.webhooks\.event\.tme: is not known here; did you mean time\?/,
    / connections\[0\]\.webhooks\.events\.saved: S0201/,
    / connections\[0\]\.webhooks\.ignored\.gone: has an expression too/
  ])
  t.match(
    refused(file(wrong.replace('header: X', 'heder: X'), token)),
    [/verification\.header: is missing/, /heder: is not known/, /titel/, /tme/, /saved/, /gone/],
    'which secrets there are, nobody knows then'
  )
})

t.test('a mistake in an expression is told with its own line and column', async t => {
  const events = (text: string) =>
    file(`      verification: { scheme: token }\n      events:\n${text}`, '{ token: a-token-that-is-long }')
  const place = (text: string, env?: Environment) =>
    refused(events(text), env).map(line => line.split(' ')[0])
  const whole = refused(events('        saved: |\n          {\n            "id" booking.ref,\n          }\n'))
  t.strictSame(whole, [
    'connections.yaml:11:18 connections[0].webhooks.events.saved: S0202: Expected ":", got "booking"; in: "id" booking.ref,'
  ])
  t.strictSame(place('        saved: |2\n            {\n\n              "id" b\n            }\n'), [
    'connections.yaml:12:20'
  ])
  t.strictSame(place('        saved: |\n\n\n          {\n            "id" b }\n'), ['connections.yaml:13:18'])
  t.strictSame(place('        saved: a b\n'), ['connections.yaml:9:18'])
  t.strictSame(place('        saved: "a b"\n'), ['connections.yaml:9:19'])
  t.strictSame(place('        saved: >\n          a\n          b\n'), ['connections.yaml:9:16'])
  t.strictSame(place('        saved: "a\n          b"\n'), ['connections.yaml:9:16'])
  t.strictSame(place('        saved: &it a b\n        other: *it\n'), [
    'connections.yaml:6:5',
    'connections.yaml:9:22',
    'connections.yaml:9:22'
  ])
})

t.test('of an expression with variables, what is written is told, and nothing of what they hold', async t => {
  const events = (text: string) =>
    file(`      verification: { scheme: token }\n      events:\n${text}`, '{ token: a-token-that-is-long }')
  const env = { KEY: 'hunter2\nhunter2 hunter2', PART: 'hunter2' }
  const left = 'the rest is not shown, as it contains variables'
  t.strictSame(
    refused(events('        saved: |\n          (a = "${KEY}"\n          "${KEY}" "$${b}")\n'), env),
    [`connections.yaml:11:18 connections[0].webhooks.events.saved: S0202: ${left}; in: "\${KEY}" "$\${b}")`]
  )
  t.strictSame(refused(events('        saved: a ${PART} "b"\n'), env), [
    `connections.yaml:9:18 connections[0].webhooks.events.saved: S0201: ${left}; in: a \${PART} "b"`
  ])
  t.match(refused(events('        saved: |\n          "${PART}" + $now()\n'), env), [
    /:10:23 .*\$now is not available here; .*; in: "\$\{PART\}" \+ \$now\(\)$/
  ])
  const path = ['connections', 0, 'webhooks', 'events', 'saved']
  const loaded = load(events('        saved: |\n          a = "${KEY}" or b\n'), env)
  t.equal(loaded.where(path, 5), 'connections.yaml:10:16', 'a variable is where it begins')
  t.equal(loaded.where(path, 33), 'connections.yaml:10:27')
  t.strictSame(loaded.connections[0]?.webhooks?.written, {
    saved: [
      { written: 'a = "', filled: 'a = "' },
      { written: '${KEY}', filled: env.KEY },
      { written: '" or b\n', filled: '" or b\n' }
    ]
  })
})

t.test('a place in a member that is no text is the place of the member', async t => {
  const { where } = load(file(description))
  t.equal(where(['connections', 0, 'webhooks', 'events', 'saved'], 0), 'connections.yaml:10:11')
  t.equal(where(['connections', 0, 'webhooks', 'events', 'saved'], 30), 'connections.yaml:11:14')
  t.equal(where(['connections', 0, 'webhooks', 'events', 'saved']), 'connections.yaml:9:9')
  t.equal(where(['connections', 0, 'webhooks', 'events'], 3), 'connections.yaml:8:7')
  t.equal(where(['connections', 0, 'webhooks', 'samples'], 3), 'connections.yaml:6:5')
})

t.test('sample bodies are read from beside the file, in the order of their names', async t => {
  const text = file(`${description}      samples: ./samples/*.json`)
  const directory = t.testdir({
    'connections.yaml': text,
    samples: { 'b.json': '{"b":1}', 'a.json': '{"a":1}', 'notes.txt': '', 'c.json': {} }
  })
  const config = loadConfig({ ...SEAM, RELAY_CONNECTIONS_FILE: `${directory}/connections.yaml` })
  const { connections } = loadConnections({ config, env: {}, platforms: { custom } })
  t.strictSame(connections[0]?.webhooks?.bodies, [
    { file: 'a.json', text: '{"a":1}' },
    { file: 'b.json', text: '{"b":1}' },
    { file: 'c.json', text: '' }
  ])
  const read = (found: string[]) =>
    load(text, {}, { findFiles: () => found }).connections[0]?.webhooks?.bodies.map(body => body.file)
  t.strictSame(read([]), [])
  t.strictSame(read(['x/b.json', 'x/a.json', 'x/c.json']), ['a.json', 'b.json', 'c.json'])
})
