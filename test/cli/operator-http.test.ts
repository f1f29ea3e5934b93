import t from 'tap'
import { operatorOverHttp } from '../../src/cli/operator/http.ts'
import { answering, serving } from './fake-relay.ts'
import { running, typing } from './operator-terminal.ts'
import { run } from './terminal.ts'

const env = { RELAY_ADMIN_TOKEN: 'the-admin-token-of-the-test' }

t.test('what is no relay is not taken for one, and what it says in trouble is passed on', async t => {
  const page = await serving(t, (_request, reply) => {
    reply.writeHead(200, { 'content-type': 'text/html' })
    reply.end('<html>')
  })
  t.match(await run(['status', '--url', page], env), {
    code: 1,
    err: /answered 200, and not as a relay does; name its origin with --url/
  })
  const broken = await serving(t, (_request, reply) => {
    reply.writeHead(503, { 'content-type': 'application/problem+json' })
    reply.end(
      JSON.stringify({ code: 'RELAY_STORE_UNAVAILABLE', detail: 'The store could not commit.\u001b[2J' })
    )
  })
  const asked = await run(['show', 'f'.repeat(26), '--url', broken], env)
  t.match(asked, { code: 1, err: 'seam-relay: The store could not commit.␛[2J\n' })
  t.match(await run(['status', '--url', 'nonsense'], env), { code: 2, err: /--url must be the origin/ })
})

const quiet = { due: 0, scheduled: 0, due_since: null, stuck: false }
const none = { count: 0, p50_ms: null, p95_ms: null, p99_ms: null }

t.test('a relay that is not ready says so', async t => {
  const client = async (status: number, body: string) => {
    const url = await serving(t, (_request, reply) => {
      reply.writeHead(status, { 'content-type': 'application/problem+json' })
      reply.end(body)
    })
    const over = operatorOverHttp({ url, env })
    t.teardown(() => over.close())
    return over.turnsAway()
  }
  t.equal(await client(503, '{"code":"RELAY_STORE_UNAVAILABLE"}'), 'RELAY_STORE_UNAVAILABLE')
  t.equal(await client(503, 'upstream'), '503')
  t.equal(await client(200, '{"status":"ok"}'), undefined)
  t.equal(await client(404, ''), undefined, 'whoever stands before it passes on the API alone')
})

t.test('a relay of an older release is told of as far as it goes', async t => {
  const url = await answering(t, {
    '/backlog': {
      at: '2027-01-10T12:00:00.000Z',
      translate: quiet,
      sync: quiet,
      places: quiet,
      unsent_since: null,
      held: { deliveries: 0, stays: 0 },
      dead: { deliveries: 0, resources: 0 },
      arrivals: { pending: 0, refused: 1, held: 0 }
    },
    '/counts': { over: '1h', span_seconds: 60, counted_until: '2027-01-10T12:00:00.000Z', spans: [] },
    '/connections': {
      data: [
        {
          id: 'lakeside',
          last_received_at: null,
          accepted_24h: 0,
          rejected_24h: [],
          held: 0,
          dead: 0,
          unusually_silent: false
        }
      ],
      next_cursor: null
    },
    '/workspaces': { data: [] },
    '/performance': {
      over: '1h',
      complete: true,
      first_attempts: 0,
      first_attempts_taken: 0,
      retries: 0,
      seam: none,
      end_to_end: none
    }
  })
  const { code, out } = await run(['status', '--url', url], env)
  t.equal(code, 1, 'and what is stuck is told by the exit code')
  t.match(out, /^1 thing stuck or stopped\.\n {2}● 1 stay beginning within 24 h: refused by Seam/)
  t.match(out, /^lakeside +never /m)
  const watched = running(['status', '--watch', '--url', url], { env })
  await watched.terminal.until(/Succeeding\?/)
  watched.terminal.signal()
  t.equal(await watched.ended, 1)
  t.notMatch(watched.terminal.written.out, '[H', 'piped, nothing is drawn over')
})

t.test(
  'of what a filter leaves few, the newest are looked at, and all only where that is asked for',
  async t => {
    let pages = 0
    const url = await serving(t, (_request, reply) => {
      pages += 1
      reply.end(JSON.stringify({ data: [], next_cursor: pages < 50 ? `c${pages}` : null }))
    })
    const first = await run(['deliveries', '--type', 'rare', '--url', url], env)
    t.match(first, { code: 0, out: 'None of the newest; --all looks further.\n' })
    t.equal(pages, 20)
    t.match(await run(['deliveries', '--type', 'rare', '--all', '--url', url], env), {
      out: 'There are none.\n'
    })
    t.equal(pages, 50)
  }
)

