import { join } from 'node:path'
import t from 'tap'
import { check, EXIT_CONFIG } from '../../src/cli/check.ts'
import type { Environment } from '../../src/config/environment.ts'
import { settingNames } from '../../src/config/settings.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import { platforms as registered } from '../../src/platforms/registry.ts'
import { sharedToken } from '../../src/platforms/verify.ts'
import { platforms as given, SEAM } from '../connections/given.ts'

const { acme, dune } = given as { acme: Platform; dune: Platform }

/** As {@link given}, with one that names its token itself, and one that has an address for each event. */
const platforms: Record<string, Platform> = {
  ...given,
  elm: { ...dune, name: 'elm', title: 'Elm', verification: sharedToken({ query: 'Token' }) },
  fern: {
    ...dune,
    name: 'fern',
    samples: {
      ...dune.samples,
      events: {
        'booking made': () => ({ event: 'booking made', body: '', query: { event: 'booking made' } }),
        'booking made again': () => ({ event: 'booking made', body: '', query: { event: 'booking made' } }),
        cancelled: () => ({ event: 'cancelled', body: '', query: { event: 'cancelled' } })
      }
    }
  },
  glen: {
    ...acme,
    name: 'glen',
    samples: { ...acme.samples, events: { made: () => ({ event: 'made', body: '' }) } }
  }
}

async function run(text: string, env: Environment = SEAM) {
  const written: string[] = []
  const out = { write: (chunk: string) => written.push(chunk) }
  const code = await check({ env, out, platforms, readFile: () => text })
  return { code, text: written.join(''), lines: written.join('').split('\n') }
}

/** The values behind a name, for a file of one connection. */
function told(lines: string[], name: string): string[] {
  const start = lines.findIndex(line => line.startsWith(`  ${name.padEnd(14)}`))
  const end = lines.findIndex((line, index) => index > start && !line.startsWith(' '.repeat(16)))
  return start === -1 ? [] : lines.slice(start, end).map(line => line.slice(16))
}

const token = 'a-token-that-is-long'

t.test('every setting is shown, and of secrets only whether they are there', async t => {
  const { code, text, lines } = await run('connections: []', {
    SEAM_PERSONAL_ACCESS_TOKEN: 'seam_at1_hunter2',
    SEAM_WORKSPACE_ID: 'ws-1',
    RELAY_LEASE_MS: '70000',
    RELAY_TRUST_PROXY: '10.0.0.0/8, loopback'
  })
  t.equal(code, 0)
  const shown = lines.slice(1, 1 + settingNames.length).map(line => line.trim().split(/ {2,}/))
  t.strictSame(
    shown.map(([name]) => name),
    settingNames
  )
  t.match(Object.fromEntries(shown), {
    PORT: '3000',
    RELAY_LEASE_MS: '70000 ms',
    RELAY_TRUST_PROXY: '10.0.0.0/8,loopback',
    SEAM_API_KEY: 'unset',
    SEAM_PERSONAL_ACCESS_TOKEN: 'set',
    SEAM_WORKSPACE_ID: 'set',
    RELAY_PUBLIC_URL: 'unset'
  })
  t.notMatch(text, 'hunter2')
})

t.test('of secrets that the relay goes on using, the values are not shown either', async t => {
  const key = 'seam_relay_hunter2hunter2hunter2'
  const { text, lines } = await run('connections: []', { ...SEAM, RELAY_API_KEYS: key })
  t.notMatch(text, 'hunter2')
  t.ok(lines.some(line => /^ {2}RELAY_API_KEYS +set$/.test(line)))
})

for (const [url, shown] of [
  ['postgres://relay:hunter2@db:5432/relay?sslmode=verify-full', 'postgres://db:5432/relay'],
  ['postgresql://relay:hun@ter2@db/relay', 'postgresql://db/relay'],
  ['postgres:///relay?host=/run/postgresql&password=hunter2', 'postgres:///relay'],
  ['file:///var/lib/relay@home/relay.db', 'file:///var/lib/relay@home/relay.db']
] as const) {
  t.test(`the store is shown as ${shown}, without a password`, async t => {
    const { lines } = await run('connections: []', { ...SEAM, DATABASE_URL: url })
    const line = lines.find(each => each.trim().startsWith('DATABASE_URL'))
    t.equal(line?.trim().split(/ +/)[1], shown)
  })
}

