import t from 'tap'
import { acuity } from '../../../src/platforms/acuity/acuity.ts'
import { readPlace } from '../../../src/platforms/acuity/hydrate.ts'
import { type Platform, translateEvent } from '../../../src/platforms/platform.ts'
import type { StandIn } from '../../../src/platforms/samples.ts'
import { notAskedOften } from '../api.ts'
import { deliveryOf, demoConnection, testApi } from '../contract.ts'
import { appointment, bookingIn, form } from './appointment.ts'

const { hydration, standIn } = acuity as Required<Platform>
const settings = { user_id: '14512077', api_key: 'acuity-test-key' }
const changed = { type: 'changed', payload: { id: '481516234' } }
const canceled = { type: 'canceled', payload: { id: '481516234' } }

function apiWith(world: Record<string, unknown>, play: StandIn = standIn, more: Record<string, string> = {}) {
  return testApi(play, { ...settings, ...more }, new Map(Object.entries(world)))
}

t.test('an appointment is read with user id and API key', async t => {
  const api = apiWith({ 'appointments/481516234': appointment() })
  t.match(await hydration.read([changed], api), [{ appointment: { id: 481516234 } }])
  t.match(api.requests, [
    {
      method: 'GET',
      path: '/api/v1/appointments/481516234',
      headers: { authorization: `Basic ${btoa('14512077:acuity-test-key')}` }
    }
  ])
})

t.test('of what people answered and noted, only what can be a door code is kept', async t => {
  const values = [
    { id: 1, fieldID: 1, name: 'PIN', value: '481920' },
    { id: 2, fieldID: 2, name: 'Allergies', value: 'Nuts' },
    { id: 3, fieldID: 3, name: null, value: null }
  ]
  const entity = appointment({ notes: 'Calls back', price: '450.00', forms: [{ id: 9, values }] })
  const [facts] = (await hydration.read([changed], apiWith({ 'appointments/481516234': entity }))) as [
    { appointment: Record<string, unknown> }
  ]
  t.strictSame(facts.appointment.answers, [{ fieldID: '1', name: 'PIN', value: '481920' }])
  for (const name of ['notes', 'price', 'forms', 'date', 'timezone']) t.notOk(name in facts.appointment, name)
})

t.test('after a cancellation, an appointment that is not found was deleted for good', async t => {
  const facts = await hydration.read([canceled], apiWith({}))
  t.strictSame(facts, [{ gone: true, readAt: 0 }])
  const connection = demoConnection(acuity)
  const delivery = deliveryOf(connection, { body: form })
  t.match(translateEvent(acuity, { event: canceled, facts: facts[0], delivery, connection }), [
    { change: 'stays', stays: [], cancelled: true, emptyBecause: 'gone' }
  ])
})

t.test('a cancellation is not taken back by an answer that may be behind', async t => {
  const standing = apiWith({ 'appointments/481516234': appointment() })
  await t.rejects(hydration.read([canceled], notAskedOften(standing)), {
    code: 'RELAY_PLATFORM_REFUSED',
    retryable: true
  })
  t.match(await hydration.read([canceled], standing), [{ appointment: { canceled: false } }])
})

t.test('of two readings the later counts, and not whose webhook came later', async t => {
  const connection = demoConnection(acuity)
  const told = async (event: typeof changed, entity: object, receivedAt: number, readAt: number) => {
    const api = { ...apiWith({ 'appointments/481516234': entity }), readingTime: () => readAt }
    const [facts] = await hydration.read([event], api)
    const translation = translateEvent(acuity, {
      event,
      facts,
      delivery: deliveryOf(connection, { body: form }, receivedAt),
      connection
    })
    return bookingIn(translation)
  }
  const off = await told(canceled, appointment({ canceled: true }), 1_000, 6_000)
  t.match(off, { stays: [], version: 11_000 }, 'asked again until Acuity knew of it')
  const behind = await told(changed, appointment(), 1_020, 1_025)
  t.match(behind, { stays: [{ id: '481516234' }], version: 1_025 })
  t.match(await told(changed, appointment(), 1_020, 900), { version: 1_020 }, 'whatever another clock says')
})

t.test(
  'a cancellation that Acuity knows of is asked for once, and so is what stands after another action',
  async t => {
    for (const [event, entity] of [
      [canceled, appointment({ canceled: true })],
      [changed, appointment()]
    ] as const) {
      const api = apiWith({ 'appointments/481516234': entity })
      t.match(await hydration.read([event], notAskedOften(api)), [{ appointment: { id: 481516234 } }])
    }
  }
)

t.test('one that stands is asked for again where it was cancelled a moment ago', async t => {
  const asked: string[] = []
  const known = {
    ...apiWith({ 'appointments/481516234': appointment() }),
    isCancelledAsOf: async (id: string, readAt: number) => asked.push(`${id} ${readAt}`) > 0
  }
  await t.rejects(hydration.read([changed], notAskedOften(known)), {
    code: 'RELAY_PLATFORM_REFUSED',
    retryable: true
  })
  t.match(await hydration.read([changed], known), [{ appointment: { id: 481516234 } }], 'and then believed')
  t.strictSame(asked, ['481516234 0', '481516234 0'])
})

