import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { Connection } from '../src/model/connection.ts'
import type { Platform } from '../src/platforms/platform.ts'
import { platforms } from '../src/platforms/registry.ts'
import type { SampleBooking, SampleDelivery } from '../src/platforms/samples.ts'
import { runs } from './engines.ts'
import { type Step, serials } from './histories.ts'
import { type MortalRelay, openMortalRelay } from './mortal-relay.ts'
import { type Limits, limitsOf } from './platform-limits.ts'

// A platform may send its webhooks before its API knows what they are about.
const whatIsRead = Object.values(platforms).filter(({ hydration }) => hydration !== undefined)

const changes = ['dates', 'guest', 'move'] as const
type Change = (typeof changes)[number] | 'cancel' | 'again'

type Move = { does: 'happen' | 'step' } | { does: 'arrive'; pick: number } | { does: 'pass'; ms: number }

const anyMove: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constantFrom('happen' as const, 'step' as const) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('arrive' as const), pick: fc.nat({ max: 9 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('pass' as const), ms: fc.constantFrom(1, 400, 1_500, 5_000) })
  }
)

const anyStory = fc.record({
  before: fc.array(fc.constantFrom(...changes), { maxLength: 2 }),
  after: fc.array(fc.constantFrom(...changes), { maxLength: 2 }),
  gap: fc.integer({ min: 1, max: 3 }),
  behindMs: fc.constantFrom(0, 1_000, 8_000),
  moves: fc.array(anyMove, { minLength: 4, maxLength: 20 })
})

/** A booking that is made, and then changed so often. */
function lifeOf(
  id: string,
  changes: Change[],
  gapMs: number,
  from: number,
  { clockMs, zone }: Limits
): Step[] {
  let now = (Math.floor(from / clockMs) + 1) * clockMs
  let booking: SampleBooking = {
    id,
    status: 'confirmed',
    rooms: [{ id: 'r1', place: 'p1' }],
    guest: { id: `${id}g`, name: 'Ada Lovelace', email: `${id}@example.com`, phone: null },
    arrival: '2027-03-10',
    departure: '2027-03-12',
    checkIn: '15:00',
    checkOut: '11:00',
    timeZone: zone ?? 'America/New_York',
    code: null,
    updatedAt: now
  }
  const steps: Step[] = [{ before: undefined, after: booking }]
  for (const change of changes) {
    now += gapMs
    const next = { ...booking, ...changed(booking, change), updatedAt: now }
    steps.push({ before: booking, after: next })
    booking = next
  }
  return steps
}

function changed(booking: SampleBooking, change: Change): Partial<SampleBooking> {
  switch (change) {
    case 'cancel':
      return { status: 'cancelled' }
    case 'again':
      return { status: 'confirmed' }
    case 'dates':
      return { departure: booking.departure.replace(/\d+$/, day => `${Number(day) + 1}`) }
    case 'guest':
      return { guest: { ...booking.guest, name: `${booking.guest.name} Byron` } }
    case 'move':
      return { rooms: [{ id: 'r1', place: booking.rooms[0]?.place === 'p1' ? 'p2' : 'p1' }] }
  }
}

async function open(t: Test, platform: Platform) {
  const limits = limitsOf(platform.name)
  const relay = await openMortalRelay(t, platform, { api: limits.api ?? {}, random: () => 0.5 })
  const [connection] = relay.connections as [Connection]
  let bookings = 0
  const nextId = () => {
    bookings += 1
    return `x${bookings}`
  }
  return { platform, relay, clock: relay.clock, connection, limits, serial: serials(), nextId }
}

async function staysOf(relay: MortalRelay) {
  const { customers } = await relay.held()
  return customers.flatMap(({ stays }) => stays)
}

/** The days on which the stays at Seam end. In the tests' zones that is the same day as in Greenwich. */
async function departures(relay: MortalRelay): Promise<string[]> {
  const { customers } = await relay.held()
  const stays = customers.flatMap(({ resources }) => resources.reservations ?? [])
  return stays.map(stay => (stay as { ends_at: string }).ends_at.slice(0, 10))
}

type Stage = Awaited<ReturnType<typeof open>>

/** Lets all of it happen and its webhooks arrive, as the moves say, while the API knows of each step so much later. */
async function playOut(
  { platform, relay, clock, connection, serial }: Stage,
  steps: Step[],
  { behindMs, moves }: { behindMs: number; moves: Move[] }
): Promise<void> {
  const ahead = [...steps]
  const onTheWay: { sample: SampleDelivery; id: string }[] = []
  /** What the API does not know yet. */
  const unknown: { sample: SampleDelivery; until: number }[] = []

  const happen = () => {
    const step = ahead.shift()
    if (step === undefined) return
    clock.now = Math.max(clock.now, step.after.updatedAt)
    const context = { connection, now: clock.now, serial: serial() }
    for (const sample of platform.samples.tell(step.before, step.after, context)) {
      // Long known when it is changed.
      unknown.push({ sample, until: clock.now + (step.before === undefined ? 0 : behindMs) })
      onTheWay.push({ sample, id: `msg_${context.serial}_${onTheWay.length}` })
    }
  }
  const arrive = async (pick: number) => {
    const [delivery] = onTheWay.splice(pick % Math.max(onTheWay.length, 1), 1)
    if (delivery !== undefined) await relay.post(connection, delivery.sample, delivery.id)
  }
  const learn = async () => {
    while (unknown[0] !== undefined && unknown[0].until <= clock.now)
      for (const { sample } of unknown.splice(0, 1)) await relay.happen(sample)
  }

  for (const move of moves) {
    if (move.does === 'happen') happen()
    else if (move.does === 'arrive') await arrive(move.pick)
    else if (move.does === 'pass') clock.now += move.ms
    await learn()
    if (move.does === 'step') await relay.step('translateOnce')
  }
  while (ahead.length > 0) happen()
  while (onTheWay.length > 0) await arrive(0)
  await learn()
  await relay.settle(learn)
}

