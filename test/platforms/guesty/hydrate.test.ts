import t from 'tap'
import { standIn } from '../../../src/platforms/guesty/stand-in.ts'
import { notAskedOften, testApi } from '../api.ts'
import { apiOver, connection, lean, listingId, read, reservation, reservationId, wants } from './readings.ts'

const path = `reservations/${reservationId}`
const guest = { _id: 'g1', fullName: 'Mara Lindqvist' }

function paths(api: ReturnType<typeof apiOver>): string[] {
  return api.requests.map(request => request.path)
}

t.test('a lean event must be read, unless it is cancelled', async t => {
  for (const status of ['confirmed', 'reserved', 'inquiry', 'haunted', undefined]) {
    t.equal(wants(lean({ status })), 'must')
  }
  for (const status of ['canceled', 'closed', 'declined', 'expired']) t.equal(wants(lean({ status })), 'no')
})

t.test('a cancellation that does not say when may be read for the time', async t => {
  t.equal(wants(lean({ status: 'canceled' }, {})), 'may')
  t.equal(wants(lean({ status: 'canceled', lastUpdatedAt: '2026-01-06T00:00:00Z' }, {})), 'no')
})

t.test('a cancellation that does not say when is not taken back by an answer that may be behind', async t => {
  const cancelled = lean({ status: 'canceled' }, {})
  const behind = apiOver({ [path]: reservation() })
  await t.rejects(read([cancelled], notAskedOften(behind)), {
    code: 'RELAY_PLATFORM_REFUSED',
    retryable: true
  })
  const [reinstated] = await read([cancelled], behind)
  t.match(reinstated, { reservation: { status: 'confirmed' } })
})

t.test('an answer that does not know of its event yet is asked for again', async t => {
  const behind = { code: 'RELAY_PLATFORM_REFUSED', retryable: true }
  const api = apiOver({ [path]: reservation() })
  const told = (data: Record<string, unknown>, at: string) =>
    read([lean(data, { publishedAt: at })], notAskedOften(api))
  const atOnce = '2026-01-05T09:12:44.120Z'
  await t.rejects(told({ checkOutDateLocalized: '2026-01-15' }, atOnce), behind, 'the dates')
  await t.rejects(told({ checkInDateLocalized: '2026-01-09' }, atOnce), behind, 'the dates')
  await t.rejects(told({ status: 'reserved' }, atOnce), behind, 'the status')
  const on = [{ reservation: { status: 'confirmed' } }]
  t.match(await told({ checkInDateLocalized: '2026-01-10', status: 'checked_in' }, atOnce), on)
  const before = '2026-01-05T09:12:43.800Z'
  t.match(await told({ checkOutDateLocalized: '2026-01-15' }, before), on, 'changed since the event')
  t.match(await told({}, '2026-01-06T09:12:44Z'), on, 'many an event moves no clock')
  t.match(await read([lean({ checkOutDateLocalized: '2026-01-15' })], api), on, 'asked often enough')
  const clockOfItsOwn = lean({ status: 'reserved', lastUpdatedAt: '2026-01-05T09:12:43.800Z' }, {})
  t.match(await read([clockOfItsOwn], notAskedOften(api)), on)
})

t.test('a full legacy event needs no reading', async t => {
  for (const event of ['reservation.new', 'reservation.updated', 'reservation_update_shortlist']) {
    t.equal(wants({ event, reservation: reservation() }), 'no')
  }
})

t.test('a shortlist with less than a stay must be read', async t => {
  for (const missing of ['status', 'listingId', 'checkInDateLocalized', 'checkOutDateLocalized', 'guest']) {
    const part = reservation({
      checkIn: undefined,
      checkOut: undefined,
      listing: undefined,
      [missing]: undefined
    })
    t.equal(wants({ event: 'reservation_update_shortlist', reservation: part }), 'must', missing)
  }
})

t.test('what is no reservation, or names none, is not read', async t => {
  t.equal(wants({ event: 'guest.updated', guest }), 'no')
  t.equal(wants({ event: 'listing.updated', listing: { _id: listingId } }), 'no')
  t.equal(wants({ event: 'reservation.updated.v2', data: {} }), 'no')
})

t.test('among several events only those that need it are read', async t => {
  const api = apiOver({ [path]: reservation() })
  const facts = await read([{ event: 'guest.updated', guest }, lean({ status: 'canceled' }), lean()], api)
  t.match(facts, [null, null, { reservation: { _id: reservationId } }])
  t.equal(paths(api).length, 2)
})

