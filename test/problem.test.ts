import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { Problem, problemOf } from '../src/problem.ts'

t.test('a problem tells the status in words, what to do, and the code', async t => {
  const problem = problemOf(429, 'RELAY_BUSY', 'r1')
  t.strictSame(problem, {
    type: 'about:blank',
    title: 'Too Many Requests',
    status: 429,
    detail: 'Too many requests of this connection wait to be verified; repeat after Retry-After.',
    code: 'RELAY_BUSY',
    request_id: 'r1'
  })
  t.ok(Value.Check(Problem, problem))
})

t.test('a status that has no words is an error all the same', async t => {
  t.match(problemOf(499, 'RELAY_BAD_REQUEST', 'r1'), { title: 'Error', status: 499 })
})
