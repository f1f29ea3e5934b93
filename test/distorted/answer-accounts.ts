import type { Test } from 'tap'
import type { Connection } from '../../src/model/connection.ts'
import { HOUR_MS } from '../../src/model/durations.ts'
import { createLog } from '../../src/observe/log.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import type { SampleDelivery, StandIn, StandInResponse } from '../../src/platforms/samples.ts'
import type { Entry } from '../../src/seam/contract.ts'
import type { Store } from '../../src/store/store.ts'
import { openEmpty, sqlite } from '../engines.ts'
import { limitsOf } from '../platform-limits.ts'
import { openStage } from '../stage.ts'
import { type Distortion, questionOf } from './answer-distortions.ts'
import { type Life, lifeOf, type Story } from './answer-lives.ts'
import { leanest } from './lean-webhooks.ts'

export interface Case {
  story: Story
  /** Undefined where the API answers well. */
  distortion?: Distortion
}

/** What Seam has of an account. */
export interface Held {
  /** By list; keys are without the account's name, and that of the stay is the word. */
  resources: Record<string, Entry[]>
  /** The key of the stay. */
  stay: string | undefined
  /** Why the stay is held, where it is. */
  held: string | undefined
}

/** What came of a case: what Seam had before the distortion, while it lasted, and once the API was well and the next webhook had come. */
export interface Outcome {
  before: Held
  during: Held
  after: Held
  /** What was asked while it lasted, and what was answered to it, undistorted. */
  asked: Map<string, StandInResponse>
}

export interface Accounts {
  /** Each in an account of its own that no other case has had, all at once. */
  play(cases: Case[]): Promise<Outcome[]>
  /** What went wrong that nobody foresaw: lines of the log. */
  mistakes(): string[]
}

/** So long the API answers oddly. A delivery is tried a dozen times in that. */
const ODD_MS = 2 * HOUR_MS

/** A relay of so many accounts at a platform, each with a world, a customer and a workspace of its own. */
export async function openAccounts(t: Test, platform: Platform, size: number): Promise<Accounts> {
  const limits = limitsOf(platform.name)
  const accounts = Array.from({ length: size }, (_, index) => accountOf(platform, index))
  const mistakes: string[] = []
  const stage = await openStage(t, platform, {
    connections: accounts.map(({ id }) => ({ id, customerKey: id, workspaceId: id })),
    standIns: Object.fromEntries(accounts.map(({ id, standIn }) => [id, standIn])),
    api: limits.api ?? {},
    log: createLog('info', { write: line => void (isMistake(line) && mistakes.push(line)) }),
    random: () => 0.5
  })
  const store = await openEmpty(t, sqlite)
  t.teardown(() => store.close())
  const { relay, origin, bury } = await stage.start(store)
  t.teardown(bury)
  const { clock } = stage
  const free = [...accounts]
  let serial = 0

  async function settle(mostMs: number): Promise<void> {
    const { translateOnce, readPlaceOnce, redrawOnce, syncOnce } = relay.steps
    const atOnce = [translateOnce, redrawOnce, ...Array(6).fill(readPlaceOnce), ...Array(6).fill(syncOnce)]
    for (const end = clock.now + mostMs; ; ) {
      const outcomes = await Promise.all(atOnce.map(step => step()))
      if (outcomes.includes('busy')) continue
      const due = await nextDue(store)
      if (due === undefined || due > end) return
      clock.now = Math.max(due, clock.now + 1)
    }
  }

  async function heldBy(players: Account[]): Promise<Held[]> {
    const { workspaces } = await stage.view()
    const customers = new Map(
      workspaces.flatMap(each => each.customers).map(each => [each.customer_key, each])
    )
    const waiting = store.db.selectFrom('resources').select(['connection_id', 'held'])
    const reasons = new Map(
      (await waiting.where('held', 'is not', null).execute()).map(row => [row.connection_id, row.held])
    )
    return players.map(({ id }) => {
      const { resources = {} } = customers.get(id) ?? {}
      const [reservation] = (resources.reservations ?? []) as Entry[]
      const stay = reservation && String(reservation.reservation_key).slice(`${id}:`.length)
      const text = JSON.stringify(resources).replaceAll(`"${id}:`, '"')
      const alike = stay === undefined ? text : text.replaceAll(stay, 'stay')
      return { resources: JSON.parse(alike), stay, held: reasons.get(id) ?? undefined }
    })
  }

  async function play(cases: Case[]): Promise<Outcome[]> {
    const players = free.splice(0, cases.length)
    if (players.length < cases.length) throw new TypeError('more cases than accounts')
    const start = Math.ceil(clock.now / HOUR_MS) * HOUR_MS
    const lives = cases.map(({ story }) => lifeOf(story, start, limits))

    /** What happens to the bookings in that hour, as their platform knows it, and what it sends of it. */
    const happen = (hour: number, step: keyof Life) => {
      clock.now = Math.max(clock.now, start + hour * HOUR_MS)
      return players.flatMap((account, index) => {
        const told = lives[index]?.[step]
        if (told === undefined) return []
        const connection = stage.connections.find(each => each.id === account.id) as Connection
        serial += 1
        const context = { connection, now: clock.now, serial }
        return platform.samples.tell(told.from, told.to, context).map((whole, each) => {
          const sample = leanest(platform.name, whole)
          account.happen(sample)
          return { connection, sample, id: `msg_${serial}_${each}` }
        })
      })
    }
    const post = async (webhooks: ReturnType<typeof happen>) => {
      for (const { connection, sample, id } of webhooks) await stage.post(origin, connection, sample, id)
    }

    await post(happen(0, 'made'))
    await settle(ODD_MS)
    const late = happen(19.5, 'late')
    await post(happen(19.75, 'ended'))
    await settle(ODD_MS)
    const before = await heldBy(players)
    players.forEach((account, index) => {
      account.distort(cases[index]?.distortion)
    })
    const now = happen(20, 'told')
    await post([...now, ...late])
    await settle(ODD_MS)
    const during = await heldBy(players)
    const asked = players.map(account => account.distort(undefined))
    // Places are read once a day: all of them now, and none while answers were odd, or with the next webhook.
    clock.now = start + 50 * HOUR_MS
    await settle(ODD_MS)
    await post(happen(52, 'next'))
    await settle(ODD_MS)
    const after = await heldBy(players)
    return cases.map((_, index) => ({
      before: before[index] as Held,
      during: during[index] as Held,
      after: after[index] as Held,
      asked: asked[index] ?? new Map()
    }))
  }

  return { play, mistakes: () => mistakes }
}

