import t from 'tap'
import { fitsTail, type Happening, happeningIn, MOST_ROWS, withNewest } from '../../src/dashboard/tail.ts'

const delivery = (id: string, state = 'received') =>
  ({ what: 'delivery', id, state, connection: 'lakeside' }) as Happening
const call = { what: 'attempt', id: 'c1' } as Happening

t.test('the newest stands first, and what has gone on takes its own place', async t => {
  const rows = withNewest([delivery('a')], [delivery('b'), call, delivery('a', 'translated')])
  t.strictSame(
    rows.map(each => [each.id, 'state' in each ? each.state : '']),
    [
      ['a', 'translated'],
      ['c1', ''],
      ['b', 'received']
    ]
  )
})

t.test('however much happens, the page keeps so many rows', async t => {
  const many = Array.from({ length: 1000 }, (_, at) => delivery(String(at)))
  const rows = withNewest([], many)
  t.equal(rows.length, MOST_ROWS)
  t.equal(rows[0]?.id, '999')
})

t.test('what cannot be read is left out', async t => {
  t.match(happeningIn('delivery', '{"id":"a"}'), { what: 'delivery', id: 'a' })
  for (const data of ['', '{', 'null', '7', '{}']) t.equal(happeningIn('attempt', data), undefined, data)
})

t.test('filters are by sort', async t => {
  t.ok(fitsTail(call, {}))
  t.ok(fitsTail(call, { what: 'attempt' }))
  t.notOk(fitsTail(call, { what: 'delivery' }))
})
