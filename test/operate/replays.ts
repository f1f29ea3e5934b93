import t from 'tap'
import { platforms } from '../../src/platforms/registry.ts'
import { write } from '../../src/store/write.ts'
import { serviceOf, storedKey } from '../api/call.ts'
import type { TestEngine } from '../engines.ts'
import type { TestRelay } from '../open-relay.ts'
import { act, ask, booking, CONNECTION, KEY, openOperated, tell } from './operator.ts'

const everything = { filter: { connection: CONNECTION } }

async function planned(relay: TestRelay, filter: object, more = '') {
  const { status, body } = await act(relay, 'POST', `/replays/plan${more}`, { filter })
  if (status !== 200) throw new TypeError(JSON.stringify(body))
  return body
}

/** Rows of a customer are gone from the store, as after an accident. */
async function lose({ store }: TestRelay, kind: string): Promise<void> {
  await store.commit([write(store.db.deleteFrom('resources').where('kind', '=', kind as 'guest'))])
}

async function jobOf(relay: TestRelay, id: string) {
  return (await ask(relay, `/jobs/${id}`)).body
}

export function operatorReplays(engine: TestEngine): void {
  t.test('a replay is planned, run, and does what the plan says', async t => {
    const relay = await openOperated(t, { engine })
    const [id] = await tell(relay, booking)
    const second = {
      ...booking,
      id: 'b2',
      guest: { ...booking.guest, id: 'g2', email: 'bo@example.com', phone: '+12125550102' }
    }
    await tell(relay, second)
    await relay.settle()
    const harmless = await planned(relay, { connection: CONNECTION })
    t.match(harmless, {
      deliveries: 2,
      more_deliveries: false,
      too_old: 0,
      examined: 2,
      complete: true,
      unread: 0,
      not_examined: [],
      changes: [],
      more_changes: false
    })
    t.equal(harmless.unchanged, 5, 'two stays, two guests and the place they share')

    await lose(relay, 'reservation')
    const plan = await planned(relay, { connection: CONNECTION })
    t.equal(plan.changes.length, 2)
    t.match(plan.changes[0], {
      workspace: 'default',
      customer_key: CONNECTION,
      kind: 'reservation',
      effect: 'push',
      before: null,
      after: { starts_at: /^2027-03-12/ },
      deliveries: [/^[\da-f]{26}$/]
    })
    t.ok(plan.changes[0].fields.includes('starts_at'))
    t.notMatch(JSON.stringify(plan), /Ada|ada@|4711/)
    t.equal((await planned(relay, { ids: [id] })).changes.length, 1)
    t.equal((await planned(relay, { booking: plan.changes[0].key })).deliveries, 1)
    for (const [more, deliveries] of [
      [
        {
          state: 'translated',
          connection: CONNECTION,
          since: '2027-01-10T12:00:00Z',
          until: '2027-01-11T00:00:00Z'
        },
        1
      ],
      [{ state: 'dead' }, 0],
      [{ connection: 'demo-hostaway' }, 0],
      [{ since: '2027-01-11T00:00:00Z' }, 0],
      [{ until: '2027-01-10T00:00:00Z' }, 0]
    ] as const) {
      t.match(await planned(relay, { ids: [id, id], ...more }), { deliveries }, JSON.stringify(more))
    }
    t.match(await planned(relay, { ids: [id] }, '?reveal=true'), {
      changes: [{ after: { name: /^HM/ } }]
    })

    const { status, body: job } = await act(relay, 'POST', '/replays', everything)
    t.equal(status, 202)
    t.match(job, {
      kind: 'replay',
      state: 'running',
      total: 2,
      done: 0,
      filter: { connection: CONNECTION },
      by: 'RELAY_ADMIN_TOKEN',
      ended_at: null,
      rate_per_second: null,
      estimated_end_at: null,
      error: null
    })
    await tell(relay, { ...booking, id: 'b3' })
    await relay.settle()
    t.match(await jobOf(relay, job.id), {
      state: 'done',
      total: 2,
      done: 2,
      ended_at: /^2027/,
      estimated_end_at: null
    })
    t.strictSame((await planned(relay, { connection: CONNECTION })).changes, [])
    t.match((await ask(relay, '/jobs')).body, { data: [{ id: job.id }], next_cursor: null })
    const named = await act(relay, 'POST', '/replays', { filter: { ids: [id] } })
    t.match(named.body, { total: 1 })
    await relay.settle()
    const { body: newest } = await ask(relay, '/jobs?limit=1')
    t.match(newest.data, [{ id: named.body.id, done: 1 }])
    t.match((await ask(relay, `/jobs?limit=1&cursor=${newest.next_cursor}`)).body.data, [{ id: job.id }])
    t.match((await ask(relay, `/jobs/${job.id}?reveal=true`)).body, { filter: { connection: CONNECTION } })
    const { data } = (await ask(relay, '/audit')).body
    t.match(data.slice(2), [
      { action: 'replay', target: `job ${job.id}`, detail: { connection: CONNECTION } },
      { action: 'reveal', target: /^\/api\/v1\/replays\/plan/, detail: { filter: { ids: [id] } } }
    ])
  })

  t.test('a job goes on a handful at a time, is cancelled, and what comes later is not its own', async t => {
    const relay = await openOperated(t, { engine })
    const row = (n: number) => ({
      id: `0180000000${String(n).padStart(6, '0')}0000000000`,
      connection_id: CONNECTION,
      platform: 'hospitable',
      received_at: relay.clock.now,
      headers: '{}',
      query: '{}',
      body: new TextEncoder().encode('{}'),
      state: 'dead' as const,
      last_error: 'RELAY_EVENT_INVALID: strange',
      due_at: 0
    })
    for (let from = 0; from < 7_000; from += 1_000) {
      const values = Array.from({ length: 1_000 }, (_, at) => row(from + at))
      await relay.store.commit([write(relay.store.db.insertInto('deliveries').values(values))])
    }
    const step = relay.relay.steps.replayOnce
    const received = async () => {
      const { db } = relay.store
      const found = await db
        .selectFrom('deliveries')
        .select(db.fn.countAll<number>().as('count'))
        .where('state', '=', 'received')
        .executeTakeFirstOrThrow()
      return found.count
    }
    const plan = await planned(relay, { state: 'dead', connection: CONNECTION })
    t.match(plan, { deliveries: 7_000, examined: 2_000, complete: false, changes: [] })
    const { body: job } = await act(relay, 'POST', '/replays', {
      filter: { state: 'dead', connection: CONNECTION }
    })
    t.match(job, { total: null, done: 0 })
    t.equal(await step(), 'busy')
    t.match(await jobOf(relay, job.id), { total: null, done: 0 })
    t.equal(await step(), 'busy')
    t.match(await jobOf(relay, job.id), { total: 7_000, done: 0 })
    t.equal(await step(), 'busy')
    t.equal(await received(), 400)
    t.equal(await step(), 'idle', 'nothing follows before these have come to their end')
    relay.clock.now += 1_000
    await relay.relay.steps.translateOnce()
    t.equal(await step(), 'busy')
    t.match(await jobOf(relay, job.id), { done: 64, rate_per_second: 64 })
    while ((await relay.relay.steps.translateOnce()) === 'busy');
    relay.clock.now += 3_000
    await step()
    const under = await jobOf(relay, job.id)
    t.match(under, { state: 'running', done: 400, rate_per_second: 100 })
    t.equal(Date.parse(under.estimated_end_at), relay.clock.now + 66_000)
    t.equal(await received(), 400)

    const { status, body: over } = await act(relay, 'POST', `/jobs/${job.id}/cancel`)
    t.equal(status, 200)
    t.match(over, { state: 'cancelled', done: 400, estimated_end_at: null, ended_at: /./ })
    t.match((await act(relay, 'POST', `/jobs/${job.id}/cancel`)).body, { state: 'cancelled' })
    await relay.settle()
    t.equal(await received(), 0)
    t.match(await jobOf(relay, job.id), { state: 'cancelled', done: 400 })
    const ids = Array.from({ length: 450 }, (_, at) => row(at).id)
    const { body: named } = await act(relay, 'POST', '/replays', { filter: { ids } })
    const { body: nothing } = await act(relay, 'POST', '/replays', { filter: { state: 'held' } })
    t.match([named, nothing], [{ total: 450 }, { total: 0 }])
    await relay.settle()
    t.match(await jobOf(relay, named.id), { state: 'done', done: 450, filter: { ids } })
    t.match(await jobOf(relay, nothing.id), { state: 'done', done: 0 })
    t.match(await planned(relay, { ids: ['zz'] }), { deliveries: 0, complete: true })
    t.equal((await act(relay, 'POST', '/jobs/none/cancel')).status, 404)
    t.equal((await ask(relay, '/jobs/none')).status, 404)
    const { data } = (await ask(relay, '/audit')).body
    t.match(
      data.map((each: { action: string }) => each.action),
      ['replay', 'replay', 'cancel', 'replay']
    )
    relay.clock.now += 91 * 24 * 3_600_000
    await step()
    t.strictSame((await ask(relay, '/jobs')).body.data, [], 'it is forgotten with the history')
  })

  t.test('two processes share a job, and a crash in between costs nothing', async t => {
    const relay = await openOperated(t, { engine })
    const other = await openOperated(t, { store: relay.store, now: relay.clock.now })
    for (let n = 0; n < 5; n += 1) await tell(relay, { ...booking, id: `b${n}` })
    await relay.settle()
    const { body: job } = await act(relay, 'POST', '/replays', everything)
    const outcomes = await Promise.all([relay.relay.steps.replayOnce(), other.relay.steps.replayOnce()])
    t.ok(outcomes.includes('busy'))
    // The first one is gone.
    await other.settle()
    t.match(await jobOf(other, job.id), { state: 'done', total: 5, done: 5 })
  })

  t.test(
    'dead and held deliveries, and refused resources, are revived by group, by connection and one by one',
    async t => {
      const relay = await openOperated(t, { engine })
      const strange = (body: string) => relay.deliver(CONNECTION, { event: 'strange', body })
      const [first] = [await strange('nonsense'), await strange('more of it')]
      const service = serviceOf(relay, KEY)
      await relay.misbehave({ refuse_keys: ['bad', 'worse'] })
      await service.push({
        customer_key: 'acme',
        spaces: ['bad', 'worse', 'good'].map(space_key => ({ space_key, name: 'Loft' }))
      })
      await relay.settle()
      const groups = (await ask(relay, '/dead-letters')).body.data
      t.match(groups.map((each: { of: string; count: number }) => [each.of, each.count]).sort(), [
        ['dead', 2],
        ['refused', 2]
      ])
      const dead = groups.find((each: { of: string }) => each.of === 'dead')
      const refused = groups.find((each: { of: string }) => each.of === 'refused')
      const revive = (body: object) => act(relay, 'POST', '/dead-letters/revive', body)

      t.match((await revive({ of: 'dead', group: dead.group })).body, {
        kind: 'revive',
        total: 2,
        filter: { of: 'dead', group: dead.group }
      })
      await relay.settle()
      t.match((await ask(relay, '/jobs')).body.data, [{ state: 'done', done: 2 }])
      t.match((await ask(relay, '/dead-letters')).body.data.length, 2, 'dead again')
      const one = await revive({ of: 'dead', ids: [first?.body.delivery_id], connection: CONNECTION })
      t.match(one.body, { total: 1 })
      await relay.settle()

      relay.clock.now += 1
      await relay.misbehave({ refuse_keys: ['worse'] })
      const before = (await relay.state()).calls
      const resource = { workspace: 'default', customer_key: 'acme', kind: 'space', key: 'bad' }
      const single = await revive({ of: 'refused', resource })
      t.match(single.body, { kind: 'revive', filter: { of: 'refused', resource } })
      await relay.settle()
      t.match(await jobOf(relay, single.body.id), { state: 'done', total: 1, done: 1 })
      t.equal((await relay.held('acme')).spaces?.length, 2)
      const group = await revive({ of: 'refused', group: refused.group, kind: 'space' })
      await relay.settle()
      t.match(await jobOf(relay, group.body.id), { state: 'done', total: 1, done: 1 })
      t.ok(before)
      await relay.misbehave({})
      const last = await revive({ of: 'refused' })
      await relay.settle()
      t.match(await jobOf(relay, last.body.id), { state: 'done', total: 1, done: 1 })
      t.equal((await relay.held('acme')).spaces?.length, 3)
      t.strictSame(
        (await ask(relay, '/dead-letters')).body.data.map((each: { of: string }) => each.of),
        ['dead']
      )

      for (const [body, problem] of [
        [{ of: 'refused', group: refused.group }, /^group: /],
        [{ of: 'refused', ids: ['x'] }, /^ids: does not go with resources/],
        [{ of: 'dead', kind: 'space' }, /^kind: does not go with deliveries/],
        [{ of: 'all' }, /^of: /],
        [{}, /^of: /]
      ] as const) {
        t.match(await revive(body), { status: 400, body: { code: 'RELAY_BAD_REQUEST', detail: problem } })
      }
    }
  )

  t.test('of very much that was refused a handful goes at a time', async t => {
    const relay = await openOperated(t, { engine })
    const spaces = Array.from({ length: 450 }, (_, at) => ({ space_key: `s${at}`, name: 'Loft' }))
    const stay = { reservation_key: 'r1', name: 'Ada', guest_key: 'g1', space_keys: ['s1'] }
    await serviceOf(relay, KEY).push({
      customer_key: 'acme',
      spaces,
      guests: [{ guest_key: 'g1', name: 'Ada' }],
      reservations: [{ ...stay, starts_at: '2027-03-01T10:00:00Z', ends_at: '2027-03-02T10:00:00Z' }]
    })
    await serviceOf(relay, KEY).push({
      customer_key: 'globex',
      spaces: [{ space_key: 'barn', name: 'Barn' }]
    })
    await relay.settle()
    const { db } = relay.store
    const refused = db.updateTable('resources').set(eb => ({
      buried_revision: eb.ref('revision'),
      synced_revision: 0,
      buried_reason: 'no',
      buried_at: relay.clock.now
    }))
    await relay.store.commit([write(refused)])
    const { body: job } = await act(relay, 'POST', '/dead-letters/revive', { of: 'refused' })
    t.match(job, { total: null })
    const step = relay.relay.steps.replayOnce
    await step()
    await step()
    t.match(await jobOf(relay, job.id), { state: 'running', total: 453, done: 0 })
    const left = (await ask(relay, '/dead-letters')).body.data.map((each: { count: number }) => each.count)
    t.equal(
      left.reduce((sum: number, count: number) => sum + count, 0),
      53
    )
    await relay.settle()
    t.match(await jobOf(relay, job.id), { state: 'done', done: 453 })
    t.strictSame((await ask(relay, '/dead-letters')).body.data, [])
  })

  t.test('held deliveries are revived, and a plan shows what a mended adapter makes of them', async t => {
    const relay = await openOperated(t, { engine })
    const [id] = await tell(relay, booking)
    await relay.settle()
    const { hospitable } = platforms
    const created = hospitable?.events['reservation.created']
    if (hospitable === undefined || created === undefined) throw new TypeError('no such event')
    const strange = {
      ...hospitable,
      events: {
        ...hospitable.events,
        'reservation.created': {
          ...created,
          translate: () => ({ ignored: 'strange word', drift: 'unknown_status' as const })
        }
      }
    }
    const other = { ...platforms, hospitable: strange }
    const broken = await openOperated(t, { store: relay.store, platforms: other, now: relay.clock.now })
    await tell(broken, { ...booking, id: 'b2' })
    await broken.settle()
    const [group] = (await ask(relay, '/dead-letters')).body.data
    t.match(group, { of: 'held', count: 1, cause: 'strange word' })
    const plan = await planned(relay, { state: 'held' })
    t.match(plan, { deliveries: 1, complete: true, changes: [{ kind: 'reservation', effect: 'push' }] })
    t.match(await planned(broken, { state: 'held' }), { deliveries: 1, changes: [], unchanged: 0 })
    const { body: job } = await act(relay, 'POST', '/dead-letters/revive', { of: 'held', group: group.group })
    await relay.settle()
    t.match(await jobOf(relay, job.id), { state: 'done', done: 1 })
    t.equal((await relay.held(CONNECTION)).reservations?.length, 2)
    t.strictSame((await ask(relay, '/dead-letters')).body.data, [])

    // Somebody is taken off, which the old delivery does not bring back: it says so, and does so.
    const off = { ...booking, status: 'cancelled' as const, updatedAt: booking.updatedAt + 60_000 }
    const leaving = await tell(relay, off, booking)
    t.match(await planned(relay, { ids: leaving }), {
      changes: [{ kind: 'reservation', effect: 'delete', after: null, reason: 'cancelled' }]
    })
    await relay.settle()
    t.strictSame((await planned(relay, { connection: CONNECTION })).changes, [])
    t.strictSame((await planned(relay, { ids: [id] })).changes, [])
  })

  t.test('a plan says what it cannot know', async t => {
    const relay = await openOperated(t, { engine })
    const service = serviceOf(relay, KEY)
    const translate = async () => {
      while ((await relay.relay.steps.translateOnce()) === 'busy');
    }
    const planOf = async (answer: Promise<{ headers: Record<string, unknown> }>) =>
      planned(relay, { ids: [String((await answer).headers['relay-delivery'])] })
    const space = (customer_key: string, space_key: string) => ({
      customer_key,
      spaces: [{ space_key, name: 'Loft' }]
    })

    t.match(await planOf(service.push(space('acme', 's1'))), {
      examined: 1,
      complete: false,
      changes: [{ kind: 'space', key: 's1', effect: 'push', booking: null }]
    })
    await translate()
    const unplaced = { reservation_key: 'r1', starts_at: '2027-03-01T10:00:00Z' }
    t.match(await planOf(service.push({ customer_key: 'acme', reservations: [unplaced] })), {
      complete: true,
      changes: [{ key: 'r1', effect: 'hold', reason: /./ }]
    })
    t.match(
      await planOf(service.push(space('globex', 's1'))),
      { examined: 1, changes: [], unchanged: 0 },
      'it will be dead'
    )
    t.match(await planOf(service.delete({ space_keys: ['s1'] })), {
      complete: true,
      changes: [{ key: 's1', effect: 'none', after: null }]
    })
    await relay.settle()
    t.match(await planOf(service.delete({ space_keys: ['none'] })), {
      changes: [{ key: 'none', effect: 'delete' }]
    })
    await translate()
    t.match(await planOf(service.push(space('acme', 'none'))), {
      complete: false,
      changes: [],
      not_examined: [{ reason: /being deleted at Seam/, count: 1 }]
    })
    await relay.settle()
    const limited = await storedKey(relay, { customers: ['acme'], scopes: ['push', 'delete', 'offboard'] })
    const own = serviceOf(relay, limited)
    await own.push(space('acme', 's2'))
    await relay.settle()
    t.match(await planOf(own.delete({ space_keys: ['s2', 'elsewhere'] })), {
      changes: [{ key: 's2', effect: 'delete' }]
    })
    const leaving = own.delete({ customer_keys: ['acme'] })
    t.match(await planOf(leaving), {
      complete: false,
      not_examined: [{ reason: 'it takes a customer off', count: 1 }]
    })
    await relay.settle()
    t.match(await planOf(leaving), { complete: true, not_examined: [], changes: [] })

    const hydrated = relay.connection('demo-hostaway')
    const [sample] =
      platforms.hostaway?.samples.tell(undefined, booking, {
        connection: hydrated,
        now: relay.clock.now,
        serial: 1
      }) ?? []
    if (sample === undefined) throw new TypeError('no sample')
    const { body } = await relay.deliver('demo-hostaway', sample)
    t.match(await planned(relay, { ids: [body.delivery_id] }), {
      examined: 1,
      unread: 1,
      complete: false,
      changes: []
    })
    await relay.store.commit([write(relay.store.db.updateTable('deliveries').set({ emptied: 1 }))])
    t.match(await planned(relay, { ids: [body.delivery_id, 'unknown'] }), {
      deliveries: 0,
      too_old: 1,
      examined: 0
    })
  })

  t.test('what is no replay is refused', async t => {
    const relay = await openOperated(t, { engine })
    for (const path of ['/replays', '/replays/plan']) {
      t.match(await act(relay, 'POST', path, { filter: {} }), { status: 400, body: { detail: /^filter: / } })
      t.match(await act(relay, 'POST', path, {}), { status: 400 })
      t.match(await act(relay, 'POST', path, { filter: { ids: ['x'], text: 'y' } }), {
        status: 400,
        body: { detail: /^ids: / }
      })
      t.match(await act(relay, 'POST', path, { filter: { conection: 'x' } }), { status: 400 })
      t.match(await act(relay, 'POST', path, everything, { key: null }), { status: 401 })
    }
  })

  t.test('what was refused first and last goes again together, whatever its keys', async t => {
    const relay = await openOperated(t, { engine })
    await relay.misbehave({ refuse_keys: ['loft', 'attic', 'barn'] })
    for (const [customer_key, space_key] of [
      ['globex', 'loft'],
      ['acme', 'barn'],
      ['acme', 'attic']
    ]) {
      await serviceOf(relay, KEY).push({ customer_key, spaces: [{ space_key, name: 'Loft' }] })
      await relay.settle()
      relay.clock.now += 60_000
    }
    await relay.misbehave({})
    const { body: job } = await act(relay, 'POST', '/dead-letters/revive', { of: 'refused' })
    await relay.settle()
    t.match(await jobOf(relay, job.id), { state: 'done', total: 3, done: 3 })
    t.equal((await relay.held('acme')).spaces?.length, 2)
    t.equal((await relay.held('globex')).spaces?.length, 1)
    t.strictSame((await ask(relay, '/dead-letters')).body.data, [])
  })
}