t.test('a secret from a file counts as set', async t => {
  const env = { SEAM_API_KEY_FILE: '/run/secrets/key' }
  const readFile = (path: string) => (path === env.SEAM_API_KEY_FILE ? 'seam_hunter2' : 'connections: []')
  let text = ''
  t.equal(await check({ env, out: { write: chunk => (text += chunk) }, platforms, readFile }), 0)
  t.match(text, /SEAM_API_KEY +set\n/)
  t.notMatch(text, 'hunter2')
})

t.test('a connection is shown with what is to be entered at the platform', async t => {
  const { code, lines, text } = await run(`connections:
  - id: b
    platform: bolt
    customer_key: lakeside
    secrets: { username: relay, password: hunter2-hunter2-hunter2 }
    allow_from: [192.0.2.0/24, 192.0.2.1]
    api: { account_id: 1, api_key: hunter3, endpoint: "https://api.example" }
    time_zone: Europe/Berlin
    check_in_time: "15:00"
    check_out_time: "11:00"
    country: DE`)
  t.equal(code, 0)
  t.ok(lines.includes('Connection b (BOLT)'))
  t.strictSame(told(lines, 'customer'), ['lakeside'])
  t.strictSame(told(lines, 'workspace'), ['default, at https://connect.getseam.com'])
  t.strictSame(told(lines, 'lists'), ['spaces, guests, reservations'])
  t.strictSame(told(lines, 'address'), ['/webhooks/bolt/b'])
  t.strictSame(told(lines, 'verified by'), ['HTTP Basic with `username` and `password`'])
  t.strictSame(told(lines, 'allowed from'), ['192.0.2.0/24', '192.0.2.1/32'])
  t.strictSame(told(lines, 'reads from'), ['https://api.example'])
  t.strictSame(told(lines, 'missing'), [], 'nothing is missing')
  t.equal(lines.at(-2), 'Nothing is wrong.')
  t.notMatch(text, /hunter/)
})

t.test('a key that two places share is refused across customers, and warned of within one', async t => {
  const connection = (id: string, customer: string) => `
  - id: ${id}
    platform: dune
    customer_key: ${customer}
    secrets: { token: ${token} }
    places: { p1: { key: house } }`
  const strangers = await run(`connections:${connection('lake', 'a')}${connection('cove', 'b')}`)
  t.equal(strangers.code, EXIT_CONFIG)
  t.match(strangers.text, /connections\.yaml:11:21 connections\[1\]\.places\.p1\.key: is the key of place p1/)
  const fellows = await run(`connections:${connection('lake', 'a')}${connection('cove', 'a')}`)
  t.equal(fellows.code, 0)
  t.match(fellows.text, /\nWarning: connections\.yaml:11:21 .*so they are one place/)
})

t.test('the address tells where a token goes, and never the token', async t => {
  const address = async (platform: string) => {
    const { lines, text } = await run(
      `connections: [{ id: x, platform: ${platform}, customer_key: c, secrets: { token: ${token} } }]`
    )
    t.notMatch(text, token)
    return told(lines, 'address')
  }
  t.strictSame(await address('dune'), ['/webhooks/dune/x/<token>'])
  t.strictSame(await address('elm'), ['/webhooks/elm/x?Token=<token>'])
})

t.test('a platform that does not name its events gets one address for each', async t => {
  const { lines } = await run(
    `connections: [{ id: x, platform: fern, customer_key: c, secrets: { token: ${token} } }]`
  )
  t.strictSame(told(lines, 'address'), [
    '/webhooks/fern/x/<token>?event=booking%20made',
    '/webhooks/fern/x/<token>?event=cancelled'
  ])
  const named = await run(
    `connections: [{ id: x, platform: glen, customer_key: c, secrets: { signing_secret: ${token} } }]`
  )
  t.strictSame(told(named.lines, 'address'), ['/webhooks/glen/x'])
})

