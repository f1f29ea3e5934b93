import t from 'tap'
import type { Kind } from '../../src/model/kind.ts'
import type { SampleBooking } from '../../src/platforms/samples.ts'
import { write } from '../../src/store/write.ts'
import { callWith, serviceOf, storedKey } from '../api/call.ts'
import type { TestEngine } from '../engines.ts'
import type { TestRelay } from '../open-relay.ts'
import { aResource } from '../store/given.ts'
import { type Answered, ask, booking, CONNECTION, KEY, openOperated, tell } from './operator.ts'

const WORKSPACE = 'default'

async function keyOfStay(relay: TestRelay): Promise<string> {
  const { body } = await ask(relay, '/resources?kind=reservation')
  return body.data[0].key
}

function pathOf(kind: string, key: string, customer = CONNECTION): string {
  return `/resources/${[WORKSPACE, customer, kind, key].map(encodeURIComponent).join('/')}`
}

/** What all pages of a list show, one after the other. */
async function paged(relay: TestRelay, path: string): Promise<Answered['body'][]> {
  const { data, next_cursor } = (await ask(relay, path)).body
  if (next_cursor === null) return data
  const [start] = path.split('&cursor=')
  return [...data, ...(await paged(relay, `${start}&cursor=${next_cursor}`))]
}

const keyOf = (row: { key: string }) => row.key

