import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { request } from 'undici'
import { send } from '../../src/cli/send.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import { platforms } from '../../src/platforms/registry.ts'
import type { SampleDelivery } from '../../src/platforms/samples.ts'
import { startSandbox } from '../../src/sandbox/standalone.ts'
import { type DemoRelay, demoFolder, demoRelay } from './demo-relay.ts'
import { run } from './terminal.ts'

const sendTo = ({ origin, env }: Pick<DemoRelay, 'origin' | 'env'>, ...args: string[]) =>
  run(['send', ...args, '--url', origin], env)

t.test('the first sample of every platform comes to Seam and gives access', async t => {
  const relay = await demoRelay(t)
  for (const { name, samples } of Object.values(platforms)) {
    const [event] = Object.keys(samples.events)
    const { code, out, err } = await sendTo(relay, name, `${event}`)
    t.equal(err, '', name)
    t.equal(code, 0, name)
    t.match(
      out,
      new RegExp(`^POST /webhooks/${name}/demo-${name} → 200, delivery [0-9a-f]+\n\n${event}: translated\n`)
    )
    t.match(out, /^ {2}reservation demo-\S+ +changed, at Seam$/m, name)
    t.match(out, /^ {2}guest demo-\S+ +named, at Seam$/m, name)
    t.match(out, /^The sandbox, in Seam’s place, now holds:\n {2}\w+: \{"/m, name)
    t.match(out, /^ {2}access for demo-\S+: granted$/m, name)
  }
})

t.test('the outcome of each resource is told, with what Seam does not get of it', async t => {
  const relay = await demoRelay(t)
  // Noor Haddad, with the same e-mail and phone at two customers.
  t.equal((await sendTo(relay, 'hospitable', 'reservation.created')).code, 0)
  const { code, out } = await sendTo(
    relay,
    'standard',
    'reservation.created',
    '--connection',
    'demo-standard'
  )
  t.equal(code, 0)
  t.same(out.split('\n').slice(2, 10), [
    'reservation.created: translated',
    '  reservation demo-standard:R-1001  changed, at Seam',
    '  guest demo-standard:G-77          named, at Seam',
    '    Warning: another guest of the workspace has this e-mail address; it was left out',
    '    Warning: another guest of the workspace has this phone number; it was left out',
    '  space demo-standard:L-5           named, at Seam',
    '',
    'The sandbox, in Seam’s place, now holds:'
  ])
  t.match(out, '  guests: {"guest_key":"demo-standard:G-77","name":"Noor Haddad"}\n')

  const gone = await sendTo(relay, 'standard', 'reservation.cancelled')
  t.same(gone.out.split('\n').slice(2), [
    'reservation.cancelled: translated',
    '  reservation demo-standard:R-1001  changed, not at Seam',
    '',
    'The sandbox, in Seam’s place, holds nothing of it.',
    ''
  ])
})

t.test('what is ignored, held or dead is told with the reason', async t => {
  const relay = await demoRelay(t)
  const ignored = await sendTo(relay, 'standard', 'test.ping')
  t.equal(ignored.code, 0)
  t.match(
    ignored.out,
    '\ntest.ping: ignored: test delivery\n\nThe sandbox, in Seam’s place, holds nothing of it.\n'
  )

  const dates = { arrival_date: '2027-04-01', departure_date: '2027-04-03' }
  const held = await sendSample(relay, standardSample({ ...dates, guest: { id: 'g' } }))
  t.equal(held.code, 0)
  t.ok(
    held.lines.includes('  reservation demo-standard:R-1  held: no room is assigned yet'),
    held.lines.join('\n')
  )

  const unknown = await sendTo(relay, 'hospitable', 'reservation.changed')
  t.equal(unknown.code, 0)
  t.match(unknown.out, /^ {2}reservation demo-hospitable:\S+ +unchanged, not at Seam$/m)

  const dead = await sendSample(relay, standardSample({ starts_at: 'tomorrow' }))
  t.equal(dead.code, 1, 'a dead letter is a failure')
  t.ok(
    dead.lines.some(line => line.startsWith('reservation.created: dead: ')),
    dead.lines.join('\n')
  )
})

t.test('what Seam refuses is told with Seam’s words, and is a failure', async t => {
  const relay = await demoRelay(t)
  await put(`${relay.origin}/sandbox/behaviour`, { refuse_keys: ['demo-standard:R-1001'] })
  const { code, out } = await sendTo(relay, 'standard', 'reservation.created')
  t.equal(code, 1)
  t.match(out, /reservation demo-standard:R-1001 +changed, refused by Seam: Seam push_data: invalid_input/)
})

t.test('what takes too long is told with the trouble, and is a failure', async t => {
  const relay = await demoRelay(t)
  await put(`${relay.origin}/sandbox/behaviour`, { fail: [{ status: 503 }] })
  const { code, out } = await sendTo(relay, 'standard', 'reservation.created', '--timeout', '2')
  t.equal(code, 1)
  t.match(out, /reservation demo-standard:R-1001 +changed, on its way\n/)
  t.match(out, 'Not finished yet; the relay keeps trying: Seam push_data: ')
})

t.test('what is paused is told, and not waited for', async t => {
  const relay = await demoRelay(t)
  const { env } = relay
  const things = [
    ['connection demo-hospitable', 'hospitable', 'reservation.created', '--connection', 'demo-hospitable'],
    [
      'customer demo-guesty',
      'guesty',
      'reservation.created.v2',
      '--workspace',
      'default',
      '--customer',
      'demo-guesty'
    ],
    ['workspace default', 'standard', 'reservation.created', '--workspace', 'default']
  ] as const
  for (const [name, platform, event, ...thing] of things) {
    t.equal((await run(['pause', ...thing], env)).code, 0)
    const sent = await sendTo(relay, platform, event, '--timeout', '600')
    t.match(sent, { code: 1, out: `It waits, as ${name} is paused; "seam-relay resume ` })
    t.equal((await run(['resume', ...thing], env)).code, 0)
  }
  t.match(await sendTo(relay, 'hospitable', 'reservation.created'), { code: 0 })
})

t.test('what there is not is answered with what there is', async t => {
  const { env } = demoFolder(t)
  const refused = async (...args: string[]) => {
    const { code, out, err } = await run(['send', ...args], env)
    t.equal(code, 2)
    t.equal(out, '')
    return err
  }
  const names = Object.keys(platforms).join('\n  ')
  t.equal(await refused('acme', 'x'), `seam-relay: send: there is no platform acme; there are:\n  ${names}\n`)
  t.match(await refused('constructor', 'x'), 'there is no platform constructor')
  const events = Object.keys(platforms.mews?.samples.events ?? {}).join('\n  ')
  t.equal(await refused('mews', 'x'), `seam-relay: send: Mews has no sample of x; there are:\n  ${events}\n`)
  t.equal(await refused('mews'), `seam-relay: send: name an event; there are:\n  ${events}\n`)
  t.equal(
    await refused('mews', 'CustomerAdded', '--connection', 'mine'),
    'seam-relay: send: Mews has no connection mine; there are:\n  demo-mews\n'
  )
})

t.test('a platform without a connection is told as such', async t => {
  const { env } = demoFolder(t, { connections: 'connections: []' })
  t.match(await run(['send', 'mews', 'CustomerAdded'], env), {
    code: 2,
    err: 'seam-relay: send: the connections file has no connection of Mews\n'
  })
})

t.test('without a relay it is said how to get one', async t => {
  const { env } = demoFolder(t)
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  t.same(await run(['send', 'hospitable', 'reservation.created'], { ...env, PORT: `${port}` }), {
    code: 1,
    out: '',
    err: `seam-relay: nothing answers at http://127.0.0.1:${port}; start the relay with "seam-relay start", or say with --url where it listens\n`
  })
})

t.test('a relay with other secrets refuses the sample', async t => {
  const relay = await demoRelay(t)
  const other = demoFolder(t, {
    connections: `connections:
  - { id: demo-hospitable, platform: hospitable, customer_key: c, secrets: { signing_secret: another-secret-than-the-demo } }`
  })
  const { code, out } = await sendTo({ ...relay, env: other.env }, 'hospitable', 'reservation.created')
  t.equal(code, 1)
  t.equal(
    out,
    'POST /webhooks/hospitable/demo-hospitable → 401\nThe connection is unknown or its credentials do not match; check the webhook address and the secret. Has the running relay another connections file?\n'
  )
})

t.test('a token goes into the address and not onto the screen', async t => {
  const connections = `connections:
  - { id: h, platform: hospitable, customer_key: c, secrets: { token: a-token-of-the-address } }`
  const relay = await demoRelay(t, { connections })
  const { code, out } = await sendTo(relay, 'hospitable', 'reservation.created')
  t.equal(code, 0)
  t.match(out, 'POST /webhooks/hospitable/h → 200')
  t.notMatch(out, 'a-token')
})

t.test('a relay that turns the sample away is quoted', async t => {
  const relay = await demoRelay(t, { env: { RELAY_MAX_BODY_BYTES: '1024' } })
  const sample = standardSample({ name: 'x'.repeat(2000) })
  const { code, lines } = await sendSample(relay, sample)
  t.equal(code, 1)
  t.same(lines, [
    'POST /webhooks/standard/demo-standard → 413',
    'The body is larger than RELAY_MAX_BODY_BYTES; split it, or raise the limit.'
  ])
})

for (const [what, listener] of [
  ['a page', (_request, response) => response.end('<html>')],
  ['JSON that is no object', (_request, response) => response.end('null')],
  ['JSON of its own', (_request, response) => response.end('{"detail":7}')]
] as [string, RequestListener][]) {
  t.test(`${what} is no answer of the relay`, async t => {
    const { env } = demoFolder(t)
    const origin = await serve(t, listener)
    const { code, out } = await sendTo({ origin, env }, 'standard', 'test.ping')
    t.equal(code, 1)
    t.match(out, '→ 200\nThis is not an answer of the relay; does something else listen there?\n')
  })
}

t.test('a relay that keeps its store elsewhere is told as such', async t => {
  const relay = await demoRelay(t)
  const env = { ...relay.env, DATABASE_URL: `file:${relay.folder}/other.db` }
  const { code, out } = await sendTo({ ...relay, env }, 'standard', 'test.ping')
  t.equal(code, 1)
  t.match(out, 'The relay took it and keeps it elsewhere: its DATABASE_URL is not the one set here.\n')
})

t.test('an invented guest goes to Seam itself only when that is asked for', async t => {
  const apiKey = 'seam_test_real'
  const { address, close } = await startSandbox({
    port: 0,
    apiKeys: [apiKey],
    platforms,
    settingsOf: () => ({})
  })
  t.teardown(close)
  const relay = await demoRelay(t, {
    connections: `connections:
  - { id: s, platform: standard, customer_key: c, secrets: { signing_secret: whsec_${Buffer.alloc(32, 7).toString('base64')} } }`,
    env: { SEAM_API_KEY: apiKey, SEAM_ENDPOINT: address }
  })
  const refused = await sendTo(relay, 'standard', 'reservation.created')
  t.equal(refused.code, 2)
  t.match(refused.err, 'this relay sends to Seam itself')
  const { code, out } = await sendTo(relay, 'standard', 'reservation.created', '--real')
  t.equal(code, 0)
  t.match(out, /reservation s:R-1001 +changed, at Seam\n/)
  t.notMatch(out, 'sandbox')
})

/** A reservation of the standard format that is whole but for what is given. */
function standardSample(data: object): SampleDelivery {
  const event = 'reservation.created'
  const timestamp = new Date().toISOString()
  return { event, body: JSON.stringify({ type: event, timestamp, data: { id: 'R-1', ...data } }) }
}

/** As `seam-relay send` with a sample that the platform does not have. */
async function sendSample({ origin, env }: DemoRelay, sample: SampleDelivery) {
  const standard = platforms.standard as Platform
  const samples = { ...standard.samples, events: { own: () => sample } }
  const lines: string[] = []
  const code = await send({
    platform: 'standard',
    event: 'own',
    url: `${origin}/`,
    timeoutMs: 30_000,
    env,
    say: line => void lines.push(line),
    platforms: { ...platforms, standard: { ...standard, samples } }
  })
  return { code, lines }
}

async function put(address: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const reply = await request(address, { method: 'PUT', headers, body: JSON.stringify(body) })
  if (reply.statusCode !== 200) throw new Error(await reply.body.text())
  await reply.body.dump()
}

async function serve(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