t.test('where no dead letter is kept, requests that were refused lately are told by connection', async t => {
  const refused = (connection: string, msAgo: number) => ({
    connection,
    received_at: new Date(Date.now() - msAgo).toISOString()
  })
  const data = [
    refused('lakeside', 0),
    refused('hut', 0),
    refused('lakeside', 60_000),
    refused('old', 90_000_000)
  ]
  const url = await answering(t, {
    '/dead-letters': { data: [] },
    '/rejected': { data, next_cursor: null },
    '/connections': { data: [{ id: 'lakeside' }, { id: 'hut' }], next_cursor: null }
  })
  const what = 'refused within 24 h. Once the cause is fixed: seam-relay replay --rejected'
  t.match(await run(['dead', '--url', url], env), {
    code: 0,
    out: `There are no dead letters.\n2 requests of lakeside ${what} lakeside\n1 request of hut ${what} hut\n`
  })
})

t.test('of connections that have left the settings it is said, with what to do', async t => {
  const cause = { of: 'held', kind: null, cause: 'the zone is unknown', code: null, count: 2, group: 'g1' }
  const times = { first_at: new Date().toISOString(), last_at: new Date().toISOString() }
  const groups = ['old', 'lakeside', '@callers', 'old'].map(connection => ({
    ...cause,
    ...times,
    connection
  }))
  const refused = { ...cause, ...times, of: 'refused', connection: null, kind: 'space' }
  const url = await answering(t, {
    '/dead-letters': { data: [...groups, refused] },
    '/rejected': {
      data: [{ connection: 'old', received_at: new Date().toISOString() }],
      next_cursor: null
    },
    '/connections': { data: [{ id: 'lakeside' }], next_cursor: null }
  })
  const { out } = await run(['dead', '--url', url], env)
  t.match(
    out,
    `seam-relay revive <group>
old is no longer in the settings. Before you revive what came of it, put it back there and start the relay again.
1 request of old refused within 24 h. It is no longer in the settings. Let the platform send nothing there any more, or put it back there and start the relay again.
`
  )
})

const job = {
  id: 'j1',
  kind: 'revive',
  state: 'running',
  total: null,
  done: 0,
  filter: {},
  by: 'on call',
  created_at: '2027-01-10T12:00:00.000Z',
  ended_at: null,
  rate_per_second: null,
  estimated_end_at: null,
  error: null
}
const delivery = {
  id: 'd'.repeat(26),
  connection: 'lakeside',
  platform: 'hostaway',
  platform_id: null,
  received_at: '2027-01-10T12:00:00.000Z',
  state: 'dead',
  attempts: 1,
  due_at: null,
  done_at: null,
  events: [],
  event_count: 0,
  error: null,
  replayable: true
}
const plan = {
  at: '2027-01-10T12:00:00.000Z',
  deliveries: 2,
  more_deliveries: false,
  too_old: 0,
  examined: 2,
  complete: true,
  unread: 0,
  not_examined: [],
  unchanged: 0,
  changes: [],
  more_changes: false
}

