import t from 'tap'
import type { Operation } from '../../src/model/call.ts'
import { isTaken, type SeamAnswer, SeamError, seamErrorOf } from '../../src/seam/seam-error.ts'

const now = Date.UTC(2027, 0, 10, 12)

function answer(status: number, body: unknown = '', headers: SeamAnswer['headers'] = {}): SeamAnswer {
  return { status, headers, text: typeof body === 'string' ? body : JSON.stringify(body) }
}

function envelope(type: string, message: unknown = 'no') {
  return { error: { type, message }, ok: false }
}

function errorOf(status: number, body: unknown = '', operation: Operation = 'push_data'): SeamError {
  return seamErrorOf(operation, answer(status, body), now)
}

t.test('a call is taken where Seam says so, or says nothing', t => {
  t.ok(isTaken(answer(200, { ok: true })))
  t.ok(isTaken(answer(200, {})))
  t.ok(isTaken(answer(204)))
  t.end()
})

t.test('a page of somebody else, a redirect, and a no with 200 are not taken', t => {
  t.notOk(isTaken(answer(200, '<html>Welcome</html>')))
  t.notOk(isTaken(answer(200, 'null')))
  t.notOk(isTaken(answer(200, { ok: false })))
  t.notOk(isTaken(answer(302, { ok: true })))
  t.notOk(isTaken(answer(400, { ok: true })))
  t.end()
})

const outcomes: [string, SeamError, Partial<SeamError>][] = [
  ['429', errorOf(429, 'slow down'), { outcome: 'wait', code: 'RELAY_SEAM_UNAVAILABLE', retryable: true }],
  ['408', errorOf(408), { outcome: 'retry', code: 'RELAY_SEAM_UNAVAILABLE', retryable: true }],
  ['500', errorOf(500, envelope('internal_server_error')), { outcome: 'retry', retryable: true }],
  ['503 in plain text', errorOf(503, 'Service Unavailable'), { outcome: 'retry', retryable: true }],
  [
    '401',
    errorOf(401, envelope('unauthorized')),
    { outcome: 'stop', code: 'RELAY_SEAM_UNAUTHORIZED', retryable: true }
  ],
  ['403 without words', errorOf(403), { outcome: 'stop', code: 'RELAY_SEAM_UNAUTHORIZED' }],
  [
    '404 without Seam’s words',
    errorOf(404, 'Not Found'),
    { outcome: 'stop', code: 'RELAY_SEAM_ENDPOINT', retryable: true }
  ],
  [
    '404 in other words',
    errorOf(404, { message: 'no route' }),
    { outcome: 'stop', code: 'RELAY_SEAM_ENDPOINT' }
  ],
  [
    '404 to a deletion without Seam’s words',
    errorOf(404, 'gone', 'delete_data'),
    { outcome: 'stop', code: 'RELAY_SEAM_ENDPOINT' }
  ],
  [
    '405 even in Seam’s words',
    errorOf(405, envelope('method_not_allowed')),
    { outcome: 'stop', code: 'RELAY_SEAM_ENDPOINT' }
  ],
  ['a proxy’s 407', errorOf(407, '<html>'), { outcome: 'stop', code: 'RELAY_SEAM_ENDPOINT' }],
  ['a redirect', errorOf(301), { outcome: 'stop', code: 'RELAY_SEAM_ENDPOINT' }],
  ['a page with 200', errorOf(200, '<html>'), { outcome: 'stop', code: 'RELAY_SEAM_ENDPOINT' }],
  [
    'a no with 200',
    errorOf(200, envelope('invalid_input')),
    { outcome: 'refused', code: 'RELAY_SEAM_REFUSED', retryable: false }
  ],
  ['a bare no with 200', errorOf(200, { ok: false }), { outcome: 'stop', code: 'RELAY_SEAM_ENDPOINT' }],
  [
    '400',
    errorOf(400, envelope('invalid_input')),
    { outcome: 'refused', code: 'RELAY_SEAM_REFUSED', retryable: false }
  ],
  [
    '400 about the token, in plain text',
    errorOf(400, 'malformed token'),
    { outcome: 'stop', retryable: true }
  ],
  [
    '400 about the token, in Seam’s words',
    errorOf(400, envelope('malformed_token')),
    { outcome: 'stop', code: 'RELAY_SEAM_ENDPOINT' }
  ],
  ['400 without a body, as Seam’s documents have it', errorOf(400, ''), { outcome: 'refused' }],
  ['400 with a page', errorOf(400, '<html>Bad Request</html>'), { outcome: 'stop' }],
  ['409 in other words', errorOf(409, { message: 'conflict' }), { outcome: 'stop' }],
  ['422 in other words', errorOf(422, { errors: [] }), { outcome: 'stop' }],
  ['409 in Seam’s words', errorOf(409, envelope('conflict')), { outcome: 'refused' }],
  ['422 in Seam’s words', errorOf(422, envelope('invalid_input')), { outcome: 'refused' }],
  ['413 in plain text', errorOf(413, 'Body exceeded 1mb limit'), { outcome: 'refused' }],
  ['402 in Seam’s words', errorOf(402, envelope('payment_required')), { outcome: 'stop' }],
  ['404 to a push about what it names', errorOf(404, envelope('space_not_found')), { outcome: 'refused' }],
  ['404 to a push about the customer', errorOf(404, envelope('customer_not_found')), { outcome: 'stop' }],
  ['404 to a push about the workspace', errorOf(404, envelope('workspace_not_found')), { outcome: 'stop' }],
  [
    '404 to a deletion',
    errorOf(404, envelope('reservation_not_found'), 'delete_data'),
    { outcome: 'gone', retryable: false }
  ],
  ['404 of a route', errorOf(404, envelope('not_found'), 'delete_data'), { outcome: 'stop' }],
  [
    '404 to a deletion about the workspace',
    errorOf(404, envelope('workspace_not_found'), 'delete_data'),
    { outcome: 'stop' }
  ],
  [
    '404 to a deletion about the customer',
    errorOf(404, envelope('customer_not_found'), 'delete_data'),
    { outcome: 'stop' }
  ],
  [
    '404 to a deletion about a kind that is never deleted',
    errorOf(404, envelope('device_not_found'), 'delete_data'),
    { outcome: 'refused' }
  ],
  [
    '400 to a deletion of what is not there',
    errorOf(400, envelope('guest_not_found'), 'delete_data'),
    { outcome: 'gone' }
  ],
  [
    '404 to a deletion for another reason',
    errorOf(404, envelope('workspace_gone'), 'delete_data'),
    { outcome: 'stop' }
  ]
]

