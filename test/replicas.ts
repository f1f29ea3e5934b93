import type { Scheduler } from 'fast-check'
import type { Test } from 'tap'
import type { Connection } from '../src/model/connection.ts'
import type { Platform } from '../src/platforms/platform.ts'
import type { SampleDelivery } from '../src/platforms/samples.ts'
import { openStore, type Store } from '../src/store/store.ts'
import { resultsOf, type Write } from '../src/store/write.ts'
import { mortalStore } from './mortal-store.ts'
import { pausing, type Stop } from './pausing-process.ts'
import { emptyDatabase } from './postgres/empty-database.ts'
import { openSeamLine } from './seam-line.ts'
import { type HeldBySeam, hasWork, openStage, type StageOptions, type StepName, steps } from './stage.ts'

/** What one of them does. */
export interface Act {
  who: number
  act: StepName | (() => Promise<unknown>)
}

/**
 * Several relays of one platform on the same database: each may die at any commit and be started again, or stand still for as
 * long as the test likes. All on one clock that only the test moves.
 */
export interface Replicas {
  clock: { now: number }
  connections: Connection[]
  happen(sample: SampleDelivery): Promise<void>
  /** To one of them, or to another one where that stands still; until it is acknowledged. */
  post(who: number, connection: Connection, sample: SampleDelivery, id: string): Promise<void>
  /** Several things at once. One that stands still does nothing; one that may die or stop does one thing after the other. */
  together(acts: Act[], turns?: Scheduler): Promise<void>
  /** Stands still at that point of a step, if the step comes there, until {@link resume}. */
  stepUntil(who: number, halt: { name: StepName; stop: Stop; times: number }): Promise<void>
  /** Goes on where it stood, and comes to the end of what it was about. */
  resume(who: number): Promise<void>
  /** SIGKILL, wherever it is. */
  kill(who: number): Promise<void>
  /** It dies at its so-and-so-many-th commit from now: instead of it, or right after it. */
  dieAfter(who: number, commits: number, landed: boolean): void
  replay(every: number): Promise<void>
  misbehave(behaviour: object): Promise<void>
  /** Takes everything to its end, moving the clock over quiet windows, back-offs and leases. */
  settle(): Promise<void>
  held(): Promise<HeldBySeam>
  forget(): Promise<void>
  deaths: number
  pauses: number
  /** Calls that one of them made although it had the customer no more; since {@link forget}. */
  unfenced: number
}

const STEP_MS = 60_000
const MOST_ROUNDS = 2_000