async function staysCancelled(stage: Stage): Promise<void> {
  const { relay, clock, limits, nextId } = stage
  await fc.assert(
    fc.asyncProperty(anyStory, async ({ behindMs, moves, before, after, gap }) => {
      const life: Change[] = [...before, 'cancel', ...after]
      try {
        const steps = lifeOf(nextId(), life, gap * limits.clockMs, clock.now, limits)
        await playOut(stage, steps, { behindMs, moves })
        deepStrictEqual(await staysOf(relay), [])
      } finally {
        await relay.forget()
      }
    }),
    { numRuns: runs(15), endOnFailure: false }
  )
}

/**
 * apaleo's answers say in whole seconds when they changed, and its events when they were sent. Of changes that are no further apart
 * than this, it is not known which of them an answer knows.
 */
const INDISTINCT_MS: Record<string, number> = { apaleo: 3_000 }

async function losesNothing(stage: Stage): Promise<void> {
  const { platform, relay, clock, limits, nextId } = stage
  const stepMs = Math.max(limits.clockMs, INDISTINCT_MS[platform.name] ?? 0)
  await fc.assert(
    fc.asyncProperty(anyStory, fc.boolean(), async ({ behindMs, moves, before, after, gap }, returns) => {
      const off: Change[] = returns ? ['cancel', 'again'] : []
      const life: Change[] = [...before, 'dates', ...after, ...off]
      try {
        const steps = lifeOf(nextId(), life, gap * stepMs, clock.now, limits)
        await playOut(stage, steps, { behindMs, moves })
        deepStrictEqual(await departures(relay), [steps.at(-1)?.after.departure])
      } finally {
        await relay.forget()
      }
    }),
    { numRuns: runs(15), endOnFailure: false }
  )
}

/** By so much a copy of the platform's data may be behind another. */
const COPY_BEHIND_MS = 300

async function staysCancelledBesideACopy(stage: Stage): Promise<void> {
  const { platform, relay, clock, connection, limits, serial, nextId } = stage
  const life = lifeOf(nextId(), ['cancel', 'dates'], limits.clockMs, clock.now, limits)
  const told = life.map(({ before, after }) => {
    const context = { connection, now: after.updatedAt, serial: serial() }
    return platform.samples.tell(before, after, context)
  })
  const [booked = [], off = [], changed = []] = told
  const know = async (samples: SampleDelivery[]) => {
    for (const sample of samples) await relay.happen(sample)
  }
  const post = async (samples: SampleDelivery[], name: string) => {
    for (const [index, sample] of samples.entries()) await relay.post(connection, sample, `${name}_${index}`)
  }

  await know(booked)
  await post(booked, 'booked')
  await relay.settle()
  clock.now += 3_600_000
  await know(off)
  await post(off, 'off')
  await relay.step('translateOnce')
  clock.now += COPY_BEHIND_MS
  await know(booked)
  await post(changed, 'changed')
  await relay.step('translateOnce')
  await know([...off, ...changed])
  await relay.settle()
  deepStrictEqual(await staysOf(relay), [])
  await relay.forget()
}

async function isBackAtOnce(stage: Stage): Promise<void> {
  const { platform, relay, clock, connection, limits, serial, nextId } = stage
  const [first, off] = lifeOf(nextId(), ['cancel'], limits.clockMs, clock.now, limits) as [Step, Step]
  const { updatedAt } = off.after
  const again = { ...first.after, updatedAt: updatedAt + Math.max(limits.clockMs, 1_000) }
  const happen = async ({ before, after }: Step) => {
    clock.now = Math.max(clock.now, after.updatedAt)
    const context = { connection, now: clock.now, serial: serial() }
    for (const [index, sample] of platform.samples.tell(before, after, context).entries()) {
      await relay.happen(sample)
      await relay.post(connection, sample, `msg_${context.serial}_${index}`)
    }
    await relay.step('translateOnce')
  }
  await happen(first)
  await relay.settle()
  await happen(off)
  await happen({ before: off.after, after: again })
  for (const deadline = clock.now + 10_000; clock.now < deadline; clock.now += 1_000) {
    await relay.step('translateOnce')
    await relay.step('syncOnce')
  }
  deepStrictEqual((await staysOf(relay)).length, 1)
}

for (const platform of whatIsRead) {
  t.test(`${platform.title}, whose API may be behind`, { timeout: 600_000 }, async t => {
    const stage = await open(t, platform)
    await t.test('brings no cancelled booking back', () => staysCancelled(stage))
    await t.test('loses no new dates, and no booking that was taken up again', () => losesNothing(stage))
    await t.test(
      'brings none back where a copy is behind, asked for the webhook beside the cancellation',
      () => staysCancelledBesideACopy(stage)
    )
    await t.test('has a booking that is taken up again at once back within ten seconds', () =>
      isBackAtOnce(stage)
    )
  })
}
