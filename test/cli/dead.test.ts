import t from 'tap'
import { deadTable, groupNamed, handled } from '../../src/cli/operator/dead.ts'
import { momentsAt } from '../../src/cli/terminal/moments.ts'
import { screenOf } from '../../src/cli/terminal/screen.ts'
import type { DeadLetters } from '../../src/operate/schemas/dead-letters.ts'

const letters = (group: string): DeadLetters => ({
  of: 'dead',
  connection: 'lakeside',
  kind: null,
  cause: 'the body is not JSON',
  code: null,
  count: 1,
  first_at: '2027-01-10T12:00:00.000Z',
  last_at: '2027-01-10T12:00:00.000Z',
  last_delivery: 'd1',
  group
})

t.test('groups have words that are short and name one each', async t => {
  const groups = Array.from({ length: 600 }, (_, serial) => letters(`-group-${serial}`))
  const handles = handled(groups).map(each => each.handle)
  t.equal(new Set(handles).size, 600)
  t.ok(handles.every(each => /^[\da-f]{4,7}$/.test(each)))
  t.ok(handles.some(each => each.length > 4))
  for (const [at, handle] of handles.entries()) t.equal(groupNamed(handle, groups)?.group, `-group-${at}`)
  t.equal(groupNamed('-group-7', groups)?.group, '-group-7', 'the whole name will do')
  t.equal(groupNamed(`${handles[0]}`.slice(0, 3), groups), undefined, 'too little is nobody’s')
  const [same, again] = handled([letters('x'), letters('x')])
  t.equal(same?.handle, again?.handle, 'what reads the same is revived together')
})

t.test('a group is told with what it is of, and its code where it has one', async t => {
  const screen = screenOf({ env: {}, out: { write: () => undefined } })
  const moments = momentsAt(Date.UTC(2027, 0, 10, 12, 5), 'UTC')
  const refused: DeadLetters = {
    ...letters('x'),
    of: 'refused',
    connection: null,
    kind: 'reservation',
    code: 'RELAY_SEAM_REFUSED',
    count: 1_204
  }
  const lines = deadTable(handled([letters('y'), refused]), screen, moments)
  t.match(lines[1], /^\w{4} +dead +lakeside +1 +5 min +5 min +the body is not JSON$/)
  t.match(lines[2], /^\w{4} +refused +reservation +1,204 .*the body is not JSON \(RELAY_SEAM_REFUSED\)$/)
})
