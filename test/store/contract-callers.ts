import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import type { ApiKey } from '../../src/store/callers.ts'
import type { DirtyResource } from '../../src/store/outbox.ts'
import { nameOf } from '../../src/store/reported-calls.ts'
import type { Progress } from '../../src/store/reports.ts'
import type { Lane } from '../../src/store/resources.ts'
import { aDelivery, aResource, type Engine, emptyRooms, lane, otherLane } from './given.ts'

const heldLane = {
  leaseToken: 1,
  failures: 0,
  probeUntil: undefined,
  offboardStamp: undefined,
  offboardDue: false,
  arrivalAt: null,
  leaseUntil: 60_000
}

const anAttempt = {
  operation: 'push_data' as const,
  startedAt: 1_000,
  durationMs: 5,
  status: 400,
  error: 'no',
  seamError: { type: 'invalid_input', message: 'no' }
}

const aDirtySpace: DirtyResource = {
  kind: 'space',
  key: 's1',
  revision: 1,
  fields: null,
  offered: false,
  startsAt: null
}

function aKey(id: string, told: Partial<ApiKey> = {}): ApiKey {
  return {
    id,
    name: id,
    hash: `hash of ${id}`,
    workspaceId: undefined,
    customers: undefined,
    scopes: ['push'],
    strict: true,
    createdAt: 1_000,
    expiresAt: undefined,
    revokedAt: undefined,
    lastUsedAt: undefined,
    ...told
  }
}

