import t from 'tap'
import { type Known, verdictOf } from '../../src/dashboard/verdict.ts'

const NOW = Date.UTC(2027, 5, 20, 21)
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString()
const still = { due: 0, scheduled: 0, due_since: null, stuck: false }

function known(over: Partial<Known> = {}, backlog: Partial<Known['backlog']> = {}): Known {
  return {
    now: NOW,
    workspaces: [{ id: 'eu', state: 'works', reason: null, due: 0, due_for_seconds: 0 }],
    connections: [],
    pauses: [],
    receivedLastHour: 412,
    backlog: {
      at: ago(0),
      translate: still,
      drain: null,
      sync: still,
      places: still,
      paused: { translate: 0, sync: 0, places: 0 },
      unsent_since: null,
      held: { deliveries: 0, stays: 0 },
      dead: { deliveries: 0, resources: 0 },
      arrivals: { pending: 0, refused: 0, held: 0 },
      ...backlog
    },
    ...over
  }
}

t.test('where all is well, that is said with a number', async t => {
  t.match(verdictOf(known()), {
    tone: 'ok',
    says: 'All 412 deliveries of the last hour are at Seam.',
    further: []
  })
  t.equal(verdictOf(known({ receivedLastHour: 1 })).says, 'The one delivery of the last hour is at Seam.')
  t.equal(
    verdictOf(known({ receivedLastHour: 0 })).says,
    'Nothing waits, and nothing came within the last hour.'
  )
})

t.test('what is under way is no trouble', async t => {
  const underway = { sync: { due: 1, scheduled: 2, due_since: ago(110), stuck: false } }
  t.match(verdictOf(known({}, underway)), {
    tone: 'ok',
    says: '412 deliveries came within the last hour; what is left of them is on its way to Seam.'
  })
  t.match(verdictOf(known({ receivedLastHour: 0 }, underway)).says, /^Nothing new came/)
})

t.test('a stopped workspace comes first, and its customers are not told of twice', async t => {
  const verdict = verdictOf(
    known(
      {
        workspaces: [
          { id: 'eu', state: 'stopped', reason: 'Seam refused the API key.', due: 3, due_for_seconds: 720 }
        ]
      },
      {
        dead: { deliveries: 1, resources: 2 },
        sync: { due: 3, scheduled: 0, due_since: ago(720), stuck: true }
      }
    )
  )
  t.match(verdict, {
    tone: 'bad',
    says: '3 customers have waited for 12 min: nothing is sent to workspace eu (Seam refused the API key).'
  })
  t.strictSame(
    verdict.further.map(each => each.says),
    ['1 delivery cannot be used, and Seam refused 2 resources.']
  )
})

t.test('a workspace that Seam asked to wait is a warning', async t => {
  const waits = { id: 'eu', state: 'waits', reason: 'Too many requests.', due: 0, due_for_seconds: 0 }
  t.match(verdictOf(known({ workspaces: [waits] })), {
    tone: 'warn',
    says: 'Nothing waits yet: workspace eu has to wait (Too many requests).'
  })
  t.match(
    verdictOf(known({ workspaces: [{ ...waits, due: 1, due_for_seconds: 30 }] })).says,
    /^1 customer has waited for 30 s/
  )
  t.equal(
    verdictOf(known({ workspaces: [{ ...waits, reason: null }] })).says,
    'Nothing waits yet: workspace eu has to wait.'
  )
})

t.test('what the relay calls stuck is told, with how long it has waited', async t => {
  t.match(verdictOf(known({}, { translate: { due: 1, scheduled: 0, due_since: ago(130), stuck: true } })), {
    tone: 'bad',
    says: '1 delivery has waited for 2 min to be read.'
  })
  t.match(verdictOf(known({}, { sync: { due: 2, scheduled: 0, due_since: ago(900), stuck: true } })), {
    tone: 'bad',
    says: '2 customers have waited for 15 min to be sent to Seam.'
  })
  t.match(verdictOf(known({}, { places: { due: 1, scheduled: 0, due_since: ago(900), stuck: true } })), {
    tone: 'warn',
    says: '1 place has waited for 15 min to be read from a platform.'
  })
})

t.test('arrivals of the next day that Seam does not have are grave', async t => {
  t.match(verdictOf(known({}, { arrivals: { pending: 1, refused: 1, held: 2 } })), {
    tone: 'bad',
    says: '3 stays within 24 hours of now are not at Seam: Seam refused 1, and 2 are held.',
    page: /state=refused/
  })
  t.match(verdictOf(known({}, { arrivals: { pending: 0, refused: 0, held: 1 } })), {
    says: '1 stay within 24 hours of now is not at Seam: it is held.',
    page: /state=held/
  })
  t.match(
    verdictOf(known({}, { arrivals: { pending: 0, refused: 2, held: 0 } })).says,
    /: Seam refused them\.$/
  )
  t.match(
    verdictOf(known({}, { arrivals: { pending: 0, refused: 1, held: 0 } })).says,
    /: Seam refused it\.$/
  )
  t.match(verdictOf(known({}, { arrivals: { pending: 0, refused: 0, held: 2 } })).says, /: they are held\.$/)
  t.match(
    verdictOf(known({}, { arrivals: { pending: 0, refused: 1, held: 1 } })).says,
    /refused 1, and 1 is held\.$/
  )
})

const fine = {
  id: 'fine',
  platform_title: 'Hostaway',
  platform_rest: null,
  unusually_silent: false,
  silent_for_seconds: 10
}

t.test('a platform that refuses the credentials of a connection is told, and what waits for it', async t => {
  const restOf = (refused: boolean, places_only: boolean) => ({
    ...fine,
    platform_rest: { refused, places_only }
  })
  const all = verdictOf(
    known({ connections: [restOf(false, false), restOf(true, true), restOf(true, false)] })
  )
  t.match(all, {
    tone: 'bad',
    says: 'Hostaway refuses the credentials of fine: what it sends waits unread.',
    page: '/dashboard/connections/fine',
    further: [{ tone: 'warn', says: 'Hostaway refuses the credentials of fine: its places are not read.' }]
  })
})

t.test('pauses, dead letters and silence are told too', async t => {
  const pause = { of: 'connection', connection: 'a', workspace: null, customer_key: null }
  const all = verdictOf(
    known(
      {
        pauses: [
          pause,
          { of: 'customer', connection: null, workspace: 'eu', customer_key: 'homes' },
          { of: 'workspace', connection: null, workspace: 'us', customer_key: null }
        ],
        connections: [
          { ...fine, id: 'villa', unusually_silent: true, silent_for_seconds: 7200 },
          { ...fine, id: 'hut', unusually_silent: true, silent_for_seconds: null },
          fine
        ]
      },
      { held: { deliveries: 1, stays: 0 }, dead: { deliveries: 0, resources: 1 } }
    )
  )
  t.strictSame(
    [all.says, ...all.further.map(each => each.says)],
    [
      'Paused by somebody: connection a, customer homes, workspace us.',
      'Seam refused 1 resource.',
      '1 delivery waits for a setting.',
      'villa has been silent for 2 h, longer than ever before.',
      'hut has been silent for 0 s, longer than ever before.'
    ]
  )
  t.match(verdictOf(known({ pauses: [pause, pause, pause, pause] })).says, /a, connection a and 2 more/)
  t.equal(
    verdictOf(known({}, { held: { deliveries: 2, stays: 0 } })).says,
    '2 deliveries wait for a setting.'
  )
  t.equal(
    verdictOf(known({}, { dead: { deliveries: 2, resources: 0 } })).says,
    '2 deliveries cannot be used.'
  )
})
