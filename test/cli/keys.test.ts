import t, { type Test } from 'tap'
import { openStore, type Store } from '../../src/store/store.ts'
import { write } from '../../src/store/write.ts'
import { API_KEY_SHAPE, callWith } from '../api/call.ts'
import { eventually } from '../run-relay.ts'
import { demoFolder } from './demo-relay.ts'
import { run, runUntilSignal } from './terminal.ts'

const DAY_MS = 86_400_000

const workspaces = `workspaces: [{ id: eu, api_key: seam_test_eu }, { id: us, api_key: seam_test_us }]
connections: []
`

function emptyStore(t: Test): Record<string, string> {
  return { DATABASE_URL: `file:${t.testdir()}/data/relay.db` }
}

async function withStore(env: Record<string, string>, work: (store: Store) => Promise<unknown>) {
  const store = await openStore(String(env.DATABASE_URL))
  await work(store)
  await store.close()
}

async function listed(env: Record<string, string>): Promise<Record<string, unknown>[]> {
  const { code, out } = await run(['keys', 'list', '--json'], env)
  if (code !== 0) throw new TypeError('keys list failed')
  return JSON.parse(out)
}

t.test('a key is shown once, alone on standard output, and never again', async t => {
  const env = emptyStore(t)
  const { code, out, err } = await run(['keys', 'create', '--name', 'billing'], env)
  t.equal(code, 0)
  const key = out.trim()
  t.match(key, API_KEY_SHAPE)
  t.match(
    err,
    /^There was no store at file:\S+; one is made\. .*\nThis is key_\w+ \(billing\), and it is not shown again/
  )
  t.match((await run(['keys', 'create', '--name', 'another'], env)).err, /^This is key_/)
  for (const args of [
    ['keys', 'list'],
    ['keys', 'list', '--json']
  ]) {
    t.notMatch((await run(args, env)).out, key.slice('seam_relay_'.length))
  }
})

t.test('a key may what it is made for, for as long as it is made for', async t => {
  const { env } = demoFolder(t, { connections: workspaces })
  const before = Date.now()
  const limits = [
    '--customer',
    'acme',
    'globex',
    '--scope',
    'push, offboard',
    '--expires',
    '90d',
    '--workspace',
    'eu',
    '--lenient'
  ]
  await run(['keys', 'create', '--name', 'limited', ...limits], env)
  await run(['keys', 'create', '--name', 'plain'], env)
  await run(['keys', 'create', '--name', 'dated', '--expires', '2999-01-02'], env)
  await run(['keys', 'create', '--name', 'timed', '--expires', '2999-01-02T03:04:05+01:00'], env)
  const [limited, plain, dated, timed] = await listed(env)
  const ends = Date.parse(String(limited?.expires_at))
  t.ok(ends >= before + 90 * DAY_MS && ends <= Date.now() + 90 * DAY_MS)
  t.match(limited, {
    name: 'limited',
    workspace: 'eu',
    customers: ['acme', 'globex'],
    scopes: ['push', 'offboard'],
    strict: false,
    revoked_at: null,
    last_used_at: null
  })
  t.match(plain, {
    workspace: null,
    customers: null,
    scopes: ['push', 'delete', 'read'],
    strict: true,
    expires_at: null
  })
  t.equal(dated?.expires_at, '2999-01-02T00:00:00.000Z')
  t.equal(timed?.expires_at, '2999-01-02T02:04:05.000Z')
  await withStore(env, store =>
    store.commit([write(store.db.updateTable('api_keys').set({ expires_at: 1 }).where('name', '=', 'timed'))])
  )
  const lines = (await run(['keys', 'list'], env)).out.split('\n')
  t.match(lines[3], / timed: .*; expired 1970-01-01T00:00:00\.001Z; never used$/)
  t.match(
    lines[0],
    / limited: push, offboard; customers acme, globex; workspace eu; lenient; expires .*; never used$/
  )
  t.match(lines[1], / plain: push, delete, read; all customers; does not expire; never used$/)
})