export async function openReplicas(
  t: Test,
  platform: Platform,
  { replicas: count, ...options }: StageOptions & { replicas: number }
): Promise<Replicas> {
  const stage = await openStage(t, platform, options)
  const address = await emptyDatabase(t)
  /** While set, commits of those who act together go in an order of its own. */
  let turns: Scheduler | undefined

  async function openReplica() {
    const store = await openStore(address, { databasePool: 6 })
    t.teardown(() => store.close())
    /** Of the customers that it has claimed, the tokens of its leases. */
    const leases = new Map<unknown, unknown>()
    const inTurn: Store = {
      ...store,
      async commit(writes: Write[]) {
        await turns?.schedule(Promise.resolve())
        const committed = await store.commit(writes)
        for (const row of resultsOf(committed).flatMap(({ rows }) => rows))
          if ('claimed_arrival_at' in row) leases.set(row.customer_key, row.lease_token)
        return committed
      }
    }
    const seam = await openSeamLine(t, stage.sandbox, () => {
      const { life } = replica
      return async stop => {
        if (stop === 'call' && !(await hasLease())) self.unfenced += 1
        return life.at(stop)
      }
    })
    const hasLease = async () => {
      const lanes = store.db.selectFrom('lanes').select(['customer_key', 'lease_token'])
      const leased = await lanes.where('lease_until', '>', stage.clock.now).execute()
      return leased.some(lane => leases.get(lane.customer_key) === lane.lease_token)
    }
    const start = async () => {
      const mortal = mortalStore(inTurn)
      const process = pausing(mortal.store)
      return { ...mortal, ...process, ...(await stage.start(process.store, seam)) }
    }
    const replica = {
      store,
      start,
      life: await start(),
      /** What it was about when it was made to stand still. */
      pending: undefined as Promise<unknown> | undefined,
      /** While it dies and another one is started. */
      dying: undefined as Promise<void> | undefined
    }
    t.teardown(() => replica.life.bury())
    return replica
  }

  type Replica = Awaited<ReturnType<typeof openReplica>>
  const replicas: Replica[] = []
  for (let made = 0; made < count; made += 1) replicas.push(await openReplica())
  const of = (who: number) => replicas[who % count] as Replica
  const mayStop = ({ life }: Replica) => life.isDoomed() || life.isArmed()

  async function again(replica: Replica): Promise<void> {
    await replica.life.bury()
    self.deaths += 1
    stage.clock.now += 1_000
    replica.pending = undefined
    replica.life = await replica.start()
    replica.dying = undefined
  }

  /** Resolves when it is done, or the relay died over it and there is a new one. */
  async function alive(replica: Replica, work: Promise<unknown>): Promise<boolean> {
    const { life } = replica
    const done = await Promise.race([work.then(() => true), life.died])
    if (done === true) return true
    work.catch(() => undefined)
    if (replica.life === life) {
      replica.dying ??= again(replica)
      await replica.dying
    }
    return false
  }

  const self: Replicas = {
    clock: stage.clock,
    connections: stage.connections,
    deaths: 0,
    pauses: 0,
    unfenced: 0,
    happen: stage.happen,
    async post(who, connection, sample, id) {
      const isMoving = ({ life }: Replica) => life.stoppedAt() === undefined
      const replica = [of(who), ...replicas].find(isMoving) as Replica
      while (!(await alive(replica, stage.post(replica.life.origin, connection, sample, id))));
    },
    async together(acts, scheduler) {
      const byReplica = Map.groupBy(acts, ({ who }) => of(who))
      const all = Array.from(byReplica, async ([replica, list]) => {
        const work = async ({ act }: Act) => {
          if (typeof act === 'function') return act()
          if (replica.life.stoppedAt() === undefined) await alive(replica, replica.life.relay.steps[act]())
        }
        if (!mayStop(replica)) return void (await Promise.all(list.map(work)))
        for (const each of list) await work(each)
      })
      turns = scheduler
      try {
        await (scheduler?.waitFor(Promise.all(all)) ?? Promise.all(all))
      } finally {
        turns = undefined
      }
    },
    async stepUntil(who, { name, stop, times }) {
      const replica = of(who)
      const { life } = replica
      const isLast = replicas.filter(each => each.life.stoppedAt() === undefined).length === 1
      // Seam takes a late call whatever became of the relay that made it, and then nobody is left who knows of it.
      if (isLast || life.stoppedAt() !== undefined || (life.isDoomed() && stop === 'call')) return
      life.pauseAt(stop, times)
      const work = alive(replica, life.relay.steps[name]())
      await Promise.race([work, life.paused()])
      life.disarm()
      if (life.stoppedAt() === undefined) return void (await work)
      self.pauses += 1
      replica.pending = work
    },
    async resume(who) {
      const replica = of(who)
      replica.life.resume()
      await replica.pending
      replica.pending = undefined
    },
    kill: who => again(of(who)),
    dieAfter(who, commits, landed) {
      const { life } = of(who)
      if (life.stoppedAt() !== 'call') life.dieAfter(commits, landed)
    },
    replay: every => stage.replay(of(0).store, every),
    misbehave: stage.misbehave,
    async settle() {
      for (const who of replicas.keys()) await self.resume(who)
      for (let round = 0; round < MOST_ROUNDS; round += 1) {
        let busy = false
        await self.together(
          steps.flatMap(name =>
            replicas.map((replica, who) => ({
              who,
              act: async () => {
                const step = replica.life.relay.steps[name]()
                if (!(await alive(replica, step)) || (await step) === 'busy') busy = true
              }
            }))
          )
        )
        if (busy) continue
        if (!(await hasWork(of(0).store))) return
        stage.clock.now += STEP_MS
      }
      throw new TypeError(`not settled after ${MOST_ROUNDS} rounds`)
    },
    held: stage.held,
    async forget() {
      await self.settle()
      await stage.forget()
      self.unfenced = 0
    }
  }
  return self
}