t.test('one that does not say whether it is cancelled is no answer', async t => {
  for (const silence of [undefined, null, {}]) {
    const silent = apiWith({ 'appointments/481516234': appointment({ canceled: silence }) })
    await t.rejects(hydration.read([changed], silent), { code: 'RELAY_PLATFORM_REFUSED' }, `${silence}`)
  }
})

t.test('after anything else, one that is not found is asked for several times, and then is gone', async t => {
  for (const type of ['scheduled', 'rescheduled', 'changed']) {
    const event = { ...changed, type }
    await t.rejects(hydration.read([event], notAskedOften(apiWith({}))), {
      code: 'RELAY_PLATFORM_REFUSED',
      retryable: true
    })
    t.strictSame(await hydration.read([event], apiWith({})), [{ gone: true, readAt: 0 }])
  }
  t.strictSame(await hydration.read([canceled], notAskedOften(apiWith({}))), [{ gone: true, readAt: 0 }])
})

t.test('refused credentials are tried again later, and any other refusal is final', async t => {
  const later = { code: 'RELAY_PLATFORM_UNAUTHORIZED', retryable: true }
  await t.rejects(
    hydration.read(
      [changed],
      apiWith({}, () => ({ status: 401 }))
    ),
    later
  )
  await t.rejects(
    readPlace(
      '77120',
      apiWith({}, () => ({ status: 401 }))
    ),
    later
  )
  for (const reply of [{ status: 400 }, { status: 200, body: appointment({ id: 7 }) }]) {
    await t.rejects(
      hydration.read(
        [changed],
        apiWith({}, () => reply)
      ),
      {
        code: 'RELAY_PLATFORM_REFUSED',
        retryable: false
      }
    )
  }
})

t.test('calendars that the key may not list are no reason to stop reading appointments', async t => {
  await t.rejects(
    readPlace(
      '77120',
      apiWith({}, () => ({ status: 403 }))
    ),
    { code: 'RELAY_PLATFORM_REFUSED' }
  )
})

t.test('an answer that tells nothing, as of a page about maintenance, is passing trouble', async t => {
  for (const body of [undefined, null, []]) {
    await t.rejects(
      hydration.read(
        [canceled],
        apiWith({}, () => ({ status: 200, body }))
      ),
      { code: 'RELAY_PLATFORM_UNAVAILABLE', retryable: true }
    )
  }
})

t.test('a calendar is read for its name, zone and address', async t => {
  const api = apiWith({
    'calendars/77120': {
      id: 77120,
      name: 'Studio B',
      location: '12 Quay Road',
      timezone: 'Europe/Stockholm'
    },
    'calendars/77121': { id: 77121, name: '', location: '', timezone: '' }
  })
  t.strictSame(await readPlace('77120', api), {
    name: 'Studio B',
    timeZone: 'Europe/Stockholm',
    address: '12 Quay Road'
  })
  t.match(await readPlace('77121', api), { name: undefined, timeZone: undefined })
  t.equal(await readPlace('7', api), undefined)
  await t.rejects(
    readPlace(
      '7',
      apiWith({}, () => ({ status: 404 }))
    ),
    { code: 'RELAY_PLATFORM_REFUSED' }
  )
})

t.test('an appointment type is read for its name and length, a number there', async t => {
  const api = apiWith(
    {
      'appointment-types/310442': { id: 310442, name: 'Studio B – 90 minutes', duration: 90 },
      'appointment-types/310443': { id: 310443, name: 'Open end', duration: 0 }
    },
    standIn,
    { place: 'type' }
  )
  t.strictSame(await readPlace('310442', api), { name: 'Studio B – 90 minutes', durationMinutes: 90 })
  t.strictSame(await readPlace('310443', api), { name: 'Open end', durationMinutes: undefined })
})

t.test('the stand-in demands what Acuity demands', async t => {
  const world = { 'calendars/1': { id: 1 }, 'calendars/2': null }
  const api = apiWith(world)
  const authorization = `Basic ${btoa('14512077:acuity-test-key')}`
  const ask = async (
    method: 'GET' | 'POST',
    path: string,
    headers: Record<string, string> = { authorization }
  ) => {
    const { status, body } = await api.request({
      method,
      origin: 'https://acuityscheduling.com',
      path,
      headers
    })
    return [status, Array.isArray(body) ? body : undefined]
  }
  t.strictSame(await ask('GET', '/api/v1/calendars'), [200, [{ id: 1 }]])
  t.strictSame(await ask('GET', '/api/v1/calendars', {}), [401, undefined])
  t.strictSame(await ask('POST', '/api/v1/calendars'), [405, undefined])
  for (const path of [
    '/api/v1/appointments',
    '/api/v1/calendars/1',
    '/api/v1/me',
    '/api/v1/appointments/1'
  ]) {
    t.strictSame(await ask('GET', path), [404, undefined], path)
  }
})
