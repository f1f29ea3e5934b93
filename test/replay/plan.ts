import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { Connection } from '../../src/model/connection.ts'
import { kindNames, kinds } from '../../src/model/kind.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import { platforms } from '../../src/platforms/registry.ts'
import type { Store } from '../../src/store/store.ts'
import { type Write, write } from '../../src/store/write.ts'
import { openEmpty, runs, type TestEngine } from '../engines.ts'
import { anyTurns, anyZone, historyOf, serials } from '../histories.ts'
import { limitsOf } from '../platform-limits.ts'
import { hasWork, openStage, type StartedRelay, steps } from '../stage.ts'

const TOKEN = 'the-admin-token-of-the-test'
/** A booking whose clock is in its webhooks, one that is read from the API, and one of appointments. */
const everySort = ['standard', 'hostaway', 'calcom']

/** What is done to the store, as an accident or a mended adapter would. */
interface Damage {
  kind: 'lose' | 'change what Seam should hold' | 'change what is known'
  /** Which rows, by the remainder of their number. */
  every: number
  of: number
}

const anyStory = fc.record({
  turns: anyTurns,
  zone: anyZone,
  order: fc.array(fc.nat({ max: 99 }), { maxLength: 12 }),
  damages: fc.array(
    fc.record({
      kind: fc.constantFrom<Damage['kind']>('lose', 'change what Seam should hold', 'change what is known'),
      every: fc.integer({ min: 1, max: 3 }),
      of: fc.nat({ max: 2 })
    }),
    { maxLength: 2 }
  )
})

const calls = fc.record({
  said: fc.array(
    fc.record({
      space: fc.constantFrom('s1', 's2'),
      guest: fc.constantFrom('g1', 'g2'),
      stay: fc.constantFrom('r1', 'r2', 'r3'),
      name: fc.constantFrom('Ada', 'Bo'),
      erase: fc.constantFrom('nothing', 'nothing', 'reservation_keys', 'guest_keys')
    }),
    { minLength: 1, maxLength: 6 }
  ),
  damages: anyStory.map(({ damages }) => damages)
})

type Members = Record<string, unknown>

interface Change {
  effect: string
  kind: string
  key: string
  before: Members | null
  after: Members
}

/** What a plan says that Seam hears, or what it has heard: operation, kind and key. */
type Heard = string[]

export function plansComeTrue(engine: TestEngine, ordinary: number, names = everySort): void {
  for (const platform of names.map(name => platforms[name] as Platform)) {
    t.test(`${platform.title}: what a plan says is what a replay does`, { timeout: 300_000 }, async t => {
      const limits = limitsOf(platform.name)
      const world = await open(t, platform, engine)
      const [connection] = world.stage.connections as [Connection]
      let run = 0
      const unused = serials()
      await fc.assert(
        fc.asyncProperty(anyStory, async story => {
          run += 1
          const startsAt = (Math.floor(world.stage.clock.now / 1_000) + 1) * 1_000
          const history = historyOf({ ...story, prefix: `x${run}`, startsAt, unused }, limits)
          const context = (serial: number) => ({ connection, now: world.stage.clock.now, serial })
          const ids: string[] = []
          for (const step of history) {
            world.stage.clock.now = Math.max(world.stage.clock.now, step.after.updatedAt)
            for (const sample of platform.samples.tell(step.before, step.after, context(unused()))) {
              await world.stage.happen(sample)
              ids.push(await world.stage.post(world.started.origin, connection, sample, `msg_${unused()}`))
            }
          }
          await world.settle()
          await world.compare(ids, story.damages)
          await world.anew()
        }),
        { numRuns: runs(ordinary), endOnFailure: true }
      )
    })
  }

  t.test('and of what callers pushed and deleted', { timeout: 300_000 }, async t => {
    const world = await open(t, platforms.standard as Platform, engine)
    await fc.assert(
      fc.asyncProperty(calls, async ({ said, damages }) => {
        const before = await world.newest()
        for (const { space, guest, stay, name, erase } of said) {
          world.stage.clock.now += 1_000
          const path = erase === 'nothing' ? '/customers/push_data' : '/customers/delete_data'
          const keys = { reservation_keys: [stay, 'unknown'], guest_keys: [guest] }
          const body =
            erase === 'nothing'
              ? {
                  customer_key: 'acme',
                  spaces: [{ space_key: space, name }],
                  guests: [{ guest_key: guest, name, email_address: `${guest}@example.com` }],
                  reservations: [
                    {
                      reservation_key: stay,
                      name,
                      guest_key: guest,
                      space_keys: [space],
                      starts_at: '2027-03-01T15:00:00Z',
                      ends_at: '2027-03-04T10:00:00Z'
                    }
                  ]
                }
              : { [erase]: keys[erase] }
          await world.stage.call(world.started.origin, path, body, {})
        }
        await world.settle()
        const ids = (
          await world.store.db.selectFrom('deliveries').select('id').where('id', '>', before).execute()
        ).map(row => row.id)
        await world.compare(ids, damages)
        await world.anew()
      }),
      { numRuns: runs(ordinary), endOnFailure: true }
    )
  })
}

