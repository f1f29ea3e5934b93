import t from 'tap'
import type { RefusedResource } from '../../src/store/outbox.ts'
import { MOST_REFUSED, Refusals } from '../../src/sync/refusals.ts'

function aStay(key: string, told: Partial<RefusedResource> = {}): RefusedResource {
  const fields = { reservation_key: key, ends_at: '2027-03-15T10:00:00Z' }
  return {
    kind: 'reservation',
    key,
    revision: 2,
    fields,
    offered: true,
    startsAt: null,
    refusedAt: 0,
    ...told
  }
}

const gone = (key: string) => aStay(key, { kind: 'guest', fields: null })

t.test('a stay that was never at Seam keeps nobody', t => {
  const refusals = new Refusals([aStay('s1')], 0)
  t.notOk(refusals.keeps(gone('g1')))
  t.same(refusals.keptKeys, [])
  t.equal(refusals.lookAgainAt, undefined)
  t.end()
})

t.test('a stay without an end keeps its people until it changes', t => {
  const fields = { reservation_key: 's1' }
  const refusals = new Refusals([aStay('s1', { fields, namedAtSeam: ['g1'] })], 0)
  t.ok(refusals.keeps(gone('g1')))
  t.notOk(refusals.keeps({ ...gone('g1'), kind: 'reservation' }), 'a stay may have the key of its guest')
  t.equal(refusals.lookAgainAt, undefined)
  t.end()
})

t.test('where very much is refused nobody is deleted', t => {
  const refusals = new Refusals(
    Array.from({ length: MOST_REFUSED }, (_none, serial) => aStay(`s${serial}`)),
    0
  )
  t.ok(refusals.keeps(gone('g1')))
  t.equal(refusals.keptKeys, 'all')
  t.end()
})
