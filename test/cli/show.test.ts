import t from 'tap'
import { deliveryTable } from '../../src/cli/operator/deliveries.ts'
import { deliveryLines } from '../../src/cli/operator/show-delivery.ts'
import { foundTable } from '../../src/cli/operator/show-found.ts'
import { type Shown, stayLines } from '../../src/cli/operator/show-stay.ts'
import { momentsAt } from '../../src/cli/terminal/moments.ts'
import { screenOf } from '../../src/cli/terminal/screen.ts'
import type { CustomerReport, WorkspaceReport } from '../../src/operate/schemas/customers.ts'
import type { ListedDelivery, WholeDelivery } from '../../src/operate/schemas/deliveries.ts'
import type { ListedResource, WholeResource } from '../../src/operate/schemas/resources.ts'
import { workspaceThatWorks } from './workspace-report.ts'

const NOW = Date.UTC(2027, 0, 10, 12)
const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString()
const screen = screenOf({ env: {}, out: { write: () => undefined } })
const moments = momentsAt(NOW, 'UTC')

const stay: ListedResource = {
  workspace: 'default',
  customer_key: 'acme',
  kind: 'reservation',
  key: 'lakeside:1',
  connection: 'lakeside',
  booking: null,
  state: 'waiting',
  reason: null,
  refused_at: null,
  warnings: ['the phone number is left out'],
  starts_at: at(60),
  updated_at: at(-5),
  revision: 2,
  synced_revision: 1
}

const resource: WholeResource = {
  ...stay,
  fields: { name: 'A…', space_keys: ['p1'] },
  told: [],
  names: [],
  named_by: [],
  siblings: []
}

const customer: CustomerReport = {
  workspace: 'default',
  customer_key: 'acme',
  connections: ['lakeside'],
  waiting: 1,
  held: 0,
  refused: 0,
  due_at: null,
  due_for_seconds: 0,
  not_before: null,
  sending: false,
  failures: 0,
  error: null,
  offboarding: false,
  offboarded: false,
  paused: null
}

const shown: Shown = {
  stay,
  resource,
  named: [],
  customer,
  workspace: workspaceThatWorks,
  life: [],
  more_life: false
}

const textOf = (each: Shown) => stayLines(each, screen, moments).join('\n')
const verdictOf = (each: Shown) => /at Seam +(.*)/.exec(textOf(each))?.[1]

t.test('a reservation is told with what keeps it from Seam', async t => {
  const waits = (more: Partial<CustomerReport>) => verdictOf({ ...shown, customer: { ...customer, ...more } })
  t.equal(waits({}), 'On its way to Seam.')
  t.equal(waits({ sending: true }), 'On its way to Seam, being sent just now.')
  t.equal(waits({ not_before: at(2) }), 'On its way to Seam, tried again in 2 min.')
  t.equal(
    waits({ not_before: at(2), error: 'Seam did not answer' }),
    'On its way to Seam, tried again in 2 min after: Seam did not answer.'
  )
  t.equal(waits({ due_at: at(1) }), 'On its way to Seam, sent in 1 min.')
  t.equal(waits({ due_at: at(-3), due_for_seconds: 180 }), 'On its way to Seam, due for 3 min.')
  t.equal(verdictOf({ ...shown, customer: undefined }), 'On its way to Seam.')
  const held = (more: Partial<WorkspaceReport>) =>
    verdictOf({ ...shown, workspace: { ...workspaceThatWorks, until: at(3), ...more } })
  t.equal(
    held({ state: 'stopped', reason: 'unauthorized' }),
    'On its way to Seam; nothing is sent to workspace default: unauthorized; tried again in 3 min.'
  )
  t.equal(held({ state: 'waits' }), 'On its way to Seam; workspace default waits; tried again in 3 min.')
  t.equal(held({ state: 'waits', until: null }), 'On its way to Seam; workspace default waits.')
  const as = (more: Partial<ListedResource>) => verdictOf({ ...shown, stay: { ...stay, ...more } })
  t.equal(as({ state: 'held', reason: 'the room is unknown' }), 'Held back: the room is unknown.')
  t.equal(as({ state: 'held' }), 'Held back: something is missing.')
  t.equal(
    as({ state: 'refused', reason: 'ends_at is over', refused_at: at(-2) }),
    'Seam refused it 2 min ago: ends_at is over'
  )
  t.equal(as({ state: 'refused' }), 'Seam refused it')
  t.equal(as({ state: 'gone' }), 'Seam should not hold it, and does not.')
})

