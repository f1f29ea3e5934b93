import fc from 'fast-check'
import t from 'tap'
import { isSameStatement, justBefore, later, NEVER, stampOf, versionOf } from '../../src/model/stamp.ts'

const anyVersion = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const anyOrder = fc.stringMatching(/^[0-9a-f]{26}\.\d{5}\.\d{5}$/)

t.test('a newer version is later, whoever came when', async () => {
  fc.assert(
    fc.property(anyVersion, anyVersion, anyOrder, anyOrder, fc.boolean(), (a, b, first, second, cancels) => {
      fc.pre(a < b)
      return stampOf(a, first, cancels) < stampOf(b, second)
    })
  )
})

t.test('at the same version the cancellation is later, even if it came before', async () => {
  fc.assert(
    fc.property(anyVersion, anyOrder, anyOrder, (version, first, second) => {
      return stampOf(version, first, true) > stampOf(version, second)
    })
  )
})

t.test('at the same version, the later delivery is later', async () => {
  fc.assert(
    fc.property(anyVersion, anyOrder, anyOrder, fc.boolean(), (version, first, second, cancels) => {
      fc.pre(first < second)
      return stampOf(version, first, cancels) < stampOf(version, second, cancels)
    })
  )
})

t.test('a stamp gives its version back; versions out of range go to the nearest end', async t => {
  fc.assert(
    fc.property(anyVersion, anyOrder, (version, order) => versionOf(stampOf(version, order)) === version)
  )
  t.equal(versionOf(stampOf(-5, 'x')), 0)
  t.equal(versionOf(stampOf(12.9, 'x')), 12)
  t.equal(versionOf(stampOf(Number.POSITIVE_INFINITY, 'x')), Number.MAX_SAFE_INTEGER)
  t.equal(versionOf(stampOf(Number.NaN, 'x')), 0, 'what is no number beats nothing')
  t.equal(versionOf(NEVER), 0)
})

t.test('the later of two, and never is before everything', async t => {
  const stamp = stampOf(0, '')
  t.equal(later(NEVER, stamp), stamp)
  t.equal(later(stamp, NEVER), stamp)
})

t.test('just before a statement is behind what an earlier version or delivery said', async () => {
  fc.assert(
    fc.property(anyVersion, anyVersion, anyOrder, anyOrder, fc.boolean(), (a, b, first, second, cancels) => {
      const [earlier, stamp] = [stampOf(a, first, cancels), stampOf(b, second, cancels)]
      fc.pre(a < b || (a === b && first.slice(0, 26) < second.slice(0, 26)))
      return earlier < justBefore(stamp) && justBefore(stamp) < stamp
    })
  )
})

t.test('a statement is the same whatever its version and its meaning, and no other is', async t => {
  fc.assert(
    fc.property(anyVersion, anyVersion, anyOrder, anyOrder, fc.boolean(), (a, b, order, other, cancels) => {
      fc.pre(order !== other)
      const stamp = stampOf(a, order, cancels)
      return (
        isSameStatement(stamp, stampOf(b, order)) &&
        !isSameStatement(stamp, stampOf(a, other, cancels)) &&
        !isSameStatement(justBefore(stamp), stamp)
      )
    })
  )
  t.notOk(isSameStatement(NEVER, NEVER))
})
