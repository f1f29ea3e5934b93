import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { platforms } from '../src/platforms/registry.ts'
import { openStore } from '../src/store/store.ts'
import { type Fault, faultsOf, type Moment } from './chaos/faults.ts'
import { momentsOf } from './chaos/moments.ts'
import { randomOf } from './chaos/random.ts'
import { openReplica, type Replica } from './chaos/replicas.ts'
import {
  drained,
  everyAcknowledgedDeliveryEnded,
  nothingWentBack,
  seamHoldsWhatIsTrue
} from './chaos/verdicts.ts'
import { misbehave, openWorld } from './chaos/world.ts'
import { load } from './kill-load.ts'
import { restartablePostgres } from './postgres/server.ts'
import { within } from './run-relay.ts'

const REPLICAS = 3
/** `npm run chaos` has more, and a seed of one's own. */
const faultsWanted = Number(process.env.CHAOS_FAULTS ?? 20)
const seed = Number(process.env.CHAOS_SEED ?? randomInt(2 ** 31))

const LEASE_MS = 2_000
const DATABASE_TIMEOUT_MS = 2_000
/** A relay stands still for longer than its leases last. */
const RELAY_PAUSE_MS = LEASE_MS + 500
/** And the database for longer than it is waited for. */
const DATABASE_PAUSE_MS = DATABASE_TIMEOUT_MS + 1_500

t.test(
  `${faultsWanted} faults among ${REPLICAS} relays and their database lose nothing and turn nothing round (CHAOS_SEED=${seed})`,
  { timeout: 120_000 + faultsWanted * 15_000 },
  async t => {
    const random = randomOf(seed)
    const faults = faultsOf(faultsWanted, random)
    const database = await restartablePostgres(t)
    const world = await openWorld(t, {
      DATABASE_URL: database.url,
      RELAY_LEASE_MS: String(LEASE_MS),
      RELAY_SEAM_TIMEOUT_MS: String(LEASE_MS / 2),
      RELAY_HYDRATION_TIMEOUT_MS: String(LEASE_MS / 2),
      RELAY_DATABASE_TIMEOUT_MS: String(DATABASE_TIMEOUT_MS)
    })
    const moments = momentsOf<Moment, Replica>()
    const logged = new Map<string, number>()
    const surprises: string[] = []
    const events = {
      onMoment: moments.happened,
      onLogged: (event: string) => logged.set(event, (logged.get(event) ?? 0) + 1),
      onSurprise: (what: string) => surprises.push(what)
    }
    const replicas = await Promise.all(
      ['first', 'second', 'third'].map(name => openReplica(t, name, world, events))
    )

    let turn = 0
    /** As a load balancer does that has not yet found out. */
    async function nextOrigin(): Promise<string> {
      for (;;) {
        turn += 1
        const origin = replicas[turn % REPLICAS]?.origin()
        if (origin !== undefined) return origin
        if (replicas.every(each => each.origin() === undefined))
          await Promise.race(replicas.map(each => each.up()))
      }
    }
    const at = (moment: Moment) => (origin: string) => {
      const replica = replicas.find(each => each.isUp() && each.origin() === origin)
      if (replica !== undefined) moments.happened(moment, replica)
    }
    const stories = load({
      connections: world.connections,
      platforms,
      sandbox: world.sandbox,
      random,
      relay: nextOrigin,
      onPosted: at('posted'),
      onAcknowledged: at('acknowledged')
    })
    const telling = stories.run()
    await misbehave(world.sandbox, {
      fail: [{ status: 503, probability: 0.02 }, { reset_after: true, probability: 0.02 }, { delay_ms: 10 }]
    })

    async function strike({ kind }: Fault, replica: Replica): Promise<void> {
      if (kind === 'relay killed') await replica.kill()
      else if (kind === 'relay paused') replica.pause(RELAY_PAUSE_MS)
      else if (kind === 'database killed') {
        await database.kill()
        await database.start()
      } else {
        await database.pause()
        await pause(DATABASE_PAUSE_MS)
        await database.resume()
      }
    }
    const began = performance.now()
    for (const fault of faults) {
      const { kind, moment, nth } = fault
      const replica = await within(moments.next(moment, nth), `${moment} ${nth}, for: ${kind}`)
      await strike(fault, replica)
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      t.comment(`${seconds} s: ${kind} at: ${moment} ${nth} (${replica.name})`)
    }

    await within(Promise.all(replicas.map(each => each.up())), 'all relays to run again')
    stories.stop()
    await misbehave(world.sandbox, {})
    await within(telling, 'the last stories')
    const store = await openStore(database.url)
    t.teardown(() => store.close())
    await drained(store)
    await within(stories.tellMore(), 'what is told in the end')
    await drained(store)
    t.same(await Promise.all(replicas.map(each => each.stop())), [0, 0, 0], 'all relays stop in order')
    t.same([...surprises, ...stories.surprises], [])

    t.comment(`${stories.acknowledged.length} acknowledged, ${stories.told.length} bookings`)
    for (const event of ['lane.lease_lost', 'delivery.lease_lost', 'resources.in_doubt', 'sync.failed'])
      t.comment(`${event}: ${logged.get(event) ?? 0}`)
    await everyAcknowledgedDeliveryEnded(t, store, stories)
    await seamHoldsWhatIsTrue(t, world.sandbox, stories.told)
    await nothingWentBack(t, world.sandbox, stories.told)
  }
)
