import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import type { Connection } from '../../src/model/connection.ts'
import { DAY_MS } from '../../src/model/durations.ts'
import { LONGEST_RETRY_DAYS } from '../../src/model/retention.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import { platforms } from '../../src/platforms/registry.ts'
import type { SampleDelivery } from '../../src/platforms/samples.ts'
import { anyTurns, anyZone, historyOf, type Step, serials, type Turn } from '../histories.ts'
import { type MortalRelay, openMortalRelay, type StepName } from '../mortal-relay.ts'
import { expectedOf, heldBy } from '../oracle.ts'
import { limitsOf } from '../platform-limits.ts'

/**
 * What is too old goes at any moment, between any webhooks and any replays of what can still run again; Seam ends up with
 * what is true all the same, which is what the oracle says that knows of no pruning.
 */

const numRuns = Number(process.env.RUNS ?? 30)
/** A whole webhook, one that only says what to read, and guests who are told of in events of their own. */
const names = ['standard', 'hostaway', 'mews']
/** As short as they may be, so that every kind of age comes up. */
const env = { RELAY_KEEP_BODIES_DAYS: '2', RELAY_KEEP_HISTORY_DAYS: '4', RELAY_KEEP_TOMBSTONES_DAYS: '12' }
/** After it nothing is young enough to be kept. */
const AGES_DAYS = 30

type Move =
  | { does: 'happen'; times: number }
  | { does: 'arrive'; pick: number; again: boolean }
  | { does: 'step'; name: StepName }
  | { does: 'age'; days: number }
  | { does: 'replay'; every: number }
  | { does: 'prune'; steps: number }
  | { does: 'pass'; days: number }
  | { does: 'die'; commits: number; landed: boolean }

const anyMove: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant('happen' as const), times: fc.constantFrom(1, 2, 9) })
  },
  {
    weight: 6,
    arbitrary: fc.record({ does: fc.constant('age' as const), days: fc.constantFrom(1, 3, 6, 13, AGES_DAYS) })
  },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('arrive' as const),
      // The newest one, as often as any.
      pick: fc.oneof(fc.constant(-1), fc.nat({ max: 99 })),
      again: fc.boolean()
    })
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('step' as const),
      name: fc.constantFrom<StepName>('translateOnce', 'translateOnce', 'syncOnce', 'redrawOnce')
    })
  },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('replay' as const), every: fc.integer({ min: 1, max: 3 }) })
  },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant('prune' as const), steps: fc.constantFrom(1, 3, 99, 99) })
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('pass' as const),
      days: fc.constantFrom(0.5, 2, 3, 5, 8, 13, AGES_DAYS)
    })
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('die' as const),
      commits: fc.nat({ max: 9 }),
      landed: fc.boolean()
    })
  }
)

/** Most end in a cancellation, for that is what may be forgotten too soon. */
const anyEnd: fc.Arbitrary<Turn[]> = fc.constantFrom(
  [],
  ...[0, 0, 1].map(booking => [{ booking, what: 'cancel' as const, pick: 0, gap: 1 }])
)

const anyStory = fc.record({
  turns: fc.tuple(anyTurns, anyEnd).map(turns => turns.flat()),
  zone: anyZone,
  moves: fc.array(anyMove, { minLength: 8, maxLength: 30 })
})

for (const name of names) {
  const platform = platforms[name] as Platform
  t.test(
    `${platform.title}: pruning at any age and moment changes nothing at Seam`,
    { timeout: 300_000 },
    async t => {
      const limits = limitsOf(name)
      const relay = await openMortalRelay(t, platform, { api: limits.api ?? {}, env, random: () => 0.5 })
      const [connection] = relay.connections as [Connection]
      let run = 0
      const unused = serials()
      await fc.assert(
        fc.asyncProperty(anyStory, async ({ moves, ...story }) => {
          run += 1
          const ahead = historyOf({ ...story, prefix: `x${run}`, startsAt: relay.clock.now, unused }, limits)
          try {
            const happened = await live(relay, platform, { ahead, moves }, limits.clockMs, unused)
            const {
              customers: [customer]
            } = await relay.held()
            deepStrictEqual(
              heldBy(customer, limits),
              expectedOf(happened, platform.samples, connection, limits)
            )
          } finally {
            await relay.forget()
          }
        }),
        { numRuns, endOnFailure: false }
      )
      t.comment(`${run} histories, ${relay.deaths} deaths`)
    }
  )
}

interface OnTheWay {
  sample: SampleDelivery
  id: string
  since: number
}

/** @returns what truly happened, at the time at which it did */
async function live(
  relay: MortalRelay,
  platform: Platform,
  { ahead, moves }: { ahead: Step[]; moves: Move[] },
  clockMs: number,
  nextSerial: () => number
): Promise<Step[]> {
  const [connection] = relay.connections as [Connection]
  const happened: Step[] = []
  const last = new Map<string, Step['after']>()
  let onTheWay: OnTheWay[] = []

  async function happen(): Promise<void> {
    const next = ahead.shift()
    if (next === undefined) return
    relay.clock.now = (Math.floor(relay.clock.now / clockMs) + 1) * clockMs
    const after = { ...next.after, updatedAt: relay.clock.now }
    const step = { before: last.get(after.id), after }
    last.set(after.id, after)
    happened.push(step)
    const context = { connection, now: relay.clock.now, serial: nextSerial() }
    for (const sample of platform.samples.tell(step.before, after, context)) {
      await relay.happen(sample)
      onTheWay.push({ sample, id: `msg_${context.serial}_${onTheWay.length}`, since: relay.clock.now })
    }
  }

  async function arrive(pick: number, again: boolean): Promise<void> {
    const found = onTheWay.at(pick % Math.max(onTheWay.length, 1))
    if (found === undefined) return
    if (!again) onTheWay.splice(onTheWay.indexOf(found), 1)
    await relay.post(connection, found.sample, found.id)
  }

  /** No platform sends anything later than that. */
  async function pass(ms: number): Promise<void> {
    const until = relay.clock.now + ms
    const isLast = ({ since }: OnTheWay) => until - since > LONGEST_RETRY_DAYS * DAY_MS
    for (const { sample, id, since } of onTheWay.filter(isLast)) {
      relay.clock.now = Math.max(relay.clock.now, since + (LONGEST_RETRY_DAYS - 1) * DAY_MS)
      await relay.post(connection, sample, id)
    }
    onTheWay = onTheWay.filter(each => !isLast(each))
    relay.clock.now = Math.max(relay.clock.now, until)
  }

  async function prune(steps: number): Promise<void> {
    for (let made = 0; made < steps && (await relay.step('pruneOnce')) === 'busy'; made += 1);
  }

  for (const move of moves) {
    switch (move.does) {
      case 'happen':
        for (let time = 0; time < move.times; time += 1) await happen()
        break
      case 'arrive':
        await arrive(move.pick, move.again)
        break
      case 'step':
        await relay.step(move.name)
        break
      case 'age':
        await relay.settle()
        await pass(move.days * DAY_MS)
        await prune(99)
        break
      case 'replay':
        await relay.replay(move.every)
        break
      case 'prune':
        await prune(move.steps)
        break
      case 'pass':
        await pass(move.days * DAY_MS)
        break
      case 'die':
        relay.dieAfter(move.commits, move.landed)
    }
  }
  while (ahead.length > 0) await happen()
  while (onTheWay.length > 0) await arrive(0, false)
  await relay.replay(2)
  await relay.settle()
  await pass(AGES_DAYS * DAY_MS)
  await prune(100)
  await relay.replay(1)
  await relay.settle()
  return happened
}
