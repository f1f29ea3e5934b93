import { randomInt } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import t, { type Test } from 'tap'
import { platforms } from '../src/platforms/registry.ts'
import { openStore } from '../src/store/store.ts'
import { momentsOf } from './chaos/moments.ts'
import { randomOf } from './chaos/random.ts'
import {
  drained,
  everyAcknowledgedDeliveryEnded,
  nothingWentBack,
  seamHoldsWhatIsTrue
} from './chaos/verdicts.ts'
import { misbehave, openWorld } from './chaos/world.ts'
import { load } from './kill-load.ts'
import { type RelayProcess, runRelay, within } from './run-relay.ts'

/** What the next death waits for: so many of one kind of event. */
const kinds = ['posted', 'acknowledged', 'translated', 'synced', 'Seam called', 'platform asked'] as const
type Moment = (typeof kinds)[number]
const MOST_EVENTS = 10

const seed = Number(process.env.KILL_SEED ?? randomInt(2 ** 31))

/** What relays of this test are killed over. */
export interface KillTest {
  engine: string
  kills: number
  /** The store's address, the same for all of them. */
  address(t: Test): Promise<string>
  /** Settings of the relays. */
  env?: Record<string, string>
}

export function kill({ engine, kills, address, env = {} }: KillTest): void {
  t.test(
    `${engine}: kill -9 at ${kills} moments loses nothing that was acknowledged (KILL_SEED=${seed})`,
    { timeout: 300_000 },
    async t => {
      const random = randomOf(seed)
      const databaseUrl = await address(t)
      const world = await openWorld(t, { DATABASE_URL: databaseUrl, ...env })
      const { sandbox, connections } = world
      const moments = momentsOf<Moment, void>()
      t.teardown(watchSandbox(sandbox, moments.happened))

      let relay = Promise.withResolvers<RelayProcess>()
      const stories = load({
        connections,
        platforms,
        sandbox,
        random,
        relay: async () => (await relay.promise).origin,
        onPosted: () => moments.happened('posted'),
        onAcknowledged: () => moments.happened('acknowledged')
      })
      const telling = stories.run()
      await misbehave(sandbox, {
        fail: [
          { status: 503, probability: 0.02, times: 5 },
          { reset_after: true, probability: 0.02, times: 5 },
          { delay_ms: 10 }
        ]
      })
      const diedAt: string[] = []
      for (let killed = 0; killed < kills; killed += 1) {
        const running = await runRelay(t, world)
        running.onLogged(({ event }) => {
          if (event === 'delivery.translated') moments.happened('translated')
          if (event === 'resources.synced') moments.happened('synced')
        })
        relay.resolve(running)
        const moment = kinds[Math.floor(random() * kinds.length)] as Moment
        const nth = 1 + Math.floor(random() * MOST_EVENTS)
        await within(moments.next(moment, nth), `${moment} ${nth}`)
        diedAt.push(`${moment} ${nth}`)
        relay = Promise.withResolvers()
        running.kill('SIGKILL')
        t.same(await running.exited, { code: null, signal: 'SIGKILL' })
      }
      t.comment(`died at: ${diedAt.join(', ')}`)

      stories.stop()
      await misbehave(sandbox, {})
      const last = await runRelay(t, world)
      relay.resolve(last)
      await within(telling, 'the last stories')
      t.same(stories.surprises, [])
      const store = await openStore(databaseUrl)
      t.teardown(() => store.close())
      await drained(store)
      await within(stories.tellMore(), 'what is told in the end')
      await drained(store)
      last.kill('SIGTERM')
      t.same(await last.exited, { code: 0, signal: null })

      t.comment(`${stories.acknowledged.length} acknowledged, ${stories.told.length} bookings`)
      await everyAcknowledgedDeliveryEnded(t, store, stories)
      await seamHoldsWhatIsTrue(t, sandbox, stories.told)
      await nothingWentBack(t, sandbox, stories.told)
    }
  )
}

/** Tells of every request that reaches the sandbox, before the sandbox itself has read it. @returns what ends it */
function watchSandbox(sandbox: string, happened: (moment: Moment) => void): () => void {
  const listener = (message: unknown) => {
    const { url = '', method, headers } = (message as { request: IncomingMessage }).request
    if (headers.host !== new URL(sandbox).host) return
    if (url.startsWith('/customers/')) happened('Seam called')
    else if (url.startsWith('/sandbox/platforms/') && method !== 'PUT') happened('platform asked')
  }
  subscribe('http.server.request.start', listener)
  return () => unsubscribe('http.server.request.start', listener)
}
