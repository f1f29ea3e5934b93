import t from 'tap'
import type { ApiRequest } from '../../../src/platforms/api.ts'
import { readPlace } from '../../../src/platforms/officernd/hydrate.ts'
import { officernd } from '../../../src/platforms/officernd/officernd.ts'
import type { Platform } from '../../../src/platforms/platform.ts'
import type { StandIn } from '../../../src/platforms/samples.ts'
import { notAskedOften } from '../api.ts'
import { demoConnection, testApi } from '../contract.ts'
import { body, booking, eventOf } from './bodies.ts'

const { hydration, standIn } = officernd as Required<Platform>
const settings = { client_id: 'relay', client_secret: 'officernd-test-secret', organization: 'quay-studios' }
const connection = demoConnection(officernd)
const event = eventOf(body('booking.created', booking()))

function apiWith(world: Record<string, unknown>, play: StandIn = standIn, more: Record<string, string> = {}) {
  return testApi(play, { ...settings, ...more }, new Map(Object.entries(world)))
}

/** The hosts that are asked, in order. */
function hostsOf(play: StandIn) {
  const api = apiWith({}, play)
  const hosts: string[] = []
  const asking = {
    ...api,
    request(request: ApiRequest) {
      hosts.push(request.origin)
      return api.request(request)
    }
  }
  return { asking, hosts }
}

t.test('a member is read with a token that was made for the scopes of reading', async t => {
  const api = apiWith({
    'members/d001': { _id: 'd001', name: 'Zoë', email: 'zoe@example.com', startDate: '2025-10-13' }
  })
  t.strictSame(await hydration.read([event, event], api), [
    { person: { _id: 'd001', name: 'Zoë', email: 'zoe@example.com', codes: {} } },
    { person: { _id: 'd001', name: 'Zoë', email: 'zoe@example.com', codes: {} } }
  ])
  t.match(api.requests, [
    {
      path: '/oauth/token',
      body: { grant_type: 'client_credentials', scope: /flex\.community\.members\.read/ }
    },
    { path: '/api/v1/organizations/quay-studios' },
    { path: '/api/v2/organizations/quay-studios/members/d001' },
    { path: '/api/v2/organizations/quay-studios/members/d001' }
  ])
})

t.test('other scopes are asked for where the connection says so', async t => {
  const api = apiWith({}, standIn, { scope: 'officernd.api.read' })
  await hydration.read([event], api)
  t.match(api.requests[0]?.body, { scope: 'officernd.api.read' })
})

t.test('without a member the company is read; whoever is gone says nothing of the booking', async t => {
  const ofCompany = eventOf(body('booking.created', booking({ member: null })))
  t.match(
    await hydration.read(
      [ofCompany],
      apiWith({ 'companies/e001': { _id: 'e001', name: 'Lindqvist Audio' } })
    ),
    [{ person: { name: 'Lindqvist Audio' } }]
  )
  t.strictSame(await hydration.read([event], apiWith({})), [{ gone: true }])
})

t.test('of a member’s properties, only what can be a door code is kept', async t => {
  const properties = { PIN: 481920, Diet: 'Vegan', Note: null }
  t.match(await hydration.read([event], apiWith({ 'members/d001': { _id: 'd001', properties } })), [
    { person: { codes: { PIN: '481920' } } }
  ])
})

t.test('the organization’s region tells the host; nobody else’s host is ever asked', async t => {
  const answering =
    (regionUrl: unknown): StandIn =>
    (request, world, given) => {
      const reply = standIn(request, world, given)
      return request.path.includes('/v1/') ? { ...reply, body: { regionInfo: { regionUrl } } } : reply
    }
  const everywhere = 'https://app.officernd.com'
  const identity = 'https://identity.officernd.com'
  for (const [told, expected] of [
    ['https://app-eu.officernd.com', 'https://app-eu.officernd.com'],
    ['https://app-eu.officernd.com/api/v1', 'https://app-eu.officernd.com'],
    ['https://officernd.com.example.com', everywhere],
    ['https://example.com/.officernd.com', everywhere],
    ['http://app.officernd.com', everywhere],
    [null, everywhere]
  ]) {
    const { asking, hosts } = hostsOf(answering(told))
    await hydration.read([event], asking)
    t.strictSame(
      hosts.filter(host => host !== identity),
      [everywhere, expected]
    )
  }
})

