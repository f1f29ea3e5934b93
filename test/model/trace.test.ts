import fc from 'fast-check'
import t from 'tap'
import { RelayError } from '../../src/errors.ts'
import { failureOf, hostOf, inSpan, spanRefOf } from '../../src/model/trace.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

t.test('a traceparent is read as W3C Trace Context has it', async t => {
  t.equal(spanRefOf(`00-${TRACE}-${SPAN}-01`), `00-${TRACE}-${SPAN}-01`)
  t.equal(spanRefOf(`00-${TRACE}-${SPAN}-00`), `00-${TRACE}-${SPAN}-00`)
  t.equal(spanRefOf(`00-${TRACE}-${SPAN}-ff`), `00-${TRACE}-${SPAN}-01`, 'of the flags one is known')
  t.equal(
    spanRefOf(`01-${TRACE}-${SPAN}-01-of-later`),
    `00-${TRACE}-${SPAN}-01`,
    'of later versions what is known'
  )
  for (const none of [
    '',
    '00',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE}-${SPAN}-01 `,
    `00-${TRACE}-${SPAN}-1`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01\n00-${TRACE}-${SPAN}-01`
  ])
    t.equal(spanRefOf(none), undefined, none)
})

t.test('whatever comes as a traceparent, what is kept of it has the one form', async t => {
  const hex = (length: number) =>
    fc.string({ unit: fc.constantFrom(...'0123456789abcdefABg-'), minLength: length, maxLength: length })
  const near = fc.tuple(hex(2), hex(32), hex(16), hex(2)).map(parts => parts.join('-'))
  fc.assert(
    fc.property(fc.oneof(near, fc.string()), header => {
      const ref = spanRefOf(header)
      return ref === undefined || (/^00-[\da-f]{32}-[\da-f]{16}-0[01]$/.test(ref) && ref.length === 55)
    })
  )
  t.pass()
})

t.test('without a span the work is nothing but the work', async t => {
  const work = Promise.resolve('done')
  t.equal(inSpan(undefined, work), work)
})

t.test('an error is told by a word that quotes nothing', async t => {
  const system = Object.assign(new Error('of Ada'), { code: 'ECONNRESET' })
  t.equal(failureOf(new RelayError('RELAY_KEY_TAKEN', 'of Ada')), 'RELAY_KEY_TAKEN')
  t.equal(failureOf(system), 'ECONNRESET')
  t.equal(failureOf(new TypeError('of Ada')), 'TypeError')
  for (const odd of ['of Ada', undefined, null, 7]) t.equal(failureOf(odd), 'unknown')
})

t.test('of an address only the host is told', async t => {
  const told = (address: string) => hostOf(new URL(address))
  t.strictSame(told('https://user:secret@api.example/x?token=y'), {
    'server.address': 'api.example',
    'server.port': 443
  })
  t.strictSame(told('http://api.example'), { 'server.address': 'api.example', 'server.port': 80 })
  t.strictSame(told('http://127.0.0.1:3001'), { 'server.address': '127.0.0.1', 'server.port': 3001 })
})