t.test('the token is asked for with client credentials and used again', async t => {
  const api = apiOver({ [path]: reservation() })
  await read([lean()], api)
  await read([lean()], api)
  t.strictSame(paths(api), ['/oauth2/token', `/v1/${path}`, `/v1/${path}`])
  t.strictSame(api.requests[0]?.body, {
    grant_type: 'client_credentials',
    scope: 'open-api',
    client_id: connection.api?.client_id,
    client_secret: connection.api?.client_secret
  })
})

t.test('a token that has ended is renewed, though Guesty answers 403', async t => {
  const world = new Map<string, unknown>([[path, reservation()]])
  const api = apiOver(world)
  await read([lean()], api)
  world.set('expired-token', 'open-api-token-1')
  t.match(await read([lean()], api), [{ reservation: { _id: reservationId } }])
  t.equal(paths(api).filter(each => each === '/oauth2/token').length, 2)
})

t.test('a permission that is missing costs no token: there are five a day', async t => {
  const answers = (requestPath: string) => {
    if (requestPath === '/oauth2/token') return { status: 200, body: { access_token: 'token' } }
    if (requestPath === `/v1/${path}`) {
      return { status: 200, body: reservation({ keyCode: undefined, listing: undefined }) }
    }
    return { status: 403 }
  }
  const api = testApi(request => answers(request.path), connection.api)
  t.match(await read([lean()], api), [{ reservation: { _id: reservationId } }])
  await read([lean()], api)
  const seen = paths(api)
  t.equal(seen.filter(each => each === `/v1/listings/${listingId}`).length, 2)
  t.equal(seen.filter(each => each === '/v1/reservations-v3').length, 2)
})

t.test('a listing or a code that Guesty fails over is asked for again, or done without', async t => {
  for (const failing of [`/v1/listings/${listingId}`, '/v1/reservations-v3']) {
    const thin = reservation({ keyCode: undefined, listing: undefined, notes: { keyCode: '80213' } })
    const world = new Map<string, unknown>([
      [path, thin],
      [`listings/${listingId}`, { _id: listingId, nickname: 'Loft 3' }]
    ])
    const api = testApi(
      request => (request.path === failing ? { status: 500 } : standIn(request, world, api.settings)),
      connection.api
    )
    await t.rejects(read([lean()], notAskedOften(api)), { code: 'RELAY_PLATFORM_UNAVAILABLE' }, failing)
    const [facts] = await read([lean()], api)
    const other = failing.includes('listings') ? 'keyCode' : 'listing'
    t.strictSame(Object.keys(facts as object), ['reservation', other])
  }
})

t.test('the status is asked for by name, as all that is needed', async t => {
  const api = apiOver({ [path]: reservation() })
  await read([lean()], api)
  const fields = api.requests.at(-1)?.query.fields?.[0]?.split(' ') ?? []
  for (const field of [
    'status',
    'source',
    'plannedArrival',
    'lastUpdatedAt',
    'guest.email',
    'listing.timezone'
  ]) {
    t.ok(fields.includes(field), field)
  }
})

t.test('a burst about one reservation within a delivery is one reading', async t => {
  const api = apiOver({ [path]: reservation() })
  const facts = await read([lean(), lean(), lean()], api)
  t.equal(facts.length, 3)
  t.strictSame(facts[2], facts[0])
  t.strictSame(paths(api), ['/oauth2/token', `/v1/${path}`])
})

t.test('the listing is read where the reservation does not tell its zone and hours', async t => {
  const listing = {
    _id: listingId,
    timezone: 'Europe/Berlin',
    defaultCheckInTime: '15:00',
    defaultCheckOutTime: '11:00'
  }
  for (const told of [
    undefined,
    { ...listing, timezone: null },
    { ...listing, defaultCheckInTime: undefined },
    { ...listing, defaultCheckOutTime: undefined }
  ]) {
    const api = apiOver({ [path]: reservation({ listing: told }), [`listings/${listingId}`]: listing })
    t.match(await read([lean()], api), [{ listing }])
  }
})

t.test('a listing that cannot be read keeps no reservation back', async t => {
  const api = apiOver({ [path]: reservation({ listing: undefined }) })
  const [facts] = await read([lean()], api)
  t.strictSame(Object.keys(facts as object), ['reservation'])
  t.ok(paths(api).includes(`/v1/listings/${listingId}`))
})