t.test('where the region cannot be read, the host for all is asked', async t => {
  const world = {
    'members/d001': { _id: 'd001', name: 'Zoë' },
    'resources/c001': { _id: 'c001', name: 'Studio B' }
  }
  const apiAnswering = (status: number) =>
    apiWith(world, (request, ...rest) =>
      request.path.includes('/v1/') ? { status } : standIn(request, ...rest)
    )
  for (const status of [302, 401, 403, 404]) {
    const api = notAskedOften(apiAnswering(status))
    t.match(await hydration.read([event], api), [{ person: { name: 'Zoë' } }], `${status}`)
    t.match(await readPlace('c001', api), { name: 'Studio B' }, `${status}`)
  }
  const down = apiAnswering(500)
  await t.rejects(hydration.read([event], notAskedOften(down)), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
  t.match(await hydration.read([event], down), [{ person: { name: 'Zoë' } }], 'asked often enough')
})

t.test('nothing is read of what gives no access, or is of nobody', async t => {
  const wants = (differing: object, type = 'booking.updated', tentative: 'hold' | 'push' = 'hold') =>
    hydration.wants(eventOf(body(type, booking({ ...differing }))), { ...connection, tentative })
  t.equal(wants({}), 'may')
  t.equal(wants({}, 'booking.created'), 'may')
  t.equal(wants({}, 'booking.removed'), 'no')
  t.equal(wants({ canceled: true }), 'no')
  t.equal(wants({ recurrence: { rrule: 'FREQ=WEEKLY' } }), 'no')
  t.equal(wants({ tentative: true }), 'no')
  t.equal(wants({ tentative: true }, 'booking.updated', 'push'), 'may')
  t.equal(wants({ member: null, team: null }), 'no')
  t.equal(wants({ _id: null }), 'no')
})

t.test('a resource is read for its name, its location for zone and address', async t => {
  const api = apiWith({
    'resources/c001': { _id: 'c001', name: 'Studio B', location: 'f001' },
    'resources/c002': { _id: 'c002', name: 'Studio C', location: 'f404' },
    'resources/c003': { _id: 'c003', name: 'Studio D' },
    'locations/f001': { _id: 'f001', timezone: 'Europe/Stockholm', address: '12 Quay Road' }
  })
  t.strictSame(await readPlace('c001', api), {
    name: 'Studio B',
    timeZone: 'Europe/Stockholm',
    address: '12 Quay Road'
  })
  t.strictSame(await readPlace('c002', api), { name: 'Studio C', timeZone: undefined, address: undefined })
  t.strictSame(await readPlace('c003', api), { name: 'Studio D', timeZone: undefined, address: undefined })
  t.equal(await readPlace('c404', api), undefined)
})

t.test(
  'a location that may not be read leaves the resource its name; passing trouble is waited for',
  async t => {
    const world = { 'resources/c001': { _id: 'c001', name: 'Studio B', location: 'f001' } }
    const placeWith = (status: number) => {
      const play: StandIn = (request, known, given) =>
        request.path.includes('/locations/') ? { status } : standIn(request, known, given)
      return readPlace('c001', notAskedOften(apiWith(world, play)))
    }
    for (const status of [400, 403]) {
      t.strictSame(await placeWith(status), { name: 'Studio B', timeZone: undefined, address: undefined })
    }
    await t.rejects(placeWith(503), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
  }
)

t.test('refused credentials are tried again later', async t => {
  const api = testApi(
    (request, world) => standIn(request, world, { ...settings, client_secret: 'x' }),
    settings
  )
  await t.rejects(hydration.read([event], api), { code: 'RELAY_PLATFORM_UNAUTHORIZED', retryable: true })
})

t.test('the stand-in demands what OfficeRnD demands', async t => {
  const play = (method: string, path: string, authorization = 'Bearer stand-in-token-of-relay') =>
    standIn(
      { method, path, query: {}, headers: { authorization }, body: undefined },
      new Map([['members/d001', {}]]),
      settings
    ).status
  const base = '/api/v2/organizations/quay-studios'
  t.equal(play('GET', `${base}/members/d001`), 200)
  t.equal(play('GET', `${base}/members/d001`, 'Bearer other'), 401)
  t.equal(play('POST', `${base}/members/d001`), 404)
  t.equal(play('GET', '/api/v2/organizations/other/members/d001'), 404)
  t.equal(play('GET', base), 404)
  t.equal(play('GET', '/api/v1/organizations/quay-studios/members/d001'), 404)
  t.equal(play('GET', `${base}/visitors/v001`), 404)
  t.equal(play('GET', '/oauth/token'), 401)
})
