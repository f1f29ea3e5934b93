import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { request } from 'undici'
import { loadConfig } from '../src/config.ts'
import { loadConnections } from '../src/connections.ts'
import { createLog } from '../src/observe/log.ts'
import { hostaway } from '../src/platforms/hostaway/hostaway.ts'
import type { SampleBooking } from '../src/platforms/samples.ts'
import { standard } from '../src/platforms/standard/standard.ts'
import { assembleRelay } from '../src/relay.ts'
import type { Store } from '../src/store/store.ts'
import { openRelay } from './open-relay.ts'
import { eventually } from './run-relay.ts'
import { fakeSeam, listsOf } from './seam/fake-seam.ts'
import { emptyStore } from './store/empty-store.ts'
import { aBooking, off } from './sync/open-customers.ts'
import { acme, HOURS, openAcme } from './translate/acme.ts'
import { answer, fakeApi } from './translate/fake-api.ts'

const booked = { type: 'booked', id: 'b1' }
const pointed = { type: 'pointed', id: 'b1' }

/** For relays that start one after the other: a Seam that tells what each has sent, and what they keep. */
async function seamAndStore(t: Test) {
  const seam = await fakeSeam(t)
  const env = { SEAM_API_KEY: 'seam_key', SEAM_ENDPOINT: seam.endpoint }
  return { seam, store: await emptyStore(), env }
}

t.test('the loops carry a webhook to Seam by themselves', async t => {
  const relay = await openAcme(t, { env: { RELAY_QUIET_WINDOW_MS: '0' } })
  relay.relay.run()
  await relay.tell('a', booked)
  const found = await eventually(async () => (await relay.held('a')).reservations?.[0], 'the reservation')
  t.match(found, { reservation_key: 'a:b1', starts_at: '2027-03-12T14:00:00Z' })
})

t.test(
  'a phone number that comes free goes to the other guest who has it, without another webhook',
  async t => {
    const relay = await openRelay(t, { store: await emptyStore(), env: { RELAY_QUIET_WINDOW_MS: '0' } })
    const id = 'demo-standard'
    relay.relay.run()
    const tell = async (booking: SampleBooking) => {
      const context = { connection: relay.connection(id), now: relay.clock.now, serial: 1 }
      for (const sample of standard.samples.tell(undefined, booking, context)) await relay.deliver(id, sample)
    }
    const guestWith = (key: string, phone: string | undefined) =>
      eventually(async () => {
        const { guests = [] } = await relay.held(id)
        return guests.find(each => each.guest_key === `${id}:${key}` && each.phone_number === phone)
      }, `${key} as expected`)
    const phone = '+12125550101'
    const [first, second] = [aBooking('b1'), aBooking('b2')].map(booking => ({
      ...booking,
      guest: { ...booking.guest, phone }
    })) as [SampleBooking, SampleBooking]
    await tell(first)
    await guestWith('guest-b1', phone)
    await tell(second)
    await guestWith('guest-b2', undefined)
    await tell(off(first))
    t.ok(await guestWith('guest-b2', phone))
  }
)

t.test('a stay that was held for its time zone goes on once the file tells one', async t => {
  const store = await emptyStore()
  const first = await openAcme(t, { store, connections: { a: 'country: DE' } })
  await first.tell('a', booked)
  await first.settle()
  t.same((await first.held('a')).reservations ?? [], [])
  await first.relay.stop(0)

  const second = await openAcme(t, { store, connections: { a: `${HOURS}, country: DE` } })
  await second.settle()
  t.match((await second.held('a')).reservations, [
    { starts_at: '2027-03-12T14:00:00Z', ends_at: '2027-03-15T10:00:00Z' }
  ])
})