async function open(t: Test, platform: Platform, engine: TestEngine) {
  const stage = await openStage(t, platform, {
    random: () => 0.5,
    api: limitsOf(platform.name).api ?? {},
    env: { RELAY_ADMIN_TOKEN: TOKEN }
  })
  const store = await openEmpty(t, engine)
  t.teardown(() => store.close())
  const started: StartedRelay = await stage.start(store)
  t.teardown(() => started.bury())
  const { app, steps: step } = started.relay

  async function operator(method: 'GET' | 'POST', path: string, payload?: object) {
    const headers = { authorization: `Bearer ${TOKEN}` }
    const reply = await app.inject({ method, url: `/api/v1${path}`, headers, ...(payload && { payload }) })
    if (reply.statusCode >= 300)
      throw new TypeError(`${path} was answered ${reply.statusCode}: ${reply.body}`)
    return reply.json()
  }

  async function settle(): Promise<void> {
    for (let round = 0; round < 500; round += 1) {
      let busy = false
      for (const name of ['replayOnce', ...steps] as const) if ((await step[name]()) === 'busy') busy = true
      if (busy) continue
      if (!(await hasWork(store))) return
      stage.clock.now += 60_000
    }
    throw new TypeError('not settled')
  }

  async function newest(): Promise<string> {
    const { db } = store
    const row = await db.selectFrom('deliveries').select(db.fn.max('id').as('id')).executeTakeFirst()
    return String(row?.id ?? '')
  }

  async function heardSince(id: string): Promise<Heard> {
    const rows = await store.db
      .selectFrom('attempts')
      .innerJoin('attempt_resources', 'attempt_id', 'attempts.id')
      .select(['operation', 'kind', 'key'])
      .where('attempts.id', '>', id)
      .execute()
    return distinct(rows.map(row => `${row.operation} ${row.kind} ${row.key}`))
  }

  async function heldAtSeam(): Promise<Map<string, Members>> {
    const { customers } = await stage.held()
    const rows = customers.flatMap(({ resources }) =>
      kindNames.flatMap(kind =>
        ((resources[kinds[kind].list] ?? []) as Members[]).map(
          each => [`${kind} ${each[kinds[kind].keyField]}`, each] as const
        )
      )
    )
    return new Map(rows)
  }

  /** The plan, and then the replay: both say the same. */
  async function compare(ids: string[], damages: Damage[]): Promise<void> {
    const filter = { ids }
    const harmless = await operator('POST', '/replays/plan', { filter })
    deepStrictEqual(harmless.changes, [], 'a settled store stays as it is')
    for (const damage of damages) await store.commit(await damaged(store, damage))
    const plan = await operator('POST', '/replays/plan?reveal=true', { filter })
    const changes: Change[] = plan.changes
    // Of a caller's place that is new here, stays of other customers may be to be drawn again.
    const reachesOthers = changes.some(({ kind, before }) => kind === 'space' && before === null)
    deepStrictEqual([plan.complete || reachesOthers, plan.more_changes, plan.unread], [true, false, 0])
    const said = changes.flatMap(({ effect, kind, key }) =>
      effect === 'push' || effect === 'delete' ? `${effect}_data ${kind} ${key}` : []
    )
    const before = await heldAtSeam()
    const { id } = await operator('POST', '/replays', { filter })
    await settle()
    const heard = await heardSince(id)
    const after = await heldAtSeam()
    for (const { effect, kind, key, after: wanted } of changes) {
      before.delete(`${kind} ${key}`)
      const held = after.get(`${kind} ${key}`)
      after.delete(`${kind} ${key}`)
      if (effect === 'push') match(held, wanted)
      else deepStrictEqual(held, undefined)
    }
    deepStrictEqual(after, before, 'Seam holds of everything else what it held')
    // What is mended by several deliveries may be drawn between two of them: then Seam hears more of it on the way.
    deepStrictEqual(damages.length > 0 ? heard.filter(each => said.includes(each)) : heard, distinct(said))
    const job = await operator('GET', `/jobs/${id}`)
    deepStrictEqual([job.state, job.done], ['done', new Set(ids).size])
  }

  /** Nothing was ever there. */
  async function anew(): Promise<void> {
    const tables = [
      'resources',
      'bookings',
      'stay_names',
      'contacts',
      'search_words',
      'rerenders',
      'place_readings',
      'deliveries',
      'lanes'
    ] as const
    await store.commit(tables.map(table => write(store.db.deleteFrom(table))))
    await stage.forget()
  }

  return { stage, store, started, settle, newest, compare, anew }
}

function match(held: Members | undefined, wanted: Members): void {
  const told = Object.keys(wanted).map(name => [name, held?.[name]])
  deepStrictEqual(Object.fromEntries(told), wanted)
}

function distinct(heard: Heard): Heard {
  return [...new Set(heard)].sort()
}

async function damaged({ db }: Store, { kind, every, of }: Damage): Promise<Write[]> {
  const rows = await db.selectFrom('resources').selectAll().orderBy('kind').orderBy('key').execute()
  const hit = rows.filter((_, at) => at % every === of % every)
  return hit.flatMap(row => {
    const where = {
      workspace_id: row.workspace_id,
      customer_key: row.customer_key,
      kind: row.kind,
      key: row.key
    }
    const ofRow = db.updateTable('resources')
    const update = Object.entries(where).reduce(
      (query, [column, value]) => query.where(column as 'key', '=', value),
      ofRow
    )
    if (kind === 'change what Seam should hold') {
      if (row.fields === null) return []
      return [
        write(update.set({ fields: JSON.stringify({ ...JSON.parse(row.fields), name: 'Somebody else' }) }))
      ]
    }
    if (kind === 'change what is known') {
      const facts: Record<string, { value: unknown; stamp: string }> = JSON.parse(row.facts)
      if (facts.name === undefined) return []
      facts.name.value = 'Somebody else'
      return [write(update.set({ facts: JSON.stringify(facts) }))]
    }
    const gone = Object.entries(where).reduce(
      (query, [column, value]) => query.where(column as 'key', '=', value),
      db.deleteFrom('resources')
    )
    return [write(gone)]
  })
}