t.test('jobs are begun and left, and what came of an action is told', async t => {
  const url = await answering(t, {
    '/dead-letters/revive': job,
    [`/deliveries/${delivery.id}`]: { ...delivery, changes: [] },
    '/connections': { data: [{ id: 'lakeside' }], next_cursor: null },
    '/replays/plan': plan,
    '/replays': { ...job, kind: 'replay' },
    '/rejected/retake': { taken: 2, still_refused: [] },
    '/search': { data: [], deliveries: [delivery], more: false, notes: [] }
  })
  t.match(await run(['revive', delivery.id, '--no-wait', '--url', url], env), {
    code: 0,
    out: 'Job j1 gives them another try.\n'
  })
  t.match(await run(['replay', '--rejected', 'lakeside', '--url', url], env), { out: '2 taken in.\n' })
  t.match(await run(['replay', '--all', 'lakeside', '--yes', '--no-wait', '--url', url], env), {
    code: 0,
    out: 'Job j1 has begun; Ctrl-C leaves it running.\n'
  })
  // Somebody closes the input, and says nothing.
  const unsure = running(['replay', '--all', 'lakeside', '--url', url], { env, input: typing('') })
  t.equal(await unsure.ended, 1)
  t.match(unsure.terminal.written.err, 'Run 2 deliveries again? [y/N] ')
  t.match(await run(['show', 'b1', '--url', url], env), {
    code: 0,
    out: new RegExp(`^RECEIVED.* ${delivery.id}\n`, 's')
  })
  const resource = { kind: 'space', key: 'lakeside:p1', state: 'synced', booking: null, starts_at: null }
  const more = await answering(t, {
    '/search': {
      data: [{ by: 'key', label: 'Loft', resource, stays: [] }],
      deliveries: [delivery],
      more: true,
      notes: []
    }
  })
  t.match(
    (await run(['show', 'lake', '--url', more], env)).out,
    /Loft.*There is more: name more of it\.\n\nRECEIVED/s
  )
})

t.test('show wants to be told what', async t => {
  for (const what of ['', ' ']) {
    t.match(await run(['show', what, '--url', 'http://127.0.0.1:1'], env), {
      code: 2,
      out: '',
      err: 'say what to look for: a booking, a key, a guest, or the id of a delivery'
    })
  }
})

t.test('all stays of a booking are told, also those whose keys are masked', async t => {
  const stay = {
    workspace: 'default',
    customer_key: 'acme',
    kind: 'reservation',
    key: 'lakeside:b1_…@example.com',
    connection: 'lakeside',
    booking: 'lakeside:b1',
    state: 'synced',
    reason: null,
    refused_at: null,
    warnings: [],
    starts_at: null,
    updated_at: '2027-01-10T12:00:00.000Z',
    revision: 1,
    synced_revision: 1
  }
  const whole = { ...stay, key: 'lakeside:b1', booking: null }
  const names = [{ workspace: 'default', customer_key: 'acme', kind: 'guest', key: '…@example.com' }]
  const path = `/resources/default/acme/reservation/${encodeURIComponent(whole.key)}`
  const hit = (resource: object) => ({ by: 'key', label: '', resource, stays: [] })
  const found = { deliveries: [], more: false, notes: [] }
  const url = await answering(t, {
    '/search': {
      ...found,
      data: [hit({ ...stay, booking: 'lakeside:b1' }), hit({ ...whole, booking: 'lakeside:b1' })]
    },
    [path]: { ...whole, fields: null, told: [], names, named_by: [], siblings: [] },
    [`${path}/life`]: { data: [], next_cursor: null },
    '/deliveries': { data: [], next_cursor: null },
    [`/deliveries/${delivery.id}`]: { ...delivery, changes: [] }
  })
  const { code, out } = await run(['show', 'b1', '--url', url], env)
  t.equal(code, 0)
  t.match(
    out,
    /^reservation lakeside:b1_…@example\.com {2}synced\n.*is found with --reveal only\.\n\nreservation lakeside:b1 {2}synced\n/s
  )
  const unread = Array.from({ length: 100 }, () => ({ connection: 'lakeside' }))
  const one = await answering(t, {
    '/search': { ...found, data: [hit(whole)] },
    '/deliveries': { data: unread, next_cursor: 'more' }
  })
  t.match(
    (await run(['show', 'lakeside:b1', '--url', one], env)).out,
    /^reservation lakeside:b1 {2}synced\n.*booking +none\n.*More than 100 deliveries of lakeside wait unread/s
  )
  t.match(JSON.parse((await run(['show', delivery.id, '--json', '--url', url], env)).out), {
    delivery: { id: delivery.id }
  })
})

t.test('ways of naming deliveries that do not go together are refused', async t => {
  const refused: [string[], RegExp][] = [
    [['--dead', 'a', '--all', 'b'], /give one of --rejected, --dead and --all/],
    [['--rejected', 'a', '--plan'], /--rejected stands alone/],
    [['--rejected', 'a', '--since', '2h'], /--rejected stands alone/],
    [['--rejected', 'a', 'd1'], /--rejected stands alone/]
  ]
  for (const [args, err] of refused) {
    t.match(await run(['replay', ...args, '--url', 'http://127.0.0.1:1'], env), { code: 2, err })
  }
})
