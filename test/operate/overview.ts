import t from 'tap'
import type { TestEngine } from '../engines.ts'
import { ask, booking, CONNECTION, openOperated, tell } from './operator.ts'

const NOTHING = { count: 0, p50_ms: null, p95_ms: null, p99_ms: null }

export function operatorOverview(engine: TestEngine): void {
  t.test(`${engine.name}: whether anything is stuck, and how well calls go`, async t => {
    const relay = await openOperated(t, { engine })
    const idle = (await ask(relay, '/backlog')).body
    t.match(idle, {
      translate: { due: 0, scheduled: 0, due_since: null },
      sync: { due: 0, due_since: null },
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
}
