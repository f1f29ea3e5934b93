import fc from 'fast-check'
import t from 'tap'
import { idSource } from '../../src/model/ids.ts'
import { EXAMPLE_ID } from '../../src/openapi/answer.ts'

t.test('ids grow, whatever the clock does', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 45 }), { minLength: 2, maxLength: 50 }), times => {
      let now = 0
      const nextId = idSource(() => now)
      const ids = times.map(time => {
        now = time
        return nextId()
      })
      return ids.every((id, position) => position === 0 || id > String(ids[position - 1]))
    })
  )
})

t.test('more ids in a millisecond than the counter has places still grow and differ', async t => {
  const nextId = idSource(() => 1_000)
  const ids = Array.from({ length: 70_000 }, () => nextId())
  t.equal(new Set(ids).size, ids.length)
  t.ok(ids.every((id, position) => position === 0 || id > String(ids[position - 1])))
})

t.test('two sources never give the same id', async t => {
  const [one, other] = [idSource(() => 5), idSource(() => 5)]
  t.not(one(), other())
})

t.test('an id begins with its time, or with the one that is asked for', async t => {
  const nextId = idSource(() => 0x1234)
  t.equal(nextId().slice(0, 12), '000000001234')
  t.equal(nextId(0x5678).slice(0, 12), '000000005678')
})

t.test('the id in the examples is one that could be', async t => {
  const shape = /^[0-9a-f]{26}$/
  t.match(idSource(() => 1_000)(), shape)
  t.match(EXAMPLE_ID, shape)
})
