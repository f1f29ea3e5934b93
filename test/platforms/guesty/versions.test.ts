import fc from 'fast-check'
import t from 'tap'
import type { StaysChange } from '../../../src/model/change.ts'
import { stampOf } from '../../../src/model/stamp.ts'
import { changesOf, lean, publishedAt, reservation, reservationId } from './readings.ts'

const headers = { 'svix-timestamp': '1767604365' }
const receivedAt = 1767604370000
const iso = (ms: number) => new Date(ms).toISOString()

async function versionOf(
  body: unknown,
  given: Record<string, string> = headers
): Promise<number | undefined> {
  return (await changesOf(body, { headers: given, receivedAt })).at(-1)?.version
}

t.test('the version is publishedAt, wherever the envelope has it', async t => {
  const cancelled = lean({ status: 'canceled' }, {})
  const expected = Date.parse(publishedAt)
  t.equal(await versionOf(lean({ status: 'canceled' })), expected)
  t.equal(await versionOf({ ...cancelled, publishedAt }), expected)
  t.equal(await versionOf({ ...cancelled, data: { ...cancelled.data, publishedAt } }), expected)
  t.equal(await versionOf({ ...cancelled, meta: { publishedAt: 'yesterday' }, publishedAt }), expected)
})

t.test(
  'without publishedAt it is lastUpdatedAt, then the second of sending, then the time of receipt',
  async t => {
    const legacy = (lastUpdatedAt?: string) => ({
      event: 'reservation.updated',
      reservation: reservation({ status: 'canceled', lastUpdatedAt })
    })
    const api = { api: undefined }
    t.equal(await versionOf(legacy(publishedAt)), Date.parse(publishedAt))
    const unread = async (given: Record<string, string>) =>
      (await changesOf(legacy(), { headers: given, receivedAt, connection: api })).at(-1)?.version
    t.equal(await unread(headers), 1767604365999)
    t.equal(await unread({ 'webhook-timestamp': '1767604365' }), 1767604365999)
    t.equal(await unread({ 'svix-timestamp': 'soon' }), receivedAt)
    t.equal(await unread({}), receivedAt)
  }
)

t.test(
  'a cancellation that does not say when does not lose to a change in the second of its sending',
  async t => {
    const world = { [`reservations/${reservationId}`]: reservation({ lastUpdatedAt: iso(1767604365900) }) }
    const [update] = (await changesOf(lean({}, {}), { world, headers })).slice(-1)
    const [cancellation] = await changesOf(lean({ status: 'canceled' }, {}), {
      headers,
      connection: { api: undefined }
    })
    t.ok((cancellation?.version ?? 0) > (update?.version ?? 0))
  }
)

t.test(
  'an answer that is behind, read for an event without a status, does not outdo a cancellation',
  async t => {
    const at = Date.parse(publishedAt)
    const behind = reservation({ lastUpdatedAt: iso(at - 60_000) })
    const world = { [`reservations/${reservationId}`]: behind }
    const shortlist = { event: 'reservation_update_shortlist', meta: { publishedAt: iso(at + 1_000) } }
    const part = { ...shortlist, reservation: { _id: reservationId, plannedArrival: '18:00' } }
    const [update] = (await changesOf(part, { world })).slice(-1)
    t.match(update, { stays: [{}], version: at - 58_000 })
    const knowing = { [`reservations/${reservationId}`]: { ...behind, lastUpdatedAt: iso(at + 900) } }
    t.match((await changesOf(part, { world: knowing })).slice(-1), [{ version: at + 1_000 }])
    const status = { ...part, reservation: { ...part.reservation, status: 'confirmed' } }
    t.match(
      (await changesOf(status, { world })).slice(-1),
      [{ version: at + 1_000 }],
      'which it tells itself'
    )
  }
)

t.test('an old cancellation that is sent again does not end a booking that was taken up again', async t => {
  const world = { [`reservations/${reservationId}`]: reservation({ lastUpdatedAt: iso(1767604365900) }) }
  const again = await changesOf(lean({ status: 'canceled' }, {}), { world, headers })
  t.match(again.at(-1), { stays: [{ id: reservationId }], version: 1767604365900 })
})

