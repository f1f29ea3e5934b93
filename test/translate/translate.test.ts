import t from 'tap'
import { request } from 'undici'
import { RelayError } from '../../src/errors.ts'
import type { Hydration, Platform } from '../../src/platforms/platform.ts'
import { platforms } from '../../src/platforms/registry.ts'
import type { Store } from '../../src/store/store.ts'
import { away } from '../../src/store/unavailable.ts'
import { openRelay } from '../open-relay.ts'
import { eventually } from '../run-relay.ts'
import { emptyStore } from '../store/empty-store.ts'
import { acme, HOURS, openAcme } from './acme.ts'

t.test(
  'each event of a delivery has its own outcome, and the dead one does not hold up its neighbours',
  async t => {
    const relay = await openAcme(t)
    await relay.tell(
      'a',
      { type: 'booked', id: 'b1' },
      { type: 'booked' },
      { type: 'ping' },
      { type: 'moved', status: 'upside-down' },
      { type: 'danced' },
      { type: 'booked', id: 'b2' }
    )
    await relay.translate()
    t.match(await relay.deliveries(), [
      {
        state: 'held',
        attempts: 1,
        error: 'RELAY_EVENT_INVALID: booked: /id: Expected required property',
        outcome: [
          { type: 'booked', outcome: 'translated' },
          { type: 'booked', outcome: 'dead', code: 'RELAY_EVENT_INVALID', reason: /\/id/ },
          { type: 'ping', outcome: 'ignored', reason: 'test delivery', drift: undefined },
          { type: 'moved', outcome: 'held', drift: 'unknown_status' },
          { type: 'danced', outcome: 'ignored', drift: 'unknown_event', reason: /Acme event "danced"/ },
          { type: 'booked', outcome: 'translated' }
        ]
      }
    ])
    t.same((await relay.guests()).length, 2)
  }
)

t.test('a delivery of which nothing comes is ignored, not dead', async t => {
  const relay = await openAcme(t)
  await relay.tell('a', { type: 'ping' }, { type: 'danced' })
  await relay.tell('a')
  await relay.translate()
  t.match(await relay.deliveries(), [
    { state: 'ignored', error: null, outcome: [{ type: 'ping' }, { type: 'danced' }] },
    { state: 'ignored', error: null, outcome: [] }
  ])
})

t.test('a body that cannot be read ends dead at once, whatever the adapter threw', async t => {
  const relay = await openAcme(t)
  await relay.deliver('a', { event: '', body: '{"events": "sesame"}' })
  await relay.deliver('a', { event: '', body: 'sesame' })
  await relay.translate()
  t.match(await relay.deliveries(), [
    { state: 'dead', attempts: 1, outcome: [{ type: '', code: 'RELAY_EVENT_UNREADABLE' }] },
    { state: 'dead', attempts: 1, error: 'RELAY_EVENT_UNREADABLE: the body is not JSON' }
  ])
  t.notMatch(JSON.stringify([await relay.deliveries(), relay.logged]), 'sesame')
})

t.test('a mistake in a translator ends dead, and nothing that was sent is quoted anywhere', async t => {
  const relay = await openAcme(t)
  await relay.tell('a', { type: 'broken', id: 'b1', secret: 'sesame' }, { type: 'booked', id: 'b2' })
  await relay.translate()
  const deliveries = await relay.deliveries()
  t.match(deliveries, [
    {
      state: 'dead',
      error: 'RELAY_INTERNAL: the translation failed; the log has the error',
      outcome: [{ outcome: 'dead', code: 'RELAY_INTERNAL' }, { outcome: 'translated' }]
    }
  ])
  const lines = relay.logged.filter(line => line.includes('delivery.translator_failed'))
  t.match(lines, [/acme\.ts:\d+/], 'the log tells the place of the mistake')
  t.notMatch(JSON.stringify([deliveries, relay.logged]), 'sesame')
})

