import fc from 'fast-check'
import t from 'tap'
import { RelayError } from '../../../src/errors.ts'
import { mews } from '../../../src/platforms/mews/mews.ts'
import { standIn } from '../../../src/platforms/mews/stand-in.ts'
import { type PlatformEvent, translateEvent } from '../../../src/platforms/platform.ts'
import { deliveryOf, testApi } from '../contract.ts'
import { connection, ids, message, translated, worldOf } from './world.ts'

function read(body: unknown): PlatformEvent[] {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return mews.readEvents(deliveryOf(connection, { body: text }))
}

function ending(event: PlatformEvent, facts?: unknown) {
  const delivery = deliveryOf(connection, { body: '{}' })
  return translateEvent(mews, { event, facts, delivery, connection })
}

const dead = { name: 'RelayError', retryable: false }

t.test('a new guest fires two events, which are one', async t => {
  const events = read(message(['CustomerAdded', ids.guest], ['CustomerUpdated', ids.guest]))
  t.strictSame(
    events.map(event => event.type),
    ['CustomerAdded']
  )
})

t.test('each id is processed once per message, in order', async t => {
  const events = read(
    message(
      ['ServiceOrderUpdated', ids.reservation],
      ['CustomerUpdated', ids.guest],
      ['ServiceOrderUpdated', ids.other],
      ['ServiceOrderUpdated', ids.reservation],
      ['ResourceUpdated', ids.guest]
    )
  )
  t.strictSame(
    events.map(event => event.payload),
    [
      { Discriminator: 'ServiceOrderUpdated', Value: { Id: ids.reservation } },
      { Discriminator: 'CustomerUpdated', Value: { Id: ids.guest } },
      { Discriminator: 'ServiceOrderUpdated', Value: { Id: ids.other } },
      { Discriminator: 'ResourceUpdated', Value: { Id: ids.guest } }
    ]
  )
})

t.test('whatever a message repeats, every entity is one event, where it came first', async t => {
  const discriminator = fc.constantFrom(
    'ServiceOrderUpdated',
    'CustomerAdded',
    'CustomerUpdated',
    'PaymentUpdated'
  )
  const entry = fc.tuple(discriminator, fc.constantFrom(ids.guest, ids.room, ids.other))
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 30 }), entries => {
      const entities = entries.map(
        ([type, id]) => `${type === 'CustomerAdded' ? 'CustomerUpdated' : type} ${id}`
      )
      const first = entries.filter((_, position) => entities.indexOf(entities[position] ?? '') === position)
      const events = read(message(...entries))
      const told = events.map(event => event.payload)
      const expected = first.map(([Discriminator, Id]) => ({ Discriminator, Value: { Id } }))
      return JSON.stringify(told) === JSON.stringify(expected)
    })
  )
  t.pass('it holds for any list')
})

t.test('an entry that cannot be read ends dead and holds up none of its neighbours', async t => {
  const events = read({
    Events: [
      null,
      'CustomerUpdated',
      { Discriminator: '', Value: { Id: ids.guest } },
      { Discriminator: 'ServiceOrderUpdated', Value: null },
      { Discriminator: 'ServiceOrderUpdated', Value: { Id: 'not a guid' } },
      { Discriminator: 'CustomerUpdated', Value: { Id: ids.guest } }
    ]
  })
  t.strictSame(
    events.map(event => event.type),
    [
      'unreadable',
      'unreadable',
      'unreadable',
      'ServiceOrderUpdated',
      'ServiceOrderUpdated',
      'CustomerUpdated'
    ]
  )
  for (const event of events.slice(0, 3)) {
    t.throws(() => ending(event), { ...dead, code: 'RELAY_EVENT_UNREADABLE' })
  }
  for (const event of events.slice(3, 5)) {
    t.throws(() => ending(event), { ...dead, code: 'RELAY_EVENT_INVALID' })
  }
  t.strictSame(
    events.map(event => mews.hydration?.wants(event, connection)),
    ['no', 'no', 'no', 'no', 'no', 'must'],
    'and only what can be read is read'
  )
})

t.test('an id that is none never reaches the API, whoever asks', async t => {
  const events = read(
    message(['ServiceOrderUpdated', 'not a guid'], ['ServiceOrderUpdated', ids.reservation])
  )
  const api = testApi(standIn, connection.api, worldOf())
  const [broken, whole] = (await mews.hydration?.read(events, api)) ?? []
  t.equal(broken, undefined)
  t.match(whole, { reservation: { Id: ids.reservation } })
  t.notMatch(JSON.stringify(api.requests), 'not a guid')
})

t.test('the integration’s own webhooks may come to the same address and ask for nothing', async t => {
  const events = read({ Action: 'IntegrationDisabled', Data: { Integration: { Id: ids.integration } } })
  t.strictSame(events, [{ type: 'IntegrationDisabled', payload: {} }])
  t.match(await translated('{"Action":"IntegrationDisabled"}', worldOf()), [{ ignored: /integration/ }])
})

t.test('an access token or API key in an integration webhook travels no further', async t => {
  const secret = 'A-TOKEN-THAT-NOBODY-MAY-SEE'
  for (const body of [
    { Action: 'IntegrationCreated', Data: { AccessToken: secret } },
    { Action: 'IntegrationApiKeyCreated', Data: { ApiKey: secret } },
    { Action: 'IntegrationRenamed', Data: { AccessToken: secret } }
  ]) {
    const [event] = read(body)
    t.notMatch(JSON.stringify(event), secret)
    t.notMatch(JSON.stringify(event && ending(event)), secret)
  }
})

t.test('an action that nobody documented is kept as unknown', async t => {
  const [event] = read({ Action: 'IntegrationRenamed' })
  t.match(event && ending(event), { drift: 'unknown_event' })
})

t.test('a message without events is an event that asks for nothing', async t => {
  const [event] = read({ EnterpriseId: ids.enterprise, Events: [] })
  t.strictSame(event && ending(event), { ignored: 'the message holds no events' })
})

t.test('a body of another shape is unreadable, and the error quotes nothing of it', async t => {
  for (const body of ['', '[]', '{"Events":{"secret":1}}', '{"Entities":["secret"]}', '{"Action":""}']) {
    t.throws(() => read(body), { ...dead, code: 'RELAY_EVENT_UNREADABLE' })
    try {
      read(body)
    } catch (error) {
      t.ok(error instanceof RelayError && !error.message.includes('secret'))
    }
  }
})

t.test('an event whose customer or room could not be read ends dead, with the reason', async t => {
  for (const code of [
    'RELAY_PLATFORM_REFUSED',
    'RELAY_PLATFORM_UNAUTHORIZED',
    'RELAY_PLATFORM_UNAVAILABLE'
  ]) {
    for (const type of ['CustomerUpdated', 'ResourceUpdated']) {
      const reason = 'Mews refused customers/getAll with status 403'
      t.throws(() => ending({ type, payload: { Value: { Id: ids.other } } }, { unread: { code, reason } }), {
        code,
        message: reason
      })
    }
  }
})

t.test('facts that are not there end the event and not the process', async t => {
  for (const type of ['ServiceOrderUpdated', 'CustomerUpdated', 'ResourceUpdated']) {
    for (const facts of [undefined, null, {}, { customers: [] }, { reservation: {} }]) {
      t.throws(() => ending({ type, payload: { Value: { Id: ids.other } } }, facts), {
        code: 'RELAY_HYDRATION_NOT_CONFIGURED'
      })
    }
  }
})
