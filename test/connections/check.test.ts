import t from 'tap'
import { resolveSandboxWorkspaces } from '../../src/connections.ts'
import { acme, advice, load, refused, SEAM } from './given.ts'

t.test('every wrong place is named at once, in the order of the file, with what to do', async t => {
  const text = `conections: []
workspaces:
  - { id: default, api_key: seam_at_hunter2 }
  - { id: eu, workspace_id: ws-1 }
connections:
  - id: Lake Side
    platform: acmee
    customer_key: " lakeside"
    workspace: eu2
    allow_from: [38.80.170.0/33, somewhere]
    secrets: hunter2
    time_zone: +02:00
    check_in_time: "25:00"
    country: de
    tentative: pull
    lists: { place: space, door: x }
    places: { "40192": { key: "", tme_zone: Europe/Berlin }, b: Beach }
  - platform: bolt
    secrets: { username: relay, passwrd: hunter2 }
    api: { account_id: hunter2, endpoint: "https://me:hunter2@api.example" }
  - id: eu
    platform: cove
    customer_key: c
    secrets: { signing_secret: whsec_aHVudGVyMg== }
  - id: eu
    platform: dune
    customer_key: c
    secrets: { header: x-dune }
    api: { api_key: hunter2 }
  - nothing
`
  const name = 'lower-case letters, digits and dashes, at most 63'
  t.strictSame(refused(text), [
    'connections.yaml:1:1 conections: is not known here; did you mean connections?',
    'connections.yaml:3:7 workspaces[0].id: is what the environment’s own workspace is called; choose another',
    'connections.yaml:3:20 workspaces[0].api_key: does not fit; API key of the workspace (seam_…)',
    'connections.yaml:4:5 workspaces[1]: needs either api_key, or personal_access_token together with workspace_id',
    `connections.yaml:6:5 connections[0].id: does not fit; ${name}; part of the webhook address, and the prefix of every key at Seam`,
    'connections.yaml:7:5 connections[0].platform: is not a platform that the relay knows; did you mean acme?',
    'connections.yaml:8:5 connections[0].customer_key: does not fit; the Seam customer whose data this is; not empty, without white space around it or control characters',
    'connections.yaml:9:5 connections[0].workspace: is not a workspace in this file; did you mean eu?',
    'connections.yaml:10:18 connections[0].allow_from[0]: does not fit; an IP address or a CIDR range',
    'connections.yaml:10:34 connections[0].allow_from[1]: does not fit; an IP address or a CIDR range',
    'connections.yaml:11:5 connections[0].secrets: must be a mapping; what proves the sender; which members, the platform decides',
    'connections.yaml:12:5 connections[0].time_zone: does not fit; time zone of places that do not give theirs, an IANA name such as Europe/Berlin',
    'connections.yaml:13:5 connections[0].check_in_time: does not fit; when stays begin, if neither booking nor place says, local time as "HH:mm"',
    'connections.yaml:14:5 connections[0].country: does not fit; country of phone numbers without a prefix, two capital letters such as DE',
    'connections.yaml:15:5 connections[0].tentative: does not fit; did you mean push?',
    'connections.yaml:16:14 connections[0].lists.place: does not fit; did you mean spaces?',
    'connections.yaml:16:28 connections[0].lists.door: is not known here; known: place, guest, stay',
    'connections.yaml:17:26 connections[0].places.40192.key: does not fit; the whole key at Seam, in place of "<connection>:<id>"; without white space around it or control characters',
    'connections.yaml:17:35 connections[0].places.40192.tme_zone: is not known here; did you mean time_zone?',
    'connections.yaml:17:62 connections[0].places.b: must be a mapping',
    `connections.yaml:18:5 connections[1].id: is missing; ${name}; part of the webhook address, and the prefix of every key at Seam`,
    'connections.yaml:18:5 connections[1].customer_key: is missing; the Seam customer whose data this is; not empty, without white space around it or control characters',
    'connections.yaml:19:5 connections[1].secrets.password: is missing',
    'connections.yaml:19:33 connections[1].secrets.passwrd: is not known here; did you mean password?',
    'connections.yaml:20:5 connections[1].api.api_key: is missing',
    'connections.yaml:20:12 connections[1].api.account_id: does not fit; it must match ^\\d+$',
    'connections.yaml:20:33 connections[1].api.endpoint: does not fit; in place of the platform’s own hosts: an http:// or https:// address, or sandbox',
    'connections.yaml:24:16 connections[2].secrets.signing_secret: does not fit; it must match ^whsec_',
    'connections.yaml:25:5 connections[3].id: is taken by an entry above; choose another',
    'connections.yaml:28:5 connections[3].secrets: are not enough to verify anything; needed: `token` in the address; and/or header x: HMAC-SHA1 of the body, hex, key `signing_secret`',
    'connections.yaml:29:5 connections[3].api: is not needed; webhooks of DUNE carry everything. Remove it',
    'connections.yaml:30:5 connections[4]: must be a mapping'
  ])
})

