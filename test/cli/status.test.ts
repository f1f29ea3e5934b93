import t from 'tap'
import type { Status } from '../../src/cli/operator/status.ts'
import { statusLines } from '../../src/cli/operator/status-lines.ts'
import { findingsIn } from '../../src/cli/operator/status-verdict.ts'
import { momentsAt } from '../../src/cli/terminal/moments.ts'
import { screenOf } from '../../src/cli/terminal/screen.ts'
import { HOW_TO_MEND } from '../../src/dashboard/words.ts'
import type { ConnectionReport } from '../../src/operate/schemas/connections.ts'
import type { CountsOverTime } from '../../src/operate/schemas/counts.ts'
import type { JobReport } from '../../src/operate/schemas/jobs.ts'
import type { BacklogReport } from '../../src/operate/schemas/overview.ts'
import { workspaceThatWorks } from './workspace-report.ts'

const NOW = Date.UTC(2027, 0, 10, 12, 0, 30)
const at = new Date(NOW).toISOString()
const before = (seconds: number) => new Date(NOW - seconds * 1000).toISOString()
const screen = screenOf({ env: {}, out: { write: () => undefined } })
const moments = momentsAt(NOW, 'UTC')

const quiet = { due: 0, scheduled: 0, due_since: null, stuck: false }

const backlog: BacklogReport = {
  at,
  translate: quiet,
  drain: null,
  sync: quiet,
  places: quiet,
  paused: { translate: 0, sync: 0, places: 0 },
  unsent_since: null,
  held: { deliveries: 0, stays: 0 },
  dead: { deliveries: 0, resources: 0 },
  arrivals: { pending: 0, refused: 0, held: 0 }
}

const connection: ConnectionReport = {
  id: 'lakeside',
  platform: 'hostaway',
  platform_title: 'Hostaway',
  workspace: 'default',
  customer_key: 'acme',
  addresses: [],
  verified_by: 'user name and password',
  reads_platform: true,
  last_received_at: before(120),
  accepted_24h: 310,
  rejected_24h: [],
  last_rejected_at: null,
  waiting: 0,
  held: 0,
  dead: 0,
  expected_silence_seconds: null,
  silent_for_seconds: 120,
  unusually_silent: false,
  platform_rest: null,
  paused: null
}

function countsWith(spans: { minutesAgo: number; received: number; translated: number }[]): CountsOverTime {
  const minute = NOW - (NOW % 60_000)
  return {
    over: '1h',
    span_seconds: 60,
    counted_until: at,
    spans: spans.map(({ minutesAgo, received, translated }) => ({
      at: new Date(minute - minutesAgo * 60_000).toISOString(),
      received,
      translated,
      ignored: 0,
      dead: 0,
      rejected: { signature_wrong: 1 },
      calls: {}
    }))
  }
}

const none = { count: 0, p50_ms: null, p95_ms: null, p99_ms: null }

const well: Status = {
  turns_away: null,
  backlog,
  connections: [connection],
  workspaces: [workspaceThatWorks],
  counts: countsWith([]),
  performance: {
    over: '1h',
    complete: true,
    first_attempts: 0,
    first_attempts_taken: 0,
    retries: 0,
    seam: none,
    end_to_end: none
  },
  pauses: [],
  jobs: []
}

const job: JobReport = {
  id: 'j1',
  kind: 'replay',
  state: 'running',
  total: 10,
  done: 3,
  filter: { connection: 'lakeside', ids: ['d1', 'd2'], since: null },
  by: 'on call',
  created_at: before(5),
  ended_at: null,
  rate_per_second: 1,
  estimated_end_at: new Date(NOW + 7_000).toISOString(),
  error: null
}

/** Without the spaces that align. */
const squeezed = (lines: string[]) => lines.join('\n').replaceAll(/ {2,}/g, '  ')

const textsOf = (found: Status) => findingsIn(found).map(each => `${each.weight}: ${each.text}`)

t.test('where all is well, that is the first word', async t => {
  t.strictSame(findingsIn(well), [])
  const lines = statusLines(well, [], screen, moments)
  t.equal(lines[0], 'All is well.')
  t.match(squeezed(lines), 'lakeside  2 min  310  0  0  0  0\n')
  t.match(squeezed(lines), 'calls to Seam  none')
  t.match(squeezed(lines), 'Seam takes  nothing yet')
})

