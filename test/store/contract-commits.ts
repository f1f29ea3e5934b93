import { sql } from 'kysely'
import type { Test } from 'tap'
import { deliveriesOf } from '../../src/store/deliveries.ts'
import type { Store } from '../../src/store/store.ts'
import { prepare, type Write, write } from '../../src/store/write.ts'
import { aDelivery, type Engine, emptyRooms } from './given.ts'

/** A token row: any table would do. */
function insertToken(store: Store, connectionId: string, token = 'abc'): Write {
  return write(
    store.db
      .insertInto('tokens')
      .values({ connection_id: connectionId, name: 'bearer', token, expires_at: 9_000 })
  )
}

function renameToken(store: Store, connectionId: string, token: string, expect: number): Write {
  return write(store.db.updateTable('tokens').set({ token }).where('connection_id', '=', connectionId), {
    expect
  })
}

async function tokensIn(store: Store): Promise<string[]> {
  const rows = await store.db
    .selectFrom('tokens')
    .select(['connection_id', 'token'])
    .orderBy('connection_id')
    .execute()
  return rows.map(row => `${row.connection_id} ${row.token}`)
}

export function commitsContract(t: Test, engine: Engine): void {
  t.test('a commit is all or nothing: a statement that fails takes the ones before it back', async t => {
    const store = await engine.emptied()
    const twice = [insertToken(store, 'a'), insertToken(store, 'b'), insertToken(store, 'a')]
    await t.rejects(store.commit(twice), {
      code: 'RELAY_STORE_UNAVAILABLE',
      retryable: true,
      statusCode: 503
    })
    t.same(await tokensIn(store), [])
  })

  t.test('an expectation that does not hold undoes the commit, and is no error', async t => {
    const store = await engine.emptied()
    await store.commit([insertToken(store, 'a')])
    const writes = [insertToken(store, 'b'), renameToken(store, 'nobody', 'new', 1)]
    t.same(await store.commit(writes), { committed: false })
    t.same(await tokensIn(store), ['a abc'])
  })

  t.test(
    'an expectation that holds lets the commit through and tells what each statement touched',
    async t => {
      const store = await engine.emptied()
      await store.commit([insertToken(store, 'a')])
      const committed = await store.commit([renameToken(store, 'a', 'new', 1), insertToken(store, 'b')])
      t.same(committed, {
        committed: true,
        results: [
          { changes: 1, rows: [] },
          { changes: 1, rows: [] }
        ]
      })
      t.same(await tokensIn(store), ['a new', 'b abc'])
    }
  )

  t.test('commits issued together succeed or fail each for itself', async t => {
    const store = await engine.emptied()
    await store.commit([insertToken(store, 'taken')])
    const outcomes = await Promise.allSettled([
      store.commit([insertToken(store, 'a'), renameToken(store, 'a', 'new', 1)]),
      store.commit([insertToken(store, 'b'), insertToken(store, 'taken')]),
      store.commit([insertToken(store, 'c'), renameToken(store, 'nobody', 'new', 1)]),
      store.commit([insertToken(store, 'd'), renameToken(store, 'd', 'new', 1)])
    ])
    t.same(
      outcomes.map(each => (each.status === 'fulfilled' ? each.value.committed : each.reason.code)),
      [true, 'RELAY_STORE_UNAVAILABLE', false, true]
    )
    t.same(await tokensIn(store), ['a new', 'd new', 'taken abc'])
  })

  t.test('single statements issued together succeed or fail each for itself', async t => {
    const store = await engine.emptied()
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'a', 'c'].map((id, serial) => store.commit([insertToken(store, id, `t${serial}`)]))
    )
    t.same(
      outcomes.map(each => (each.status === 'fulfilled' ? each.value : each.reason.code)),
      [
        { committed: true, results: [{ changes: 1, rows: [] }] },
        { committed: true, results: [{ changes: 1, rows: [] }] },
        'RELAY_STORE_UNAVAILABLE',
        { committed: true, results: [{ changes: 1, rows: [] }] }
      ]
    )
    t.same(await tokensIn(store), ['a t0', 'b t1', 'c t3'])
  })

  t.test('a value that no column can hold fails its own commit and no other', async t => {
    const store = await engine.emptied()
    const [good, bad] = [insertToken(store, 'a'), insertToken(store, 'b')]
    const impossible = { ...bad, rows: [bad.rows[0]?.map(() => ({ no: 'value' })) ?? []] }
    const outcomes = await Promise.allSettled([
      store.commit([good]),
      store.commit([impossible]),
      store.commit([impossible, bad])
    ])
    t.same(
      outcomes.map(each => each.status),
      ['fulfilled', 'rejected', 'rejected']
    )
    t.same(await tokensIn(store), ['a abc'])
  })

  t.test('an empty commit is a commit', async t => {
    const store = await engine.emptied()
    t.same(await store.commit([]), { committed: true, results: [] })
  })

  t.test('a read sees what was committed before it', async t => {
    const store = await engine.emptied()
    t.same(await tokensIn(store), [])
    await store.commit([insertToken(store, 'a')])
    t.same(await tokensIn(store), ['a abc'])
  })

  t.test('what waits to be committed is counted, for admission control to look at', async t => {
    const store = await engine.emptied()
    const under = [store.commit([insertToken(store, 'a')]), store.commit([insertToken(store, 'b')])]
    t.equal(store.waiting(), 2)
    await Promise.all(under)
    t.equal(store.waiting(), 0)
  })

  t.test('null, text of every script and bytes of every value come back as they went in', async t => {
    const store = await engine.emptied()
    const body = Uint8Array.from({ length: 256 }, (_none, value) => value)
    const headers = JSON.stringify({ name: 'Zoë 中文 🏠 \u0000 \u2028 "quoted"' })
    const insert = prepare<{ id: string; key: string | null; headers: string; body: Uint8Array }>(row =>
      store.db.insertInto('deliveries').values({
        id: row.id,
        connection_id: 'lakeside',
        platform: 'acme',
        dedupe_key: row.key,
        received_at: Number.MAX_SAFE_INTEGER,
        headers: row.headers,
        query: '{}',
        body: row.body,
        state: 'received',
        due_at: 0
      })
    )
    await store.commit([
      insert([
        { id: 'd1', key: null, headers, body },
        { id: 'd2', key: '', headers: '{}', body: new Uint8Array() }
      ])
    ])
    const rows = await store.db
      .selectFrom('deliveries')
      .select(['id', 'dedupe_key', 'headers', 'body', 'received_at'])
      .orderBy('id')
      .execute()
    t.same(
      rows.map(row => ({ ...row, body: Buffer.from(row.body) })),
      [
        {
          id: 'd1',
          dedupe_key: null,
          headers,
          body: Buffer.from(body),
          received_at: Number.MAX_SAFE_INTEGER
        },
        {
          id: 'd2',
          dedupe_key: '',
          headers: '{}',
          body: Buffer.alloc(0),
          received_at: Number.MAX_SAFE_INTEGER
        }
      ]
    )
  })

  t.test('a prepared statement runs once for each row, and gives back rows where it is asked to', async t => {
    const store = await engine.emptied()
    await store.commit(['a', 'b', 'c'].map(id => insertToken(store, id)))
    const drop = prepare<{ id: string }>(row =>
      store.db.deleteFrom('tokens').where('connection_id', '=', row.id).returning('token')
    )
    t.same(await store.commit([drop([{ id: 'a' }, { id: 'nobody' }, { id: 'c' }])]), {
      committed: true,
      results: [{ changes: 2, rows: [{ token: 'abc' }, { token: 'abc' }] }]
    })
    t.same(await store.commit([drop([]), insertToken(store, 'd')]), {
      committed: true,
      results: [
        { changes: 0, rows: [] },
        { changes: 1, rows: [] }
      ]
    })
    t.same(await tokensIn(store), ['b abc', 'd abc'])
  })

  t.test('there is no interactive transaction and no stream: nobody holds the store up', async t => {
    const store = await engine.emptied()
    await t.rejects(
      store.db.transaction().execute(async () => undefined),
      /use commit\(\)/
    )
    await t.rejects(async () => {
      for await (const _row of store.db.selectFrom('tokens').selectAll().stream()) t.fail('there is no row')
    }, /page by key/)
  })

  t.test('a read that makes no sense is an error of the store, and does no harm', async t => {
    const store = await engine.emptied()
    await t.rejects(sql`select * from nothing`.execute(store.db), { code: 'RELAY_STORE_UNAVAILABLE' })
    await store.ping()
  })

  t.test('more statement texts than the engine keeps prepared are no trouble', async t => {
    const { store, queries } = await emptyRooms(engine)
    for (let number = 0; number < 600; number += 1) await sql.raw(`select ${number}`).execute(store.db)
    t.equal(await queries.lanes.revision({ workspaceId: 'w', customerKey: 'c' }), undefined)
  })

  t.test('once closed, a store answers nobody, and closing it again is harmless', async t => {
    const store = await engine.open(t)
    const deliveries = deliveriesOf(store)
    const last = deliveries.append(aDelivery('d1'))
    await store.close()
    t.same(await last, { id: 'd1', duplicate: false }, 'what waited was committed first')
    await store.close()
    await t.rejects(store.ping(), { code: 'RELAY_STORE_UNAVAILABLE' })
    await t.rejects(deliveries.append(aDelivery('d2')), { code: 'RELAY_STORE_UNAVAILABLE', retryable: true })
    await t.rejects(store.db.selectFrom('tokens').selectAll().execute(), { code: 'RELAY_STORE_UNAVAILABLE' })
  })
}