t.test('a Mews message with an entry that names no entity still brings its other reservation', async t => {
  const relay = await openRelay(t, { store: await emptyStore() })
  const connection = relay.connection('demo-mews')
  const sample = platforms.mews?.samples.events.ServiceOrderUpdated?.({
    connection,
    now: relay.clock.now,
    serial: 1
  })
  const body = JSON.parse(sample?.body ?? '')
  body.Events.unshift({ Discriminator: 'ServiceOrderUpdated', Value: { Id: 'not-a-guid' } })
  await relay.deliver('demo-mews', { event: '', ...sample, body: JSON.stringify(body) })
  await relay.settle()
  const row = await relay.store.db.selectFrom('deliveries').selectAll().executeTakeFirstOrThrow()
  t.equal(row.state, 'dead')
  t.match(JSON.parse(String(row.outcome)), [{ outcome: 'dead' }, { outcome: 'translated' }])
  t.equal((await relay.held('demo-mews')).reservations?.length, 1)
})

t.test(
  'what carries only ids is held without credentials, and goes on once a restart brings them',
  async t => {
    const store = await emptyStore()
    const mews = (api: string) =>
      `connections:\n  - { id: m, platform: mews, customer_key: m, country: CZ, secrets: { token: a-token-of-ours }${api} }`
    const first = await openRelay(t, { store, connections: mews('') })
    const context = { connection: first.connection('m'), now: first.clock.now, serial: 1 }
    const sample = platforms.mews?.samples.events.ServiceOrderUpdated?.(context)
    const { world, ...thin } = sample ?? { event: '', body: '' }
    await first.deliver('m', thin)
    await first.settle()
    const held = await store.db.selectFrom('deliveries').selectAll().executeTakeFirstOrThrow()
    t.match(held, { state: 'held', done_at: null })
    t.match(JSON.parse(String(held.outcome)), [
      { type: 'ServiceOrderUpdated', outcome: 'held', code: 'RELAY_HYDRATION_NOT_CONFIGURED', reason: /api/ }
    ])
    await first.relay.stop(0)

    const api = ', api: { endpoint: sandbox, client_token: c, access_token: a }'
    const second = await openRelay(t, { store, connections: mews(api) })
    const reply = await request(`${second.origin}/sandbox/platforms/mews`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ entities: world })
    })
    await reply.body.dump()
    await second.settle()
    t.match(await store.db.selectFrom('deliveries').select('state').execute(), [{ state: 'translated' }])
    t.equal((await second.held('m')).reservations?.length, 1)
  }
)

t.test('what is held beside what is dead stays held, and what could be said is said', async t => {
  const relay = await openAcme(t)
  await relay.tell('a', { type: 'booked' }, { type: 'pointed', id: 'b1' }, { type: 'booked', id: 'b2' })
  await relay.translate()
  t.match(await relay.deliveries(), [
    { state: 'held', outcome: [{ outcome: 'dead' }, { outcome: 'held' }, { outcome: 'translated' }] }
  ])
  t.same(await relay.guests(), ['Ada Lovelace'])
})

t.test('a delivery whose connection has left the file is held until the connection is back', async t => {
  const store = await emptyStore()
  const first = await openAcme(t, { store })
  await first.tell('a', { type: 'booked', id: 'b1' })
  await first.relay.stop(0)

  const without = await openAcme(t, { store, connections: { b: 'country: DE' } })
  await without.translate()
  t.match(await without.deliveries(), [
    { state: 'held', outcome: [{ outcome: 'held', reason: 'its connection is not in the connections file' }] }
  ])
  await without.relay.stop(0)

  const again = await openAcme(t, { store })
  t.same(await again.guests(), ['Ada Lovelace'])
  t.match(await again.deliveries(), [{ state: 'translated' }])
})

/** A store that refuses commits while the test says so. */
function moody(
  store: Store,
  refuses: () => boolean,
  reason = () => new RelayError('RELAY_STORE_UNAVAILABLE', undefined, { retryable: true })
): Store {
  return {
    ...store,
    commit: async writes => {
      if (refuses()) throw reason()
      return store.commit(writes)
    }
  }
}

