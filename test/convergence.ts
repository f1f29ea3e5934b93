import { deepStrictEqual, match } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import type { Connection } from '../src/model/connection.ts'
import type { Platform } from '../src/platforms/platform.ts'
import { platforms } from '../src/platforms/registry.ts'
import type { SampleDelivery } from '../src/platforms/samples.ts'
import type { TestEngine } from './engines.ts'
import { anyTurns, anyZone, historyOf, serials } from './histories.ts'
import { type MortalRelay, openMortalRelay, type StepName } from './mortal-relay.ts'
import { expectedOf, heldBy, namesToCarry } from './oracle.ts'
import { limitsOf } from './platform-limits.ts'

const registered = Object.values(platforms)

/** What goes on while the history happens. */
type Move =
  | { does: 'happen' }
  | { does: 'arrive'; pick: number; again: boolean; sameId: boolean }
  | { does: 'step'; names: StepName[]; arriving: number[] }
  | { does: 'replay'; every: number }
  | { does: 'pass'; ms: number }
  | { does: 'misbehave'; rule: object }
  | { does: 'die'; commits: number; landed: boolean }

const anyMove: fc.Arbitrary<Move> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: fc.constant('happen' as const) }) },
  {
    weight: 7,
    arbitrary: fc.record({
      does: fc.constant('arrive' as const),
      pick: fc.nat({ max: 99 }),
      again: fc.boolean(),
      sameId: fc.boolean()
    })
  },
  {
    weight: 7,
    arbitrary: fc.record({
      does: fc.constant('step' as const),
      names: fc.constantFrom<StepName[]>(
        ['translateOnce'],
        ['translateOnce'],
        ['syncOnce'],
        ['syncOnce', 'translateOnce'],
        ['redrawOnce', 'syncOnce', 'translateOnce'],
        ['redrawOnce', 'readPlaceOnce', 'lookAgainOnce']
      ),
      arriving: fc.array(fc.nat({ max: 99 }), { maxLength: 2 })
    })
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('replay' as const), every: fc.integer({ min: 1, max: 3 }) })
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('pass' as const),
      ms: fc.constantFrom(1, 400, 1_500, 30_000, 120_000)
    })
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('misbehave' as const),
      rule: fc.constantFrom(
        { status: 429, retry_after_s: 7, times: 2 },
        { status: 500, times: 1 },
        { status: 503, plain_text: true, body: 'upstream', times: 2 },
        { reset: true, times: 1 },
        { reset_after: true, times: 2 },
        { operation: 'delete_data', reset_after: true, times: 1 },
        { operation: 'push_data', status: 502, plain_text: true, times: 1 }
      )
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

const anyStory = fc.record({
  turns: anyTurns,
  zone: anyZone,
  moves: fc.array(anyMove, { minLength: 4, maxLength: 20 }),
  order: fc.array(fc.nat({ max: 99 }), { maxLength: 12 })
})

/** @param numRuns histories of each platform */
export function convergence(engine: TestEngine, numRuns: number): void {
  for (const platform of registered) {
    t.test(
      `${platform.title}: whatever arrives when, how often and over which crashes, Seam ends up with what is true`,
      { timeout: 300_000 },
      async t => {
        const limits = limitsOf(platform.name)
        const relay = await openMortalRelay(t, platform, {
          engine,
          api: limits.api ?? {},
          random: () => 0.5
        })
        const [connection] = relay.connections as [Connection]
        let run = 0
        const unused = serials()

        await fc
          .assert(
            fc.asyncProperty(anyStory, async story => {
              run += 1
              const steps = historyOf(
                {
                  ...story,
                  prefix: `x${run}`,
                  startsAt: (Math.floor(relay.clock.now / 1_000) + 1) * 1_000,
                  unused
                },
                limits
              )
              try {
                await live(relay, platform, steps, story, unused)
                const {
                  customers: [customer],
                  overlaps
                } = await relay.held()
                deepStrictEqual(
                  heldBy(customer, limits),
                  expectedOf(steps, platform.samples, connection, limits)
                )
                deepStrictEqual(
                  customer?.stays.filter(stay => stay.access !== 'granted') ?? [],
                  [],
                  'every stay has access'
                )
                deepStrictEqual(overlaps, {})
                const names = namesToCarry(steps, platform.samples, connection, limits)
                for (const stay of (customer?.resources.reservations ?? []) as Record<string, string>[])
                  match(stay.name ?? '', new RegExp(names.get(stay.reservation_key ?? '') ?? ''))
              } finally {
                if (story.moves.some(move => move.does === 'misbehave')) await relay.misbehave({})
                await relay.forget()
              }
            }),
            { numRuns, endOnFailure: false }
          )
          .catch(error => {
            throw new Error(`${error.message}\n\n${adviceFor(platform)}`, { cause: error })
          })
        t.comment(`${run} histories, ${relay.deaths} deaths`)
      }
    )
  }
}

/** A history that the platform has no words for looks like one that went wrong. */
function adviceFor({ name, title }: Platform): string {
  return `Where ${title} cannot tell what is expected here (several rooms, codes, hours …), say so under ${name} in test/platform-limits.ts.`
}

/** Lets the history happen and its webhooks arrive as the story says, then everything that is left. */
async function live(
  relay: MortalRelay,
  platform: Platform,
  steps: ReturnType<typeof historyOf>,
  story: { moves: Move[]; order: number[] },
  nextSerial: () => number
): Promise<void> {
  const [connection] = relay.connections as [Connection]
  const ahead = [...steps]
  const onTheWay: { sample: SampleDelivery; id: string }[] = []
  async function happen(): Promise<void> {
    const step = ahead.shift()
    if (step === undefined) return
    relay.clock.now = Math.max(relay.clock.now, step.after.updatedAt)
    const context = { connection, now: relay.clock.now, serial: nextSerial() }
    for (const sample of platform.samples.tell(step.before, step.after, context)) {
      await relay.happen(sample)
      onTheWay.push({ sample, id: `msg_${context.serial}_${onTheWay.length}` })
    }
  }

  async function arrive(pick: number, again: boolean, sameId: boolean): Promise<void> {
    const index = pick % Math.max(onTheWay.length, 1)
    const delivery = onTheWay[index]
    if (delivery === undefined) return
    if (!again) onTheWay.splice(index, 1)
    else if (!sameId) onTheWay.push({ ...delivery, id: `${delivery.id}_again` })
    await relay.post(connection, delivery.sample, delivery.id)
  }

  for (const move of story.moves) {
    if (move.does === 'happen') await happen()
    else if (move.does === 'arrive') await arrive(move.pick, move.again, move.sameId)
    else if (move.does === 'step')
      await relay.together([
        ...move.names.map(name => () => relay.step(name)),
        ...move.arriving.map(pick => () => arrive(pick, false, true))
      ])
    else if (move.does === 'replay') await relay.replay(move.every)
    else if (move.does === 'pass') relay.clock.now += move.ms
    else if (move.does === 'misbehave') await relay.misbehave({ fail: [move.rule] })
    else relay.dieAfter(move.commits, move.landed)
  }
  while (ahead.length > 0) await happen()
  for (const pick of story.order) await arrive(pick, false, true)
  while (onTheWay.length > 0) await arrive(0, false, true)
  await relay.settle()
}