t.test('what is missing is told with its consequence', async t => {
  const zone = 'time_zone: stays given as local dates are held unless the place has a known zone'
  const hours =
    'check_in_time, check_out_time: stays given as dates only are held unless the place has known hours'
  const country = 'country: phone numbers without a country prefix are left out'
  const api = 'api: events that carry only ids are held until it is given'
  const missing = async (members: string) =>
    told((await run(`connections: [{ id: x, customer_key: c, ${members} }]`)).lines, 'missing')
  const bolt = `platform: bolt, secrets: { username: relay, password: ${token} }`
  t.strictSame(await missing(bolt), [api, zone, hours, country])
  t.strictSame(await missing(`platform: acme, secrets: { signing_secret: ${token} }, country: DE`), [
    zone,
    hours
  ])
  t.strictSame(await missing(`${bolt}, time_zone: UTC, check_in_time: "15:00", country: DE`), [api, hours])
})

t.test('the sandbox is said loudly, and warnings are repeated', async t => {
  const { code, lines } = await run(
    'connections: [{ id: x, platform: acme, customer_key: c, secrets: { signing_secret: short } }]',
    {}
  )
  t.equal(code, 0)
  t.strictSame(told(lines, 'workspace'), ['the sandbox'])
  t.match(
    lines.at(-3),
    /^Warning: connections\.yaml:1:\d+ connections\[0\]\.secrets\.signing_secret: is shorter than 16/
  )
  t.match(lines.at(-2), /^No Seam credential is set: everything goes to the relay’s own sandbox/)
})

t.test('wrong settings and a wrong file end with the exit code for it, every line told', async t => {
  const settings = await run('connections: []', { PORT: 'x', HOST: ' ' })
  t.equal(settings.code, EXIT_CONFIG)
  t.equal(EXIT_CONFIG, 78)
  t.strictSame(settings.lines, [
    'Wrong settings',
    '  HOST: give text without white space around it or control characters',
    '  PORT: give a whole number from 0 to 65535',
    ''
  ])
  const file = await run('connections: [{}]')
  t.equal(file.code, EXIT_CONFIG)
  t.strictSame(file.lines.slice(file.lines.indexOf('Wrong settings') + 1).length, 5)
  t.ok(file.lines.includes('Settings'), 'settings that are right are shown nevertheless')
})

t.test('wrong settings hide nothing of what is wrong with the file', async t => {
  const connection = `{ id: x, platform: dune, customer_key: c, secrets: { token: ${token} }, tentative: pull }`
  const wrong = async (env: Environment) =>
    (await run(`connections: [${connection}]`, { PORT: 'x', ...env })).lines.slice(2, -1)
  const tentative = /^ {2}connections\.yaml:1:\d+ connections\[0\]\.tentative: does not fit/
  t.match(await wrong({}), [tentative])
  t.match(await wrong({ RELAY_CONNECTIONS_FILE: 'mine.yaml' }), [/^ {2}mine\.yaml:1:\d+ /])
  const demo = async (env: Environment) =>
    (await run(`connections: [${connection.replace(token, 'demo-only-token')}]`, { PORT: 'x', ...env })).text
  t.notMatch(await demo({}), 'is the example’s secret')
  t.match(await demo({ SEAM_API_KEY_FILE: '/run/secrets/key' }), 'is the example’s secret')
})

t.test('a fault of the relay itself is not passed off as a wrong setting', async t => {
  const broken = {
    ...acme,
    get secrets(): never {
      throw new TypeError('broken adapter')
    }
  }
  const run = () =>
    check({
      env: {},
      out: { write: () => true },
      platforms: { acme: broken },
      readFile: () => 'connections: [{ platform: acme, secrets: {} }]'
    })
  await t.rejects(run, { message: 'broken adapter' })
})

t.test('the demo’s file can be checked as it is, from the file system', async t => {
  let text = ''
  const env = { RELAY_CONNECTIONS_FILE: join(import.meta.dirname, '../../connections.yaml') }
  t.equal(await check({ env, out: { write: chunk => (text += chunk) }, platforms: registered }), 0)
  t.notMatch(text, 'demo-only')
  t.notMatch(text, 'whsec_ZGVtby')
  t.match(text, '/webhooks/mews/demo-mews?Token=<token>')
})