for (const [what, error, expected] of outcomes) {
  t.test(`${what} means: ${expected.outcome}`, t => {
    t.match(error, expected)
    t.end()
  })
}

t.test('an error repeats Seam’s words, the request’s id and the wait', t => {
  const headers = { 'seam-request-id': ['req_1', 'req_2'], 'retry-after': '30' }
  const error = seamErrorOf(
    'push_data',
    answer(429, envelope('too_many_requests', 'slow down'), headers),
    now
  )
  t.match(error, {
    name: 'SeamError',
    message: 'Seam push_data: too_many_requests: slow down',
    status: 429,
    requestId: 'req_1',
    retryAfterMs: 30_000
  })
  t.match(seamErrorOf('delete_data', answer(500, 'oops', { 'seam-request-id': 'req_3' }), now), {
    message: 'Seam delete_data: status 500',
    requestId: 'req_3'
  })
  t.equal(errorOf(400, { error: { type: 'invalid_input' } }).message, 'Seam push_data: invalid_input: ')
  t.equal(errorOf(400, envelope('invalid_input', 'x'.repeat(5_000))).message.length, 1_000)
  t.end()
})

t.test('an error repeats what Seam finds wrong by place, unless it is no such tree or too long', t => {
  const tree = { _errors: [], spaces: { _errors: [], 0: { _errors: [], name: { _errors: ['Required'] } } } }
  const saidWith = (validation_errors: unknown) =>
    errorOf(400, { error: { type: 'invalid_input', message: 'no', validation_errors } }).said
  const words = { type: 'invalid_input', message: 'no' }
  t.strictSame(saidWith(tree), { ...words, validation_errors: tree })
  for (const other of [undefined, null, 'Required', ['Required'], {}, { _errors: ['x'.repeat(8_000)] }])
    t.strictSame(saidWith(other), words)
  t.end()
})

t.test('an error without an answer has only its reason', t => {
  const error = new SeamError('retry', 'no answer')
  t.match(error, { outcome: 'retry', status: undefined, requestId: undefined, retryAfterMs: undefined })
  t.end()
})