t.test('no listing and no code is read for what gives no access', async t => {
  for (const status of ['canceled', 'inquiry', 'haunted']) {
    const api = apiOver({ [path]: reservation({ status, listing: undefined, keyCode: undefined }) })
    await read([lean()], api)
    t.strictSame(paths(api), ['/oauth2/token', `/v1/${path}`], status)
  }
})

t.test('a code that the reservation does not show is looked for in Reservations v3', async t => {
  const api = apiOver({ [path]: reservation({ keyCode: undefined, notes: { keyCode: '80213' } }) })
  t.match(await read([lean()], api), [{ keyCode: '80213' }])
  t.strictSame(api.requests.at(-1)?.query, { 'reservationIds[]': [reservationId] })
})

t.test('Reservations v3 is not asked where the code is known', async t => {
  const api = apiOver({ [path]: reservation() })
  const [facts] = await read([lean()], api)
  t.notOk(paths(api).includes('/v1/reservations-v3'))
  t.notOk('keyCode' in (facts as object))
})

t.test('Reservations v3 is read in every shape it has, and never for another reservation', async t => {
  const v3 = async (body: unknown) => {
    const api = testApi(request => {
      if (request.path === '/oauth2/token') return { status: 200, body: { access_token: 'token' } }
      if (request.path === '/v1/reservations-v3') return { status: 200, body }
      return { status: 200, body: reservation({ keyCode: undefined }) }
    }, connection.api)
    const [facts] = await read([lean()], api)
    return (facts as { keyCode?: string | null }).keyCode
  }
  const notes = { keyCode: '80213' }
  t.equal(await v3([{ _id: reservationId, notes }]), '80213')
  t.equal(await v3([{ reservationId, notes }]), '80213')
  t.equal(await v3({ id: reservationId, notes }), '80213')
  t.equal(await v3([{ _id: reservationId, notes: { keyCode: null } }]), null)
  t.equal(await v3([{ _id: reservationId }]), undefined)
  t.equal(await v3([{ _id: 'another', notes }]), undefined)
  t.equal(await v3([]), undefined)
  t.equal(await v3('nothing'), undefined)
})

t.test('404 and 410 are facts', async t => {
  t.strictSame(await read([lean()], apiOver({ [path]: null })), [{ gone: true }])
  t.strictSame(await read([lean()], answering(410)), [{ gone: true }])
})

t.test('a reservation that is on is asked for several times where Guesty does not know it', async t => {
  const unknown = notAskedOften(apiOver({ [path]: null }))
  for (const status of ['confirmed', 'reserved', 'haunted', undefined]) {
    await t.rejects(read([lean({ status })], unknown), { code: 'RELAY_PLATFORM_REFUSED', retryable: true })
  }
  for (const status of ['canceled', 'inquiry']) {
    t.strictSame(await read([lean({ status }, {})], unknown), [{ gone: true }], status)
  }
  t.strictSame(await read([lean()], notAskedOften(answering(410))), [{ gone: true }])
})

t.test('any other answer is an error that names the status and nothing else', async t => {
  await t.rejects(read([lean()], answering(400)), { code: 'RELAY_PLATFORM_REFUSED', retryable: false })
  await t.rejects(read([lean()], answering(200)), { code: 'RELAY_PLATFORM_REFUSED', retryable: true })
  await t.rejects(read([lean()], answering(503)), { code: 'RELAY_PLATFORM_UNAVAILABLE', retryable: true })
})

t.test('an answer without a status, or about another reservation, is none', async t => {
  for (const odd of [{ status: undefined }, { status: null }, { _id: 'another' }]) {
    const api = apiOver({ [path]: reservation(odd) })
    await t.rejects(read([lean()], api), { code: 'RELAY_PLATFORM_REFUSED', retryable: true })
  }
  const nameless = apiOver({ [path]: reservation({ _id: undefined }) })
  t.match(await read([lean()], nameless), [{ reservation: { status: 'confirmed' } }])
})

t.test('wrong client credentials are said to be wrong', async t => {
  const api = apiOver({ [path]: reservation() })
  api.settings = { client_id: 'x', client_secret: 'y' }
  await t.rejects(read([lean()], api), { code: 'RELAY_PLATFORM_UNAUTHORIZED' })
})

function answering(status: number) {
  return testApi(
    ({ path: asked }) =>
      asked === '/oauth2/token' ? { status: 200, body: { access_token: 'token' } } : { status },
    connection.api
  )
}