/** The house’s rule: the greatest stamp wins. */
function winner(statements: StaysChange[]): StaysChange | undefined {
  const stamped = statements.map((change, order) => ({
    change,
    stamp: stampOf(change.version, String(order).padStart(4, '0'), change.cancelled)
  }))
  return stamped.toSorted((a, b) => (a.stamp < b.stamp ? -1 : 1)).at(-1)?.change
}

const start = Date.parse('2026-01-05T09:00:00Z')

interface State {
  updatedAt: number
  publishedAt: number
  live: boolean
  date: string
}

async function lateRead(states: State[], event: State, readAt: number): Promise<StaysChange> {
  const now = states.findLast(state => state.updatedAt <= readAt) ?? event
  const world = { [`reservations/${reservationId}`]: entityOf(now) }
  const body = lean({ status: statusOf(event) }, { publishedAt: iso(event.publishedAt) })
  return staysIn(await changesOf(body, { world }))
}

async function fromLegacy(state: State): Promise<StaysChange> {
  return staysIn(await changesOf({ event: 'reservation.updated', reservation: entityOf(state) }))
}

function entityOf(state: State) {
  return reservation({
    status: statusOf(state),
    checkIn: null,
    checkInDateLocalized: state.date,
    lastUpdatedAt: iso(state.updatedAt)
  })
}

function statusOf({ live }: State): string {
  return live ? 'confirmed' : 'canceled'
}

function staysIn(changes: unknown[]): StaysChange {
  return changes.at(-1) as StaysChange
}

t.test('a late event that read the newest state wins over an earlier reading of a middle one', async t => {
  const first = { updatedAt: start, publishedAt: start + 500, live: true, date: '2026-02-01' }
  const second = { updatedAt: start + 1000, publishedAt: start + 1500, live: true, date: '2026-02-02' }
  const third = { updatedAt: start + 9000, publishedAt: start + 9500, live: true, date: '2026-02-03' }
  const states = [first, second, third]
  // The third event is lost; the first comes last, and reads what the third would have told.
  const told = [await lateRead(states, second, start + 2000), await lateRead(states, first, start + 10_000)]
  t.strictSame(winner(told)?.stays[0]?.start, { date: '2026-02-03' })
})

t.test(
  'in any order of arrival and reading, beside legacy events or alone, the last state wins',
  async () => {
    const history = fc.array(
      fc.record({
        gap: fc.integer({ min: 1, max: 3000 }),
        delay: fc.integer({ min: 0, max: 1500 }),
        readDelay: fc.integer({ min: 0, max: 20_000 }),
        live: fc.boolean(),
        legacy: fc.boolean(),
        rank: fc.nat()
      }),
      { minLength: 1, maxLength: 6 }
    )
    await fc.assert(
      fc.asyncProperty(history, async steps => {
        let updatedAt = start
        let published = start
        const states: State[] = steps.map(({ gap, delay, live }, position) => {
          updatedAt += gap
          // Published after the change, and in order.
          published = Math.max(published + 1, updatedAt + delay)
          return { updatedAt, publishedAt: published, live, date: `2026-02-0${position + 1}` }
        })
        const told: { rank: number; change: StaysChange }[] = []
        for (const [position, state] of states.entries()) {
          const step = steps[position]
          if (step === undefined) continue
          const change = await lateRead(states, state, state.publishedAt + step.readDelay)
          told.push({ rank: step.rank, change })
          if (step.legacy) told.push({ rank: step.rank + 1, change: await fromLegacy(state) })
        }
        const won = winner(told.toSorted((a, b) => a.rank - b.rank).map(({ change }) => change))
        const last = states.at(-1)
        const dates = won?.stays.map(stay => stay.start)
        return JSON.stringify(dates) === JSON.stringify(last?.live ? [{ date: last.date }] : [])
      }),
      { numRuns: 200 }
    )
  }
)