export function operatorLists(engine: TestEngine): void {
  t.test('deliveries are found by connection, state, event, time, booking and id', async t => {
    const relay = await openOperated(t, { engine })
    const [first] = await tell(relay, booking)
    relay.clock.now += 3_600_000
    const [second] = await tell(relay, { ...booking, id: 'b2' })
    await relay.settle()
    await callWith(relay.origin, KEY, 'POST', '/customers/push_data', {
      customer_key: 'acme',
      spaces: [{ space_key: 's1', name: 'Loft' }]
    })
    const [stay] = (await ask(relay, `/deliveries/${second}`)).body.changes.filter(
      (each: { kind: string }) => each.kind === 'reservation'
    )
    const bare = stay.key.slice(CONNECTION.length + 1)
    const found = async (query: string) =>
      (await ask(relay, `/deliveries?${query}`)).body.data.map((each: { id: string }) => each.id)

    t.strictSame(await found(`connection=${CONNECTION}`), [second, first])
    t.equal((await found('connection=@callers')).length, 1)
    t.equal((await found('state=received')).length, 1)
    t.strictSame(await found('state=received&connection=demo-hospitable'), [])
    t.strictSame(await found('state=translated'), [second, first])
    t.strictSame(await found('state=dead'), [])
    t.strictSame(await found('type=reservation.created'), [second, first])
    t.strictSame(await found('type=reservation'), [])
    t.strictSame(await found('until=2027-01-10T12:30:00Z'), [first])
    t.equal((await found('since=2027-01-10T12:30:00Z')).length, 2)
    t.strictSame(await found(`booking=${bare}`), [second])
    t.strictSame(await found(`booking=${encodeURIComponent(stay.key)}`), [second])
    t.strictSame(await found('booking=unknown'), [])
    t.strictSame(await found(`text=${first}`), [first])
    t.equal((await found('text=01JDEMO')).length, 2, 'and by the platform’s own id')
    t.strictSame(await found('text=nothing'), [])
  })

  t.test('a filter without an index looks at so many and says that there are more', async t => {
    const relay = await openOperated(t, { engine })
    const row = (n: number) => ({
      id: `01a2ff0000${String(n).padStart(6, '0')}0000000000`,
      connection_id: CONNECTION,
      platform: 'hospitable',
      received_at: 0,
      headers: '{}',
      query: '{}',
      body: new Uint8Array(),
      state: 'translated' as const,
      due_at: 0,
      outcome: `[{"type":"${n === 0 ? 'rare' : 'often'}","outcome":"translated"}]`
    })
    for (let from = 0; from < 5_100; from += 1_700) {
      const values = Array.from({ length: 1_700 }, (_, at) => row(from + at))
      const { sql, parameters } = relay.store.db.insertInto('deliveries').values(values).compile()
      await relay.store.commit([{ sql, rows: [parameters], returning: false }])
    }
    const { body } = await ask(relay, '/deliveries?type=rare')
    t.strictSame(body.data, [])
    t.ok(body.next_cursor)
    const next = await ask(relay, `/deliveries?type=rare&cursor=${body.next_cursor}`)
    t.equal(next.body.data.length, 1)
    t.equal(next.body.next_cursor, null)
  })

  t.test('a delivery is told whole, and its people are masked unless it is asked otherwise', async t => {
    const relay = await openOperated(t, { engine })
    const [id] = await tell(relay, booking)
    await relay.settle()
    const { body } = await ask(relay, `/deliveries/${id}`)
    t.match(body, {
      id,
      state: 'translated',
      headers: { signature: /./ },
      verification: { accepted: true, by: /HMAC/, evidence: ['signature'] },
      body: { kept: true, text: null, base64: null, masked: { action: 'reservation.created' } },
      facts: { known: false, value: null },
      more_changes: false
    })
    const [stay] = body.changes.filter((each: { kind: string }) => each.kind === 'reservation')
    t.match(stay, {
      event: 0,
      outcome: 'changed',
      state: 'synced',
      calls: [{ status: 200, seam_request_id: /./, error: null }]
    })
    t.notMatch(JSON.stringify(body), /Ada|Lovelace|ada@|12125550101|4711/)
    const open = (await ask(relay, `/deliveries/${id}?reveal=true`)).body
    t.match(open.body, { text: /Lovelace/, masked: null })
    t.match(await ask(relay, '/deliveries/none'), { status: 404, body: { code: 'RELAY_NOT_FOUND' } })
  })

  t.test('the life of a reservation is told in order, page by page, also once it is gone', async t => {
    const relay = await openOperated(t, { engine })
    const moved: SampleBooking = { ...booking, arrival: '2027-03-13', updatedAt: booking.updatedAt + 60_000 }
    const off: SampleBooking = { ...moved, status: 'cancelled', updatedAt: moved.updatedAt + 60_000 }
    await tell(relay, booking)
    await relay.settle()
    await relay.misbehave({ fail: [{ times: 1, status: 500 }] })
    await tell(relay, moved, booking)
    await relay.settle()
    const key = await keyOfStay(relay)
    await tell(relay, off, moved)
    await tell(relay, booking)
    await relay.settle()

    const path = `${pathOf('reservation', key)}/life`
    const whole = (await ask(relay, path)).body.data
    const line = whole.map((each: { type: string; outcome?: string; operation?: string; status?: number }) =>
      each.type === 'told' ? each.outcome : `${each.operation} ${each.status}`
    )
    t.match(line, [
      'changed',
      'push_data 200',
      'changed',
      'push_data 500',
      'push_data 200',
      'changed',
      'stale',
      'delete_data 200'
    ])
    t.match(whole[0], { delivery: { known: true, platform: 'hospitable', event: 'reservation.created' } })
    const pages: unknown[] = []
    let cursor = ''
    do {
      const { body } = await ask(relay, `${path}?limit=3${cursor}`)
      pages.push(...body.data)
      cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`
    } while (cursor !== '')
    t.strictSame(pages, whole)
    t.match((await ask(relay, pathOf('reservation', key))).body, { state: 'gone', fields: null })
    t.equal((await ask(relay, `${pathOf('reservation', 'none')}/life`)).status, 404)
    t.equal((await ask(relay, `${pathOf('castle', key)}/life`)).status, 404)
    t.equal((await ask(relay, pathOf('castle', key))).status, 404)
  })

  t.test('a resource tells what Seam should hold, who told it, and what it belongs to', async t => {
    const relay = await openOperated(t, { engine })
    const [id] = await tell(relay, booking)
    await relay.settle()
    const key = await keyOfStay(relay)
    const stay = (await ask(relay, pathOf('reservation', key))).body
    t.match(stay, { state: 'synced', fields: { reservation_key: key, starts_at: /^2027-03-12T/ } })
    t.strictSame(new Set(stay.names.map((each: { kind: string }) => each.kind)), new Set(['space', 'guest']))
    t.ok(stay.told.every((each: { delivery: string }) => each.delivery === id))
    const guest = stay.names.find((each: { kind: string }) => each.kind === 'guest')
    const person = (await ask(relay, pathOf('guest', guest.key))).body
    t.match(person, {
      fields: { name: 'A…', email_address: '…@example.com', phone_number: '…01' },
      named_by: [{ kind: 'reservation', key }]
    })
    const revealed = (await ask(relay, `${pathOf('guest', guest.key)}?reveal=true`)).body
    t.match(revealed.fields, { name: 'Ada Lovelace', email_address: 'ada@example.com' })
  })

  t.test('resources are found by customer, kind, key and how far Seam has followed', async t => {
    const relay = await openOperated(t, { engine })
    const service = serviceOf(relay, KEY)
    await relay.misbehave({ refuse_keys: ['bad'] })
    await service.push({
      customer_key: 'acme',
      spaces: ['bad', 'good', 'other'].map(space_key => ({ space_key, name: 'Loft' })),
      reservations: [{ reservation_key: 'r1', starts_at: '2027-03-01T10:00:00Z' }]
    })
    await service.push({ customer_key: 'globex', spaces: [{ space_key: 'good-2', name: 'Barn' }] })
    await relay.settle()
    await service.push({ customer_key: 'acme', spaces: [{ space_key: 'other', name: 'Attic' }] })
    await service.delete({ space_keys: ['good-2'] })
    await relay.relay.steps.translateOnce()
    const found = async (query: string) =>
      (await ask(relay, `/resources?${query}`)).body.data.map((each: { key: string }) => each.key)

    t.strictSame(await found('state=refused'), ['bad'])
    t.strictSame(await found('state=held'), ['r1'])
    t.strictSame(await found('state=held&kind=space'), [])
    t.strictSame(await found('state=waiting'), ['other', 'good-2'])
    t.strictSame(await found('state=waiting&prefix=g'), ['good-2'])
    t.strictSame(await found('state=synced'), ['good'])
    t.strictSame(await found('customer=acme&kind=space'), ['bad', 'good', 'other'])
    t.strictSame(await found('prefix=good'), ['good', 'good-2'])
    t.strictSame(await found('workspace=none'), [])
    await relay.settle()
    t.strictSame(await found('state=gone'), ['good-2'])
    const [held] = (await ask(relay, '/resources?state=held')).body.data
    t.match(held, { customer_key: 'acme', kind: 'reservation', reason: /no end is given/ })
    const [refused] = (await ask(relay, '/resources?state=refused')).body.data
    t.match(refused, { reason: /refused/, refused_at: /^2027/ })
    for (const query of ['', 'prefix=g&', 'state=synced&']) {
      const all = await found(query)
      const pages: string[] = []
      let cursor = ''
      do {
        const { body } = await ask(relay, `/resources?${query}limit=1${cursor}`)
        pages.push(...body.data.map((each: { key: string }) => each.key))
        cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`
      } while (cursor !== '')
      t.strictSame(pages, all, query)
    }
  })

  t.test('customers tell what is to be sent, for how long, and what keeps it', async t => {
    const relay = await openOperated(t, { engine })
    await tell(relay, booking)
    await relay.relay.steps.translateOnce()
    relay.clock.now += 90_000
    const [customer] = (await ask(relay, '/customers?state=due')).body.data
    t.match(customer, {
      workspace: WORKSPACE,
      customer_key: CONNECTION,
      connections: [CONNECTION],
      waiting: 3,
      due_for_seconds: 89,
      failures: 0,
      error: null
    })
    await relay.misbehave({ fail: [{ times: 1, status: 503 }] })
    await relay.relay.steps.syncOnce()
    t.match((await ask(relay, '/customers?state=failing')).body.data, [
      { failures: 1, error: /./, not_before: /^2027/ }
    ])
    t.strictSame((await ask(relay, '/customers?state=leaving')).body.data, [])
    t.match((await ask(relay, `/customers/${WORKSPACE}/${CONNECTION}`)).body, { customer_key: CONNECTION })
    t.equal((await ask(relay, `/customers/${WORKSPACE}/none`)).status, 404)
    const service = serviceOf(relay, KEY)
    for (const customer_key of ['a', 'b', 'c']) {
      await service.push({ customer_key, spaces: [{ space_key: `s-${customer_key}`, name: 'Loft' }] })
    }
    await relay.relay.steps.translateOnce()
    relay.clock.now += 10_000
    for (const state of ['', 'state=due&', `workspace=${WORKSPACE}&`]) {
      const keys: string[] = []
      let cursor = ''
      do {
        const { body } = await ask(relay, `/customers?${state}limit=1${cursor}`)
        keys.push(...body.data.map((each: { customer_key: string }) => each.customer_key))
        cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`
      } while (cursor !== '')
      t.strictSame(new Set(keys), new Set(['a', 'b', 'c', CONNECTION]), state)
      t.equal(keys.length, 4)
    }
    t.equal((await ask(relay, '/customers?prefix=demo')).body.data.length, 1)
  })

  t.test('a workspace that Seam refuses says so, and until when', async t => {
    const relay = await openOperated(t, { engine })
    t.match((await ask(relay, '/workspaces')).body.data, [
      { id: WORKSPACE, known: true, state: 'works', due: 0 }
    ])
    await tell(relay, booking)
    await relay.relay.steps.translateOnce()
    await relay.misbehave({ fail: [{ times: 1, status: 401 }] })
    relay.clock.now += 10_000
    await relay.relay.steps.syncOnce()
    const [stopped] = (await ask(relay, '/workspaces')).body.data
    t.match(stopped, { state: 'stopped', until: /^2027/, reason: /./, failures: 1, due: 1 })
    await relay.settle()
    await tell(relay, { ...booking, id: 'b2' })
    await relay.relay.steps.translateOnce()
    await relay.misbehave({ fail: [{ times: 1, status: 429 }] })
    relay.clock.now += 10_000
    await relay.relay.steps.syncOnce()
    t.match((await ask(relay, '/workspaces')).body.data, [{ state: 'waits' }])
  })

  t.test('dead letters are grouped by cause, with the first and the last', async t => {
    const relay = await openOperated(t, { engine })
    const send = async (body: object) =>
      String(
        (await relay.deliver(CONNECTION, { event: 'reservation.created', body: JSON.stringify(body) })).body
          .delivery_id
      )
    const broken = (id: string) => ({ id, action: 'reservation.created', data: 'nothing' })
    await send(broken('e1'))
    relay.clock.now += 60_000
    const last = await send(broken('e2'))
    await relay.misbehave({ refuse_keys: ['bad'] })
    await serviceOf(relay, KEY).push({ customer_key: 'acme', spaces: [{ space_key: 'bad', name: 'Loft' }] })
    await relay.settle()
    const { data } = (await ask(relay, '/dead-letters')).body
    const dead = data.find((each: { of: string }) => each.of === 'dead')
    t.match(dead, {
      connection: CONNECTION,
      kind: null,
      code: /^RELAY_/,
      count: 2,
      first_at: '2027-01-10T12:00:00.000Z',
      last_at: '2027-01-10T12:01:00.000Z',
      last_delivery: last
    })
    t.match(
      data.find((each: { of: string }) => each.of === 'refused'),
      { kind: 'space', cause: /refused/, code: null, count: 1 }
    )
    const connections = (await ask(relay, '/connections')).body.data
    t.match(
      connections.find((each: { id: string }) => each.id === CONNECTION),
      { dead: 2, held: 0, accepted_24h: 2, last_received_at: '2027-01-10T12:01:00.000Z' }
    )

    await send({ id: 'e3', action: 'reservation.created', data: { id: 4 } })
    await relay.settle()
    const groups = (await ask(relay, '/dead-letters')).body.data
    const held = groups.find((each: { of: string }) => each.of === 'held')
    t.match(held, { of: 'held', connection: CONNECTION, cause: /status/, count: 1, last_delivery: /./ })
  })

  t.test('calls are found by customer, time and whether they failed, and tell what they carried', async t => {
    const relay = await openOperated(t, { engine })
    await tell(relay, booking)
    await relay.misbehave({ fail: [{ times: 1, status: 500 }] })
    await relay.settle()
    const all = (await ask(relay, '/attempts')).body.data
    t.match(all, [
      { status: 200, error: null },
      { status: 500, error: /./ }
    ])
    t.equal((await ask(relay, '/attempts?failed=true')).body.data.length, 1)
    t.equal((await ask(relay, '/attempts?failed=false&limit=1')).body.data.length, 1)
    t.equal((await ask(relay, `/attempts?customer=${CONNECTION}`)).body.data.length, 2)
    t.equal((await ask(relay, '/attempts?until=2027-01-10T11:00:00Z')).body.data.length, 0)
    t.equal((await ask(relay, '/attempts?since=2027-01-10T11:00:00Z')).body.data.length, 2)
    const older = await ask(relay, '/attempts?limit=1')
    t.strictSame((await ask(relay, `/attempts?limit=1&cursor=${older.body.next_cursor}`)).body.data, [all[1]])
    const { body } = await ask(relay, `/attempts/${all[0].id}`)
    t.equal(body.resources.length, 3)
    t.equal((await ask(relay, '/attempts/none')).status, 404)
  })

  t.test('deletions of keys that nobody is known to have are not listed, and end no list', async t => {
    const relay = await openOperated(t, { engine })
    const service = serviceOf(relay, KEY)
    for (const [customer_key, space_key] of [
      ['acme', 'loft-2'],
      ['globex', 'loft-1']
    ]) {
      await service.push({ customer_key, spaces: [{ space_key, name: 'Loft' }] })
    }
    await service.delete({ space_keys: ['loft-0', 'loft-00'] })
    while ((await relay.relay.steps.translateOnce()) === 'busy');
    for (const state of ['waiting', 'synced']) {
      for (const query of ['', `state=${state}&`, 'kind=space&']) {
        t.strictSame((await paged(relay, `/resources?${query}limit=1`)).map(keyOf), ['loft-2', 'loft-1'])
        const keyed = await paged(relay, `/resources?${query}prefix=loft&limit=1`)
        t.strictSame(keyed.map(keyOf), ['loft-1', 'loft-2'], query)
      }
      const ofOne = await paged(relay, `/resources?state=${state}&customer=globex`)
      t.strictSame(ofOne.map(keyOf), ['loft-1'])
      await relay.settle()
    }
  })

  t.test('resources are listed one workspace after the other, page by page', async t => {
    const relay = await openOperated(t, {
      engine,
      connections: `
workspaces: [ { id: us, api_key: seam_us }, { id: au, api_key: seam_au }, { id: eu, api_key: seam_eu } ]
connections:
  - { id: lake, platform: standard, workspace: eu, customer_key: lake, secrets: { signing_secret: whsec_cmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQ= } }
`
    })
    for (const workspaceId of ['us', 'eu']) {
      const service = serviceOf(relay, await storedKey(relay, { workspaceId }))
      const spaces = ['s1', 's2'].map(key => ({ space_key: `${workspaceId}-${key}`, name: 'Loft' }))
      await service.push({ customer_key: 'acme', spaces })
    }
    while ((await relay.relay.steps.translateOnce()) === 'busy');
    for (const limit of [1, 2, 3, 4]) {
      const rows = await paged(relay, `/resources?limit=${limit}`)
      t.strictSame(rows.map(keyOf), ['eu-s1', 'eu-s2', 'us-s1', 'us-s2'], `${limit} at a time`)
    }
  })

  t.test('of very many waiting resources a page looks at so many and says that there are more', async t => {
    const relay = await openOperated(t, { engine })
    const row = (kind: Kind, key: string) => ({
      ...aResource(key, { workspace_id: WORKSPACE, customer_key: CONNECTION, kind }),
      fields: '{}'
    })
    const guests = Array.from({ length: 2_100 }, (_, at) => row('guest', `g${1_000 + at}`))
    for (const some of [guests.slice(0, 1_000), guests.slice(1_000), [row('space', 's1')]]) {
      await relay.store.commit([write(relay.store.db.insertInto('resources').values(some))])
    }
    const first = (await ask(relay, '/resources?state=waiting&kind=space')).body
    t.strictSame(first.data, [])
    const next = await ask(relay, `/resources?state=waiting&kind=space&cursor=${first.next_cursor}`)
    t.match(next.body, { data: [{ key: 's1' }], next_cursor: null })
    const all = await paged(relay, '/resources?state=waiting&limit=200')
    t.strictSame(all.map(keyOf), [...guests, { key: 's1' }].map(keyOf))
  })

  t.test('of very many deliveries under way, those of a connection are found behind the others', async t => {
    const relay = await openOperated(t, { engine })
    const row = (n: number, connection_id: string) => ({
      id: `01a2ff0000${String(n).padStart(6, '0')}0000000000`,
      connection_id,
      platform: 'hospitable',
      received_at: 0,
      headers: '{}',
      query: '{}',
      body: new Uint8Array(),
      state: 'received' as const,
      due_at: 0
    })
    const come = async (from: number, until: number) => {
      for (let at = from; at < until; at += 1_000) {
        const rows = Array.from({ length: Math.min(1_000, until - at) }, (_, n) => row(at + n, CONNECTION))
        await relay.store.commit([write(relay.store.db.insertInto('deliveries').values(rows))])
      }
    }
    const rare = row(0, 'demo-hostaway')
    await relay.store.commit([write(relay.store.db.insertInto('deliveries').values(rare))])
    await come(1, 5_101)
    const query = '/deliveries?state=received&connection=demo-hostaway'
    const first = (await ask(relay, query)).body
    t.strictSame(first.data, [])
    const next = await ask(relay, `${query}&cursor=${first.next_cursor}`)
    t.match(next.body, { data: [{ id: rare.id }], next_cursor: null })

    await come(5_101, 10_001)
    t.match((await ask(relay, query)).body, { data: [{ id: rare.id }], next_cursor: null }, 'of even more')
    const newest = (await ask(relay, '/deliveries?state=received&limit=1')).body
    t.match(newest, { data: [{ id: row(10_000, CONNECTION).id }], next_cursor: /./ })
  })

  t.test('calls that failed are found page by page, also behind very many that did not', async t => {
    const relay = await openOperated(t, { engine })
    const row = (n: number) => ({
      id: `01a2ff0000${String(n).padStart(6, '0')}0000000000`,
      workspace_id: WORKSPACE,
      customer_key: CONNECTION,
      operation: 'push_data' as const,
      started_at: 0,
      duration_ms: 1,
      status: n < 2 ? 500 : 200,
      request_id: null,
      error: n < 2 ? 'no' : null
    })
    for (let from = 0; from < 5_100; from += 1_700) {
      const rows = Array.from({ length: 1_700 }, (_, at) => row(from + at))
      await relay.store.commit([write(relay.store.db.insertInto('attempts').values(rows))])
    }
    const first = (await ask(relay, '/attempts?failed=true&limit=1')).body
    t.strictSame(first.data, [])
    t.ok(first.next_cursor)
    const all = await paged(relay, '/attempts?failed=true&limit=1')
    t.strictSame(
      all.map(each => each.id),
      [row(1).id, row(0).id]
    )
  })

  t.test('customers with nothing to be sent are listed page by page as well', async t => {
    const relay = await openOperated(t, { engine })
    for (const customer_key of ['a', 'b']) {
      const spaces = [{ space_key: `s-${customer_key}`, name: 'Loft' }]
      await serviceOf(relay, KEY).push({ customer_key, spaces })
    }
    await relay.settle()
    t.match(await paged(relay, '/customers?limit=1'), [
      { customer_key: 'a', due_at: null },
      { customer_key: 'b', due_at: null }
    ])
  })
}