t.test('what waits to be read is counted for each connection, as far as the relay tells', async t => {
  const { waiting: _untold, ...older } = connection
  const connections = [{ ...connection, waiting: 1_204 }, older as ConnectionReport]
  const text = squeezed(statusLines({ ...well, connections }, [], screen, moments))
  t.match(text, 'REJECTED 24 H  WAITING  HELD')
  t.match(text, 'lakeside  2 min  310  0  1,204  0  0\n')
  t.match(text, 'lakeside  2 min  310  0  –  0  0\n')
})

t.test('a platform that refuses the credentials of a connection is told, and what waits for it', async t => {
  const textsWith = (rest: object) => {
    const platform_rest = { refused: false, places_only: false, failures: 6, until: at, ...rest }
    return textsOf({ ...well, connections: [{ ...connection, platform_rest }] })
  }
  t.strictSame(textsWith({ refused: true }), [
    'bad: lakeside: Hostaway refuses the credentials of its api, and what it sends waits unread. Correct them in the settings and restart the relay.'
  ])
  t.strictSame(textsWith({ refused: true, places_only: true }), [
    'warn: lakeside: Hostaway refuses the credentials of its api, and its places are not read. Correct them in the settings and restart the relay.'
  ])
  t.strictSame(textsWith({}), [
    'warn: lakeside: Hostaway has not answered 6 times in a row, and what it sends waits unread.'
  ])
  t.strictSame(textsWith({ failures: 5 }), [], 'a few times is nothing to look into')
  const platform_rest = { refused: true, places_only: false, failures: 1, until: at }
  const lines = statusLines({ ...well, connections: [{ ...connection, platform_rest }] }, [], screen, moments)
  t.match(squeezed(lines), 'credentials of its api refused')
})

t.test('a relay that takes nothing in is not well, though nothing waits', async t => {
  const turnedAway = (turns_away: string) => textsOf({ ...well, turns_away })
  t.strictSame(turnedAway('RELAY_STORE_UNAVAILABLE'), [
    'bad: Webhooks and calls are answered 503, as the store takes nothing: look at its disk, or at the database.'
  ])
  t.strictSame(turnedAway('RELAY_DRAINING'), ['bad: The relay is about to stop.'])
  t.strictSame(turnedAway('503'), ['bad: Webhooks and calls are answered 503: /readyz says 503.'])
})

