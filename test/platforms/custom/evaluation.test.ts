import fc from 'fast-check'
import t from 'tap'
import { evaluated, type Failure, type Limits } from '../../../src/platforms/custom/evaluation.ts'

const limits: Limits = { milliseconds: 2_000, depth: 1_000, sequence: 1_000 }

async function over(expression: string, input: unknown, more: Partial<Limits> = {}, bindings: object = {}) {
  return evaluated({
    expression,
    input: JSON.stringify(input),
    bindings: JSON.stringify(bindings),
    limits: { ...limits, ...more }
  })
}

async function failure(...given: Parameters<typeof over>): Promise<Failure> {
  const outcome = await over(...given)
  if ('yields' in outcome) throw new Error(`it yields ${JSON.stringify(outcome.yields)}`)
  return outcome.fails
}

t.test('an expression yields plain JSON, or nothing', async t => {
  t.strictSame(await over('{ "id": a, "all": [b.c] }', { a: 1, b: { c: 2 } }), {
    yields: { id: 1, all: [2] }
  })
  t.strictSame(await over('missing', {}), { yields: undefined })
  t.strictSame(await over('$event.type', {}, {}, { event: { type: 'x' } }), { yields: 'x' })
})

t.test('the same expression serves many bodies', async t => {
  for (const a of [1, 2, 3]) t.strictSame(await over('a * 2', { a }), { yields: a * 2 })
})

t.test('what fails is told with its place, and never with a value of the body', async t => {
  const body = { a: 'secret@example.com', n: 417_417, o: { 'secret@example.com': 1 } }
  for (const [expression, message] of [
    ['  a + 1', 'T2001: The left side of the "+" operator must evaluate to a number'],
    ['$number(a)', 'D3030: Unable to cast value to a number: …'],
    [
      '$toMillis(a)',
      'D3110: The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given …'
    ],
    ['n < a', 'T2009: The values … and … either side of operator "<" must be of the same data type'],
    ['{ a: 1, $keys(o): 2 }', 'D1009: Multiple key definitions evaluate to same key: …'],
    ['{ "x": $error(a) }', 'D3137: it says itself that something is wrong ($error or $assert)'],
    ['$assert(false, a)', 'D3141: it says itself that something is wrong ($error or $assert)'],
    ['$lokup(o, a)', 'T1006: Attempted to invoke a non-function'],
    ['$formatNumber(n, a)', /./],
    ['function($x){ $x } + a', 'T2001: The left side of the "+" operator must evaluate to a number'],
    ['$pad(a, 5000000000)', 'it cannot be evaluated over this body']
  ] as const) {
    const found = await failure(expression, body)
    t.match(found.message, message, expression)
    t.notMatch(JSON.stringify(found), /example\.com|417/, expression)
  }
  t.match(await failure('  a + 1', body), { offset: 4 })
})

t.test('time, depth and length of lists have limits', async t => {
  t.match(await failure('( $f := function($n){ $f($n + 1) }; $f(0) )', {}, { milliseconds: 30 }), {
    message: 'it took longer than 30 ms',
    stopped: true
  })
  t.match(await failure('( $f := function($n){ 1 + $f($n + 1) }; $f(0) )', {}), {
    message: 'it goes deeper than 1000 steps'
  })
  t.match(await failure('[1..2000]', {}), { message: 'a list in it becomes longer than 1000' })
  t.match(await failure('[1..100000000]', {}), { message: 'a list in it becomes longer than 1000' })
  t.match(await failure('a.b', { a: Array.from({ length: 1_001 }, () => ({ b: 1 })) }), {
    message: 'a list in it becomes longer than 1000'
  })
  t.match(await failure('$pad("a", 1000001)', {}), { message: 'it yields too much' })
})

t.test('a function is no event, wherever it stands', async t => {
  for (const expression of ['function($x){ $x }', '{ "a": $sum }', '[function(){ 1 }]', '$match(?, /a/)'])
    t.match(await failure(expression, {}), { message: 'it yields a function' }, expression)
})

t.test('a body cannot reach what the language is written in', async t => {
  const body = JSON.parse(
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":"constructor"}'
  )
  for (const expression of [
    '$merge([$, {"b": 1}])',
    '$ ~> |$|{"__proto__": {"polluted": 1}}|',
    '$lookup($, a)',
    '**',
    '$spread($)'
  ])
    await over(expression, body)
  t.equal(({} as Record<string, unknown>).polluted, undefined)
  for (const expression of ['constructor', '__proto__', 'toString', 'a.constructor'])
    t.strictSame(await over(expression, { a: {} }), { yields: undefined }, expression)
})

t.test('any expression over any body yields or fails, and quotes nobody', { timeout: 120_000 }, async () => {
  const piece = fc.constantFrom(
    'a',
    '.',
    '**',
    '*',
    '[0]',
    '[b]',
    '$',
    '$$',
    '+',
    '&',
    '=',
    '{',
    '}',
    '"k":',
    '(',
    ')',
    '$string(',
    '$map(',
    '$sort(',
    'function($x){$x}',
    ',',
    '/a+/',
    '~>',
    '?',
    ':',
    '^(a)',
    '%',
    '..',
    '|$|{}|'
  )
  const expression = fc.array(piece, { maxLength: 12 }).map(all => all.join(' '))
  const body = fc.dictionary(
    fc.constantFrom('a', 'b', 'k'),
    fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constant('somebody@example.com'))
  )
  await fc.assert(
    fc.asyncProperty(expression, body, async (text, input) => {
      const outcome = await over(text, input)
      if ('fails' in outcome && outcome.fails.message.includes('somebody@'))
        throw new Error(outcome.fails.message)
    }),
    { numRuns: 500 }
  )
})
