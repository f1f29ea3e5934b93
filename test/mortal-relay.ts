import type { Test } from 'tap'
import type { Connection } from '../src/model/connection.ts'
import type { Platform } from '../src/platforms/platform.ts'
import type { SampleDelivery } from '../src/platforms/samples.ts'
import { openEmpty, sqlite, type TestEngine } from './engines.ts'
import { mortalStore } from './mortal-store.ts'
import { type HeldBySeam, hasWork, openStage, type StageOptions, type StepName, steps } from './stage.ts'

export type { StepName } from './stage.ts'

/**
 * A relay of one platform that can die at any commit and be started again, while the store, Seam and the platform live on.
 * All on a clock that only the test moves.
 */
export interface MortalRelay {
  clock: { now: number }
  connections: Connection[]
  /** What the platform's API knows from now on. */
  happen(sample: SampleDelivery): Promise<void>
  /** Signs as the platform would and posts until it is acknowledged. */
  post(connection: Connection, sample: SampleDelivery, id: string): Promise<void>
  /** Calls as an internal service until it is acknowledged. */
  call(path: string, body: object, headers: Record<string, string>): Promise<void>
  step(name: StepName): Promise<'busy' | 'idle'>
  /** Several things at once; one after the other where the relay is about to die, for a dead one must not go on calling Seam. */
  together(works: (() => Promise<unknown>)[]): Promise<void>
  /** Lets stored deliveries run again: every so-and-so-many-th of those acknowledged since {@link forget}. */
  replay(every: number): Promise<void>
  /** The relay dies at its so-and-so-many-th commit from now: instead of it, or right after it. */
  dieAfter(commits: number, landed: boolean): void
  misbehave(behaviour: object): Promise<void>
  /** Takes everything to its end, moving the clock over quiet windows and back-offs. @param onTime whenever time has passed */
  settle(onTime?: () => Promise<void>): Promise<void>
  held(): Promise<HeldBySeam>
  /** What is under way comes to its end; then Seam and the platform forget everything, and the relay does not. */
  forget(): Promise<void>
  /** How often it died. */
  deaths: number
}

export interface MortalOptions extends StageOptions {
  /** SQLite unless given. */
  engine?: TestEngine
}

const STEP_MS = 60_000
const MOST_ROUNDS = 2_000

export async function openMortalRelay(
  t: Test,
  platform: Platform,
  { engine = sqlite, ...options }: MortalOptions
): Promise<MortalRelay> {
  const stage = await openStage(t, platform, options)
  const store = await openEmpty(t, engine)
  t.teardown(() => store.close())
  let living = await start()
  t.teardown(() => living.bury())

  async function start() {
    const mortal = mortalStore(store)
    return { ...mortal, ...(await stage.start(mortal.store)) }
  }

  /** Undefined where the relay died over it; then there is a new one. */
  async function alive<T>(work: Promise<T>): Promise<{ value: T } | undefined> {
    const outcome = await Promise.race([work.then(value => ({ value })), living.died])
    if (outcome !== undefined) return outcome
    work.catch(() => undefined)
    await living.bury()
    self.deaths += 1
    stage.clock.now += 1_000
    living = await start()
    return undefined
  }

  const self: MortalRelay = {
    clock: stage.clock,
    connections: stage.connections,
    deaths: 0,
    happen: stage.happen,
    async post(connection, sample, id) {
      while ((await alive(stage.post(living.origin, connection, sample, id))) === undefined);
    },
    async call(path, body, headers) {
      while ((await alive(stage.call(living.origin, path, body, headers))) === undefined);
    },
    async step(name) {
      return (await alive(living.relay.steps[name]()))?.value ?? 'busy'
    },
    async together(works) {
      if (!living.isDoomed()) return void (await Promise.all(works.map(work => work())))
      for (const work of works) await work()
    },
    replay: every => stage.replay(store, every),
    dieAfter: (commits, landed) => living.dieAfter(commits, landed),
    misbehave: stage.misbehave,
    async settle(onTime) {
      for (let round = 0; round < MOST_ROUNDS; round += 1) {
        let busy = false
        await self.together(
          steps.map(name => async () => {
            if ((await self.step(name)) === 'busy') busy = true
          })
        )
        if (busy) continue
        if (!(await hasWork(store))) return
        stage.clock.now += STEP_MS
        await onTime?.()
      }
      throw new TypeError(`not settled after ${MOST_ROUNDS} rounds`)
    },
    held: stage.held,
    async forget() {
      await self.settle()
      await stage.forget()
    }
  }
  return self
}
