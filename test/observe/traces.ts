import t, { type Test } from 'tap'
import { createLog } from '../../src/observe/log.ts'
import { startTracing } from '../../src/observe/tracing.ts'
import { hostaway } from '../../src/platforms/hostaway/hostaway.ts'
import { deliveriesOf } from '../../src/store/deliveries.ts'
import { KEY, serviceOf, storedKey } from '../api/call.ts'
import type { TestEngine } from '../engines.ts'
import { type OpenRelayOptions, openRelay, type TestRelay } from '../open-relay.ts'
import { booking, tell } from '../operate/operator.ts'
import { type CollectedSpan, type Collector, openCollector } from './collector.ts'

const HOSTAWAY = 'demo-hostaway'
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const TRACEPARENT = `00-${TRACE}-${SPAN}-01`

/** One that tells no time zone of its own. */
const connections = `connections:
  - id: plain
    platform: standard
    customer_key: plain
    secrets: { signing_secret: whsec_${Buffer.from('demo-only signing key of the test').toString('base64')} }`
const place = {
  type: 'listing.updated',
  timestamp: '2027-01-10T11:00:00Z',
  data: {
    id: 'p1',
    name: 'Loft',
    time_zone: 'Europe/Berlin',
    check_in_time: '16:00',
    check_out_time: '11:00'
  }
}
const stay = {
  type: 'reservation.created',
  timestamp: '2027-01-10T10:00:00Z',
  data: {
    id: 'r1',
    guest: { id: 'g1', name: 'Ada Lovelace' },
    listing_id: 'p1',
    arrival_date: '2027-03-12',
    departure_date: '2027-03-15'
  }
}

interface TracedRelay extends TestRelay {
  collector: Collector
  /** Everything that has ended by now; nothing that comes later is told. */
  spans(): Promise<CollectedSpan[]>
}

/** What OpenTelemetry is told stands in this process's environment, and is gone with the test. */
export async function tracingTo(
  t: Test,
  origin: string,
  {
    env = {},
    ...options
  }: { env?: Record<string, string>; takesTraceparent?: boolean; logged?: string[] } = {}
) {
  const all = { OTEL_EXPORTER_OTLP_ENDPOINT: origin, OTEL_BSP_SCHEDULE_DELAY: '60000', ...env }
  t.teardown(() => {
    for (const name of Object.keys(all)) delete process.env[name]
  })
  const log = createLog('debug', { write: line => void options.logged?.push(line) })
  return startTracing({ exporters: ['otlp'], takesTraceparent: true, ...options, env: all, log })
}

export async function openTraced(t: Test, options: OpenRelayOptions = {}): Promise<TracedRelay> {
  const collector = await openCollector(t)
  const tracing = await tracingTo(t, collector.origin)
  const env = { RELAY_API_KEYS: KEY, ...options.env }
  const relay = await openRelay(t, { ...options, env, tracer: tracing.tracer })
  return {
    ...relay,
    collector,
    async spans() {
      await tracing.end(10_000)
      return collector.spans()
    }
  }
}

function of(spans: CollectedSpan[], deliveryId: unknown, name: RegExp): CollectedSpan[] {
  return spans.filter(each => each.attributes['relay.delivery.id'] === deliveryId && name.test(each.name))
}

function only<T>(list: T[]): T {
  if (list.length !== 1) throw new TypeError(`${list.length} instead of one`)
  return list[0] as T
}

const refOf = ({ traceId, spanId }: CollectedSpan) => ({ traceId, spanId })

/** The span that stored a delivery. */
function storeOf(spans: CollectedSpan[], deliveryId: unknown): CollectedSpan {
  const request = only(of(spans, deliveryId, /^POST \/(?:webhooks|customers)/))
  return only(spans.filter(each => each.name === 'store' && each.parentId === request.spanId))
}

const callsIn = (spans: CollectedSpan[], traceId: string) =>
  spans.filter(
    each => each.traceId === traceId && /^POST \/customers/.test(each.name) && each.kind === 'client'
  )