export function callersContract(t: Test, engine: Engine): void {
  t.test('keys come back as they were made, oldest first', async t => {
    const { apiKeys } = await emptyRooms(engine)
    const limited = aKey('limited', {
      workspaceId: 'eu',
      customers: ['acme', 'globex'],
      scopes: ['delete', 'offboard'],
      strict: false,
      createdAt: 2_000,
      expiresAt: 9_000
    })
    await apiKeys.create(limited)
    await apiKeys.create(aKey('plain'))
    t.strictSame(await apiKeys.list(), [aKey('plain'), limited])
    await apiKeys.used('plain', 3_000)
    t.equal((await apiKeys.list())[0]?.lastUsedAt, 3_000)
  })

  t.test('a key is revoked once, by its id or by its name', async t => {
    const { apiKeys } = await emptyRooms(engine)
    await apiKeys.create(aKey('k1', { name: 'billing' }))
    await apiKeys.create(aKey('k2', { name: 'desk' }))
    t.equal(await apiKeys.revoke('billing', 5_000), 1)
    t.equal(await apiKeys.revoke('k1', 6_000), 0)
    t.equal(await apiKeys.revoke('k2', 7_000), 1)
    t.equal(await apiKeys.revoke('unheard', 8_000), 0)
    t.same(
      (await apiKeys.list()).map(each => each.revokedAt),
      [5_000, 7_000]
    )
  })

  t.test('answers are kept for their time', async t => {
    const { answers } = await emptyRooms(engine)
    await answers.keep('d1', { status: 400, body: '{"ok":false}' }, 1_000, 0)
    await answers.keep('d1', { status: 409, body: '{}' }, 1_000, 0)
    t.strictSame(await answers.get('d1'), { status: 400, body: '{"ok":false}' }, 'the first one counts')
    await answers.keep('d2', { status: 404, body: '{}' }, 2_000, 1_001)
    t.equal(await answers.get('d1'), undefined)
    t.ok(await answers.get('d2'))
  })

  t.test('several deliveries are stored at once, and each is told whether it is new', async t => {
    const { deliveries } = await emptyRooms(engine)
    await deliveries.append(aDelivery('d1', { dedupeKey: 'k1' }))
    t.strictSame(
      await deliveries.appendAll([
        aDelivery('d2', { dedupeKey: 'k2' }),
        aDelivery('d3', { dedupeKey: 'k1' }),
        aDelivery('d4', { dedupeKey: 'k2' }),
        aDelivery('d5')
      ]),
      [
        { id: 'd2', duplicate: false },
        { id: 'd1', duplicate: true },
        { id: 'd2', duplicate: true },
        { id: 'd5', duplicate: false }
      ]
    )
    t.match(await deliveries.first({ connectionId: 'lakeside', dedupeKey: 'k2' }), {
      id: 'd2',
      receivedAt: 1_000,
      headers: { 'content-type': 'application/json' }
    })
    await deliveries.forgetDedupeKey('d2')
    t.equal(await deliveries.first({ connectionId: 'lakeside', dedupeKey: 'k2' }), undefined)
    t.strictSame(await deliveries.append(aDelivery('d6', { dedupeKey: 'k2' })), {
      id: 'd6',
      duplicate: false
    })
  })

  t.test('a platform’s id of any length is known again', async t => {
    const { deliveries } = await emptyRooms(engine)
    // Not compressible, as PostgreSQL compresses what it indexes.
    const long = randomBytes(16_000).toString('hex')
    t.strictSame(await deliveries.append(aDelivery('d1', { dedupeKey: long })), {
      id: 'd1',
      duplicate: false
    })
    t.strictSame(await deliveries.append(aDelivery('d2', { dedupeKey: long })), { id: 'd1', duplicate: true })
    t.equal((await deliveries.append(aDelivery('d3', { dedupeKey: `${long}x` }))).duplicate, false)
  })

  t.test('what a delivery told is reported with how far it has come, the last run alone', async t => {
    const { store, reports, queries } = await emptyRooms(engine)
    t.equal(await reports.delivery('d1'), undefined)
    t.same(await reports.customersNamedBy('d1'), [])
    await store.commit([
      queries.resources.upsert([aResource('r1', { revision: 3, warnings: '["it has no code"]' })])
    ])
    const entry = {
      delivery_id: 'd1',
      event_index: 0,
      at: 1_000,
      workspace_id: lane.workspaceId,
      customer_key: lane.customerKey,
      kind: 'reservation',
      booking: null,
      version: 1,
      note: null
    } as const
    const log = store.db.insertInto('change_log').values([
      { ...entry, key: 'r1', outcome: 'changed', revision: 2 },
      { ...entry, key: 'gone', outcome: 'changed', revision: 1 },
      { ...entry, key: 'r1', outcome: 'stale', revision: null, note: 'newer' },
      { ...entry, key: 'r1', outcome: 'changed', revision: 9, delivery_id: 'd2' }
    ])
    await log.execute()
    const of = { workspaceId: lane.workspaceId, customerKey: lane.customerKey, kind: 'reservation' }
    t.strictSame(await reports.changes('d1'), [
      {
        ...of,
        key: 'r1',
        outcome: 'stale',
        revision: null,
        note: 'newer',
        warnings: ['it has no code'],
        row: { revision: 3, synced_revision: 0, buried_revision: 0, buried_reason: null, held: null }
      },
      { ...of, key: 'gone', outcome: 'changed', revision: 1, note: null, warnings: [], row: undefined }
    ])
  })

  t.test('the newest calls of each resource are reported, oldest first, from a revision on', async t => {
    const { store, reports, outbox } = await emptyRooms(engine)
    const made = async (customer: Lane, id: string, carried: Record<string, number>) =>
      store.commit(
        outbox.record(
          { ...customer, ...heldLane },
          { ...anAttempt, id, requestId: `request ${id}` },
          Object.entries(carried).map(([key, revision]) => ({ ...aDirtySpace, key, revision }))
        )
      )
    for (let serial = 10; serial < 35; serial += 1) await made(lane, `a${serial}`, { often: 1 })
    await made(lane, 'a40', { twice: 3, once: 3 })
    await made(lane, 'a41', { twice: 4 })
    await made(otherLane, 'a42', { twice: 9 })
    const of = ({ customerKey }: Lane, key: string, since: number) => ({
      customerKey,
      kind: 'space' as const,
      key,
      since
    })
    const wanted = [
      of(lane, 'often', 1),
      of(lane, 'twice', 3),
      of(lane, 'once', 4),
      of(otherLane, 'twice', 1)
    ]
    const calls = await reports.calls('default', wanted)
    const requests = wanted.map(each => calls.get(nameOf(each))?.map(call => call.request_id))
    t.strictSame(requests, [
      Array.from({ length: 20 }, (_, index) => `request a${index + 15}`),
      ['request a40', 'request a41'],
      undefined,
      ['request a42']
    ])
    t.match(calls.get(nameOf(of(lane, 'twice', 3)))?.[0], {
      operation: 'push_data',
      started_at: 1_000,
      status: 400,
      error: 'no',
      seam_error: '{"type":"invalid_input","message":"no"}'
    })
    t.same(await reports.calls('default', []), new Map())
  })

  t.test(
    'calls that take customers off are reported by customer, the newest of them, oldest first',
    async t => {
      const { store, reports, outbox } = await emptyRooms(engine)
      const made = async (customer: Lane, id: string, more: object = {}, carried: DirtyResource[] = []) =>
        store.commit(
          outbox.record(
            { ...customer, ...heldLane },
            { ...anAttempt, id, operation: 'delete_data', requestId: id, ...more },
            carried
          )
        )
      await made(lane, 'a1')
      for (let serial = 10; serial < 35; serial += 1) await made(lane, `a${serial}`)
      await made(lane, 'a40', { operation: 'push_data' })
      await made(lane, 'a41', {}, [aDirtySpace])
      await made(otherLane, 'a42')
      const calls = await reports.offboardCalls(
        'default',
        [lane.customerKey, otherLane.customerKey, 'x'],
        'a1'
      )
      t.strictSame(
        [lane.customerKey, otherLane.customerKey, 'x'].map(each =>
          calls.get(each)?.map(call => call.request_id)
        ),
        [Array.from({ length: 20 }, (_, index) => `a${index + 15}`), ['a42'], undefined]
      )
    }
  )

  t.test('how far resources are is told by key, and what was refused by customer', async t => {
    const { store, reports, queries, outbox } = await emptyRooms(engine)
    const other = { customer_key: otherLane.customerKey }
    await store.commit([
      queries.resources.upsert([
        aResource('r1', { revision: 3 }),
        aResource('r2', { revision: 5 }),
        aResource('r1', { revision: 7, ...other })
      ])
    ])
    const stay = (key: string, revision: number) => ({
      ...aDirtySpace,
      kind: 'reservation' as const,
      key,
      revision
    })
    await store.commit([
      outbox.settle(lane, [stay('r1', 2)]),
      outbox.markRefused(lane, stay('r2', 5), 'no', 1_000),
      outbox.markRefused(otherLane, stay('r1', 7), 'never', 1_000)
    ])
    const [r1, r2] = ['r1', 'r2'].map(key => ({ kind: 'reservation', key, customerKey: lane.customerKey }))
    const settled = { ...r1, synced_revision: 2, buried_revision: 0, buried_reason: null }
    const refused = { ...r2, synced_revision: 0, buried_revision: 5, buried_reason: 'no' }
    const elsewhere = {
      ...r1,
      customerKey: otherLane.customerKey,
      synced_revision: 0,
      buried_revision: 7,
      buried_reason: 'never'
    }
    const inOrder = (rows: Progress[]) => rows.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    t.strictSame(inOrder(await reports.progress('default', ['r1', 'r9'])), [elsewhere, settled])
    t.strictSame(await reports.progress('other', ['r1']), [])
    t.strictSame(await reports.refused('default', [lane.customerKey], 5), [refused])
    t.strictSame(await reports.refused('default', [lane.customerKey, otherLane.customerKey], 6), [elsewhere])
  })
}
