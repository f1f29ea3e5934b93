import t from 'tap'
import { CallLog, type CallRecord } from '../../src/sandbox/call-log.ts'
import { openStorage } from '../../src/sandbox/storage.ts'

function facts(key: string, body: unknown = null): Omit<CallRecord, 'call'> {
  return {
    time: '2026-07-01T12:00:00.000Z',
    workspace: 'w',
    operation: 'push_data',
    method: 'POST',
    status: 200,
    request_id: 'id',
    applied: true,
    keys: { reservations: [key] },
    body
  }
}

t.test('calls are listed in order, from a number on and by key', async t => {
  const log = new CallLog(openStorage(), { calls: 10, bytes: 10_000 })
  for (const key of ['a', 'b', 'a']) log.add(facts(key))
  const numbers = (after?: number, key?: string) => log.list(after, key).map(({ call }) => call)
  t.same(numbers(), [1, 2, 3])
  t.same(numbers(1), [2, 3])
  t.same(numbers(0, 'a'), [1, 3])
  t.same(numbers(1, 'a'), [3])
  t.equal(log.newest, 3)
})

t.test('the oldest calls go when there are too many or they are too big', async t => {
  const few = new CallLog(openStorage(), { calls: 2, bytes: 10_000 })
  for (const key of ['a', 'b', 'c']) few.add(facts(key))
  t.same(
    few.list().map(({ call }) => call),
    [2, 3]
  )
  const small = new CallLog(openStorage(), { calls: 10, bytes: 1_000 })
  small.add(facts('a', 'x'.repeat(500)))
  small.add(facts('b', 'x'.repeat(500)))
  t.same(
    small.list().map(({ call }) => call),
    [2]
  )
  small.add(facts('c', 'x'.repeat(5_000)))
  t.same(small.list(), [])
  t.equal(small.newest, 3)
})

t.test('a log that was kept goes on with the next number', async t => {
  const storage = openStorage(`${t.testdir()}/state/sandbox.db`)
  t.teardown(() => storage.close())
  const limits = { calls: 11, bytes: 100_000 }
  const log = new CallLog(storage, limits)
  for (let call = 1; call <= 12; call += 1) log.add(facts(`k${call}`))
  storage.commit()
  const again = new CallLog(storage, limits)
  t.same(again.list(), log.list())
  again.add(facts('next'))
  t.equal(again.newest, 13)
  again.clear()
  storage.commit()
  t.same(new CallLog(storage, limits).list(), [])
})