t.test(
  'a store that fails at the end of a delivery has it taken up again, and nothing is said twice',
  async t => {
    let commits = Number.POSITIVE_INFINITY
    const store = moody(await emptyStore(), () => {
      commits -= 1
      return commits === 0
    })
    const relay = await openAcme(t, { store })
    await relay.tell('a', { type: 'booked', id: 'b1' })
    commits = 2
    await relay.translate()
    t.match(await relay.deliveries(), [
      { state: 'received', attempts: 1, restMs: 1000, error: /^RELAY_STORE_UNAVAILABLE/ }
    ])
    await relay.after(1000)
    t.match(await relay.deliveries(), [{ state: 'translated', attempts: 2, error: null }])
    t.same(await relay.guests(), ['Ada Lovelace'])
  }
)

t.test('a database that was away for a moment is no attempt of the delivery’s', async t => {
  let commits = Number.POSITIVE_INFINITY
  const refuses = () => {
    commits -= 1
    return commits === 0
  }
  const store = moody(await emptyStore(), refuses, () => away('it is being started again'))
  const relay = await openAcme(t, { store })
  await relay.tell('a', { type: 'booked', id: 'b1' })
  for (const againAfterMs of [0, 1000, 1000]) {
    commits = 2
    await relay.after(againAfterMs)
    t.match(await relay.deliveries(), [{ state: 'received', attempts: 0, restMs: 1000, error: null }])
  }
  await relay.after(1000)
  t.match(await relay.deliveries(), [{ state: 'translated', attempts: 1, error: null }])
  t.notMatch(relay.logged.join(''), /"event":"delivery\.(dead|postponed|lost_hold)"/)
})

t.test('a store that stays away longer costs a lease at most', async t => {
  let commits = 0
  let isAway = false
  const store = moody(await emptyStore(), () => {
    commits += 1
    return isAway && commits > 1
  })
  const relay = await openAcme(t, { store })
  await relay.tell('a', { type: 'booked', id: 'b1' })
  commits = 0
  isAway = true
  await relay.translate()
  t.match(relay.logged.join(''), '"event":"delivery.lost_hold"')
  t.match(await relay.deliveries(), [{ state: 'received', attempts: 1, restMs: 25_000 }])

  relay.clock.now += 60_000
  t.equal(await relay.relay.steps.translateOnce(), 'idle', 'nothing can be claimed either')
  t.match(relay.logged.join(''), '"event":"translate.failed"')

  isAway = false
  await relay.translate()
  t.match(await relay.deliveries(), [{ state: 'translated', attempts: 2 }])
})

t.test('what could not even be put back is, as soon as the database is there again', async t => {
  let left = Number.POSITIVE_INFINITY
  const refuses = () => {
    left -= 1
    return left < 0
  }
  const store = moody(await emptyStore(), refuses, () => away('it is being started again'))
  const relay = await openAcme(t, { store })
  await relay.tell('a', { type: 'booked', id: 'b1' })
  left = 1
  await relay.translate()
  t.match(await relay.deliveries(), [{ state: 'received', attempts: 1, restMs: 25_000 }])
  left = 0
  t.equal(await relay.relay.steps.translateOnce(), 'idle', 'it is still away')
  t.match(await relay.deliveries(), [{ restMs: 25_000 }])
  left = Number.POSITIVE_INFINITY
  await relay.translate()
  t.match(await relay.deliveries(), [{ state: 'translated', attempts: 1 }], 'without waiting for the lease')
  t.notMatch(relay.logged.join(''), /"event":"(translate\.failed|delivery\.lost_hold)"/)
})