t.test('a file whose lists are no lists, or that is no mapping, is told so', async t => {
  t.strictSame(advice('connections: none\nworkspaces: { eu: x }'), [
    'connections: must be a list; one entry per account at a platform',
    'workspaces: must be a list; further Seam workspaces beside the one of the environment'
  ])
  for (const none of ['- a\n', 'nothing but text'])
    t.strictSame(refused(none), [
      'connections.yaml:1:1 the file: must be a mapping; it has the list connections, and may have workspaces'
    ])
  for (const empty of ['', '# nothing\n', 'workspaces: []']) {
    t.strictSame(advice(empty), ['connections: is missing; one entry per account at a platform'])
  }
})

t.test('secrets are told apart: empty lists, empty texts, too few, a list in a list', async t => {
  const secrets = (text: string, platform = 'bolt') =>
    advice(`connections:\n  - { id: b, platform: ${platform}, customer_key: c, secrets: ${text} }`)
  const at = 'connections[0].secrets'
  t.strictSame(secrets('{ username: [], password: "" }'), [
    `${at}.username: is an empty list; give at least one value`,
    `${at}.password: does not fit; give text that is not empty`
  ])
  t.strictSame(secrets('{ username: relay, password: [0123456789abcdef, [x], { a: b }] }'), [
    `${at}.password[1]: does not fit; give text that is not empty`,
    `${at}.password[2]: does not fit; give text that is not empty`
  ])
  t.strictSame(secrets('{ username: { a: b }, password: 0123456789abcdef }'), [
    `${at}.username: must be a list`
  ])
  t.strictSame(secrets('{}', 'dune'), [`${at}: needs at least 1 of token, header, value`])
  t.match(
    secrets('{ token: "0123456789/abcdef" }', 'dune'),
    [/secrets\.token: does not fit; long random last part of the webhook address: letters, digits/],
    'a slash would be the end of it in the address'
  )
})

t.test('a customer_key has no control characters, which nobody would see', t => {
  const customer = (text: string) =>
    advice(
      `connections:\n  - { id: b, platform: bolt, customer_key: "${text}", secrets: { username: relay, password: 0123456789abcdef } }`
    )
  t.strictSame(customer('Häuser am See'), [])
  for (const text of ['lake\\u0000side', 'lake\\nside', 'lake\\u2028side'])
    t.match(customer(text), [/customer_key: does not fit/], text)
  t.end()
})

t.test('a time zone is a name of the IANA database, no offset and no invention', async t => {
  const zone = (name: string) => advice(`connections:${acme}\n    time_zone: "${name}"`)
  for (const name of ['Europe/Berlin', 'America/Argentina/Ushuaia', 'UTC', 'US/Eastern', 'Etc/GMT+5'])
    t.strictSame(zone(name), [], name)
  for (const name of ['+02:00', 'Europe/Berlinn', 'CET+1', ''])
    t.match(zone(name), [/time_zone: does not fit/], name)
})

t.test('a time zone is written as the database has it, since Seam gets it so', async t => {
  const zone = (name: string) => advice(`connections:${acme}\n    time_zone: "${name}"`)
  for (const [name, right] of [
    ['europe/berlin', 'Europe/Berlin'],
    ['EUROPE/BERLIN', 'Europe/Berlin'],
    ['us/eastern', 'US/Eastern'],
    ['US/EASTERN', 'US/Eastern'],
    ['europe/kyiv', 'Europe/Kyiv']
  ] as const)
    t.strictSame(zone(name), [
      `connections[0].time_zone: does not fit; write ${right}, as the IANA database does`
    ])
  t.match(
    advice(`connections:${acme}\n    places: { a: { time_zone: asia/tokyo }, b: { time_zone: [x] } }`),
    [
      /places\.a\.time_zone: does not fit; write Asia\/Tokyo/,
      /places\.b\.time_zone: does not fit; time zone of the place, an IANA name/
    ]
  )
})

