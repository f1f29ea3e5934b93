import fc from 'fast-check'
import t from 'tap'
import { parseJson } from '../../src/model/delivery.ts'

t.test('a body is read as what its bytes say', async t => {
  t.strictSame(parseJson(Buffer.from('{"a":"Zoë 🏠"}')), { a: 'Zoë 🏠' })
  t.strictSame(parseJson(Buffer.from('\ufeff[1]')), [1], 'a byte order mark is no content')
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      t.strictSame(parseJson(Buffer.from(JSON.stringify(value))), JSON.parse(JSON.stringify(value)))
    }),
    { numRuns: 50 }
  )
})

t.test('what is no UTF-8 is not guessed at', async t => {
  for (const bytes of [
    [0x22, 0xff, 0x22],
    [0x22, 0xc3, 0x22],
    [0xff, 0xfe, 0x7b, 0x00],
    [0x22, 0xed, 0xa0, 0x80, 0x22]
  ]) {
    t.throws(() => parseJson(Uint8Array.from(bytes)), TypeError)
  }
})

t.test('what is no JSON is refused', async t => {
  for (const text of ['', ' ', '{', "{'a':1}", 'undefined', 'NaN', '\0', '{"a":1}{"b":2}']) {
    t.throws(() => parseJson(Buffer.from(text)), SyntaxError)
  }
})

t.test('a member called __proto__ is a member', async t => {
  const parsed = parseJson(Buffer.from('{"__proto__":{"admin":true}}')) as Record<string, unknown>
  t.equal(parsed.admin, undefined)
  t.strictSame(Object.keys(parsed), ['__proto__'])
})