t.test('what belongs to it is told, and whatever cannot be is said', async t => {
  const guest: ListedResource = {
    ...stay,
    kind: 'guest',
    key: 'lakeside:g1',
    state: 'refused',
    reason: 'no e-mail',
    warnings: []
  }
  const life: Shown['life'] = [
    {
      type: 'told',
      booking: null,
      at: at(-4),
      version: null,
      outcome: 'held',
      revision: null,
      note: 'the room is unknown',
      delivery: {
        id: 'd1',
        known: false,
        connection: null,
        platform: null,
        received_at: null,
        state: null,
        event: null
      }
    },
    {
      type: 'told',
      booking: null,
      at: at(-3),
      version: null,
      outcome: 'changed',
      revision: 2,
      note: null,
      delivery: {
        id: 'd2',
        known: true,
        connection: 'lakeside',
        platform: 'hostaway',
        received_at: at(-3),
        state: 'received',
        event: null
      }
    },
    {
      type: 'sent',
      id: 'c1',
      operation: 'push_data',
      workspace: 'default',
      customer_key: 'acme',
      at: at(-2),
      duration_ms: 20_000,
      status: null,
      seam_request_id: null,
      error: 'Seam did not answer within 20000 ms',
      revision: 2
    },
    {
      type: 'sent',
      id: 'c2',
      operation: 'push_data',
      workspace: 'default',
      customer_key: 'acme',
      at: at(-1),
      duration_ms: 80,
      status: 500,
      seam_request_id: 'r1',
      error: 'internal',
      revision: 2
    }
  ]
  const text = textOf({ ...shown, named: [guest], life, more_life: true })
  t.match(text, /booking +none\n/)
  t.match(text, /begins +2027-01-10 13:00:00\+00:00, in 1 h\n/)
  t.match(text, /guest +lakeside:g1: refused: no e-mail\n/)
  t.match(text, /warning +the phone number is left out\n/)
  t.match(text, /name +A…\n +space_keys +\["p1"\]\n/)
  t.match(
    text,
    '2027-01-10 11:56:00  a delivery that is no longer kept changed it, and it is held: the room is unknown\n'
  )
  t.match(text, '2027-01-10 11:57:00  a delivery of lakeside changed it, revision 2\n')
  t.match(text, 'push_data → Seam did not answer: Seam did not answer within 20000 ms in 20.0 s\n')
  t.match(text, 'push_data → Seam said 500: internal in 80 ms, seam-request-id r1\n')
  t.match(text, /…and more; GET …\/life/)
  const unknown = textOf({ ...shown, stay: { ...stay, starts_at: null }, resource: undefined })
  t.match(unknown, 'Its key is masked, so its history is found with --reveal only.')
  t.notMatch(unknown, /begins|What Seam should hold/)
})

const listed: ListedDelivery = {
  id: 'd1',
  connection: 'lakeside',
  platform: 'hostaway',
  platform_id: null,
  received_at: at(-5),
  state: 'received',
  attempts: 1,
  due_at: at(3),
  done_at: null,
  events: [
    { type: 'a', outcome: 'translated', reason: null, code: null },
    { type: 'b', outcome: 'held', reason: 'no room', code: null }
  ],
  event_count: 2,
  error: 'the platform did not answer',
  replayable: false
}

const whole: WholeDelivery = {
  ...listed,
  headers: {},
  query: {},
  verification: { accepted: true, by: null, evidence: [] },
  body: { bytes: 3, kept: true, masked: null, text: null, base64: null },
  facts: { known: false, value: null },
  changes: [
    {
      workspace: 'default',
      customer_key: 'acme',
      kind: 'reservation',
      key: 'lakeside:1',
      booking: null,
      at: at(-4),
      version: null,
      outcome: 'changed',
      revision: 1,
      note: null,
      event: 0,
      state: null,
      warnings: ['the code is left out'],
      calls: []
    }
  ],
  more_changes: true
}

t.test('a delivery is told as far as it is there', async t => {
  const text = deliveryLines(whole, screen, moments).join('\n')
  t.match(text, /next +2027-01-10 12:03:00\+00:00, in 3 min\n/)
  t.match(text, /verified by +a connection that is no longer in the settings\n/)
  t.match(text, /error +the platform did not answer\n/)
  t.match(text, /replay +too old/)
  t.match(text, '  b: held: no room\n')
  t.match(text, '  reservation lakeside:1: changed it\n    Warning: the code is left out\n  …and more.\n')
  t.match(text, 'not JSON, so it is shown with --reveal only')
  const bodyOf = (body: Partial<WholeDelivery['body']>) =>
    deliveryLines(
      { ...whole, events: [], event_count: 0, body: { ...whole.body, ...body } },
      screen,
      moments
    ).join('\n')
  t.match(bodyOf({ kept: false }), 'no longer kept')
  t.match(bodyOf({ text: 'a␊b' }), 'Body, 3 bytes\n  a\n  b')
  t.match(bodyOf({ base64: 'AAEC' }), 'Body, 3 bytes\n  AAEC')
  t.match(bodyOf({ masked: { id: 1 } }), '  {\n    "id": 1\n  }')
  t.match(bodyOf({}), /said +nothing by now/)
})

t.test('lists say what is waited for, and how many things were said', async t => {
  const rows = [
    listed,
    { ...listed, error: null, due_at: at(-1) },
    { ...listed, error: null, events: [], event_count: 0 },
    { ...listed, state: 'dead' as const, error: 'RELAY_EVENT_INVALID: /id is missing' }
  ]
  const [, first = '', second = '', third = '', fourth = ''] = deliveryTable(rows, screen, moments)
  t.match(first, /a \+1 +d1 +again in 3 min: the platform did not answer$/)
  t.match(second, /d1 +no room$/)
  t.match(third, /d1 +again in 3 min$/)
  t.match(fourth, /d1 +\/id is missing \(RELAY_EVENT_INVALID\)$/)
  const lines = foundTable(
    {
      data: [
        {
          by: 'key',
          label: 'Loft',
          resource: { ...stay, kind: 'space', starts_at: null },
          stays: [{ ...stay, booking: 'b1' }]
        }
      ],
      deliveries: [],
      more: false,
      notes: []
    },
    screen,
    moments
  )
  t.match(lines[1], /^space +lakeside:1 +Loft +waiting$/)
  t.match(lines[2], /^reservation +lakeside:1 +waiting +b1 +2027-01-10 13:00:00$/)
})