t.test(
  'another name for a place reaches Seam with the next start, and an unchanged file sends nothing',
  async t => {
    const { seam, store, env } = await seamAndStore(t)
    const start = async (
      lines: string,
      work: (relay: Awaited<ReturnType<typeof openAcme>>) => Promise<void>
    ) => {
      const relay = await openAcme(t, { store, env, connections: { a: lines } })
      await work(relay)
      await relay.settle()
      await relay.relay.stop(0)
      return seam.calls.splice(0)
    }
    const told = await start(HOURS, relay => relay.tell('a', booked))
    t.match(told.map(listsOf), [{ spaces: ['a:p1'], guests: [String], reservations: ['a:b1'] }])

    t.same(await start(HOURS, async () => undefined), [])

    const named = await start(`${HOURS}, places: { p1: { name: Lake House } }`, async () => undefined)
    t.match(
      named.map(call => call.body),
      [{ spaces: [{ space_key: 'a:p1', name: 'Lake House' }] }]
    )
  }
)

t.test('another key for a place moves its stays to it, and ends nobody’s code', async t => {
  const { seam, store, env } = await seamAndStore(t)
  const first = await openAcme(t, { store, env, connections: { a: HOURS } })
  await first.tell('a', booked)
  await first.settle()
  await first.relay.stop(0)
  seam.calls.splice(0)

  const places = 'places: { p1: { key: lake-house } }'
  const second = await openAcme(t, { store, env, connections: { a: `${HOURS}, ${places}` } })
  await second.settle()
  t.same(
    seam.calls.map(call => call.operation),
    ['push_data', 'delete_data'],
    'the former key goes once no stay names it'
  )
  t.match(
    seam.calls.map(call => call.body),
    [
      { spaces: [{ space_key: 'lake-house' }], reservations: [{ space_keys: ['lake-house'] }] },
      { space_keys: ['a:p1'] }
    ]
  )
})

t.test(
  'a key that goes to a new listing ends no stay there, though the former listing was deleted',
  async t => {
    const { seam, store, env } = await seamAndStore(t)
    const start = (place: string) =>
      openRelay(t, {
        store,
        env,
        connections: [
          'connections:',
          '  - id: lake',
          '    platform: standard',
          '    customer_key: lake-homes',
          `    secrets: { signing_secret: whsec_${btoa('a secret that is thirty-two long')} }`,
          `    places: { "${place}": { key: beach-house, name: Beach house } }`
        ].join('\n')
      })
    type Started = Awaited<ReturnType<typeof start>>
    const tell = async (relay: Started, type: string, data: object) => {
      const event = { type, timestamp: relay.clock.now, data }
      relay.clock.now += 60_000
      await relay.deliver('lake', { event: type, body: JSON.stringify(event) })
      await relay.settle()
    }
    const first = await start('1')
    await tell(first, 'listing.updated', { id: '1', name: 'Old' })
    await tell(first, 'reservation.created', {
      id: 'R2',
      guest: { id: 'g2', name: 'Ada' },
      listing_id: '2',
      starts_at: '2027-03-12T15:00:00Z',
      ends_at: '2027-03-15T10:00:00Z'
    })
    await tell(first, 'listing.deleted', { id: '1' })
    await first.relay.stop(0)
    seam.calls.splice(0)

    const second = await start('2')
    await second.settle()
    t.match(
      seam.calls.map(call => call.body),
      [
        {
          spaces: [{ space_key: 'beach-house', name: 'Beach house' }],
          reservations: [{ reservation_key: 'lake:R2', space_keys: ['beach-house'] }]
        },
        { space_keys: ['lake:2'] }
      ]
    )
    t.equal(seam.calls.length, 2)
  }
)

t.test('a connection whose data is at Seam cannot move to another customer', async t => {
  const store = await emptyStore()
  const first = await openAcme(t, { store })
  await first.tell('a', booked)
  await first.settle()
  await first.relay.stop(0)

  const moved = assemble(t, store, `a, platform: acme, customer_key: other, ${HOURS}`)
  await t.rejects(moved.listen(), {
    code: 'RELAY_CONFIG_INVALID',
    message:
      /^resources of connection a were sent to Seam under customer a in workspace default and may be there; give the/
  })
  await moved.stop(0)

  const back = await openAcme(t, { store })
  await back.settle()
  t.match(await back.deliveries(), [{ state: 'translated' }], 'the old file still works')
})

