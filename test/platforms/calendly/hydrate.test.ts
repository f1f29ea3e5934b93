import t from 'tap'
import type { StaysChange } from '../../../src/model/change.ts'
import { stampOf } from '../../../src/model/stamp.ts'
import { calendly } from '../../../src/platforms/calendly/calendly.ts'
import { readEventType as readPlace } from '../../../src/platforms/calendly/hydrate.ts'
import type { Platform, PlatformEvent } from '../../../src/platforms/platform.ts'
import type { StandIn } from '../../../src/platforms/samples.ts'
import { notAskedOften } from '../api.ts'
import { deliveryOf, demoConnection, testApi } from '../contract.ts'
import { body, liveAfter, scheduled, staysIn, translated } from './bodies.ts'

const { hydration, standIn } = calendly as Required<Platform>
const connection = demoConnection(calendly)
const settings = { token: 'calendly-test-token' }

function eventOf(content: unknown): PlatformEvent {
  return calendly.readEvents(deliveryOf(connection, { body: JSON.stringify(content) }))[0] as PlatformEvent
}

const old = body('invitee.created', { scheduled_event: undefined })

function apiWith(world: Record<string, unknown>, play: StandIn = standIn) {
  return testApi(play, settings, new Map(Object.entries(world)))
}

t.test('an older payload without its scheduled event is read again, from the address it names', async t => {
  t.equal(hydration.wants(eventOf(old), connection), 'must')
  const api = apiWith({ 'scheduled_events/EVT1': { ...scheduled, event_memberships: [{ user_email: 'a' }] } })
  const { uri: _uri, ...kept } = scheduled
  const facts = await hydration.read([eventOf(old)], api)
  t.strictSame(facts, [{ scheduledEvent: kept }])
  t.match(api.requests, [{ method: 'GET', path: '/scheduled_events/EVT1' }])
  t.match(staysIn(translated(old, {}, facts[0]))[0]?.stays, [{ id: 'EVT1:INV1', places: ['TYP1'] }])
})

t.test('without an address of the event the invitee’s own names it', async t => {
  const content = body('invitee.created', { scheduled_event: null, event: null })
  const api = apiWith({ 'scheduled_events/EVT1': { ...scheduled, status: 'canceled' } })
  const [facts] = await hydration.read([eventOf(content)], api)
  t.strictSame(staysIn(translated(content, {}, facts)).at(-1)?.stays, [], 'and what is read may be off')
})

t.test('an event that is gone when it is read has no stay', async t => {
  const facts = await hydration.read([eventOf(old)], apiWith({}))
  t.strictSame(facts, [{ gone: true }])
  t.match(staysIn(translated(old, {}, facts[0])), [{ stays: [], emptyBecause: 'gone', cancelled: undefined }])
})

t.test('an event that was taken for gone is there once the same booking is told and read again', async t => {
  const [gone] = await hydration.read([eventOf(old)], apiWith({}))
  const [found] = await hydration.read([eventOf(old)], apiWith({ 'scheduled_events/EVT1': scheduled }))
  const stampOfTold = (facts: unknown, order: string) => {
    const [change] = staysIn(translated(old, {}, facts)) as [StaysChange]
    return stampOf(change.version, order, change.cancelled)
  }
  t.ok(stampOfTold(gone, '1') < stampOfTold(found, '2'))
  t.ok(stampOfTold(found, '1') < stampOfTold(gone, '2'), 'of two readings the later counts')
})

t.test(
  'an event that somebody booked is asked for several times where Calendly does not know it',
  async t => {
    await t.rejects(hydration.read([eventOf(old)], notAskedOften(apiWith({}))), {
      code: 'RELAY_PLATFORM_REFUSED',
      retryable: true
    })
  }
)

t.test('nothing is read where the webhook tells all, or nothing could be', async t => {
  for (const content of [
    body('invitee.created'),
    body('invitee.canceled', { scheduled_event: undefined }),
    body('invitee.created', { scheduled_event: undefined, status: 'canceled' }),
    body('invitee.created', { scheduled_event: undefined, event: 'EVT1', uri: 'INV1' }),
    { event: 'invitee.created', payload: {} }
  ]) {
    t.equal(hydration.wants(eventOf(content), connection), 'no')
  }
  t.strictSame(liveAfter([body('invitee.canceled', { scheduled_event: undefined })]), [])
})

t.test('an event type is read for its name and length; it tells no zone', async t => {
  const uriOf = (id: string) => `https://api.calendly.com/event_types/${id}`
  const api = apiWith({
    'event_types/TYP1': { uri: uriOf('TYP1'), name: 'Studio B', duration: 90 },
    'event_types/TYP2': { uri: uriOf('TYP2'), name: null, duration: null },
    'event_types/TYP4': { uri: uriOf('TYP4'), name: 'Studio C', duration: '45' }
  })
  t.strictSame(await readPlace('TYP1', api), { name: 'Studio B', durationMinutes: 90 })
  t.strictSame(await readPlace('TYP2', api), { name: undefined, durationMinutes: undefined })
  t.strictSame(await readPlace('TYP4', api), { name: 'Studio C', durationMinutes: 45 })
  t.equal(await readPlace('TYP/3', api), undefined)
  t.equal(api.requests.at(-1)?.path, '/event_types/TYP%2F3')
})

t.test('a refused token is tried again later, and any other refusal is final', async t => {
  await t.rejects(
    readPlace(
      'TYP1',
      apiWith({}, () => ({ status: 401 }))
    ),
    {
      code: 'RELAY_PLATFORM_UNAUTHORIZED',
      retryable: true
    }
  )
  await t.rejects(
    readPlace(
      'TYP1',
      apiWith({}, () => ({ status: 403 }))
    ),
    {
      code: 'RELAY_PLATFORM_REFUSED'
    }
  )
  for (const reply of [
    { status: 400 },
    { status: 200, body: { resource: null } },
    { status: 200, body: { resource: scheduled } }
  ]) {
    await t.rejects(
      readPlace(
        'TYP1',
        apiWith({}, () => reply)
      ),
      { code: 'RELAY_PLATFORM_REFUSED' }
    )
  }
  await t.rejects(
    readPlace(
      'TYP1',
      apiWith({}, () => ({ status: 200 }))
    ),
    {
      code: 'RELAY_PLATFORM_UNAVAILABLE',
      retryable: true
    }
  )
  const other = testApi((request, world) => standIn(request, world, { token: 'another' }), settings)
  await t.rejects(readPlace('TYP1', other), { code: 'RELAY_PLATFORM_UNAUTHORIZED' })
})

t.test('the stand-in gives nothing to other methods and paths', async t => {
  const api = apiWith({ 'event_types/TYP1': {} })
  const headers = { authorization: `Bearer ${settings.token}` }
  const ask = async (method: 'GET' | 'POST', path: string) =>
    (await api.request({ method, origin: 'https://api.calendly.com', path, headers })).status
  t.equal(await ask('GET', '/event_types/TYP1'), 200)
  t.equal(await ask('POST', '/event_types/TYP1'), 404)
  t.equal(await ask('GET', '/users/me'), 404)
})
