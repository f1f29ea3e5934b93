import t from 'tap'
import { planLines } from '../../src/cli/operator/replay-plan.ts'
import { screenOf } from '../../src/cli/terminal/screen.ts'
import type { ReplayPlan } from '../../src/operate/schemas/replays.ts'

const screen = screenOf({ env: {}, out: { write: () => undefined } })

const plan: ReplayPlan = {
  at: '2027-01-10T12:00:00.000Z',
  deliveries: 1_204,
  more_deliveries: false,
  too_old: 0,
  examined: 1_204,
  complete: true,
  unread: 0,
  not_examined: [],
  unchanged: 1,
  changes: [],
  more_changes: false
}

const change: ReplayPlan['changes'][number] = {
  workspace: 'default',
  customer_key: 'acme',
  kind: 'reservation',
  key: 'lakeside:1',
  booking: 'lakeside:1',
  effect: 'push',
  reason: null,
  fields: ['name', 'starts_at', 'space_keys'],
  before: { name: 'A…', starts_at: '2027-07-01T14:00:00Z' },
  after: { name: 'A…', space_keys: ['lakeside:p1'] },
  deliveries: ['d1', 'd2', 'd3']
}

t.test('a plan tells how many, and what would be otherwise at Seam, field by field', async t => {
  const gone = {
    ...change,
    effect: 'delete' as const,
    reason: 'cancelled',
    fields: [],
    before: null,
    after: null
  }
  const lines = planLines({ ...plan, changes: [change, { ...gone, deliveries: [] }] }, screen)
  t.strictSame(lines, [
    '1,204 deliveries would run again.',
    'At Seam: 1 would be pushed, 1 deleted, 0 held back, 1 stays as it is.',
    '',
    'push    reservation lakeside:1  by d1 and 2 more',
    '          name        - A…  + A…',
    '          starts_at   - 2027-07-01T14:00:00Z',
    '          space_keys  + ["lakeside:p1"]',
    '',
    'delete  reservation lakeside:1: cancelled'
  ])
})

t.test('what a plan does not know is said', async t => {
  const partly: ReplayPlan = {
    ...plan,
    deliveries: 20_000,
    more_deliveries: true,
    too_old: 3,
    examined: 2_000,
    complete: false,
    unread: 1,
    not_examined: [{ reason: 'its connection is not in the settings', count: 2 }],
    unchanged: 4,
    changes: [{ ...change, deliveries: ['d1'], fields: [] }],
    more_changes: true
  }
  t.strictSame(planLines(partly, screen), [
    'At least 20,000 deliveries would run again; left out: 3 too old.',
    'At Seam: 1 would be pushed, 0 deleted, 0 held back, and more, 4 stay as they are.',
    'For 1 delivery the platform would be asked first; the result is not known.',
    'Not worked out for 2 deliveries: its connection is not in the settings',
    '2,000 were examined; there may be more changes.',
    '',
    'push    reservation lakeside:1  by d1',
    '',
    '…and more changes than are shown.'
  ])
})

t.test('nothing to run again is said, with why', async t => {
  t.strictSame(planLines({ ...plan, deliveries: 0 }, screen), ['There is nothing to run again.'])
  t.strictSame(planLines({ ...plan, deliveries: 0, too_old: 2 }, screen), [
    'There is nothing to run again: 2 too old.'
  ])
})
