import fc from 'fast-check'
import t from 'tap'
import { turnsOf } from '../../src/store/turns.ts'

t.test('a delivery that comes alone has the place of its time', async t => {
  const turns = turnsOf()
  t.equal(turns.next('a', 1_000), 1_000)
  t.equal(turns.next('b', 1_000), 1_000)
  t.equal(turns.next('a', 2_000), 2_000)
})

t.test('of a connection’s deliveries none goes before an earlier one', async () => {
  const arrivals = fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c'), after: fc.nat(50) }))
  fc.assert(
    fc.property(arrivals, list => {
      const turns = turnsOf()
      const last = new Map<string, number>()
      let now = 1_000
      for (const { id, after } of list) {
        now += after
        const turn = turns.next(id, now)
        if (turn < now || turn < (last.get(id) ?? 0)) return false
        last.set(id, turn)
      }
      return true
    })
  )
})

t.test(
  'however many come at once from one connection, whoever comes next waits for a handful of them',
  async t => {
    const turns = turnsOf()
    const busy = Array.from({ length: 100_000 }, () => turns.next('busy', 1_000))
    const quiet = turns.next('quiet', 1_010)
    t.equal(busy.filter(turn => turn <= quiet).length, 16)
  }
)

t.test(
  'a stream that is faster than its share falls behind by as much, and who comes alone goes between',
  async t => {
    for (const perSecond of [150, 300, 900, 5_000]) {
      const turns = turnsOf()
      const busy = Array.from({ length: 20_000 }, (_, place) =>
        turns.next('busy', 1_000 + Math.floor((place * 1_000) / perSecond))
      )
      // A hundred a second is its share.
      t.equal(busy.at(-1), 1_000 + (20_000 / 16 - 1) * 160)
      const now = 1_000 + Math.floor(10_000_000 / perSecond)
      const quiet = turns.next('quiet', now)
      t.ok(busy.slice(0, 10_000).filter(turn => turn <= quiet).length <= (now - 1_000) / 10 + 16)
    }
  }
)

t.test('a stream within its share has the places of its time', async t => {
  const turns = turnsOf()
  for (let now = 1_000; now < 20_000; now += 10) t.equal(turns.next('steady', now), now)
})

t.test('connections that have been quiet are forgotten, those in debt are not', async t => {
  const turns = turnsOf()
  for (let serial = 0; serial < 40; serial += 1) turns.next('busy', 1_000)
  for (let serial = 0; serial < 10_000; serial += 1) turns.next(`c${serial}`, 1_001)
  turns.next('late', 1_161)
  t.equal(turns.next('busy', 1_161), 1_320)
})
