import fc from 'fast-check'
import t from 'tap'
import { lineAt, mistakeIn, offsetOf, placeAt } from '../../../src/platforms/custom/expression.ts'

t.test('an expression that can be read has no mistake', async t => {
  for (const text of [
    'a.b',
    '{ "type": a }',
    '( $f := function($x){ $x + 1 }; $f(2) )',
    '/* words */ $event.type'
  ])
    t.equal(mistakeIn(text), undefined, text)
})

t.test('a mistake is told with its code and where it begins', async t => {
  t.strictSame(mistakeIn('{ "a": b'), { message: 'S0203: Expected "}" before end of expression', offset: 7 })
  t.strictSame(mistakeIn('a.b + ] c'), {
    message: 'S0211: The symbol "]" cannot be used as a unary operator',
    offset: 6
  })
  t.match(mistakeIn('{\n  "a": b,,\n}'), { message: /^S0211/, offset: 11 })
  t.match(mistakeIn('"never ends'), { message: /^S0101/ })
})

t.test('nesting without an end is a mistake and no crash', async t => {
  t.match(mistakeIn('['.repeat(20_000)), { message: /\S/ })
})

t.test('what depends on when it is read, or builds expressions, is withheld wherever it stands', async t => {
  for (const name of ['now', 'millis', 'random', 'shuffle', 'eval']) {
    for (const text of [
      `$${name}()`,
      `a.{ "b": [$${name}] }`,
      `( $f := $${name}; $f("1") )`,
      `$map(a, $${name})`,
      `a ~> $${name}`
    ]) {
      const { message = '', offset } = mistakeIn(text) ?? {}
      t.match(message, new RegExp(`^\\$${name} is not available here; `), text)
      t.equal(offset, text.indexOf(`$${name}`), text)
    }
  }
  t.equal(mistakeIn('now & a.random'), undefined, 'members of these names are members')
})

t.test('the place of a mistake is told for people', async t => {
  const text = 'first\n  second line\n'
  t.equal(placeAt(text, 0), 'line 1, column 1')
  t.equal(placeAt(text, 8), 'line 2, column 3')
  t.equal(lineAt(text, 8), 'second line')
  t.equal(lineAt('only', 4), 'only')
  t.equal(lineAt('x'.repeat(200), 3).length, 100)
  t.equal(offsetOf('a + b', 3, '+'), 2)
  t.equal(offsetOf('a + b', 3, 'other'), 2)
  t.equal(offsetOf('', 0, undefined), 0)
})

t.test('any text is an expression or a mistake within it', async () => {
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...'{$}[]()."a:=~>/\\,;@#^%*'), { maxLength: 30 }).map(all => all.join(''))
  )
  fc.assert(
    fc.property(text, each => {
      const mistake = mistakeIn(each)
      if (mistake === undefined) return
      const { offset, message } = mistake
      if (!(offset >= 0 && offset <= each.length) || message === '') throw new Error(JSON.stringify(mistake))
    })
  )
})
