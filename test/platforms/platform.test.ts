import { Type } from '@sinclair/typebox'
import t from 'tap'
import { RelayError } from '../../src/errors.ts'
import { cancelled } from '../../src/model/change.ts'
import { Id, Maybe } from '../../src/platforms/fields.ts'
import {
  definePlatform,
  ignored,
  on,
  type PlatformEvent,
  peekObject,
  readJson,
  readObject,
  translateEvent,
  unknownStatus,
  unreadable
} from '../../src/platforms/platform.ts'
import { sharedToken } from '../../src/platforms/verify.ts'
import { deliveryOf, demoConnection } from './contract.ts'

const acme = definePlatform({
  name: 'acme',
  title: 'Acme Stays',
  verification: sharedToken(),
  secrets: Type.Object({ token: Type.String() }),
  preferredCode: 'none',
  readEvents: () => [],
  events: {
    'booking.cancelled': on(Type.Object({ id: Type.String() }), booking => [cancelled(booking.id, 1)]),
    'booking.any': on(Type.Never(), () => []),
    'booking.placed': on(
      Type.Object({ place: Maybe(Type.Object({ id: Id })), guest: Maybe(Id), at: Maybe(Type.String()) }),
      () => []
    )
  },
  ignored: { 'message.created': 'messages do not change a stay' },
  samples: { events: {}, tell: () => [], ids: () => ({ stays: [] }) }
})
const connection = demoConnection(acme)
const delivery = deliveryOf(connection, { body: '{}' })

function translated(event: PlatformEvent) {
  return translateEvent(acme, { event, facts: undefined, delivery, connection })
}

t.test('a payload that fits goes to its translator', async t => {
  t.strictSame(translated({ type: 'booking.cancelled', payload: { id: 'b', more: 1 } }), [cancelled('b', 1)])
})

t.test('a payload that does not fit is named by its field, not by its value', async t => {
  t.throws(() => translated({ type: 'booking.cancelled', payload: { id: 417 } }), {
    code: 'RELAY_EVENT_INVALID',
    retryable: false,
    message: 'booking.cancelled: /id: Expected string'
  })
  t.throws(() => translated({ type: 'booking.cancelled', payload: null }), {
    message: 'booking.cancelled: the payload: Expected object'
  })
})

t.test('where several may stand, what is expected is what was meant, or all of them', async t => {
  const wrong = {
    'booking.placed: /guest: Expected string or number or null': { guest: true },
    'booking.placed: /guest: Expected string length greater or equal to 1 or number or null': { guest: '' },
    'booking.placed: /place/id: Expected string or number': { place: { id: [] } },
    'booking.placed: /place/id: Expected required property': { place: {} },
    'booking.placed: /at: Expected string or null': { at: 3 }
  }
  for (const [message, payload] of Object.entries(wrong))
    t.throws(() => translated({ type: 'booking.placed', payload }), { message })
})

t.test('an event of no use is ignored with its reason', async t => {
  t.strictSame(translated({ type: 'message.created', payload: {} }), {
    ignored: 'messages do not change a stay'
  })
})

t.test('an event nobody knows is kept as drift, its name cut short', async t => {
  t.strictSame(translated({ type: 'booking.painted', payload: {} }), {
    ignored: 'Acme Stays event "booking.painted" is not known',
    drift: 'unknown_event'
  })
  for (const type of ['toString', '__proto__', 'constructor']) {
    t.match(translated({ type, payload: {} }), { drift: 'unknown_event' }, `${type} is nothing special`)
  }
  const { ignored: reason } = translated({ type: 'x'.repeat(500), payload: {} }) as { ignored: string }
  t.equal(reason.length < 130, true)
})

t.test('ignored and unknown statuses say why', async t => {
  t.strictSame(ignored('test delivery'), { ignored: 'test delivery' })
  t.strictSame(unknownStatus('painted'), {
    ignored: 'status "painted" is not known',
    drift: 'unknown_status'
  })
})

t.test('an unreadable body is an error with its cause', async t => {
  const cause = new Error('inner')
  const error = unreadable('no event', cause)
  t.ok(error instanceof RelayError)
  t.match(error, { code: 'RELAY_EVENT_UNREADABLE', message: 'no event', cause, retryable: false })
})

t.test(
  'the texts of a body are read without the white space around them, as deep as anything is read',
  async t => {
    const text = JSON.stringify({ id: ' 7 ', list: [' a b', { '__proto__ ': '\tc' }, 7, null] })
    const body = Buffer.from(text)
    t.strictSame(readObject({ body }), { id: '7', list: ['a b', { '__proto__ ': 'c' }, 7, null] })
    t.strictSame(peekObject({ body }), JSON.parse(text), 'who only looks sees it as it is')
    const deep = `${'['.repeat(100_000)}" "${']'.repeat(100_000)}`
    t.type(readJson({ body: Buffer.from(deep) }), Array)
  }
)

t.test('a body is read as a JSON object, and nothing else', async t => {
  t.strictSame(readObject({ body: Buffer.from('{"a":1}') }), { a: 1 })
  t.strictSame(peekObject({ body: Buffer.from('{"a":1}') }), { a: 1 })
  for (const body of ['', '{', '[]', 'null', '"text"', '7']) {
    t.throws(() => readObject({ body: Buffer.from(body) }), { code: 'RELAY_EVENT_UNREADABLE' })
    t.equal(peekObject({ body: Buffer.from(body) }), undefined)
  }
  t.throws(() => readObject({ body: Buffer.from([0x22, 0xff, 0x22]) }), { message: 'the body is not JSON' })
})
