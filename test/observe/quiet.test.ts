import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Platform } from '../../src/platforms/platform.ts'
import { platforms } from '../../src/platforms/registry.ts'
import type { SampleBooking, SampleDelivery } from '../../src/platforms/samples.ts'
import { signed } from '../ingest/front-door.ts'
import { openRelay, type TestRelay } from '../open-relay.ts'

/** Whoever finds one of these in a log line has found a person. */
const canaries = ['Zilpzalp', 'zilpzalp', '15550143', '831947265', 'Amselweg']

const booking: SampleBooking = {
  id: 'b1',
  status: 'confirmed',
  rooms: [{ id: 'r1', place: 'p1' }],
  guest: { id: 'g1', name: 'Wilma Zilpzalp', email: 'wilma@zilpzalp.example', phone: '+14155550143' },
  arrival: '2027-03-12',
  departure: '2027-03-15',
  checkIn: '16:00',
  checkOut: '11:00',
  timeZone: 'Europe/Berlin',
  code: '831947265',
  updatedAt: Date.UTC(2027, 0, 10, 10)
}

function told(relay: TestRelay, platform: Platform): SampleDelivery[] {
  const connection = relay.connection(`demo-${platform.name}`)
  const later = { ...booking, arrival: '2027-03-13', updatedAt: booking.updatedAt + 60_000 }
  const context = (serial: number) => ({ connection, now: relay.clock.now, serial })
  return [
    ...platform.samples.tell(undefined, booking, context(1)),
    ...platform.samples.tell(booking, later, context(2))
  ]
}

/** Settings that say which account is meant, or how it is read, and open nothing. */
const noSecrets = [
  'username',
  'header',
  'topic_arn',
  'tolerance_seconds',
  'agency_uid',
  'account_id',
  'property_id',
  'user_id',
  'custom_fields'
]

/** The line, where it tells something it must not. */
function indiscreet(relay: TestRelay): string[] {
  const secrets = Object.keys(platforms).flatMap(name => {
    const { secrets, api } = relay.connection(`demo-${name}`)
    return Object.entries({ ...secrets, ...api }).flatMap(([member, values]) =>
      noSecrets.includes(member) ? [] : values
    )
  })
  const words = [...canaries, ...secrets, '/webhooks/', '://127']
  return relay.logged.filter(line => words.some(word => line.includes(word)))
}

const outcomes = (relay: TestRelay) => new Set(relay.logged.map(line => JSON.parse(line).event as string))

t.test('nobody’s data, no secret and no address is in the log of webhooks that are taken in', async t => {
  const relay = await openRelay(t, { env: { LOG_LEVEL: 'trace' } })
  for (const platform of Object.values(platforms)) {
    for (const sample of told(relay, platform)) {
      const headers = { ...sample.headers, 'user-agent': 'Zilpzalp/1.0', cookie: 'zilpzalp' }
      const reply = await relay.deliver(`demo-${platform.name}`, {
        ...sample,
        headers,
        query: { ...sample.query, from: 'Amselweg' }
      })
      t.equal(reply.status, 200)
    }
  }
  await relay.settle()
  t.ok(outcomes(relay).has('delivery.stored') && outcomes(relay).has('delivery.translated'))
  t.ok(outcomes(relay).has('resources.synced'))
  t.strictSame(indiscreet(relay), [])
})

t.test('nor in the log of requests that are refused', async t => {
  const relay = await openRelay(t, { env: { RELAY_MAX_BODY_BYTES: '100000' } })
  for (const platform of Object.values(platforms)) {
    for (const sample of told(relay, platform)) {
      const path = `/webhooks/${platform.name}/demo-${platform.name}/zilpzalp-token?Token=zilpzalp&email=wilma@zilpzalp.example`
      const headers = { authorization: 'Basic emlscHphbHA6emlscHphbHA=', signature: 'zilpzalp' }
      t.equal((await relay.post(path, { headers, body: sample.body })).status, 401)
      t.equal((await relay.post('/webhooks/zilpzalp/Zilpzalp', { headers, body: sample.body })).status, 401)
      t.equal((await relay.post('/Zilpzalp/%zz?Amselweg', { headers, body: sample.body })).status, 400)
      t.equal((await relay.post('/Zilpzalp?Amselweg', { headers, body: sample.body })).status, 404)
      const large = sample.body + ' '.repeat(100_000)
      t.equal((await relay.post(path, { headers, body: large })).status, 413)
    }
  }
  const xml = signed(relay, 'demo-standard', '<guest>Zilpzalp</guest>', {
    headers: { 'content-type': 'text/zilpzalp' }
  })
  t.equal((await relay.post(xml.path, xml)).status, 415)
  t.ok(outcomes(relay).has('request.rejected'))
  t.strictSame(indiscreet(relay), [])
})

