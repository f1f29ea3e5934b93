import t from 'tap'
import { RelayError } from '../../src/errors.ts'
import { operateStoreOf } from '../../src/store/operate.ts'
import { openStore } from '../../src/store/store.ts'
import { storedKey } from '../api/call.ts'
import { ADMIN_TOKEN, openServer } from '../open-server.ts'
import { ask, booking, KEY, openOperated, TOKEN, tell } from './operator.ts'

t.test('whoever is not known is asked for a token, in a problem document', async t => {
  const relay = await openOperated(t)
  for (const key of [null, 'the-wrong-token-altogether', 'seam_relay_of_nobody']) {
    const { status, headers, body } = await ask(relay, '/deliveries', key)
    t.equal(status, 401)
    t.match(headers, { 'www-authenticate': 'Bearer', 'content-type': /^application\/problem\+json/ })
    t.match(body, { code: 'RELAY_KEY_UNKNOWN', detail: /RELAY_ADMIN_TOKEN/ })
  }
})

t.test('without RELAY_ADMIN_TOKEN there is no token to be guessed', async t => {
  const relay = await openOperated(t, { env: { RELAY_ADMIN_TOKEN: '' } })
  t.equal((await ask(relay, '/me', 'undefined')).status, 401)
  t.match((await ask(relay, '/me', KEY)).body, { name: 'RELAY_API_KEYS[0]', may: 'read' })
})

t.test('each scope may what the one before it may', async t => {
  const relay = await openOperated(t)
  const read = await storedKey(relay, { name: 'reader', scopes: ['read'] })
  const operate = await storedKey(relay, { name: 'on call', scopes: ['operate'] })
  const admin = await storedKey(relay, { name: 'chief', scopes: ['admin'] })
  const none = await storedKey(relay, { name: 'service', scopes: ['push', 'delete', 'offboard'] })
  t.strictSame((await ask(relay, '/me', read)).body, { name: 'reader', may: 'read' })
  t.strictSame((await ask(relay, '/me', operate)).body, { name: 'on call', may: 'operate' })
  t.strictSame((await ask(relay, '/me', admin)).body, { name: 'chief', may: 'admin' })
  t.strictSame((await ask(relay, '/me', TOKEN)).body, { name: 'RELAY_ADMIN_TOKEN', may: 'admin' })
  t.match(await ask(relay, '/me', none), { status: 403, body: { code: 'RELAY_KEY_FORBIDDEN' } })
  t.match(await ask(relay, '/audit', read), { status: 403, body: { detail: /scope operate/ } })
  t.equal((await ask(relay, '/audit', operate)).status, 200)
  t.match(await ask(relay, '/deliveries?reveal=true', operate), {
    status: 403,
    body: { detail: /scope admin/ }
  })
  t.equal((await ask(relay, '/deliveries?reveal=true', admin)).status, 200)
})

t.test(
  'a key that is limited to customers or to a workspace sees nothing of what knows no limits',
  async t => {
    const relay = await openOperated(t)
    const limited = await storedKey(relay, { customers: ['demo-hospitable'], scopes: ['read', 'admin'] })
    t.match(await ask(relay, '/deliveries', limited), {
      status: 403,
      body: { detail: /limited to customers/ }
    })
    const single = await storedKey(relay, { workspaceId: 'default', scopes: ['operate'] })
    t.equal((await ask(relay, '/deliveries', single)).status, 200, 'the only workspace is all there is')

    const two = await openOperated(t, {
      connections: `
workspaces: [ { id: eu, api_key: seam_eu }, { id: us, api_key: seam_us } ]
connections:
  - { id: lake, platform: standard, workspace: eu, customer_key: lake, secrets: { signing_secret: whsec_cmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQ= } }
`
    })
    const reader = await storedKey(two, { scopes: ['read'] })
    const european = await storedKey(two, { workspaceId: 'eu', scopes: ['admin'] })
    const all = await storedKey(two, { scopes: ['operate'] })
    for (const key of [reader, european]) {
      t.match(await ask(two, '/resources', key), { status: 403, body: { detail: /for one workspace/ } })
    }
    t.equal((await ask(two, '/resources', all)).status, 200)
  }
)

