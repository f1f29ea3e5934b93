import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import type { Connection } from '../src/model/connection.ts'
import type { Platform } from '../src/platforms/platform.ts'
import { platforms } from '../src/platforms/registry.ts'
import type { SampleDelivery } from '../src/platforms/samples.ts'
import { runs } from './engines.ts'
import { anyTurns, anyZone, historyOf, type Step, serials } from './histories.ts'
import { expectedOf, heldBy } from './oracle.ts'
import type { Stop } from './pausing-process.ts'
import { limitsOf } from './platform-limits.ts'
import { type Act, openReplicas, type Replicas } from './replicas.ts'
import type { StepName } from './stage.ts'

/**
 * Three relays on one database. They act at the same time, die, and stand still in the middle of a step for longer than their
 * leases, while the others go on; then they go on as well. Seam ends up with what is true, and no two of them ever call it
 * about one customer at the same time.
 */

const REPLICAS = 3
/** Relays that do not do what they should are slow at it: a failure is told as small as it is by then. */
const MOST_MS = 200_000
const numRuns = runs(15)
/** A whole webhook, one that only says what to read, and guests who are told of in events of their own. */
const names = ['standard', 'hostaway', 'mews']

type StepAct = Act & { act: StepName }

type Move =
  | { does: 'happen' }
  | { does: 'arrive'; who: number; pick: number; again: boolean; sameId: boolean }
  | { does: 'act'; acts: StepAct[]; arriving: number[] }
  | { does: 'stand still'; who: number; halt: Halt; pause: Pause }
  | { does: 'go on'; who: number }
  | { does: 'die'; who: number; commits: number; landed: boolean }
  | { does: 'kill'; who: number }
  | { does: 'replay'; every: number }
  | { does: 'pass'; ms: number }
  | { does: 'misbehave'; rule: object }

/** What the others do meanwhile. */
interface Pause {
  ms: number
  arriving: number[]
  acts: StepAct[]
  /** Whether they take something new all the way to Seam. */
  catchUp: boolean
  /** Whether it goes on right after that. */
  ends: boolean
}

interface Halt {
  name: StepName
  stop: Stop
  times: number
}

const halt = (name: StepName, stops: Stop[], most: number) =>
  fc.record({
    name: fc.constant(name),
    stop: fc.constantFrom(...stops),
    times: fc.integer({ min: 1, max: most })
  })

const anyone = fc.nat({ max: REPLICAS - 1 })
const anyArrival = fc.array(fc.nat({ max: 99 }), { maxLength: 2 })
const anyStep = fc.constantFrom<StepName>(
  'translateOnce',
  'translateOnce',
  'syncOnce',
  'syncOnce',
  'syncOnce',
  'redrawOnce',
  'readPlaceOnce'
)
/** Where somebody stands still: a step, and for the how many-th time it comes to what. */
const anyHalt: fc.Arbitrary<Halt> = fc.oneof(
  halt('syncOnce', ['call', 'called'], 1),
  halt('syncOnce', ['commit', 'committed'], 4),
  halt('translateOnce', ['commit', 'committed'], 2),
  halt('readPlaceOnce', ['commit', 'committed'], 2)
)
const anyActs = fc.array(fc.record({ who: anyone, act: anyStep }), { minLength: 1, maxLength: 6 })

const move = <Name extends Move['does'], Rest extends object>(
  weight: number,
  does: Name,
  rest: { [Field in keyof Rest]: fc.Arbitrary<Rest[Field]> }
) => ({ weight, arbitrary: fc.record({ does: fc.constant(does), ...rest }) as unknown as fc.Arbitrary<Move> })

const anyMove: fc.Arbitrary<Move> = fc.oneof(
  move(5, 'happen', {}),
  move(6, 'arrive', { who: anyone, pick: fc.nat({ max: 99 }), again: fc.boolean(), sameId: fc.boolean() }),
  move(6, 'act', { acts: anyActs, arriving: anyArrival }),
  move(9, 'stand still', {
    who: anyone,
    halt: anyHalt,
    pause: fc.record({
      ms: fc.constantFrom(0, 400, 26_000, 26_000, 26_000, 90_000),
      arriving: anyArrival,
      acts: anyActs,
      catchUp: fc.boolean(),
      ends: fc.boolean()
    })
  }),
  move(3, 'go on', { who: anyone }),
  move(1, 'die', { who: anyone, commits: fc.nat({ max: 9 }), landed: fc.boolean() }),
  move(1, 'kill', { who: anyone }),
  move(1, 'replay', { every: fc.integer({ min: 1, max: 3 }) }),
  move(3, 'pass', { ms: fc.constantFrom(1, 400, 1_500, 30_000, 120_000) }),
  move(1, 'misbehave', {
    rule: fc.constantFrom(
      { status: 429, retry_after_s: 7, times: 2 },
      { status: 500, times: 1 },
      { reset: true, times: 1 },
      { reset_after: true, times: 2 }
    )
  })
)

const anyStory = fc.record({
  // Enough that something new happens around most pauses.
  turns: fc.tuple(anyTurns, anyTurns).map(parts => parts.flat()),
  zone: anyZone,
  moves: fc.array(anyMove, { minLength: 6, maxLength: 20 }),
  order: fc.array(fc.nat({ max: 99 }), { maxLength: 12 }),
  scheduler: fc.scheduler()
})
type Story = typeof anyStory extends fc.Arbitrary<infer T> ? T : never