t.test('a worker whose lease has ended leaves the delivery to the one who took it over', async t => {
  const { readings, slow } = slowReadings()
  const relay = await openAcme(t, {
    connections: { a: 'api: {}' },
    acme: { ...acme, hydration: slow }
  })
  t.teardown(() => finish(readings))
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  const late = relay.relay.steps.translateOnce()
  await arrived(readings, 1)
  relay.clock.now += 60_000
  const next = relay.relay.steps.translateOnce()
  await arrived(readings, 2)
  readings[0]?.([{ guest: 'Too late' }])
  readings[1]?.([{ guest: 'In time' }])
  await Promise.all([late, next])
  t.match(relay.logged.join(''), '"event":"delivery.lease_lost"')
  t.match(await relay.deliveries(), [{ state: 'translated', facts: [{ guest: 'In time' }] }])
})

t.test(
  'a platform that is slow keeps no other waiting, and no more is taken on than can be had in hand',
  async t => {
    const { readings, slow } = slowReadings()
    const relay = await openAcme(t, {
      connections: { a: 'api: {}', b: 'api: {}', c: 'api: {}' },
      acme: { ...acme, hydration: slow }
    })
    t.teardown(() => finish(readings))
    const { translateOnce } = relay.relay.steps
    const tell = async (connection: string, count: number) => {
      relay.clock.now += 1
      await Promise.all(
        Array.from({ length: count }, (_, index) =>
          relay.tell(connection, { type: 'pointed', id: `${connection}${index}` })
        )
      )
    }
    const waiting = async () =>
      (await relay.deliveries()).filter(each => each.attempts === 0 && each.state === 'received').length

    await tell('a', 64)
    const steps = [translateOnce()]
    await arrived(readings, 64)
    await tell('a', 1)
    await tell('b', 64)
    steps.push(translateOnce())
    await arrived(readings, 128)
    t.equal(await waiting(), 1, 'the crowded one waits, the other does not')

    await tell('c', 1)
    steps.push(translateOnce())
    t.equal(await waiting(), 2, 'so many are in hand that nobody else is taken on')
    finish(readings)
    t.same(await Promise.all(steps), ['busy', 'busy', 'busy'])
    const rest = translateOnce()
    await arrived(readings, 130)
    finish(readings)
    await rest
    t.equal(await waiting(), 0)
  }
)

t.test('expressions that take their time keep no other connection waiting', async t => {
  const evaluations: (() => void)[] = []
  const evaluated = () => new Promise<void>(resolve => evaluations.push(resolve))
  const slow: Platform = {
    ...acme,
    async readEvents(delivery) {
      if (delivery.connectionId === 'a') await evaluated()
      return acme.readEvents(delivery)
    }
  }
  const relay = await openAcme(t, { connections: { a: HOURS, b: HOURS }, acme: slow })
  const { translateOnce } = relay.relay.steps
  const tell = (connection: string, id: string) => relay.tell(connection, { type: 'booked', id })
  for (let told = 0; told < 70; told += 1) await tell('a', `a${told}`)
  const steps = [translateOnce()]
  await arrived(evaluations, 64)
  await tell('b', 'b1')
  steps.push(translateOnce())
  await eventually(
    async () => ((await relay.deliveries()).at(-1)?.state === 'translated' ? true : undefined),
    'the other connection’s booking'
  )
  t.equal(evaluations.length, 64, 'no more of the slow one was taken on')
  for (const go of evaluations) go()
  await Promise.all(steps)
  const rest = translateOnce()
  await arrived(evaluations, 70)
  for (const go of evaluations) go()
  await rest
})

type Reading = (facts: unknown[]) => void

/** A hydration that ends when the test says so. */
function slowReadings() {
  const readings: Reading[] = []
  const slow: Hydration = {
    wants: () => 'must',
    read: () => new Promise(resolve => readings.push(resolve))
  }
  return { readings, slow }
}

function finish(readings: Reading[]): void {
  for (const reading of readings) reading([{ guest: 'Ada' }])
}

/** Resolves when so many readings have begun. */
async function arrived(readings: unknown[], count: number): Promise<void> {
  await eventually(async () => (readings.length >= count ? true : undefined), `${count} readings`)
}