t.test('a filter that cannot be meant is answered with what is wrong with it, and never shown', async t => {
  const relay = await openOperated(t)
  for (const [query, detail] of [
    ['limit=0', /^limit: must be >= 1/],
    ['limit=201', /^limit: must be <= 200/],
    ['limit=many', /^limit: must be integer/],
    ['state=lost', /^state: must be one of received, held, translated, ignored, dead/],
    ['since=yesterday', /^since: must match format/],
    ['conection=a', /^conection: is not known here; there are: connection, /],
    ['ada@example.com=1', /^a parameter: is not known here/],
    ['booking=%00', /^booking: must match pattern/],
    ['booking=', /^booking: must NOT have fewer/],
    ['cursor=!', /^cursor: is none of this list/],
    ['cursor=e30', /^cursor: is none of this list/],
    ['cursor=WyJ4IiwiYSJd', /^cursor: belongs to other filters/]
  ] as const) {
    const { status, body } = await ask(relay, `/deliveries?${query}`)
    t.equal(status, 400, query)
    t.match(body, { code: 'RELAY_BAD_REQUEST', detail }, query)
  }
  t.match((await ask(relay, '/me?reveal=true')).body, { detail: /there are: none/ })
})

t.test('a list goes on where it was left, whatever has come meanwhile', async t => {
  const relay = await openOperated(t)
  const ids: string[] = []
  for (let minute = 1; minute <= 5; minute += 1) {
    ids.push(...(await tell(relay, { ...booking, id: `b${minute}` })))
    relay.clock.now += 60_000
  }
  const seen: string[] = []
  let cursor = ''
  do {
    const { body } = await ask(relay, `/deliveries?limit=2${cursor}`)
    seen.push(...body.data.map((each: { id: string }) => each.id))
    await tell(relay, { ...booking, id: 'later' })
    cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`
  } while (cursor !== '')
  t.strictSame(seen, ids.reverse())
})

t.test('who asked to see people is written down before they are shown', async t => {
  const relay = await openOperated(t)
  const [id] = await tell(relay, booking)
  await relay.settle()
  const admin = await storedKey(relay, { name: 'chief', scopes: ['admin'] })
  t.match((await ask(relay, `/deliveries/${id}?reveal=true`, admin)).body.body.text, /Ada/)
  await ask(relay, '/search?q=ada%40example.com&reveal=true', admin)
  await ask(relay, '/deliveries?booking=b1&text=01&reveal=true')
  await ask(relay, '/deliveries/none?reveal=true')
  await ask(relay, '/deliveries')
  const { body } = await ask(relay, '/audit')
  t.match(body.data, [
    { actor: 'env-admin', actor_name: 'RELAY_ADMIN_TOKEN', detail: { booking: 'b1', text: '01' } },
    { actor_name: 'chief', action: 'reveal', target: '/api/v1/search', detail: { q: '…@example.com' } },
    {
      actor: /^key_/,
      actor_name: 'chief',
      action: 'reveal',
      at: /^2027-01-10T/,
      target: `/api/v1/deliveries/:id ${id}`,
      detail: {}
    }
  ])
  t.equal(body.data.length, 3, 'what was not there, or was masked, was not revealed')
  const older = await ask(relay, `/audit?limit=1`)
  t.equal((await ask(relay, `/audit?limit=1&cursor=${older.body.next_cursor}`)).body.data.length, 1)
  t.notMatch(relay.logged.join(''), /Ada|ada@|Lovelace/)
})

t.test('answers are kept by nobody on the way', async t => {
  const relay = await openOperated(t)
  t.equal((await ask(relay, '/deliveries')).headers['cache-control'], 'no-store')
})

t.test('what goes while it is looked for is not found', async t => {
  const store = await openStore('file::memory:')
  const { searchWords } = operateStoreOf(store)
  const gone = { workspaceId: 'default', customerKey: 'acme', kind: 'guest' as const, key: 'g1' }
  const find = async () => ({ found: [gone], more: false })
  const { app } = await openServer(t, { store, operate: { searchWords: { ...searchWords, find } } })
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }
  const reply = await app.inject({ url: '/api/v1/search?q=ada', headers })
  t.equal(reply.statusCode, 200)
  t.match(reply.json(), { data: [], deliveries: [], more: false })
})

t.test('where the store does not answer, the operator is told when to ask again', async t => {
  const store = await openStore('file::memory:')
  const away = async () => {
    throw new RelayError('RELAY_STORE_UNAVAILABLE', undefined, { retryable: true, statusCode: 503 })
  }
  const lost = async () => {
    throw new TypeError('nobody foresaw this')
  }
  const { audit, trouble } = operateStoreOf(store)
  const { app } = await openServer(t, {
    store,
    operate: { audit: { ...audit, list: away }, trouble: { ...trouble, dead: lost } }
  })
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }
  const reply = await app.inject({ url: '/api/v1/audit', headers })
  t.equal(reply.statusCode, 503)
  t.equal(reply.headers['retry-after'], '5')
  t.match(reply.json(), { code: 'RELAY_STORE_UNAVAILABLE' })
  const unforeseen = await app.inject({ url: '/api/v1/dead-letters', headers })
  t.equal(unforeseen.statusCode, 500)
  t.match(unforeseen.json(), { code: 'RELAY_INTERNAL' })
})
