import t from 'tap'
import { changeLines } from '../../src/cli/translate/words.ts'
import { stays, upsertGuest } from '../../src/model/change.ts'

const at = Date.parse('2027-01-10T10:00:00Z')
const asOf = 'as of 2027-01-10T10:00:00.000Z'

t.test('what is told as none is told as none, what is not told not at all', async t => {
  t.strictSame(changeLines(upsertGuest('g1', at, { name: 'Noor', email: null, phone: undefined })), [
    `guest g1, ${asOf}`,
    '  name "Noor"',
    '  email none'
  ])
})

t.test('a stay without times says so', async t => {
  const stay = { id: 's1', places: ['7', '8'], guest: { id: 'g1', version: 1 }, start: null, end: null }
  t.strictSame(changeLines(stays('b1', at, [stay])), [
    `booking b1: 1 stay, ${asOf}`,
    '  stay s1',
    '    place     7, 8',
    '    from      not given',
    '    until     not given',
    '    guest     g1'
  ])
})

t.test('a place and a guest of whom nothing is told are left out', async t => {
  const day = { date: '2027-03-12', time: '15:00' }
  t.strictSame(changeLines(stays('b1', at, [{ id: 's1', start: day, end: null }])), [
    `booking b1: 1 stay, ${asOf}`,
    '  stay s1',
    '    from      2027-03-12 15:00',
    '    until     not given'
  ])
})

t.test('a booking without stays is told without a reason too', async t => {
  t.strictSame(changeLines(stays('b1', at, [])), [`booking b1: gives no access (no stays), ${asOf}`])
})

t.test('a version that is no time is shown as it is', async t => {
  t.strictSame(changeLines(stays('b1', Number.NaN, [])), [
    'booking b1: gives no access (no stays), as of NaN'
  ])
})
