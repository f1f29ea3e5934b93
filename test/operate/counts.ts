import t from 'tap'
import { RelayError } from '../../src/errors.ts'
import { HOUR_MS } from '../../src/model/durations.ts'
import { createLog } from '../../src/observe/log.ts'
import { expectedSilenceMs } from '../../src/operate/silence.ts'
import { tallyRoom } from '../../src/operate/tally.ts'
import { talliesOf } from '../../src/store/tallies.ts'
import { openEmpty, type TestEngine } from '../engines.ts'
import type { TestRelay } from '../open-relay.ts'
import { ask, booking, CONNECTION, openOperated, tell } from './operator.ts'

async function count({ relay }: TestRelay): Promise<void> {
  while ((await relay.steps.tallyOnce()) === 'busy');
}

interface Span {
  at: string
  received: number
  translated: number
  rejected: Record<string, number>
  calls: Record<string, number>
}

const total = (spans: Span[], name: 'received' | 'translated') =>
  spans.reduce((sum, each) => sum + each[name], 0)

t.test(
  'what happened is counted over an hour, a day and a week, the last minutes too, and nothing twice',
  async t => {
    const relay = await openOperated(t)
    await tell(relay, booking)
    await relay.settle()
    await relay.post(`/webhooks/hospitable/${CONNECTION}`, { body: '{}' })
    const before = (await ask(relay, '/counts')).body
    t.equal(total(before.spans, 'received'), 1, 'before anything was counted')
    t.equal(before.spans.length, 60)
    for (let minute = 0; minute < 20; minute += 1) {
      relay.clock.now += 60_000
      await count(relay)
      const { body } = await ask(relay, '/counts')
      t.equal(total(body.spans, 'received'), 1)
      t.equal(total(body.spans, 'translated'), 1)
    }
    await tell(relay, { ...booking, id: 'b2' })
    for (const [over, length, seconds] of [
      ['1h', 60, 60],
      ['24h', 96, 900],
      ['7d', 168, 3600]
    ] as const) {
      const { body } = await ask(relay, `/counts?over=${over}`)
      t.match(body, { over, span_seconds: seconds })
      t.equal(body.spans.length, length)
      t.equal(total(body.spans, 'received'), 2, over)
      const spans: Span[] = body.spans
      t.ok(spans.some(each => each.rejected.signature_missing === 1))
      t.ok(spans.some(each => each.calls['200'] === 1))
    }
  }
)

