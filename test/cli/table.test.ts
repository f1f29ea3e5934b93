import t from 'tap'
import { type Screen, screenOf } from '../../src/cli/terminal/screen.ts'
import { factLines, tableLines } from '../../src/cli/terminal/table.ts'
import { cut, widthOf } from '../../src/cli/terminal/text-width.ts'

const piped: Screen = screenOf({ env: {}, out: { write: () => undefined } })
const narrow = (columns: number): Screen => ({ ...piped, width: columns })

t.test('the width of a text is what a terminal gives it', async t => {
  t.equal(widthOf('Ada'), 3)
  t.equal(widthOf('Zoë'), 3)
  t.equal(widthOf('Zoe\u0308'), 3, 'a sign upon another takes nothing')
  t.equal(widthOf('東京タワー'), 10)
  t.equal(widthOf('한국'), 4)
  t.equal(widthOf('👩\u200d🚀'), 2)
  t.equal(widthOf('🇩🇪!'), 3)
  t.equal(widthOf('\u200d'), 0)
  t.equal(cut('reservation', 6), 'reser…')
  t.equal(cut('東京タワー', 6), '東京…', 'half a sign is none')
  t.equal(cut('Ada', 3), 'Ada')
})

t.test('columns are as wide as they have to be, and numbers end under each other', async t => {
  const columns = [{ title: 'NAME' }, { title: 'N', align: 'right' as const }, { title: 'LAST' }]
  const rows = [
    ['東京', '1', 'x'],
    ['Ada Lovelace', '1,204']
  ]
  t.strictSame(tableLines(piped, columns, rows), [
    'NAME              N  LAST',
    '東京              1  x',
    'Ada Lovelace  1,204'
  ])
})

t.test('on a narrow terminal those give way that may, the widest first, and piped none does', async t => {
  const columns = [{ title: 'ID' }, { title: 'EVENT', least: 6 }, { title: 'WHY', least: 3 }]
  const rows = [['01a2', 'reservation.created', 'a long reason']]
  t.strictSame(tableLines(narrow(30), columns, rows), [
    'ID    EVENT         WHY',
    '01a2  reservation…  a long re…'
  ])
  t.strictSame(tableLines(narrow(5), columns, rows)[1], '01a2  reser…  a …', 'and no further than they may')
  t.strictSame(tableLines(piped, columns, rows)[1], '01a2  reservation.created  a long reason')
})

t.test('where that is not enough, columns that may go are left out, the last of them first', async t => {
  const columns = [
    { title: 'RECEIVED', mayGo: true as const },
    { title: 'AGE' },
    { title: 'ID' },
    { title: 'BY', least: 2, mayGo: true as const }
  ]
  const rows = [['2027-01-10', '2 h', '01a2', 'somebody']]
  t.equal(tableLines(narrow(25), columns, rows)[1], '2027-01-10  2 h  01a2  s…')
  t.equal(tableLines(narrow(24), columns, rows)[1], '2027-01-10  2 h  01a2')
  t.equal(tableLines(narrow(20), columns, rows)[1], '2 h  01a2')
  t.equal(tableLines(narrow(3), columns, rows)[1], '2 h  01a2')
})

t.test('colours are for terminals, unless somebody wants none', async t => {
  const out = { write: () => undefined, isTTY: true, columns: 90 }
  const screen = screenOf({ env: {}, out })
  t.equal(screen.width, 90)
  t.equal(screen.paint('dead', 'bad'), '\u001b[31mdead\u001b[39m')
  t.equal(screen.paint('dead', undefined), 'dead')
  t.equal(screenOf({ env: { NO_COLOR: '1' }, out }).paint('dead', 'bad'), 'dead')
  t.equal(screenOf({ env: { TERM: 'dumb' }, out }).paint('dead', 'bad'), 'dead')
  t.equal(piped.paint('dead', 'bad'), 'dead')
  t.equal(screenOf({ env: {}, out: { ...out, columns: 0 } }).width, 80)
  t.match(tableLines(screen, [{ title: 'STATE' }], [[{ text: 'dead', tone: 'bad' }]])[1], '\u001b[31mdead')
  t.strictSame(
    factLines(piped, [
      ['a', 'x'],
      ['long', { text: 'y', tone: 'bad' }],
      ['none', '']
    ]),
    ['  a     x', '  long  y', '  none']
  )
})
