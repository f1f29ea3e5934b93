import t from 'tap'
import { seriesOf, totalsOf, withAnything } from '../../src/dashboard/series.ts'
import type { CountsOverTime } from '../../src/operate/schemas/counts.ts'

const quiet = { received: 0, translated: 0, ignored: 0, dead: 0, rejected: {}, calls: {} }
const spans: CountsOverTime['spans'] = [
  { ...quiet, at: '2027-06-20T08:00:00.000Z' },
  {
    ...quiet,
    at: '2027-06-20T08:01:00.000Z',
    received: 12,
    rejected: { signature_wrong: 2, media_type: 1 },
    calls: { '0': 1, '200': 7, '204': 1, '429': 2 }
  },
  { ...quiet, at: '2027-06-20T08:02:00.000Z', received: 1, calls: { '200': 1 } }
]

t.test('spans become lines: what Seam took, and what failed, an absent answer too', async t => {
  t.strictSame(seriesOf({ spans }).slice(0, 2), [
    { at: 1_813_478_400, received: 0, rejected: 0, taken: 0, failed: 0 },
    { at: 1_813_478_460, received: 12, rejected: 3, taken: 8, failed: 3 }
  ])
})

t.test('and are summed up', async t => {
  t.strictSame(totalsOf({ spans }), { received: 13, rejected: 3, taken: 9, failed: 3 })
})

t.test('a table leaves out the spans in which nothing happened', async t => {
  t.equal(withAnything(seriesOf({ spans })).length, 2)
})