t.test(
  'a customer that is mended before anything was sent hears nothing, and the right one everything',
  async t => {
    const { seam, store, env } = await seamAndStore(t)
    const wrong = { a: `customer_key: wrong, ${HOURS}` }
    const first = await openAcme(t, { store, env, connections: wrong })
    await first.tell('a', booked)
    await first.translate()
    await first.relay.stop(0)

    const second = await openAcme(t, { store, env, connections: { a: `customer_key: right, ${HOURS}` } })
    await second.settle()
    t.match(
      seam.calls.map(call => call.body),
      [{ customer_key: 'right', reservations: [{}] }]
    )
  }
)

t.test('a connection that has nothing at Seam yet may move', async t => {
  const store = await emptyStore()
  const first = await openAcme(t, { store })
  await first.relay.stop(0)
  const moved = await openAcme(t, { store, connections: { a: `customer_key: other, ${HOURS}` } })
  await moved.tell('a', booked)
  t.same(await moved.guests('other'), ['Ada Lovelace'])
})

t.test('stopping waits for the work in hand', async t => {
  const api = await fakeApi(t)
  api.respond = () => undefined
  const relay = await openAcme(t, { connections: { a: `${HOURS}, api: { endpoint: "${api.endpoint}" }` } })
  relay.relay.run()
  await relay.tell('a', pointed)
  await api.called(1)
  const stopped = relay.relay.stop(60_000)
  t.equal(relay.relay.stop(0), stopped, 'a second wish to stop changes nothing')
  for (const call of api.calls) answer(call, { status: 200, body: { guest: 'Grace Hopper' } })
  await stopped
  t.match(await relay.deliveries(), [{ state: 'translated' }])
  await t.rejects(request(`${relay.origin}/livez`), { code: 'ECONNREFUSED' })
})

t.test('stopping breaks calls off when patience is over, and the next start makes them again', async t => {
  const api = await fakeApi(t)
  const store = await emptyStore()
  const connections = { a: `${HOURS}, api: { endpoint: "${api.endpoint}" }` }
  api.respond = () => undefined
  const first = await openAcme(t, { store, connections })
  first.relay.run()
  await first.tell('a', pointed)
  await api.called(1)
  await first.relay.stop(0)
  t.match(await first.deliveries(), [{ state: 'received', error: /^RELAY_PLATFORM_UNAVAILABLE/ }])

  api.respond = () => ({ status: 200, body: { guest: 'Grace Hopper' } })
  const next = await openAcme(t, { store, connections })
  t.same(await next.guests(), ['Grace Hopper'])
})

t.test('a relay that drains says so, and takes webhooks in all the same', async t => {
  const relay = await openAcme(t)
  t.equal((await request(`${relay.origin}/readyz`)).statusCode, 200)
  relay.relay.drain()
  t.equal((await request(`${relay.origin}/readyz`)).statusCode, 503)
  await relay.tell('a', booked)
  t.same(await relay.guests(), ['Ada Lovelace'])
})

t.test('a relay that listens everywhere is reached on this machine, its own sandbox too', async t => {
  const relay = await openAcme(t, { env: { HOST: '0.0.0.0' } })
  t.match(relay.origin, /^http:\/\/127\.0\.0\.1:\d+$/)
  await relay.tell('a', booked)
  t.same(await relay.guests(), ['Ada Lovelace'])
})

t.test(
  'an IPv6 address is an origin in brackets',
  { skip: !(await hasIpv6()) && 'no IPv6 here' },
  async t => {
    const relay = await openAcme(t, { env: { HOST: '::1' } })
    t.match(relay.origin, /^http:\/\/\[::1\]:\d+$/)
    await relay.tell('a', booked)
    t.same(await relay.guests(), ['Ada Lovelace'])
    const everywhere = await openAcme(t, { env: { HOST: '::' } })
    t.match(everywhere.origin, /^http:\/\/127\.0\.0\.1:\d+$/)
  }
)

