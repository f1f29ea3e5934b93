import type { Test } from 'tap'
import type { ApiKey } from '../../src/store/callers.ts'
import { aDelivery, aResource, type Engine, emptyRooms, lane } from './given.ts'

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
    t.strictSame(await answers.get('d1'), { status: 400, body: '{"ok":false}' })
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

  t.test('what a delivery told is reported with how far it has come, the last run alone', async t => {
    const { store, reports, queries } = await emptyRooms(engine)
    t.equal(await reports.delivery('d1'), undefined)
    t.same(await reports.customersNamedBy('d1'), [])
    await store.commit([queries.resources.upsert([aResource('r1', { revision: 3 })])])
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
    t.strictSame(await reports.told('d1'), [
      {
        ...of,
        key: 'r1',
        outcome: 'stale',
        revision: null,
        note: 'newer',
        row: { revision: 3, synced_revision: 0, buried_revision: 0, buried_reason: null, held: null }
      },
      { ...of, key: 'gone', outcome: 'changed', revision: 1, note: null, row: undefined }
    ])
    t.same(await reports.calls({ ...of, kind: 'reservation', key: 'r1' }, 1), [])
  })
}
