import t from 'tap'
import { workspaceOf } from '../../src/sandbox/memory.ts'
import { completeStay, KEY, OTHER_KEY, openSandbox } from './open-sandbox.ts'

t.test('with a state file everything is there again after a restart', async t => {
  const stateFile = `${t.testdir()}/sandbox.db`
  const first = await openSandbox(t, { stateFile })
  await first.push(completeStay())
  await first.push(completeStay('r2'))
  await first.push(completeStay('r1', 'beta'), OTHER_KEY)
  await first.remove({ reservation_keys: ['r2', 'r3'] })
  await first.push({})
  const before = { view: await first.view(), calls: await first.calls() }
  await first.app.close()

  const second = await openSandbox(t, { stateFile })
  const after = { view: await second.view(), calls: await second.calls() }
  t.same(
    new Set(after.view.workspaces.map(each => each.workspace)),
    new Set([KEY, OTHER_KEY].map(workspaceOf))
  )
  for (const { workspace, ...rest } of before.view.workspaces) {
    t.same(
      after.view.workspaces.find(each => each.workspace === workspace),
      { workspace, ...rest }
    )
  }
  t.same(after.view.calls, before.view.calls)
  t.same(after.calls, before.calls)

  await second.app.inject({ method: 'DELETE', url: '/sandbox/state' })
  await second.app.close()
  const third = await openSandbox(t, { stateFile })
  t.same(await third.view(), { workspaces: [], calls: { push_data: {}, delete_data: {} } })
})

t.test('only the newest calls are kept', async t => {
  const { push, calls } = await openSandbox(t, { keptCalls: { calls: 2, bytes: 100_000 } })
  for (const key of ['a', 'b', 'c']) await push({ customer_key: key })
  t.same(
    (await calls()).map(({ call }) => call),
    [2, 3]
  )
})
