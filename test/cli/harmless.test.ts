import t from 'tap'
import { harmless, harmlessIn, harmlessJson } from '../../src/cli/terminal/harmless.ts'

t.test('what a terminal would obey is shown in its place', async t => {
  t.equal(harmless('\u001b[2J\u001b]0;title\u0007Ada'), '␛[2J␛]0;title␇Ada')
  t.equal(harmless('two\nlines\r\tand a tab'), 'two␊lines␍␉and a tab')
  t.equal(harmless('\u007f \u009b31m'), '␡ �31m')
  t.equal(harmless('\u202eadA \u2066x\u2069 \u2028 \ufeff'), '�adA �x� � �', 'nor does it turn the direction')
  t.equal(harmless('\ud800 alone'), '� alone')
  t.equal(
    harmless('👩\u200d🚀 Zoë نیم\u200cفاصله'),
    '👩\u200d🚀 Zoë نیم\u200cفاصله',
    'and words stay as they are'
  )
})

t.test('everything in an answer is, and nothing else is touched', async t => {
  const answer = { 'na\u0007me': ['\u001b', { deep: 'x\n' }], count: 3, none: null, yes: true }
  t.strictSame(harmlessIn(answer), { 'na␇me': ['␛', { deep: 'x␊' }], count: 3, none: null, yes: true })
})

t.test('JSON means the same and only prints', async t => {
  const answer = { name: '\u009b31m\u007f\u202e\u{e0041} Zoë\n', list: [1] }
  const text = harmlessJson(answer)
  t.strictSame(JSON.parse(text), answer)
  t.match(text, 'Zoë')
  t.notMatch(text, /[\u007f-\u009f\u202e\u{e0041}]/u)
  t.equal(harmlessJson({ a: [1] }, 0), '{"a":[1]}')
})
