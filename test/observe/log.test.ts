import fc from 'fast-check'
import t from 'tap'
import { RelayError } from '../../src/errors.ts'
import { createLog, describeError } from '../../src/observe/log.ts'
import { SeamError } from '../../src/seam/seam-error.ts'

function logging(level: string) {
  const lines: string[] = []
  return { log: createLog(level, { write: line => void lines.push(line) }), lines }
}

/** One canary in every place of an error that may quote something. */
function quoting(text: string): Error {
  const cause = new SyntaxError(text)
  const error = new AggregateError([new Error(text)], text, { cause })
  return Object.assign(error, { body: text, details: { text }, address: text })
}

t.test('a line is JSON with its event, its time and its facts, and nothing of the machine', async t => {
  const { log, lines } = logging('info')
  log.info({ event: 'delivery.stored', deliveryId: 'd1' })
  log.debug({ event: 'not.told' })
  t.equal(lines.length, 1)
  const { time, ...line } = JSON.parse(lines[0] ?? '')
  t.strictSame(line, { level: 30, event: 'delivery.stored', deliveryId: 'd1' })
  t.equal(new Date(time).toISOString(), time)
})

t.test(
  'of an error that is not ours, the log tells its name, its code and where it was, never its words',
  async t => {
    const { log, lines } = logging('trace')
    const error = Object.assign(quoting('Ada Lovelace'), { code: 'E_ODD' })
    log.error({ event: 'it.failed', err: error })
    log.error(error)
    log.error(error, 'it failed')
    log.warn({ event: 'it.failed', err: 'Ada Lovelace' })
    log.warn({ event: 'it.failed', err: { message: 'Ada Lovelace' } })
    t.notMatch(lines.join(), 'Ada')
    const [first, second, third, fourth] = lines.map(line => JSON.parse(line))
    t.match(first.err, { name: 'AggregateError', code: 'E_ODD', at: Array, cause: { name: 'SyntaxError' } })
    t.match(first.err.at[0], /^at quoting \(.*log\.test\.ts:\d+:\d+\)$/)
    t.notOk('message' in first)
    t.strictSame(second.err, first.err)
    t.equal(third.message, 'it failed')
    t.strictSame(fourth.err, { name: 'string' })
  }
)

t.test('an error of ours tells what to do; a cause that quotes somebody does not', async t => {
  const error = new RelayError('RELAY_EVENT_UNREADABLE', 'the body is not JSON', { cause: quoting('Ada') })
  const { log, lines } = logging('info')
  log.error({ event: 'delivery.dead', err: error })
  t.match(JSON.parse(lines[0] ?? '').err, {
    name: 'RelayError',
    code: 'RELAY_EVENT_UNREADABLE',
    message: 'the body is not JSON',
    cause: { name: 'AggregateError', cause: { name: 'SyntaxError' } }
  })
  t.notMatch(lines.join(), 'Ada')
})

t.test('what Seam says may name a guest, and is not told', async t => {
  const error = new SeamError('refused', 'Seam push_data: invalid_input: ada@example.com is taken', {
    status: 400
  })
  const described = describeError(error)
  t.match(described, { name: 'SeamError', code: 'RELAY_SEAM_REFUSED' })
  t.notOk('message' in described)
})

t.test('a message of several lines that look like places is not taken for places', async t => {
  const words = 'bad\n    at Ada (file:///ada.ts:1:2)\n    at Ada:3:4'
  t.notMatch(JSON.stringify(describeError(new Error(words))), 'Ada')
  const changed = new Error(words)
  t.ok(changed.stack, 'which is made when it is first looked at')
  changed.message = 'another'
  t.strictSame(describeError(changed), { name: 'Error', code: undefined, at: [] })
  const bare = new Error('')
  delete bare.stack
  t.strictSame(describeError(bare), { name: 'Error', code: undefined, at: [] })
  t.match(describeError(Object.assign(new Error('x'), { code: 42 })), { code: undefined })
})

t.test('whatever is in a body that cannot be parsed, the log does not repeat it', async t => {
  const pieces = fc.constantFrom(
    'canary',
    '\n',
    '    at ',
    'canary:1:2',
    '(file:///canary.ts:1:2)',
    '{',
    '"',
    '}',
    ',',
    ':',
    'x'
  )
  const property = fc.property(fc.array(pieces, { maxLength: 12 }), parts => {
    const { log, lines } = logging('info')
    try {
      JSON.parse(parts.join(''))
    } catch (cause) {
      log.error({ event: 'delivery.dead', err: cause })
      log.error({ event: 'delivery.dead', err: new RelayError('RELAY_INTERNAL', 'it failed', { cause }) })
    }
    return !lines.join().includes('canary')
  })
  fc.assert(property, { numRuns: 1000 })
  t.pass()
})
