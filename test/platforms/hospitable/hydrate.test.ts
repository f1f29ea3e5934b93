import t, { type Test } from 'tap'
import type { StaysChange } from '../../../src/model/change.ts'
import { hospitable } from '../../../src/platforms/hospitable/hospitable.ts'
import type { PlatformEvent } from '../../../src/platforms/platform.ts'
import { openRelay } from '../../open-relay.ts'
import { emptyStore } from '../../store/empty-store.ts'
import { fakeApi } from '../../translate/fake-api.ts'
import { notAskedOften } from '../api.ts'
import { outcomesOf, testApi } from '../contract.ts'
import { bookingOf, connection, data, event, receivedAt, version } from './reservations.ts'

t.test('without the scope for properties', async t => {
  const { properties: _, ...bare } = data
  const body = { ...event, data: bare }
  const withApi = { ...connection, api: { token: 'pat' } }
  const wants = (payload: unknown, type = 'reservation.changed') =>
    hospitable.hydration?.wants({ type, payload }, withApi)

  t.test('the reservation has to be read again, for nothing else tells its place', async t => {
    t.equal(wants(body), 'must')
    t.equal(wants({ ...event, data: { ...data, properties: [{ name: 'no id' }] } }), 'must')
    t.equal(wants(event), 'no')
    t.equal(wants({ ...event, action: 'property.changed' }, 'property.changed'), 'no')
    t.equal(wants({ data: null }), 'no')
  })

  t.test('that it stays nowhere, and who the guest is, is asked for and done without', async t => {
    for (const properties of [[], null]) t.equal(wants({ ...event, data: { ...data, properties } }), 'may')
    t.equal(wants({ ...event, data: { ...data, guest: undefined } }), 'may')
  })

  t.test('nobody is asked without an API', async t => {
    const type = 'reservation.changed'
    t.equal(hospitable.hydration?.wants({ type, payload: body }, connection), 'no')
  })

  t.test('what is not to be a stay does not wait for the API', async t => {
    const inStatus = (category: string) => ({ ...bare, reservation_status: { current: { category } } })
    for (const category of ['cancelled', 'not accepted', 'request', 'unheard of']) {
      t.equal(wants({ ...body, data: inStatus(category) }), 'no', category)
    }
    t.equal(wants({ ...body, data: { ...bare, stay_type: 'owner_stay' } }), 'no')
    const pushing = { ...withApi, tentative: 'push' as const }
    const request = { type: 'reservation.changed', payload: { ...body, data: inStatus('request') } }
    t.equal(hospitable.hydration?.wants(request, pushing), 'must')
  })

  t.test('and without an API, or gone from it, the stay is kept as it was told', async t => {
    for (const using of [connection, withApi]) {
      const [stay, ...others] = ((await bookingOf(body, using)) as StaysChange).stays
      t.match(stay, { id: 'r-1', guest: { id: '7' } })
      t.equal(stay?.places, undefined)
      t.strictSame(others, [])
    }
  })

  /** A relay that asks the API, and is told of a booking without its place. */
  async function openReading(t: Test) {
    const api = await fakeApi(t)
    const settings = `secrets: { token: a-token-of-ours-0001 }, api: { endpoint: "${api.endpoint}", token: x }`
    const relay = await openRelay(t, {
      store: await emptyStore(),
      connections: `connections:\n  - { id: h, platform: hospitable, customer_key: h, ${settings} }`
    })
    const dates = { check_in: '2027-03-12T16:00:00-04:00', check_out: '2027-03-15T11:00:00-04:00' }
    const tell = (id = data.id) => {
      const whole = { ...body, id: `e-${id}`, data: { ...bare, ...dates, id } }
      return relay.deliver('h', { event: '', body: JSON.stringify(whole) })
    }
    return { api, relay, tell }
  }

  t.test('a stay waits for as long as the API is away, and is then told with its place', async t => {
    const { api, relay, tell } = await openReading(t)
    api.respond = () => ({ status: 500 })
    await tell()
    for (let minute = 0; minute < 10; minute += 1) {
      while ((await relay.relay.steps.translateOnce()) === 'busy');
      relay.clock.now += 60_000
    }
    api.respond = () => ({ status: 200, body: { data } })
    await relay.settle()
    t.match((await relay.held('h')).reservations, [{ space_keys: ['h:p-1'] }])
  })

  t.test('a reservation that the API knows only a little later is at Seam, with its place', async t => {
    const { api, relay, tell } = await openReading(t)
    api.respond = () => (api.calls.length === 1 ? { status: 404 } : { status: 200, body: { data } })
    await tell()
    await relay.settle()
    t.match((await relay.held('h')).reservations, [{ space_keys: ['h:p-1'] }])
  })

  t.test('a reservation that may not be read holds up no other one', async t => {
    const { api, relay, tell } = await openReading(t)
    api.respond = ({ path }) =>
      path.startsWith('/v2/reservations/closed') ? { status: 403 } : { status: 200, body: { data } }
    for (const id of ['closed', data.id]) {
      await tell(id)
      while ((await relay.relay.steps.translateOnce()) === 'busy');
    }
    t.match(
      api.calls.map(({ path }) => path),
      [/closed/, /r-1/]
    )
  })

  t.test('what the event tells beats what the API tells later', async t => {
    const facts = { guest: { id: 'other' }, properties: [{ id: 'p-9', name: 'Told by the API' }] }
    const read = async (told: object) => {
      const [outcome] = await outcomesOf(
        hospitable,
        withApi,
        { body: JSON.stringify({ ...event, data: told }) },
        { receivedAt, facts: [facts] }
      )
      return outcome?.translation
    }
    t.match(await read(bare), [
      { change: 'upsert', id: 'p-9', fields: { name: 'Told by the API' }, version },
      { stays: [{ places: ['p-9'], guest: { id: '7' } }] }
    ])
    t.match(await read({ ...bare, guest: null }), [{}, { stays: [{ guest: { id: 'other' } }] }])
    const { guest: _, ...nobody } = bare
    t.match(await read(nobody), [{}, { stays: [{ guest: { id: 'other' } }] }])
    t.match(await read(data), [{ id: 'p-1' }, { stays: [{ places: ['p-1'] }] }])
  })
})