for (const name of names) {
  const platform = platforms[name] as Platform
  t.test(
    `${platform.title}: relays that act at once, die and stand still lead Seam to what is true`,
    { timeout: 300_000 },
    async t => {
      const limits = limitsOf(name)
      const relays = await openReplicas(t, platform, {
        replicas: REPLICAS,
        api: limits.api ?? {},
        random: () => 0.5
      })
      const [connection] = relays.connections as [Connection]
      let run = 0
      const unused = serials()
      await fc.assert(
        fc.asyncProperty(anyStory, async story => {
          run += 1
          const startsAt = (Math.floor(relays.clock.now / 1_000) + 1) * 1_000
          const steps = historyOf({ ...story, prefix: `x${run}`, startsAt, unused }, limits)
          try {
            await live(relays, platform, steps, story, unused)
            const {
              customers: [customer],
              overlaps
            } = await relays.held()
            deepStrictEqual(heldBy(customer, limits), expectedOf(steps, platform.samples, connection, limits))
            const withheld = customer?.stays.filter(stay => stay.access !== 'granted') ?? []
            deepStrictEqual(withheld, [], 'every stay has access')
            deepStrictEqual(overlaps, {})
            deepStrictEqual(relays.unfenced, 0, 'nobody calls Seam after the lease went to somebody else')
          } finally {
            await relays.misbehave({})
            await relays.forget()
          }
        }),
        { numRuns, endOnFailure: false, interruptAfterTimeLimit: MOST_MS }
      )
      t.comment(`${run} histories, ${relays.deaths} deaths, ${relays.pauses} pauses`)
    }
  )
}

/** Lets the history happen and its webhooks arrive as the story says, then everything that is left. */
async function live(
  relays: Replicas,
  platform: Platform,
  steps: Step[],
  { moves, order, scheduler }: Story,
  nextSerial: () => number
): Promise<void> {
  const [connection] = relays.connections as [Connection]
  const ahead = [...steps]
  const onTheWay: { sample: SampleDelivery; id: string }[] = []

  async function happen(): Promise<void> {
    const step = ahead.shift()
    if (step === undefined) return
    relays.clock.now = Math.max(relays.clock.now, step.after.updatedAt)
    const context = { connection, now: relays.clock.now, serial: nextSerial() }
    for (const sample of platform.samples.tell(step.before, step.after, context)) {
      await relays.happen(sample)
      onTheWay.push({ sample, id: `msg_${context.serial}_${onTheWay.length}` })
    }
  }

  async function arrive(who: number, pick: number, again: boolean, sameId: boolean): Promise<void> {
    const index = pick % Math.max(onTheWay.length, 1)
    const delivery = onTheWay[index]
    if (delivery === undefined) return
    if (!again) onTheWay.splice(index, 1)
    else if (!sameId) onTheWay.push({ ...delivery, id: `${delivery.id}_again` })
    await relays.post(who, connection, delivery.sample, delivery.id)
  }

  function together(acts: StepAct[], arriving: number[]): Promise<void> {
    const arrivals = arriving.map(pick => ({ who: pick, act: () => arrive(pick, pick, false, true) }))
    return relays.together([...acts, ...arrivals], scheduler)
  }

  /** That a step has something to do. */
  async function prepare(who: number, name: StepName): Promise<void> {
    await happen()
    await arrive(who, 0, false, true)
    if (name !== 'translateOnce') await relays.together([{ who: who + 1, act: 'translateOnce' }])
    if (name === 'syncOnce') relays.clock.now += 1_500
  }

  async function catchUp(except: number): Promise<void> {
    await happen()
    await arrive(except + 1, 0, false, true)
    const others = [1, 2].map(after => except + after)
    for (const act of ['translateOnce', 'redrawOnce', 'syncOnce', 'syncOnce'] as const) {
      if (act === 'syncOnce') relays.clock.now += 1_500
      await relays.together(others.map(who => ({ who, act })))
    }
  }

  for (const move of moves) {
    if (move.does === 'happen') await happen()
    else if (move.does === 'arrive') await arrive(move.who, move.pick, move.again, move.sameId)
    else if (move.does === 'act') await together(move.acts, move.arriving)
    else if (move.does === 'stand still') {
      const { who, halt, pause } = move
      await prepare(who, halt.name)
      await relays.stepUntil(who, halt)
      relays.clock.now += pause.ms
      await together(pause.acts, pause.arriving)
      if (pause.catchUp) await catchUp(who)
      if (pause.ends) await relays.resume(who)
    } else if (move.does === 'go on') await relays.resume(move.who)
    else if (move.does === 'die') relays.dieAfter(move.who, move.commits, move.landed)
    else if (move.does === 'kill') await relays.kill(move.who)
    else if (move.does === 'replay') await relays.replay(move.every)
    else if (move.does === 'pass') relays.clock.now += move.ms
    else await relays.misbehave({ fail: [move.rule] })
  }
  while (ahead.length > 0) await happen()
  for (const pick of order) await arrive(pick, pick, false, true)
  while (onTheWay.length > 0) await arrive(0, 0, false, true)
  await relays.settle()
}