t.test('only so many proxies as are in front of the relay may tell the sender’s address', async t => {
  const allowed = { a: `${HOURS}, allow_from: [203.0.113.7]` }
  const statusOf = async (trust: string, forwarded: string) => {
    const relay = await openAcme(t, { connections: allowed, env: { RELAY_TRUST_PROXY: trust } })
    const headers = { 'x-forwarded-for': forwarded }
    return (await relay.deliver('a', { event: '', body: '{"events":[]}', headers })).status
  }
  t.equal(await statusOf('1', '203.0.113.7'), 200)
  t.not(await statusOf('1', '203.0.113.7, 198.51.100.1'), 200, 'what the sender claims of itself')
  t.equal(await statusOf('2', '203.0.113.7, 198.51.100.1'), 200)
  t.not(await statusOf('false', '203.0.113.7'), 200)
  t.equal(await statusOf('true', '203.0.113.7'), 200)
})

t.test('a platform without a connection is played without settings', async t => {
  const seen: unknown[] = []
  const other = {
    ...acme,
    name: 'other',
    standIn: (_request: unknown, _world: unknown, settings: unknown) => {
      seen.push(settings)
      return { status: 200, body: {} }
    }
  }
  const store = await emptyStore()
  const relay = await openAcme(t, { store, platforms: { acme, other } })
  const reply = await request(`${relay.origin}/sandbox/platforms/other/bookings`)
  await reply.body.dump()
  t.same(seen, [{}])
})

t.test('each account of a platform is played with its own settings', async t => {
  const account = (id: string, account_id: string) => `
  - { id: ${id}, platform: hostaway, customer_key: ${id}, time_zone: Europe/Lisbon, check_in_time: "15:00",
      check_out_time: "11:00", secrets: { username: relay, password: a-password-that-is-long },
      api: { endpoint: sandbox, account_id: "${account_id}", api_key: key-of-${account_id} } }`
  const relay = await openRelay(t, {
    connections: `connections:${account('north', '70011')}${account('south', '70022')}`
  })
  for (const id of ['north', 'south']) {
    const context = { connection: relay.connection(id), now: relay.clock.now, serial: 1 }
    for (const sample of hostaway.samples.tell(undefined, aBooking(`of-${id}`), context)) {
      await relay.deliver(id, sample)
    }
  }
  await relay.settle()
  t.equal((await relay.held('north')).reservations?.length, 1)
  t.equal((await relay.held('south')).reservations?.length, 1)
  const stranger = await request(`${relay.origin}/sandbox/connections/nobody/v1/listings/1`)
  t.equal(stranger.statusCode, 404)
})

/** A relay that the test itself lets listen. */
function assemble(t: Test, store: Store, lines: string) {
  const dir = t.testdir({
    'connections.yaml': `connections:\n  - { id: ${lines}, secrets: { token: a-token-that-is-long-enough } }`
  })
  const env = {
    PORT: '0',
    RELAY_SANDBOX_FILE: `${dir}/sandbox.db`,
    RELAY_CONNECTIONS_FILE: `${dir}/connections.yaml`
  }
  const config = loadConfig(env)
  const platforms = { acme }
  const connections = loadConnections({ config, env, platforms })
  const log = createLog('silent')
  const now = () => Date.UTC(2027, 0, 10, 12)
  return assembleRelay({ config, connections, platforms, store, log, now, random: () => 0.5 })
}

async function hasIpv6(): Promise<boolean> {
  const server = createServer()
  return new Promise(resolve => {
    server.once('error', () => resolve(false))
    server.listen(0, '::1', () => server.close(() => resolve(true)))
  })
}
