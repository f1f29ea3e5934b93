import { CompiledQuery } from 'kysely'
import t from 'tap'
import { storeRooms } from '../../src/store/rooms.ts'
import type { Request } from '../../src/store/sqlite-worker.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { ask, booking, openOperated, tell } from '../operate/operator.ts'
import { fakeSeam } from '../seam/fake-seam.ts'
import { aBooking, DAY_MS, later, NOON, off, openCustomers } from '../sync/open-customers.ts'
import { watchThreads } from './threads.ts'

/** Tables that grow with the number of bookings or customers. */
const large = 'deliveries|resources|bookings|stay_names|contacts|change_log|attempts|attempt_resources|lanes'

/**
 * Reads all of a large table, or all that a customer has in it. Due lanes stand in order, and the first one is taken;
 * what Seam refused is little, or there is other trouble.
 */
function readsAll(step: string): boolean {
  if (
    new RegExp(
      `^SCAN (?:${large})\\b(?! USING INDEX (?:lanes_due|lanes_waiting|deliveries_turn|resources_buried))`
    ).test(step)
  )
    return true
  return (
    /\(workspace_id=\? AND customer_key=\?\)$/.test(step) &&
    !/lanes_1|resources_dirty|resources_buried/.test(step)
  )
}

function statementsOf(asked: Request[]): Map<string, readonly unknown[]> {
  const statements = new Map<string, readonly unknown[]>()
  for (const request of asked) {
    if ('read' in request) statements.set(request.read.sql, request.read.parameters)
    if (!('commit' in request)) continue
    for (const { sql, rows } of [...request.commit.flat(), ...request.runs]) {
      const [parameters] = rows
      if (parameters !== undefined) statements.set(sql, parameters)
    }
  }
  return statements
}

/** How SQLite goes about a statement. */
async function stepsOf({ db }: Pick<Store, 'db'>, text: string, parameters: readonly unknown[]) {
  const plan = CompiledQuery.raw(`explain query plan ${text}`, [...parameters])
  const { rows } = await db.executeQuery<{ detail: string }>(plan)
  return rows.map(row => row.detail)
}

t.test('no step of the journey reads a whole table, or everything that a customer has', async t => {
  const threads = watchThreads(t)
  const opened = await openStore('file::memory:')
  t.teardown(() => opened.close())
  const store = { ...opened, close: async () => undefined }
  const seam = await fakeSeam(t)
  const booking = aBooking('b1')
  for (const told of [booking, later(booking, { arrival: '2027-03-14' }), off(booking)]) {
    const relay = await openCustomers(t, { store, seam })
    await relay.tell('a', told)
    await relay.after(DAY_MS)
    await relay.relay.stop(0)
  }
  const aged = await openCustomers(t, { store, seam, now: NOON })
  for (const days of [40, 60, 100]) {
    aged.clock.now += days * DAY_MS
    while ((await aged.relay.steps.pruneOnce()) === 'busy');
  }

  const statements = statementsOf(threads.asked)
  t.ok(statements.size > 30)
  for (const [text, parameters] of statements) {
    if (!/^(?:with|select|insert|update|delete)/.test(text)) continue
    t.same((await stepsOf(store, text, parameters)).filter(readsAll), [], text)
  }
})

t.test('due customers stand in order where those of some workspaces stay, too', async t => {
  const threads = watchThreads(t)
  const store = await openStore('file::memory:')
  t.teardown(() => store.close())
  const { queries, outbox } = storeRooms(store)
  for (const customerKey of ['a', 'b']) {
    const lane = { workspaceId: 'default', customerKey }
    await store.commit(queries.lanes.advance(lane, undefined, { dueAt: 1, arrivalAt: null }))
  }
  await outbox.delayWorkspace('held', { waitUntil: 1, failures: 1, stopped: false, reason: '429' })
  for (const order of ['waiting', 'arrival'] as const)
    t.ok(await queries.lanes.claim(1_000, 100, order, 1_000, ['busy', 'held']))

  const claims = [...statementsOf(threads.asked)].filter(([text]) => text.includes('not in (?'))
  t.ok(claims.length >= 4)
  for (const [text, parameters] of claims)
    t.same((await stepsOf(store, text, parameters)).filter(readsAll), [], text)
})

t.test('a stay is looked at without reading all of its workspace', async t => {
  const threads = watchThreads(t)
  const relay = await openOperated(t)
  await tell(relay, booking)
  await relay.settle()
  const { data } = (await ask(relay, '/resources?kind=reservation')).body
  const { workspace, customer_key, key } = data[0]
  const stay = `/resources/${[workspace, customer_key, 'reservation', key].map(encodeURIComponent).join('/')}`

  threads.asked.length = 0
  for (const path of [stay, `${stay}/life`]) t.equal((await ask(relay, path)).status, 200, path)
  const statements = [...statementsOf(threads.asked)].filter(([text]) => text.includes('"resources"'))
  t.ok(statements.length >= 2)
  for (const [text, parameters] of statements) {
    const steps = await stepsOf(relay.store, text, parameters)
    t.same(
      steps.filter(step => readsAll(step) || /\(workspace_id=\?\)$/.test(step)),
      [],
      text
    )
  }
})