export function operatorCounts(engine: TestEngine): void {
  t.test('two relays on one store count everything once', async t => {
    const relay = await openOperated(t, { engine })
    await tell(relay, booking)
    relay.clock.now += 600_000
    await Promise.all([count(relay), count(relay)])
    const { body } = await ask(relay, '/counts')
    t.equal(total(body.spans, 'received'), 1)
  })

  t.test('where much is to be counted, a step counts ten minutes and says that there is more', async t => {
    const relay = await openOperated(t, { engine })
    for (let minute = 0; minute < 12; minute += 1) {
      await tell(relay, { ...booking, id: `b${minute}` })
      relay.clock.now += 60_000
    }
    relay.clock.now += 600_000
    const { tallyOnce } = relay.relay.steps
    t.equal(await tallyOnce(), 'busy', 'where to begin')
    const counted = async () => {
      const rows = await relay.store.db
        .selectFrom('tallies')
        .select('count')
        .where('span', '=', 1)
        .where('what', '=', 'received')
        .execute()
      return rows.length
    }
    t.equal(await tallyOnce(), 'busy')
    t.equal(await counted(), 10)
    t.equal(await tallyOnce(), 'idle')
    t.equal(await counted(), 12)
  })

  t.test('what nobody is shown any more is let go', async t => {
    const relay = await openOperated(t, { engine })
    await tell(relay, booking)
    relay.clock.now += 600_000
    await count(relay)
    const kept = () => relay.store.db.selectFrom('tallies').select(['span', 'what']).execute()
    t.not((await kept()).length, 0)
    relay.clock.now += 16 * 24 * HOUR_MS
    await count(relay)
    t.strictSame(await kept(), [])
  })

  t.test('counting goes on when the store is back', async t => {
    const store = await openEmpty(t, engine)
    t.teardown(() => store.close())
    const logged: string[] = []
    const log = createLog('info', { write: line => void logged.push(line) })
    const failures: unknown[] = [
      new RelayError('RELAY_STORE_UNAVAILABLE', undefined, { retryable: true }),
      new TypeError('nobody foresaw this')
    ]
    const tallies = talliesOf(store)
    const { tallyOnce } = tallyRoom({
      store,
      tallies: {
        ...tallies,
        countedUntil: async () => {
          const failure = failures.shift()
          if (failure !== undefined) throw failure
          return tallies.countedUntil()
        }
      },
      connections: [],
      now: () => Date.UTC(2027, 0, 10, 12),
      log
    })
    t.equal(await tallyOnce(), 'idle')
    t.equal(await tallyOnce(), 'idle')
    t.match(logged.join(''), /"event":"tally.failed"/)
    t.equal(await tallyOnce(), 'busy')
    t.equal(await tallyOnce(), 'idle')
  })

  t.test('a connection that is silent for longer than it ever was is unusually silent', async t => {
    const relay = await openOperated(t, { engine })
    const find = async () => {
      const { body } = await ask(relay, '/connections')
      return body.data.find((each: { id: string }) => each.id === CONNECTION)
    }
    t.match(await find(), {
      last_received_at: null,
      silent_for_seconds: null,
      expected_silence_seconds: null
    })
    for (let at = 0; at < 24; at += 1) {
      await tell(relay, { ...booking, id: `b${at}` })
      relay.clock.now += 4 * HOUR_MS
      await count(relay)
    }
    t.match(await find(), { expected_silence_seconds: 6 * 3600, unusually_silent: false, accepted_24h: 6 })
    relay.clock.now += 3 * HOUR_MS
    t.match(await find(), { silent_for_seconds: 7 * 3600, unusually_silent: true })
  })

  t.test('what is too little to learn from tells nothing', t => {
    const hours = (count: number, every: number) =>
      Array.from({ length: count }, (_, at) => at * every * HOUR_MS)
    t.equal(expectedSilenceMs([]), undefined)
    t.equal(expectedSilenceMs(hours(10, 24)), undefined)
    t.equal(expectedSilenceMs(hours(30, 1)), undefined)
    t.equal(expectedSilenceMs(hours(30, 3)), 4.5 * HOUR_MS)
    t.end()
  })

  t.test('connections say what to enter at the platform, and list themselves page by page', async t => {
    const relay = await openOperated(t, {
      engine,
      env: { RELAY_PUBLIC_URL: 'https://relay.example.com/hooks/' }
    })
    await relay.post(`/webhooks/hospitable/${CONNECTION}`, { body: '{}' })
    const ids: string[] = []
    let cursor = ''
    do {
      const { body } = await ask(relay, `/connections?limit=7${cursor}`)
      ids.push(...body.data.map((each: { id: string }) => each.id))
      cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`
    } while (cursor !== '')
    const { body } = await ask(relay, '/connections')
    t.strictSame(
      ids,
      body.data.map((each: { id: string }) => each.id)
    )
    const hospitable = body.data.find((each: { id: string }) => each.id === CONNECTION)
    t.match(hospitable, {
      addresses: [`https://relay.example.com/hooks/webhooks/hospitable/${CONNECTION}`],
      rejected_24h: [{ cause: 'signature_missing', count: 1 }],
      last_rejected_at: /^2027/
    })
    t.match((await ask(relay, '/rejection-causes')).body.data, [{ connection: CONNECTION, count: 1 }])
  })

  t.test('a rejected request is shown as it was kept, and its people are masked', async t => {
    const relay = await openOperated(t, { engine })
    const headers = { 'content-type': 'application/json', signature: 'wrong' }
    const body = JSON.stringify({ guest: { name: 'Ada Lovelace', email: 'ada@example.com' } })
    for (const each of [body, '\xff', 'no JSON']) {
      await relay.post(`/webhooks/hospitable/${CONNECTION}`, { headers, body: Buffer.from(each, 'latin1') })
    }
    let rows: { id: string; cause: string }[] = []
    while (rows.length < 3) rows = (await ask(relay, '/rejected')).body.data
    const [text, bytes, json] = rows
    t.match(json, {
      connection: CONNECTION,
      platform: 'hospitable',
      cause: /^signature_/,
      bytes: body.length
    })
    const whole = (await ask(relay, `/rejected/${json?.id}`)).body
    t.match(whole, { verification: { accepted: false, evidence: ['signature'] } })
    t.strictSame(whole.body.masked, { guest: { name: 'A…', email: '…@example.com' } })
    t.match((await ask(relay, `/rejected/${json?.id}?reveal=true`)).body.body, { text: body })
    t.match((await ask(relay, `/rejected/${text?.id}`)).body.body, { masked: null })
    t.match((await ask(relay, `/rejected/${bytes?.id}?reveal=true`)).body.body, {
      text: null,
      base64: '/w=='
    })
    t.equal((await ask(relay, '/rejected/none')).status, 404)
    const found = async (query: string) => (await ask(relay, `/rejected?${query}`)).body.data.length
    t.equal(await found(`connection=${CONNECTION}`), 3)
    t.equal(await found('connection=none'), 0)
    t.equal(await found('cause=media_type'), 0)
    const first = await ask(relay, '/rejected?limit=2')
    t.equal((await ask(relay, `/rejected?limit=2&cursor=${first.body.next_cursor}`)).body.data.length, 1)
  })

  t.test('a call that nobody answered is counted as such', async t => {
    const relay = await openOperated(t, { engine })
    await tell(relay, booking)
    await relay.misbehave({ fail: [{ operation: 'push_data', times: 1, reset: true }] })
    await relay.settle()
    const fresh: Span[] = (await ask(relay, '/counts')).body.spans
    relay.clock.now += 600_000
    await count(relay)
    const counted: Span[] = (await ask(relay, '/counts')).body.spans
    for (const spans of [fresh, counted]) {
      const calls = spans.flatMap(each => Object.entries(each.calls))
      t.strictSame(calls.sort(), [
        ['0', 1],
        ['200', 1]
      ])
    }
  })
}
