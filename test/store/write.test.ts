import t from 'tap'
import { resultsOf } from '../../src/store/write.ts'

t.test('a commit that was undone has touched nothing', t => {
  const results = [{ changes: 2, rows: [] }]
  t.equal(resultsOf({ committed: true, results }), results)
  t.same(resultsOf({ committed: false }), [])
  t.end()
})