t.test('nor in the log of deliveries that cannot be read', async t => {
  const relay = await openRelay(t)
  for (const platform of Object.values(platforms)) {
    for (const { world: _world, ...sample } of told(relay, platform)) {
      const short = { ...sample, body: sample.body.slice(0, -2) }
      const strange = {
        Zilpzalp: '1',
        triggerEvent: 'Zilpzalp',
        event: 'Zilpzalp',
        type: 'Zilpzalp',
        action: 'Zilpzalp'
      }
      const isForm = !/^[[{]/.test(sample.body)
      const odd = {
        ...sample,
        body: isForm
          ? `${sample.body}&${new URLSearchParams(strange)}`
          : JSON.stringify({ ...JSON.parse(sample.body), ...strange })
      }
      const nested = {
        ...sample,
        body: sample.body.replaceAll(/:"[^"]*"/g, ':{"Zilpzalp":"\\n    at Zilpzalp:1:1\\n"}')
      }
      for (const [position, each] of [short, odd, nested].entries()) {
        const reply = await relay.deliver(`demo-${platform.name}`, each, {
          id: `msg_${platform.name}_${position}`
        })
        t.equal(reply.status, 200)
      }
    }
  }
  await relay.settle()
  t.ok(outcomes(relay).has('delivery.dead'))
  t.strictSame(indiscreet(relay), [])
})

t.test('nor where an adapter fails with the payload in its words', async t => {
  const quote = (payload: unknown): never => {
    throw Object.assign(new TypeError(`cannot read ${JSON.stringify(payload)}\n    at Zilpzalp:1:1`), {
      payload
    })
  }
  const clumsy = Object.entries(platforms).map(([name, platform], position) => {
    const events = Object.entries(platform.events).map(([type, handler]) => [
      type,
      { ...handler, translate: quote }
    ])
    const readEvents: Platform['readEvents'] = delivery => quote(Buffer.from(delivery.body).toString())
    return [
      name,
      { ...platform, events: Object.fromEntries(events), ...(position % 2 === 0 && { readEvents }) }
    ]
  })
  const relay = await openRelay(t, { platforms: Object.fromEntries(clumsy) })
  for (const platform of Object.values(platforms)) {
    for (const sample of told(relay, platform)) await relay.deliver(`demo-${platform.name}`, sample)
  }
  await relay.settle()
  t.ok(relay.logged.some(line => line.includes('TypeError')))
  t.strictSame(indiscreet(relay), [])
})

t.test('nor where Seam refuses, fails or waits, and says why', async t => {
  const relay = await openRelay(t)
  const says = (status: number, type: string) => ({
    status,
    times: 2,
    body: { error: { type, message: 'Wilma Zilpzalp, wilma@zilpzalp.example, Amselweg 1' } }
  })
  await relay.misbehave({
    fail: [
      says(500, 'internal_server_error'),
      says(429, 'too_many_requests'),
      says(401, 'unauthorized'),
      { status: 503, times: 2, plain_text: true, body: 'Zilpzalp' },
      { reset: true, times: 2 },
      { ...says(400, 'invalid_input'), times: 50 }
    ]
  })
  for (const platform of Object.values(platforms)) {
    for (const sample of told(relay, platform)) await relay.deliver(`demo-${platform.name}`, sample)
  }
  await relay.settle()
  t.ok(outcomes(relay).has('resource.buried') && outcomes(relay).has('sync.postponed'))
  t.strictSame(indiscreet(relay), [])
})

t.test('nor where a platform’s API does not answer, or answers with somebody’s data', async t => {
  let asked = 0
  let refuses = false
  const api = createServer((_request, response) => {
    asked += 1
    const status = refuses ? 400 : ([200, 400, 401, 404, 429, 500][asked % 6] ?? 200)
    if (!refuses && asked % 7 === 0) return response.destroy()
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(
      `{"access_token":"Zilpzalp","Zilpzalp":"Wilma","status":"Zilpzalp","id":${asked % 2 === 0 ? '1' : '{'}}`
    )
  })
  await new Promise<void>(resolve => api.listen(0, '127.0.0.1', resolve))
  t.teardown(() => api.close())
  const endpoint = `http://127.0.0.1:${(api.address() as AddressInfo).port}/Zilpzalp`
  const connections = readFileSync('connections.yaml', 'utf8').replaceAll(
    'endpoint: sandbox',
    `endpoint: ${endpoint}`
  )
  const relay = await openRelay(t, { connections })
  const tell = async (name: string) => {
    const platform = platforms[name] as Platform
    for (const { world: _world, ...sample } of told(relay, platform))
      await relay.deliver(`demo-${name}`, sample)
  }
  const passHours = async () => {
    for (let round = 0; round < 60; round += 1) {
      await relay.relay.steps.translateOnce()
      relay.clock.now += 3_600_000
    }
  }
  for (const name of ['hostaway', 'guesty', 'mews']) await tell(name)
  await passHours()
  // Whatever has come of those: what is refused for so long is given up.
  refuses = true
  await tell('mews')
  await passHours()
  t.ok(asked > 5, `it was asked ${asked} times`)
  t.ok(outcomes(relay).has('delivery.postponed') && outcomes(relay).has('delivery.dead'))
  t.strictSame(indiscreet(relay), [])
})