t.test('what is stuck or stopped comes before what is to be looked at', async t => {
  const found: Status = {
    ...well,
    backlog: {
      ...backlog,
      translate: { due: 1, scheduled: 0, due_since: before(60), stuck: false },
      sync: { due: 3, scheduled: 1, due_since: before(300), stuck: true },
      unsent_since: before(1_200),
      held: { deliveries: 2, stays: 0 },
      dead: { deliveries: 1, resources: 2 },
      arrivals: { pending: 0, refused: 1, held: 2 }
    },
    workspaces: well.workspaces.flatMap(each => [
      { ...each, id: 'eu', state: 'stopped' as const, reason: 'Seam refused the API key (status 401)' },
      { ...each, id: 'old', state: 'stopped' as const },
      { ...each, id: 'us', state: 'waits' as const, until: new Date(NOW + 40_000).toISOString() },
      { ...each, id: 'asia', state: 'waits' as const, reason: 'status 503' }
    ]),
    connections: [
      connection,
      {
        ...connection,
        id: 'quiet',
        unusually_silent: true,
        silent_for_seconds: 7_200,
        expected_silence_seconds: 3_600,
        last_received_at: null
      },
      { ...connection, id: 'forged', rejected_24h: [{ cause: 'signature_wrong', count: 2 }] }
    ],
    pauses: [
      {
        id: 'p1',
        of: 'connection',
        connection: 'lakeside',
        workspace: null,
        customer_key: null,
        reason: 'too much',
        since: at,
        by: 'on call'
      },
      {
        id: 'p2',
        of: 'workspace',
        connection: null,
        workspace: 'eu',
        customer_key: null,
        reason: null,
        since: at,
        by: 'on call'
      },
      {
        id: 'p3',
        of: 'customer',
        connection: null,
        workspace: 'eu',
        customer_key: 'acme',
        reason: null,
        since: at,
        by: 'on call'
      }
    ],
    jobs: [
      job,
      { ...job, id: 'j2', state: 'failed', ended_at: before(60), error: 'the disk is full' },
      { ...job, id: 'j3', state: 'failed', ended_at: before(60) },
      { ...job, id: 'j4', state: 'failed', ended_at: before(200_000) }
    ]
  }
  t.strictSame(textsOf(found), [
    'bad: Sending to Seam is behind: 3 customers due, the oldest for 5 min.',
    `bad: Nothing is sent to workspace eu: Seam refused the API key (status 401). ${HOW_TO_MEND}`,
    `bad: Nothing is sent to workspace old: Seam refuses it. ${HOW_TO_MEND}`,
    'bad: 1 stay beginning within 24 h: refused by Seam; "seam-relay dead" says why.',
    'warn: Workspace us waits for 40 s: Seam asked for it.',
    'warn: Workspace asia waits: status 503.',
    'warn: 2 stays beginning within 24 h: held back, as something is missing; /dashboard/resources?state=held lists them.',
    'warn: Changes have waited for Seam for 20 min.',
    'warn: 1 dead delivery, 2 resources that Seam refused, 2 held deliveries; "seam-relay dead" shows the causes.',
    'warn: quiet has been silent for 2 h, normally 1 h at most.',
    'warn: forged: 2 requests rejected within 24 h (signature_wrong).',
    'warn: connection lakeside is paused: too much.',
    'warn: workspace eu is paused.',
    'warn: customer acme of workspace eu is paused.',
    'warn: Job j2 has failed: the disk is full',
    'warn: Job j3 has failed.'
  ])
  const lines = statusLines(found, findingsIn(found), screen, moments)
  t.equal(lines[0], '4 things stuck or stopped.')
  t.equal(lines[1], '  ● Sending to Seam is behind: 3 customers due, the oldest for 5 min.')
  const text = squeezed(lines)
  t.match(text, 'customers to send  3  1  5 min')
  t.match(text, 'quiet  never')
  t.match(text, 'p3  customer acme of workspace eu')
  t.match(text, /j1 {2}replay {2}running {2}3 of 10 {2}7 s .*connection lakeside, ids 2 named/)
  t.match(
    statusLines(found, [{ weight: 'warn', text: 'x' }], screen, moments)[0],
    'Nothing is stuck. To be looked at:'
  )
})

t.test('what waits is told with how long it will take, as things have gone', async t => {
  const waiting = (drain: Status['backlog']['drain']) => {
    const translate = { due: 12_000, scheduled: 0, due_since: before(10), stuck: false }
    return statusLines({ ...well, backlog: { ...backlog, translate, drain } }, [], screen, moments).join('\n')
  }
  const rates = { per_second: 40, arriving_per_second: 2 }
  t.match(
    waiting({ ...rates, estimated_end_at: before(-316) }),
    '12,000 deliveries wait; 40/s done, 2.0/s come: about 5 min left.'
  )
  t.match(
    waiting({ ...rates, arriving_per_second: 40, estimated_end_at: null }),
    '12,000 deliveries wait; 40/s done, 40/s come: their number is not going down.'
  )
  t.notMatch(waiting(null), 'wait;')
})

t.test('success is told in numbers, and of many connections those in trouble', async t => {
  const performance = {
    ...well.performance,
    first_attempts: 118,
    first_attempts_taken: 117,
    retries: 1,
    seam: { count: 119, p50_ms: 180, p95_ms: 420, p99_ms: 900 },
    end_to_end: { count: 240, p50_ms: 1_400, p95_ms: 2_300, p99_ms: 90_000 }
  }
  const many = Array.from({ length: 40 }, (_, serial) => ({
    ...connection,
    id: `c${serial}`,
    dead: serial === 39 ? 4 : 0
  }))
  const text = statusLines({ ...well, performance, connections: many }, [], screen, moments).join('\n')
  t.match(text, '117 of 118 taken at the first attempt (99.2 %), 1 retry')
  t.match(text, 'p50 180 ms, p95 420 ms, p99 900 ms')
  t.match(text, 'p50 1.4 s, p95 2.3 s, p99 1 min')
  t.match(text, /\nc39 .* 4\n/)
  t.match(text, '10 more connections, none of which needs attention first.')
})
