import t from 'tap'
import type { Span, SpanAttributes } from '../../src/model/trace.ts'
import { SeamError } from '../../src/seam/seam-error.ts'
import { calledIn } from '../../src/sync/spans.ts'

/** What is told of a call that ends so. */
async function told(error: unknown) {
  const failures: string[] = []
  const attributes: SpanAttributes = {}
  let ended = 0
  const span: Span = {
    ref: '',
    child: () => span,
    link: () => undefined,
    set: more => void Object.assign(attributes, more),
    fail: type => void failures.push(type),
    end() {
      ended += 1
    }
  }
  await t.rejects(calledIn(span, Promise.reject(error)))
  t.equal(ended, 1)
  return { failures, status: attributes['http.response.status_code'] }
}

t.test('a call that was not made has no answer in its span', async t => {
  class LeaseLost extends Error {
    override name = 'LeaseLost'
  }
  t.strictSame(await told(new LeaseLost('of acme')), { failures: ['LeaseLost'], status: undefined })
})

t.test('to find nothing to delete is no failure, and every other refusal is', async t => {
  t.strictSame(await told(new SeamError('gone', 'x', { status: 404 })), { failures: [], status: 404 })
  t.strictSame(await told(new SeamError('refused', 'x', { status: 400 })), { failures: ['400'], status: 400 })
  t.strictSame(await told(new SeamError('retry', 'x')), {
    failures: ['RELAY_SEAM_UNAVAILABLE'],
    status: undefined
  })
})