const rereading: PlatformEvent = { type: 'reservation.changed', payload: { data: { id: 'r/1' } } }

async function answering(status: number, body?: unknown, asking: typeof notAskedOften = api => api) {
  const api = testApi(() => ({ status, body }), { token: 'pat' })
  const facts = await hospitable.hydration?.read([rereading], asking(api))
  return { facts, requests: api.requests }
}

t.test('a reservation is read with the token, and with its guest and places', async t => {
  const known = { ...data, id: 'r/1' }
  const { facts, requests } = await answering(200, { data: known })
  t.strictSame(facts, [known])
  t.match(requests, [
    {
      method: 'GET',
      path: '/v2/reservations/r%2F1',
      query: { include: ['guest,properties,listings,user'] },
      headers: { authorization: 'Bearer pat' }
    }
  ])
  const unread = await hospitable.hydration?.read(
    [{ type: 'test', payload: {} }],
    testApi(() => ({ status: 500 }))
  )
  t.strictSame(unread, [null], 'nothing is read for an event without a reservation')
})

t.test('one that is not found is gone where it was asked for often enough, or at once by a 410', async t => {
  t.strictSame((await answering(404)).facts, [null])
  t.strictSame((await answering(410, undefined, notAskedOften)).facts, [null])
  await t.rejects(answering(404, undefined, notAskedOften), {
    code: 'RELAY_PLATFORM_REFUSED',
    retryable: true
  })
})

t.test('a refusal is no answer, nor is what is something else than was asked for', async t => {
  await t.rejects(answering(401), { code: 'RELAY_PLATFORM_UNAUTHORIZED', retryable: true })
  await t.rejects(
    answering(403),
    { code: 'RELAY_PLATFORM_REFUSED', message: /reservation:read and property:read/ },
    'it may be about the one reservation'
  )
  await t.rejects(answering(503), { code: 'RELAY_PLATFORM_UNAVAILABLE', retryable: true })
  await t.rejects(answering(422, {}), { code: 'RELAY_PLATFORM_REFUSED', retryable: false })
  for (const body of [undefined, null, { message: 'odd' }, { data: null }, { data: {} }, { data }]) {
    await t.rejects(answering(200, body), { code: 'RELAY_PLATFORM_UNAVAILABLE', retryable: true })
  }
})

t.test('the stand-in wants the token, and only reads', async t => {
  const world = new Map<string, unknown>([['/v2/reservations/1', data]])
  const ask = (method: string, authorization: string) =>
    hospitable.standIn?.(
      { method, path: '/v2/reservations/1', query: {}, headers: { authorization }, body: undefined },
      world,
      { token: 'pat' }
    ).status
  t.equal(ask('GET', 'Bearer pat'), 200)
  t.equal(ask('GET', 'Bearer other'), 401)
  t.equal(ask('DELETE', 'Bearer pat'), 404)
})