interface Account {
  id: string
  standIn: StandIn
  happen(sample: SampleDelivery): void
  /** @returns what was asked since the last time, and what was answered to it, undistorted */
  distort(next: Distortion | undefined): Map<string, StandInResponse>
}

function accountOf(platform: Platform, index: number): Account {
  const world = new Map<string, unknown>()
  let asked = new Map<string, StandInResponse>()
  let distortion: Distortion | undefined
  let oddAnswers = 0
  return {
    // No beginning of another one's.
    id: `account-${index}-`,
    standIn(request, _world, settings) {
      const question = questionOf(request)
      const answer = structuredClone((platform.standIn as StandIn)(request, world, settings))
      asked.set(question, structuredClone(answer))
      if (distortion?.question !== question || oddAnswers === 0) return answer
      oddAnswers -= 1
      return distortion.distorted(answer)
    },
    happen({ world: entities = {} }) {
      for (const [name, entity] of Object.entries(entities)) {
        if (entity === null) world.delete(name)
        else world.set(name, structuredClone(entity))
      }
    },
    distort(next) {
      const former = asked
      asked = new Map()
      distortion = next
      oddAnswers = next?.kind === 'answer once' ? 1 : Number.POSITIVE_INFINITY
      return former
    }
  }
}

function isMistake(line: string): boolean {
  return /"event":"(?:delivery\.translator_failed|delivery\.lost_hold|\w+\.failed)"|RELAY_INTERNAL/.test(line)
}

/** When there is something to do; undefined where there is nothing, now or later. */
async function nextDue({ db }: Store): Promise<number | undefined> {
  const soonest = await Promise.all([
    db
      .selectFrom('deliveries')
      .select('due_at')
      .where('state', '=', 'received')
      .orderBy('due_at')
      .limit(1)
      .execute(),
    db
      .selectFrom('lanes')
      .select('due_at')
      .where('due_at', 'is not', null)
      .orderBy('due_at')
      .limit(1)
      .execute(),
    db
      .selectFrom('place_readings')
      .select('due_at')
      .where('read_at', 'is', null)
      .orderBy('due_at')
      .limit(1)
      .execute()
  ])
  const times = soonest.flat().flatMap(({ due_at: due }) => due ?? [])
  return times.length === 0 ? undefined : Math.min(...times)
}
