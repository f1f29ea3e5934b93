import fc from 'fast-check'
import t from 'tap'
import {
  type Facts,
  forget,
  join,
  newest,
  numberOf,
  tell,
  tellWhole,
  textOf,
  textsOf
} from '../../src/desired/facts.ts'
import { NEVER, stampOf } from '../../src/model/stamp.ts'

const at = (version: number) => stampOf(version, 'd1')

t.test('a later value counts, and a field that is not told is kept', t => {
  const facts: Facts = {}
  tell(facts, { name: 'Ada', email: 'ada@example.com' }, at(2), NEVER)
  tell(facts, { name: 'Grace', phone: '1' }, at(1), NEVER)
  tell(facts, { name: 'Ada King', email: undefined }, at(3), NEVER)
  t.same(facts, {
    name: { value: 'Ada King', stamp: at(3) },
    email: { value: 'ada@example.com', stamp: at(2) },
    phone: { value: '1', stamp: at(1) }
  })
  t.end()
})

t.test('null is told: it takes a value away, and only a later one brings another', t => {
  const facts: Facts = {}
  tell(facts, { email: null }, at(2), NEVER)
  tell(facts, { email: 'ada@example.com' }, at(1), NEVER)
  t.equal(textOf(facts, 'email'), undefined)
  tell(facts, { email: 'ada@example.com' }, at(3), NEVER)
  t.equal(textOf(facts, 'email'), 'ada@example.com')
  t.end()
})

t.test('a list that nobody told, or that is none, is empty', t => {
  const facts: Facts = {}
  t.same(textsOf(facts, 'places'), [])
  tell(facts, { places: ['p1', null, 'p2'], name: 'p3' }, at(1), NEVER)
  t.same(textsOf(facts, 'places'), ['p1', 'p2'])
  t.same(textsOf(facts, 'name'), [])
  t.end()
})

t.test('up to its removal everything is void', t => {
  const facts: Facts = {}
  tell(facts, { name: 'Loft', address: 'Quay' }, at(1), NEVER)
  tell(facts, { name: 'Attic' }, at(3), NEVER)
  forget(facts, at(2))
  tell(facts, { address: 'Quay' }, at(2), at(2))
  t.same(facts, { name: { value: 'Attic', stamp: at(3) } })
  t.end()
})

t.test('of the whole, what it leaves out is gone, and what was said before is void', t => {
  const facts: Facts = {}
  tell(facts, { name: 'Ada', email: 'ada@example.com' }, at(1), NEVER)
  tell(facts, { phone: '2' }, at(3), NEVER)
  tellWhole(facts, { name: 'Ada King' }, at(2), NEVER)
  tell(facts, { email: 'ada@example.com' }, at(1), NEVER)
  tellWhole(facts, { email: 'ada@example.com' }, at(1), NEVER)
  t.equal(textOf(facts, 'name'), 'Ada King')
  t.equal(textOf(facts, 'email'), undefined)
  t.equal(textOf(facts, 'phone'), '2', 'a part that is later than the whole counts')
  tellWhole(facts, {}, at(4), at(5))
  t.equal(textOf(facts, 'name'), 'Ada King', 'the whole before a removal is void too')
  t.end()
})

t.test('a value of another type is no text and no number', t => {
  const facts: Facts = {}
  tell(facts, { name: 7, latitude: '7' }, at(1), NEVER)
  t.equal(textOf(facts, 'name'), undefined)
  t.equal(numberOf(facts, 'latitude'), undefined)
  t.equal(numberOf(facts, 'name'), 7)
  t.end()
})

t.test('the newest stamp is that of the latest fact', t => {
  const facts: Facts = {}
  t.equal(newest(facts), NEVER)
  tell(facts, { name: 'a' }, at(3), NEVER)
  tell(facts, { email: 'b' }, at(2), NEVER)
  t.equal(newest(facts), at(3))
  t.end()
})

interface Statement {
  what: 'part' | 'whole' | 'removal'
  version: number
  order: number
  fields: Record<string, string | null>
}

const anyStatement: fc.Arbitrary<Statement> = fc.record({
  what: fc.constantFrom('part', 'part', 'whole', 'removal'),
  version: fc.nat({ max: 4 }),
  order: fc.constant(0),
  fields: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2', null))
})

t.test('statements lead to the same facts in any order, and as often as one likes', t => {
  fc.assert(
    fc.property(
      fc.array(anyStatement, { maxLength: 10 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      (said, picks) => {
        const statements = said.map((statement, order) => ({ ...statement, order }))
        const shuffled = picks.flatMap(pick => statements[pick % statements.length] ?? [])
        t.strictSame(known([...shuffled, ...statements]), known(statements))
      }
    )
  )
  t.end()
})

/** As the merge does it: a removal is a floor for everything before it. */
function known(statements: Statement[]): object {
  const facts: Facts = {}
  let floor = NEVER
  for (const { what, version, order, fields } of statements) {
    const stamp = stampOf(version, String(order), what === 'removal')
    if (what === 'removal') {
      floor = stamp > floor ? stamp : floor
      forget(facts, floor)
    } else {
      const take = what === 'whole' ? tellWhole : tell
      take(facts, fields, stamp, floor)
    }
  }
  return Object.fromEntries(Object.entries(facts).sort())
}

t.test('of what was said under two keys each field is what was said last', t => {
  const facts: Facts = {}
  const other: Facts = {}
  tell(facts, { name: 'Loft', zone: 'a' }, stampOf(1, 'd1'), NEVER)
  tell(other, { name: 'Attic', hour: '15:00' }, stampOf(2, 'd2'), NEVER)
  tell(facts, { hour: '16:00' }, stampOf(3, 'd3'), NEVER)
  join(facts, other)
  t.same([textOf(facts, 'name'), textOf(facts, 'zone'), textOf(facts, 'hour')], ['Attic', 'a', '16:00'])
  t.end()
})

t.test('a whole that was said under either key voids what is older under both', t => {
  const facts: Facts = {}
  const other: Facts = {}
  tell(facts, { zone: 'a', hour: '16:00' }, stampOf(1, 'd1'), NEVER)
  tellWhole(other, { hour: '15:00' }, stampOf(2, 'd2'), NEVER)
  const there = structuredClone(facts)
  join(there, other)
  join(other, facts)
  t.same(there, other)
  t.same([textOf(there, 'zone'), textOf(there, 'hour')], [undefined, '15:00'])
  t.end()
})