t.test('a key for a workspace that is not in the settings is not made', async t => {
  const { env } = demoFolder(t, { connections: workspaces })
  const create = (id: string) => run(['keys', 'create', '--name', 'x', '--workspace', id], env)
  const { code, out, err } = await create('asia')
  t.same([code, out], [2, ''])
  t.match(err, 'keys create: --workspace must be one of those in the settings: eu, us')
  t.match((await run(['keys', 'list'], env)).out, /^There are no keys; /)
  t.equal((await create('us')).code, 0)

  const alone = demoFolder(t)
  const own = ['keys', 'create', '--name', 'x', '--workspace']
  t.match((await run([...own, 'eu'], alone.env)).err, /in the settings: default$/m)
  t.equal((await run([...own, 'default'], alone.env)).code, 0)
  const lost = { ...alone.env, RELAY_CONNECTIONS_FILE: '/nowhere.yaml' }
  t.equal((await run([...own, 'eu'], lost)).code, 78, 'settings that are wrong are told as such')
  t.equal(
    (await run(['keys', 'create', '--name', 'y'], lost)).code,
    0,
    'and matter to a named workspace alone'
  )
})

t.test('two keys of one name are never valid at once', async t => {
  const env = emptyStore(t)
  await run(['keys', 'create', '--name', 'billing'], env)
  const again = await run(['keys', 'create', '--name', 'billing'], env)
  t.equal(again.code, 2)
  t.match(again.err, 'there is a key called billing; revoke it first, or choose another name')
  t.same(await run(['keys', 'revoke', 'billing'], env), {
    code: 0,
    out: 'Revoked; a running relay knows it within seconds.\n',
    err: ''
  })
  t.equal((await run(['keys', 'create', '--name', 'billing'], env)).code, 0)
  const [first, second] = await listed(env)
  t.ok(first?.revoked_at)
  t.equal(second?.revoked_at, null)
  t.match((await run(['keys', 'list'], env)).out, /billing: .*; revoked 2\d{3}-/)
  t.equal((await run(['keys', 'revoke', String(second?.id)], env)).code, 0)
  t.same(await run(['keys', 'revoke', 'billing'], env), {
    code: 1,
    out: 'There is no key billing that could be revoked; "seam-relay keys list" shows them.\n',
    err: ''
  })
})

t.test('what cannot be meant is refused, and nothing is made', async t => {
  const env = emptyStore(t)
  for (const [args, told] of [
    [['--scope', 'push,root'], 'Give some of push, delete, offboard, read, operate, admin.'],
    [
      ['--expires', 'tomorrow'],
      'Give a time such as 2027-01-10T10:00:00Z, a date, or a number of days such as 90d.'
    ],
    [['--expires', '2020-01-01'], '--expires must be in the future'],
    [['--expires', '0d'], '--expires must be in the future'],
    [['--name', ''], '--name must say whose the key is'],
    [['--name', ' \t'], '--name must say whose the key is'],
    [['--customer', ''], '--customer must be a customer_key, with no white space around it'],
    [['--customer', 'acme', ' globex'], '--customer must be a customer_key, with no white space around it'],
    [['--scope', 'operate', '--customer', 'acme'], 'operate and admin cannot be limited to customers'],
    [['--scope', 'push,admin', '--customer', 'acme'], 'operate and admin cannot be limited to customers']
  ] as const) {
    const { code, out, err } = await run(['keys', 'create', '--name', 'x', ...args], env)
    t.same([code, out], [2, ''], args.join(' '))
    t.match(err, told)
  }
  t.equal((await run(['keys', 'create'], env)).code, 2)
  t.match((await run(['keys', 'list'], env)).out, /^There are no keys; /)
})

t.test('a key works at a relay that runs already, and no longer once it is revoked', async t => {
  const { env } = demoFolder(t)
  const relay = await runUntilSignal(t, ['start'], env)
  const key = (await run(['keys', 'create', '--name', 'billing'], env)).out.trim()
  const push = () => callWith(relay.origin, key, 'POST', '/customers/push_data', { customer_key: 'acme' })
  t.equal((await push()).status, 200)
  await eventually(async () => {
    const { out } = await run(['keys', 'list'], env)
    return /billing: .*; last used 2\d{3}-/.test(out) || undefined
  }, 'the use to be noted')
  await run(['keys', 'revoke', 'billing'], env)
  const last = await eventually(async () => {
    const { status } = await push()
    return status === 200 ? undefined : status
  }, 'the key to be refused')
  t.equal(last, 401)
})
