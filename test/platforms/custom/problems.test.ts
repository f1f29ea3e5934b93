import t from 'tap'
import { demoDescription } from '../../../src/platforms/custom/demo.ts'
import type { Description } from '../../../src/platforms/custom/description.ts'
import { problemsIn } from '../../../src/platforms/custom/problems.ts'
import { description } from './described.ts'

/** `path: message` of each. */
function problems(more: Partial<Description>): string[] {
  return [...problemsIn(description(more))].map(({ path, message }) => `${path.join('/')}: ${message}`)
}

function verified(verification: Description['verification']): string[] {
  return problems({ verification })
}

t.test('the demo’s description has none', async t => {
  t.strictSame(problems(demoDescription), [])
})

t.test('members belong to their schemes', async t => {
  t.strictSame(verified({ scheme: 'hmac' }), ['verification/header: is missing; hmac needs it'])
  t.strictSame(verified({ scheme: 'header' }), ['verification/header: is missing; header needs it'])
  for (const scheme of ['basic', 'token', 'standard_webhooks', 'sns'] as const)
    t.strictSame(verified({ scheme }), [])
  t.strictSame(verified({ scheme: 'token', query: 'key' }), [])
  t.strictSame(verified({ scheme: 'basic', header: 'x', signed: '{body}', query: 'key' }), [
    'verification/header: has no effect with basic; it belongs to hmac, header',
    'verification/signed: has no effect with basic; it belongs to hmac',
    'verification/query: has no effect with basic; it belongs to token'
  ])
})

t.test('what is signed and what is described for it belong together', async t => {
  const hmac = { scheme: 'hmac', header: 'x-sign' } as const
  t.strictSame(verified({ ...hmac, signed: '{url}{id}{timestamp}{body}' }), [
    'verification/timestamp: is missing; signed holds {timestamp}',
    'verification/id: is missing; signed holds {id}',
    'verification/url: is missing; signed holds {url}'
  ])
  t.strictSame(
    verified({ ...hmac, timestamp: { header: 't' }, id: { header: 'i' }, url: 'https://x.example' }),
    [
      'verification/timestamp: proves nothing, as signed does not hold {timestamp}',
      'verification/id: proves nothing, as signed does not hold {id}',
      'verification/url: proves nothing, as signed does not hold {url}'
    ]
  )
  t.strictSame(verified({ ...hmac, tolerance_seconds: '60' }), [
    'verification/tolerance_seconds: has no effect without timestamp'
  ])
})

t.test('events need expressions, and names where there are several', async t => {
  t.strictSame(problems({ events: {}, ignored: {} }), [
    'events: is empty; give one event with its expression at least'
  ])
  t.strictSame(problems({ event: {} }), [
    'event/type: is missing; several events can only be distinguished by their names'
  ])
  t.strictSame(problems({ event: {}, events: { saved: '$' }, ignored: {} }), [])
  t.strictSame(problems({ ignored: { 'lodge.saved': 'why not' } }), [
    'ignored/lodge.saved: has an expression too; keep one of the two'
  ])
})

t.test('a place that holds a secret is no place for facts', async t => {
  const secret = 'is a header that holds a secret, which is not kept'
  t.strictSame(
    problems({
      verification: { scheme: 'header', header: 'X-Key' },
      event: {
        type: [{ header: 'x-event' }, { header: 'x-key' }],
        id: { header: 'Cookie' },
        time: { body: 'at' }
      }
    }),
    [`event/type/1: ${secret}`, `event/id: ${secret}`]
  )
  t.strictSame(problems({ event: { type: { header: 'Authorization' } } }), [`event/type: ${secret}`])
  t.strictSame(
    problems({ verification: { scheme: 'token', query: 'key' }, event: { type: { query: 'key' } } }),
    ['event/type: is the parameter that holds the token, which is not kept']
  )
})

t.test('every expression that cannot be used is told with its place and its line', async t => {
  const events = { good: 'a', bad: '{\n  "a": b c\n}', worse: '$now()' }
  t.strictSame(
    [...problemsIn(description({ events }))],
    [
      {
        path: ['events', 'bad'],
        message: 'S0202: Expected "}", got "c"; in: "a": b c',
        offset: 11,
        bare: 'S0202: the rest is not shown, as it contains variables'
      },
      {
        path: ['events', 'worse'],
        message:
          '$now is not available here; take $event.time: the same body must mean the same whenever it is read; in: $now()',
        offset: 0,
        bare: '$now is not available here; take $event.time: the same body must mean the same whenever it is read'
      }
    ]
  )
})
