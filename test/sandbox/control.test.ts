import t from 'tap'
import { workspaceOf } from '../../src/sandbox/memory.ts'
import { completeStay, KEY, NOON, OTHER_KEY, openSandbox } from './open-sandbox.ts'

t.test('the state shows customers with their resources and stays, by workspace', async t => {
  const { push, view } = await openSandbox(t)
  t.same(await view(), { workspaces: [], calls: { push_data: {}, delete_data: {} } })
  await push(completeStay())
  await push(completeStay('r9'), OTHER_KEY)
  await push({ customer_key: 'acme', reservations: [{ reservation_key: 'r2' }] })
  const { customer_key, ...resources } = completeStay()
  t.same(await view(), {
    workspaces: [
      {
        workspace: workspaceOf(KEY),
        customers: [
          {
            customer_key,
            resources: { ...resources, reservations: [...resources.reservations, { reservation_key: 'r2' }] },
            stays: [
              { list: 'reservations', key: 'r1', access: 'granted' },
              { list: 'reservations', key: 'r2', access: 'skipped', reason: 'no_guest' }
            ]
          }
        ],
        unknown_deletes: 0,
        overlaps: {}
      },
      {
        workspace: workspaceOf(OTHER_KEY),
        customers: [
          {
            customer_key,
            resources: { ...resources, reservations: completeStay('r9').reservations },
            stays: [{ list: 'reservations', key: 'r9', access: 'granted' }]
          }
        ],
        unknown_deletes: 0,
        overlaps: {}
      }
    ],
    calls: { push_data: { '200': 3 }, delete_data: {} }
  })
})

t.test('the state can be narrowed to one customer', async t => {
  const { app, push } = await openSandbox(t)
  for (const customer of ['acme', 'beta']) {
    await push({ customer_key: customer, sites: [{ site_key: customer, name: 'Site' }] })
  }
  const { workspaces } = (await app.inject('/sandbox/state?customer_key=beta')).json()
  t.match(workspaces[0].customers, [{ customer_key: 'beta' }])
  t.equal(workspaces[0].customers.length, 1)
})

t.test('a reset forgets resources, counts and calls, and nothing else', async t => {
  const { app, push, remove, behave, view, calls } = await openSandbox(t)
  await behave({ refuse_keys: ['x'] })
  await app.inject({
    method: 'PUT',
    url: '/sandbox/platforms/acme',
    payload: { entities: { 'bookings/1': { id: 1 } } }
  })
  await push(completeStay())
  await remove({ guest_keys: ['nobody'] })
  const reset = await app.inject({ method: 'DELETE', url: '/sandbox/state' })
  t.equal(reset.statusCode, 204)
  t.equal(reset.body, '')
  t.same(await view(), { workspaces: [], calls: { push_data: {}, delete_data: {} } })
  t.same(await calls(), [])
  t.same((await app.inject('/sandbox/behaviour')).json().refuse_keys, ['x'])
  t.same((await app.inject('/sandbox/platforms/acme')).json().entities, { 'bookings/1': { id: 1 } })
  await push(completeStay())
  t.match(await calls(), [{ call: 1 }])
})

t.test('every call is in the log with what it said and what became of it', async t => {
  const { app, push, remove, calls } = await openSandbox(t)
  const body = completeStay()
  const answer = await push(body)
  await remove({ reservation_keys: ['r1'], guest_keys: [] })
  await push(body, 'wrong')
  const [pushed, removed, refused] = await calls()
  t.same(pushed, {
    call: 1,
    time: new Date(NOON).toISOString(),
    workspace: workspaceOf(KEY),
    operation: 'push_data',
    method: 'POST',
    status: 200,
    request_id: answer.headers['seam-request-id'],
    applied: true,
    keys: { customer_key: ['acme'], spaces: ['s1'], guests: ['g1'], reservations: ['r1'] },
    body
  })
  t.match(removed, { operation: 'delete_data', keys: { reservation_keys: ['r1'] } })
  t.match(refused, { status: 401, workspace: null, applied: false, keys: {}, body: null })
  t.same(
    (await calls('?key=r1')).map(({ call, operation }) => [call, operation]),
    [
      [1, 'push_data'],
      [2, 'delete_data']
    ],
    'the history of one stay'
  )
  t.equal((await calls('?after=2')).length, 1)
  t.equal((await app.inject('/sandbox/calls')).json().newest, 3)
  t.equal((await app.inject('/sandbox/calls?after=soon')).statusCode, 400)
})

t.test('behaviour is shown, replaced and taken back', async t => {
  const { app, behave } = await openSandbox(t)
  const good = { fail: [], unknown_delete: 'ok', refuse_keys: [] }
  t.same((await app.inject('/sandbox/behaviour')).json(), good)
  const rule = { operation: 'push_data', status: 503, body: { any: ['thing', 1, null] }, times: 3 } as const
  t.same((await behave({ fail: [rule] })).json(), { ...good, fail: [rule] })
  t.same((await app.inject('/sandbox/behaviour')).json(), { ...good, fail: [rule] })
  t.same((await app.inject({ method: 'DELETE', url: '/sandbox/behaviour' })).json(), good)
})

t.test('a misspelt rule is refused and changes nothing', async t => {
  const { app } = await openSandbox(t)
  const payload = { fail: [{ statuss: 500 }], refuse_keys: ['x'] }
  const answer = await app.inject({ method: 'PUT', url: '/sandbox/behaviour', payload })
  t.equal(answer.statusCode, 400)
  t.match(answer.json().message, /statuss|fail/)
  t.same((await app.inject('/sandbox/behaviour')).json().refuse_keys, [])
})