export function traces(engine: TestEngine): void {
  t.test('one trace leads from a webhook over the store to the call to Seam', async t => {
    const relay = await openTraced(t, { engine })
    const context = { connection: relay.connection(HOSTAWAY), now: relay.clock.now, serial: 1 }
    const [sample = { event: '', body: '' }] = hostaway.samples.tell(undefined, booking, context)
    const headers = { ...sample.headers, traceparent: TRACEPARENT }
    const { body } = await relay.deliver(HOSTAWAY, { ...sample, headers })
    await relay.settle()
    const spans = await relay.spans()

    const request = only(of(spans, body.delivery_id, /^POST/))
    const trace = spans.filter(each => each.traceId === request.traceId)
    const under = (parent: CollectedSpan) =>
      trace.filter(each => each.parentId === parent.spanId).map(({ kind, name }) => `${kind} ${name}`)
    t.equal(request.name, 'POST /webhooks/:platform/:connectionId')
    t.strictSame([request.kind, request.parentId], ['server', ''])
    t.match(request.attributes, {
      'http.request.method': 'POST',
      'http.route': '/webhooks/:platform/:connectionId',
      'http.response.status_code': 200,
      'relay.connection.id': HOSTAWAY,
      'relay.platform': 'hostaway',
      'relay.duplicate': false
    })
    t.strictSame(under(request), ['producer store'])
    const store = storeOf(spans, body.delivery_id)
    t.strictSame(
      new Set(under(store)),
      new Set(['consumer translate hostaway', 'client POST /customers/push_data'])
    )
    const translate = only(of(trace, body.delivery_id, /^translate/))
    t.strictSame(
      under(translate),
      ['client POST', 'client GET', 'client GET', 'internal desired'],
      'with its readings'
    )
    t.match(translate.attributes, {
      'messaging.message.id': body.delivery_id,
      'messaging.operation.type': 'process',
      'relay.attempt': 1,
      'relay.replay': false,
      'relay.outcome': 'translated'
    })
    const call = only(callsIn(spans, request.traceId))
    t.match(call.attributes, {
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'http.response.header.seam-request-id': [/./],
      'server.address': '127.0.0.1',
      'url.template': '/customers/push_data',
      'relay.customer.key': HOSTAWAY,
      'relay.resources': 3,
      'relay.deliveries': 1
    })
    t.strictSame(
      spans.filter(each => each.failed),
      []
    )
    t.strictSame(request.links, [{ traceId: TRACE, spanId: SPAN }], 'the platform’s trace is pointed at')
    t.strictSame(new Set(spans.map(each => each.traceId)).size, 1, 'and is another one')
    t.match(relay.collector.resource(), { 'service.name': 'seam-relay', 'service.version': /./ })
    t.equal(relay.collector.requests[0]?.path, '/v1/traces')
    // The id of this process is made of chance, and of letters and digits.
    const told = relay.collector.bytes().replaceAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, '')
    t.notMatch(told, /\bada\b|lovelace|example\.com|2125550101|4711|demo-only/i, 'nobody’s data, no secret')
  })

  t.test('a call that several deliveries brought points at the others, and each try is told', async t => {
    const relay = await openTraced(t, { engine })
    await relay.misbehave({
      fail: [
        { operation: 'push_data', times: 1, reset: true },
        { operation: 'push_data', times: 1, status: 500 }
      ]
    })
    const [first] = await tell(relay, booking)
    relay.clock.now += 10
    const [second] = await tell(relay, {
      ...booking,
      id: 'b2',
      guest: { ...booking.guest, id: 'g2', email: null, phone: null }
    })
    const [again] = await tell(
      relay,
      { ...booking, arrival: '2027-03-13', updatedAt: booking.updatedAt + 1 },
      booking
    )
    await relay.settle()
    const [moved] = await tell(
      relay,
      { ...booking, arrival: '2027-03-11', updatedAt: booking.updatedAt + 2 },
      booking
    )
    await relay.settle()
    const spans = await relay.spans()

    const [store, ...others] = [first, second, again].map(id => storeOf(spans, id)) as [CollectedSpan]
    const calls = callsIn(spans, store.traceId)
    t.strictSame(
      calls.map(each => [
        each.failed,
        each.attributes['http.response.status_code'],
        each.attributes['error.type']
      ]),
      [
        [true, undefined, 'RELAY_SEAM_UNAVAILABLE'],
        [true, 500, '500'],
        [false, 200, undefined]
      ]
    )
    for (const call of calls) {
      t.equal(call.parentId, store.spanId, 'it belongs to the oldest one’s trace')
      t.strictSame(call.links, others.map(refOf))
      t.equal(call.attributes['relay.deliveries'], 3)
      t.equal(call.message, '', 'Seam’s words are not passed on')
    }
    const later = only(callsIn(spans, storeOf(spans, moved).traceId))
    t.strictSame(later.links, [], 'what Seam has agreed to is over')
  })

  t.test('calls of callers belong to the caller’s own trace', async t => {
    const relay = await openTraced(t, { engine, connections })
    const { push, delete: erase, events } = serviceOf(relay)
    const space = (key: string) => ({ customer_key: 'acme', spaces: [{ space_key: key, name: 'Loft' }] })
    const pushed = await push(space('s1'), { headers: { traceparent: TRACEPARENT } })
    const once = { headers: { 'idempotency-key': 'k1' } }
    const kept = await push(space('s2'), once)
    await push(space('s2'), once)
    const posted = await events([place, { type: 'nothing' }])
    await events([{ type: 'nothing' }])
    await relay.settle()
    const body = { ok: false, error: { type: 'space_not_found', message: 'no such space' } }
    await relay.misbehave({ fail: [{ operation: 'delete_data', times: 1, status: 404, body }] })
    const erased = await erase({ space_keys: ['s1'] })
    await relay.settle()
    const offboarding = serviceOf(relay, await storedKey(relay, { scopes: ['offboard'] }))
    const off = await offboarding.delete({ customer_keys: ['acme'] })
    await relay.settle()
    const spans = await relay.spans()

    const idOf = ({ headers }: typeof pushed) => headers['relay-delivery']
    const request = only(of(spans, idOf(pushed), /^POST/))
    t.match(request, { name: 'POST /customers/push_data', traceId: TRACE, parentId: SPAN, links: [] })
    t.match(request.attributes['relay.caller.id'], /./)
    const call = only(callsIn(spans, TRACE))
    t.match(call.attributes, { 'relay.customer.key': 'acme', 'relay.resources': 2, 'relay.deliveries': 2 })
    t.strictSame(
      of(spans, idOf(kept), /^POST/).map(each => each.attributes['relay.duplicate']),
      [false, true]
    )
    const [result] = posted.body.results as { delivery_id: string }[]
    const translated = only(of(spans, result?.delivery_id, /^translate/))
    const storing = only(spans.filter(each => each.spanId === translated.parentId))
    t.match(storing, { name: 'store', attributes: { 'messaging.destination.name': 'standard' } })
    const gone = only(callsIn(spans, only(of(spans, idOf(erased), /^POST/)).traceId))
    t.match(gone, { failed: false, attributes: { 'http.response.status_code': 404 } })
    const last = only(callsIn(spans, only(of(spans, idOf(off), /^POST/)).traceId))
    t.match(last, { name: 'POST /customers/delete_data', attributes: { 'relay.resources': 0 } })
  })

  t.test('what runs again has a trace of its own, which points at the run before', async t => {
    const relay = await openTraced(t, { engine })
    const [id = ''] = await tell(relay, booking)
    await relay.settle()
    const { replay } = deliveriesOf(relay.store)
    t.equal(await replay({ ids: [id] }, relay.clock.now), 1)
    await relay.settle()
    t.equal(await replay({ ids: [id] }, relay.clock.now), 1)
    await relay.settle()
    await relay.store.db.updateTable('deliveries').set({ trace: null, outcome: null }).execute()
    t.equal(await replay({ ids: [id] }, relay.clock.now), 1)
    await relay.settle()
    const { trace } = await relay.store.db.selectFrom('deliveries').select('trace').executeTakeFirstOrThrow()
    const spans = await relay.spans()

    const [first, second, third, fourth] = of(spans, id, /^translate/) as [
      CollectedSpan,
      CollectedSpan,
      CollectedSpan,
      CollectedSpan
    ]
    t.strictSame(second.links, [refOf(storeOf(spans, id))])
    t.strictSame(third.links, [refOf(second)])
    t.match(fourth, { parentId: '', links: [] }, 'what came before there were traces has nothing to point at')
    t.equal(trace, `00-${fourth.traceId}-${fourth.spanId}-01`, 'from then on it has one')
    t.equal(new Set([first, second, third, fourth].map(each => each.traceId)).size, 4)
    t.strictSame(
      [first, second, third].map(each => each.attributes['relay.replay']),
      [false, true, true]
    )
  })

  t.test('what was held goes on in the trace in which it came', async t => {
    const relay = await openTraced(t, { engine, connections })
    const { events } = serviceOf(relay)
    const { body: told } = await events(stay)
    await relay.settle()
    const { body: zone } = await events(place)
    await relay.settle()
    const spans = await relay.spans()
    const translated = only(of(spans, told.delivery_id, /^translate/))
    // The guest went before the stay could.
    const [, call] = spans.filter(each => each.kind === 'client')
    t.equal(call?.traceId, translated.traceId)
    t.strictSame(
      call?.links.map(each => each.traceId),
      [only(of(spans, zone.delivery_id, /^translate/)).traceId]
    )
  })
}
