import t from 'tap'
import { STUCK_AFTER_MS } from '../../src/operate/overview.ts'
import type { TestEngine } from '../engines.ts'
import { ask, booking, CONNECTION, openOperated, tell } from './operator.ts'

const NOTHING = { count: 0, p50_ms: null, p95_ms: null, p99_ms: null }

export function operatorOverview(engine: TestEngine): void {
  t.test(`${engine.name}: what is to be done is told, and how well calls go`, async t => {
    const relay = await openOperated(t, { engine })
    const idle = (await ask(relay, '/backlog')).body
    t.match(idle, {
      translate: { due: 0, scheduled: 0, due_since: null, stuck: false },
      sync: { due: 0, due_since: null, stuck: false },
      unsent_since: null,
      held: { deliveries: 0, stays: 0 },
      dead: { deliveries: 0, resources: 0 },
      arrivals: { pending: 0, refused: 0, held: 0 }
    })
    t.strictSame((await ask(relay, '/performance')).body, {
      over: '1h',
      complete: true,
      first_attempts: 0,
      first_attempts_taken: 0,
      retries: 0,
      seam: NOTHING,
      end_to_end: NOTHING
    })

    await tell(relay, booking)
    relay.clock.now += 5_000
    t.match((await ask(relay, '/backlog')).body.translate, {
      due: 1,
      due_since: new Date(relay.clock.now - 5_000).toISOString()
    })
    await relay.misbehave({ fail: [{ operation: 'push_data', status: 500, times: 1 }] })
    await relay.settle()

    const { body } = await ask(relay, '/performance?over=24h')
    t.match(body, { over: '24h', complete: true, first_attempts: 1, first_attempts_taken: 0, retries: 1 })
    t.equal(body.seam.count, 2)
    t.ok(body.end_to_end.count >= 1, 'what the webhook told is at Seam')
    t.ok(body.end_to_end.p50_ms >= 5_000, 'counted from when the webhook came')
    t.ok(body.end_to_end.p50_ms <= body.end_to_end.p99_ms)

    await relay.post(`/webhooks/hospitable/${CONNECTION}`, { body: '{}' })
    await tell(relay, { ...booking, departure: '2027-03-16', updatedAt: booking.updatedAt + 60_000 })
    await relay.settle()
    t.match((await ask(relay, '/performance')).body, {
      first_attempts: 2,
      first_attempts_taken: 1,
      retries: 1
    })
    relay.clock.now += 2 * 3_600_000
    t.match((await ask(relay, '/performance?over=1h')).body, { seam: NOTHING }, 'what is older is left out')
    t.equal((await ask(relay, '/performance?over=2h')).status, 400)
  })

  t.test(`${engine.name}: what could go on and has not for more than two minutes is stuck`, async t => {
    const relay = await openOperated(t, { engine })
    const stuck = async () => {
      const { translate, sync, places } = (await ask(relay, '/backlog')).body
      return [translate.stuck, sync.stuck, places.stuck]
    }
    await tell(relay, booking)
    relay.clock.now += STUCK_AFTER_MS
    t.strictSame(await stuck(), [false, false, false])
    relay.clock.now += 1
    t.strictSame(await stuck(), [true, false, false])
    await relay.relay.steps.translateOnce()
    relay.clock.now += 2 * STUCK_AFTER_MS
    t.strictSame(await stuck(), [false, true, false])
  })

  t.test(`${engine.name}: what waits is told with how long it will take`, async t => {
    const relay = await openOperated(t, { engine })
    const book = async (count: number) => {
      for (let each = 0; each < count; each += 1) await tell(relay, booking)
    }
    const backlog = async () => (await ask(relay, '/backlog')).body
    await book(99)
    t.equal((await backlog()).drain, null, 'a few are done in no time')

    relay.clock.now += 90_000
    await book(101)
    relay.clock.now += 1_000
    const waiting = { arriving_per_second: 101 / 60, estimated_end_at: null }
    t.strictSame((await backlog()).drain, { per_second: 0, ...waiting })

    relay.clock.now += 70_000
    await relay.relay.steps.translateOnce()
    const { translate, drain } = await backlog()
    const left = translate.due + translate.scheduled
    const done = 200 - left
    t.ok(done > 0, 'some of it is done')
    t.strictSame(drain, {
      per_second: done / 60,
      arriving_per_second: 0,
      estimated_end_at: new Date(relay.clock.now + Math.round((left / done) * 60_000)).toISOString()
    })
  })
}
