import { InvalidArgumentError } from 'commander'
import t from 'tap'
import { instantOrAge } from '../../src/cli/arguments.ts'
import { countOf, durationOf, momentsAt, spanOf } from '../../src/cli/terminal/moments.ts'

t.test('times are on the reader’s clock, with its zone, and ages relative', async t => {
  const moments = momentsAt(Date.UTC(2027, 6, 1, 12), 'Europe/Berlin')
  t.equal(moments.zone, 'Europe/Berlin')
  t.equal(moments.local('2027-07-01T10:00:00.250Z'), '2027-07-01 12:00:00')
  t.equal(moments.full('2027-01-10T10:00:00Z'), '2027-01-10 11:00:00+01:00')
  t.equal(moments.age('2027-07-01T11:57:00Z'), '3 min')
  t.equal(moments.age('2027-07-01T14:30:00Z'), '2 h', 'also of what lies ahead')
  t.ok(momentsAt(0).zone)
})

t.test('spans and counts are as exact as anybody needs them', async t => {
  t.strictSame([12.4, 90, 7_300, 90_000, 200_000].map(spanOf), ['12 s', '1 min', '2 h', '25 h', '2 d'])
  t.strictSame([180, 2_400, 180_000, null].map(durationOf), ['180 ms', '2.4 s', '3 min', '–'])
  t.equal(countOf(1, 'retry', 'retries'), '1 retry')
  t.equal(countOf(1_204, 'delivery', 'deliveries'), '1,204 deliveries')
})

t.test('a time is told as such, or as how long ago', async t => {
  const ago = Date.now() - Date.parse(instantOrAge('2h'))
  t.ok(ago > 7_190_000 && ago < 7_260_000)
  t.ok(Date.parse(instantOrAge('30m')) > Date.parse(instantOrAge('3d')))
  t.equal(instantOrAge('2027-01-10T11:00:00+01:00'), '2027-01-10T10:00:00.000Z')
  t.throws(() => instantOrAge('yesterday'), InvalidArgumentError)
})