t.test('a whsec_ secret holds a key of sixteen bytes at least', async t => {
  const secret = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`
  const cove = (text: string) =>
    advice(
      `connections:\n  - { id: b, platform: cove, customer_key: c, secrets: { signing_secret: "${text}" } }`
    )
  t.strictSame(cove(secret(16)), [])
  for (const text of [secret(15), 'whsec_', 'whsec_not base64 at all, but long', secret(16).slice(6)]) {
    t.match(cove(text), [/signing_secret: does not fit/], text)
  }
})

t.test('short secrets start, with a warning that does not tell them', async t => {
  const { warnings } = load(
    `connections:
  - id: b
    platform: bolt
    customer_key: c
    secrets:
      username: relay
      password: [0123456789abcdef, hunter2, "\${SHORT}"]`,
    { ...SEAM, SHORT: 'hunter3' }
  )
  const advised =
    'is shorter than 16 characters and can be guessed; choose a longer one if the platform lets you'
  t.strictSame(warnings, [
    `connections.yaml:7:36 connections[0].secrets.password[1]: ${advised}`,
    `connections.yaml:7:45 connections[0].secrets.password[2]: ${advised}`
  ])
})

/** A connection that gives its places keys. */
const keyed = (id: string, customer: string, places: string, more = '') => `
  - id: ${id}
    platform: acme
    customer_key: ${customer}
    secrets: { signing_secret: 0123456789abcdef }
    places: ${places}${more}`

t.test('two customers of a workspace never share the key of a place, whatever list it is in', async t => {
  const text = `connections:${keyed('lakeside', 'lake', '{ a: { key: house }, b: { key: barn } }')}${keyed(
    'cove',
    'cove-homes',
    '{ "7": { key: barn }, c: { key: house } }',
    '\n    lists: { place: rooms }'
  )}${keyed('reef', 'lake', '{ c: { key: barn }, d: { name: Reef } }')}`
  const message = (place: string) =>
    `is the key of place ${place}, which is another customer’s; choose another, since a deletion at Seam knows no customer`
  t.strictSame(refused(text), [
    `connections.yaml:11:22 connections[1].places.7.key: ${message('b of connection lakeside')}`,
    `connections.yaml:11:40 connections[1].places.c.key: ${message('a of connection lakeside')}`,
    `connections.yaml:17:20 connections[2].places.c.key: ${message('7 of connection cove')}`
  ])
  t.match(refused(text, {}), { length: 3 }, 'the sandbox is no exception')
})

t.test('in two workspaces the same key is two keys', async t => {
  const place = '{ a: { key: house } }'
  const text = `workspaces: [{ id: eu, api_key: seam_eu_key }]
connections:${keyed('lakeside', 'lake', place)}${keyed('cove', 'cove-homes', place, '\n    workspace: eu')}`
  t.strictSame(load(text).warnings, [])
})

t.test('one customer may share the key of a place, with a warning of what that leads to', async t => {
  const shared = (place: string) =>
    `is the key of place ${place} too, so they are one place: once the platform removes either, stays in both end until something newer is said about them; choose another unless that is intended`
  const two = `connections:${keyed('lakeside', 'lake', '{ a: { key: house } }')}${keyed('cove', 'lake', '{ a: { key: house } }')}`
  t.equal(load(two).connections.length, 2)
  t.strictSame(load(two).warnings, [
    `connections.yaml:11:20 connections[1].places.a.key: ${shared('a of connection lakeside')}`
  ])
  const one = `connections:${keyed('lakeside', 'lake', '{ a: { key: house }, b: { key: house } }')}`
  t.strictSame(load(one).warnings, [
    `connections.yaml:6:39 connections[0].places.b.key: ${shared('a of connection lakeside')}`
  ])
})

t.test('a given key may be that of a place to which none is given', async t => {
  const south = (customer: string, key: string, more = '') =>
    `connections:${keyed('south', customer, `{ "5": { key: "${key}" }, c: { name: Reef }${more} }`)}${keyed('north', 'lake', '{ "9": { name: Barn } }')}`
  t.strictSame(refused(south('cove-homes', 'north:9')), [
    'connections.yaml:6:22 connections[0].places.5.key: is the key of place 9 of connection north, which is another customer’s; choose another, since a deletion at Seam knows no customer'
  ])
  t.match(
    refused(south('cove-homes', 'north:c')),
    { length: 1 },
    'the platform tells of others than the file'
  )
  t.strictSame(refused(south('cove-homes', 'northern:9')), [])
  const shared = (place: string) =>
    `connections.yaml:6:22 connections[0].places.5.key: is the key of place ${place} too, so they are one place: once the platform removes either, stays in both end until something newer is said about them; choose another unless that is intended`
  t.strictSame(load(south('lake', 'north:9')).warnings, [shared('9 of connection north')])
  t.strictSame(load(south('lake', 'south:9')).warnings, [shared('9 of connection south')])
  t.strictSame(load(south('lake', 'south:5')).warnings, [], 'it is its own')
  t.strictSame(load(south('lake', 'south:7', ', "7": { key: quay }')).warnings, [], 'the other has another')
  const elsewhere = south('cove-homes', 'north:9').replace('lake\n', 'lake\n    workspace: eu\n')
  t.strictSame(refused(`workspaces: [{ id: eu, api_key: seam_eu_key }]\n${elsewhere}`), [])
})

t.test('what is wrong in itself counts as no shared key', async t => {
  const broken = `connections:${keyed('lakeside', '{ a: b }', '{ a: { key: house } }')}${keyed('cove', 'lake', '{ a: { key: [house] }, b: house }')}${keyed('reef', 'reef-homes', '[house]')}`
  t.strictSame(
    advice(broken).filter(line => line.includes('is the key of')),
    []
  )
})

t.test(
  'a workspace of the file ends the sandbox, and has to be named where the environment has none',
  async t => {
    const workspaces = 'workspaces: [{ id: eu, api_key: seam_eu_key }]\n'
    const named = load(`${workspaces}connections:${acme}\n    workspace: eu`, {})
    t.equal(named.sandbox, false)
    t.strictSame(named.workspaces, [
      { id: 'eu', endpoint: 'https://connect.getseam.com', apiKey: 'seam_eu_key' }
    ])
    t.strictSame(resolveSandboxWorkspaces(named.workspaces, 'http://sandbox'), named.workspaces)
    t.strictSame(advice(`${workspaces}connections:${acme}`, {}), [
      'connections[0].workspace: is missing; the environment has no SEAM_… credential, so name one of eu'
    ])
  }
)

t.test('a workspace has one credential', async t => {
  const wrong = (members: string) => advice(`connections: []\nworkspaces: [{ id: eu, ${members} }]`)
  const message = ['workspaces[0]: needs either api_key, or personal_access_token together with workspace_id']
  t.strictSame(wrong('endpoint: https://seam.example'), message)
  t.strictSame(wrong('api_key: seam_eu, workspace_id: ws'), message)
  t.strictSame(wrong('api_key: seam_eu, personal_access_token: seam_at1'), message)
  t.strictSame(wrong('personal_access_token: seam_at1'), message)
  t.strictSame(wrong('personal_access_token: seam_at1, workspace_id: ws'), [])
})

t.test('demo secrets and stand-ins are refused by name as soon as there is a Seam credential', async t => {
  const demoKey = `whsec_${Buffer.from('demo-only key of sixteen').toString('base64')}`
  const text = `connections:
  - id: a
    platform: bolt
    customer_key: c
    secrets: { username: relay, password: [demo-only-password, "\${MINE}"] }
    api: { account_id: 1, api_key: demo-only-key, endpoint: sandbox }
  - id: b
    platform: cove
    customer_key: c
    secrets: { signing_secret: ${demoKey} }`
  const env = { MINE: 'a-secret-of-my-own' }
  const secret =
    'is the example’s secret, which everybody can read; set one of your own before sending to Seam'
  t.strictSame(refused(text, env), [], 'the sandbox takes them')
  t.strictSame(refused(text, { ...env, ...SEAM }), [
    `connections.yaml:5:44 connections[0].secrets.password[0]: ${secret}`,
    `connections.yaml:6:27 connections[0].api.api_key: ${secret}`,
    'connections.yaml:6:51 connections[0].api.endpoint: is the relay’s own stand-in, which is there in the sandbox only; remove it to reach the platform',
    `connections.yaml:10:16 connections[1].secrets.signing_secret: ${secret}`
  ])
})

t.test(
  'what stands in the place of a secret in an example is refused as soon as there is a Seam credential',
  async t => {
    const text = `connections:
  - id: a
    platform: bolt
    customer_key: c
    secrets: { username: relay, password: ["<-a-secret-that-only-begins-so", "\${MINE}"] }
    api: { account_id: 1, api_key: "<as the platform shows it>" }`
    const env = { MINE: '<as entered at the platform>' }
    const blank = 'is the <…> of an example; put the secret in its place'
    t.strictSame(refused(text, env), [], 'the sandbox takes it')
    t.strictSame(refused(text, { ...env, ...SEAM }), [
      `connections.yaml:5:78 connections[0].secrets.password[1]: ${blank}`,
      `connections.yaml:6:27 connections[0].api.api_key: ${blank}`
    ])
  }
)
