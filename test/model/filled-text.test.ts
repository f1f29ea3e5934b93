// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how the file names variables
import t from 'tap'
import { filledText, type Pieces, writtenOffset, writtenText } from '../../src/model/filled-text.ts'

const pieces: Pieces = [
  { written: 'a ', filled: 'a ' },
  { written: '${LONG}', filled: 'x' },
  { written: ' b', filled: ' b' },
  { written: '${S}', filled: 'a long one' },
  { written: 'c', filled: 'c' }
]

t.test('a text is known as it counts and as it is written', async t => {
  t.equal(filledText(pieces), 'a x ba long onec')
  t.equal(writtenText(pieces), 'a ${LONG} b${S}c')
})

t.test('every character has its place in what is written, and a variable has one', async t => {
  const places = Array.from(filledText(pieces), (_, offset) => writtenOffset(pieces, offset))
  t.strictSame(places, [0, 1, 2, 9, 10, ...Array(10).fill(11), 15])
  t.equal(writtenOffset(pieces, 16), 16, 'so has the end')
})
