import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { createLog } from '../../src/observe/log.ts'
import { startTracing } from '../../src/observe/tracing.ts'
import { hostaway } from '../../src/platforms/hostaway/hostaway.ts'
import { openStore } from '../../src/store/store.ts'
import { callWith, KEY } from '../api/call.ts'
import { demoFolder, demoRelay } from '../cli/demo-relay.ts'
import { run } from '../cli/terminal.ts'
import { sqlite } from '../engines.ts'
import { openRelay } from '../open-relay.ts'
import { booking, CONNECTION, tell } from '../operate/operator.ts'
import { bin, eventually, spawnNode, within } from '../run-relay.ts'
import { openAcme } from '../translate/acme.ts'
import { answer, fakeApi } from '../translate/fake-api.ts'
import { openCollector } from './collector.ts'
import { openTraced, traces, tracingTo } from './traces.ts'

traces(sqlite)

const HOSTAWAY = 'demo-hostaway'
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

t.test('a traceparent that is none, or comes with a request that is refused, leaves no mark', async t => {
  const relay = await openTraced(t)
  const hostile = [
    '',
    'x'.repeat(8_000),
    `00-${TRACE}-0000000000000000-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `ff-${TRACE}-00f067aa0ba902b7-01`,
    `00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`,
    `00-${TRACE}-00f067aa0ba902b7-01-more`,
    `00-${TRACE}-00f067aa0ba902b7-01, 00-${TRACE}-00f067aa0ba902b8-01`,
    `00-${TRACE}-00f067aa0ba902b7-zz`,
    '<img src=x onerror=alert(1)>',
    "'; drop table deliveries; --"
  ]
  const space = { customer_key: 'acme', spaces: [{ space_key: 's1', name: 'Loft' }] }
  for (const traceparent of hostile) {
    const headers = { traceparent }
    const { status } = await callWith(relay.origin, KEY, 'POST', '/customers/push_data', space, { headers })
    t.equal(status, 200)
  }
  const forged = { headers: { traceparent: `00-${TRACE}-00f067aa0ba902b7-01`, signature: '00' }, body: '{}' }
  t.equal((await relay.post(`/webhooks/hospitable/${CONNECTION}`, forged)).status, 401)
  t.equal((await relay.post('/webhooks/hospitable/nobody', forged)).status, 401)
  t.equal(
    (await callWith(relay.origin, 'seam_relay_wrong', 'POST', '/customers/push_data', space)).status,
    401
  )
  const socket = connect(Number(new URL(relay.origin).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.write(
    `POST /webhooks/hospitable/${CONNECTION} HTTP/1.1\r\nhost: relay\r\ncontent-length: 100\r\n\r\n{`
  )
  const { deliveries } = await relay.store.db
    .selectFrom('deliveries')
    .select(eb => eb.fn.countAll<number>().as('deliveries'))
    .executeTakeFirstOrThrow()
  t.equal(deliveries, hostile.length)
  t.equal((await relay.post('/webhooks/hospitable/nobody', forged)).status, 401)
  socket.destroy()
  await relay.relay.stop(5_000)
  const spans = await relay.spans()

  t.notOk(spans.some(each => each.traceId === TRACE || each.links.length > 0))
  const pushes = spans.filter(each => each.name === 'POST /customers/push_data' && each.kind === 'server')
  t.strictSame([...new Set(pushes.map(each => each.parentId))], [''])
  t.equal(pushes.length, hostile.length, 'who is not known has none')
  const webhooks = spans.filter(each => each.name.startsWith('POST /webhooks'))
  t.strictSame(
    webhooks.map(each => [
      each.attributes['http.response.status_code'],
      each.attributes['relay.rejected'],
      each.failed,
      each.attributes['error.type']
    ]),
    [
      [401, 'signature_malformed', false, undefined],
      [undefined, undefined, true, 'aborted']
    ]
  )
})

t.test('what fails on the way is told by a code', async t => {
  const store = await openStore('file::memory:')
  t.teardown(() => store.close())
  let refuse = false
  const commit: typeof store.commit = async writes => {
    if (refuse) throw new Error('of the disk, with Ada Lovelace in it')
    return store.commit(writes)
  }
  const relay = await openTraced(t, { store: { ...store, commit, close: async () => undefined } })
  refuse = true
  const sample = { event: '', body: '{"id":"x","action":"reservation.created","data":{}}' }
  t.equal((await relay.deliver(CONNECTION, sample)).status, 503)
  refuse = false
  t.equal((await relay.deliver(CONNECTION, sample)).status, 200)
  await relay.relay.steps.translateOnce()
  const spans = await relay.spans()
  t.strictSame(
    spans.filter(each => each.failed).map(each => [each.name, each.attributes['error.type'], each.message]),
    [
      ['store', 'Error', ''],
      ['POST /webhooks/:platform/:connectionId', '503', ''],
      ['translate hospitable', 'RELAY_EVENT_INVALID', '']
    ]
  )
  t.notMatch(relay.collector.bytes(), /Ada/)
})

t.test('a platform that does not answer is seen in the trace, and a later try goes on in it', async t => {
  const connections = `connections:
  - id: ${HOSTAWAY}
    platform: hostaway
    customer_key: hills
    secrets: { username: relay, password: demo-only-password-0001 }
    api: { account_id: "1", api_key: b, endpoint: "http://127.0.0.1:1" }`
  const relay = await openTraced(t, { connections })
  const context = { connection: relay.connection(HOSTAWAY), now: relay.clock.now, serial: 1 }
  const [{ world: _world, ...sample } = { event: '', body: '' }] = hostaway.samples.tell(
    undefined,
    booking,
    context
  )
  t.equal((await relay.deliver(HOSTAWAY, sample)).status, 200)
  for (let tries = 0; tries < 3; tries += 1) {
    await relay.relay.steps.translateOnce()
    relay.clock.now += 3_600_000
  }
  const spans = await relay.spans()
  const runs = spans.filter(each => each.name === 'translate hostaway')
  t.strictSame(
    runs.map(({ attributes: told }) => [told['relay.attempt'], told['relay.outcome'], told['error.type']]),
    [1, 2, 3].map(attempt => [attempt, 'postponed', 'RELAY_PLATFORM_UNAVAILABLE'])
  )
  t.strictSame(
    spans.filter(each => each.kind === 'client').map(each => [each.parentId, each.attributes['error.type']]),
    runs.map(run => [run.spanId, 'ECONNREFUSED'])
  )
  t.equal(new Set(spans.map(each => each.traceId)).size, 1)
})

t.test('each end that a try comes to is told, and what the platform answered', async t => {
  const collector = await openCollector(t)
  const tracing = await tracingTo(t, collector.origin)
  const api = await fakeApi(t)
  let status = 503
  api.respond = () => ({ status })
  const relay = await openAcme(t, {
    connections: { a: `api: { endpoint: "${api.endpoint}" }` },
    tracer: tracing.tracer
  })
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  await relay.translate()
  await relay.tell('a', { type: 'pointed', id: 'b2' })
  await relay.translate()
  status = 418
  await relay.after(3_600_000)
  await relay.after(3_600_000)
  await tracing.end(10_000)
  const spans = collector.spans()
  const runs = spans.filter(each => each.name === 'translate acme')
  t.strictSame(
    new Set(
      runs.map(({ attributes: told, failed }) => `${told['relay.outcome']} ${told['error.type']} ${failed}`)
    ),
    new Set([
      'postponed RELAY_PLATFORM_UNAVAILABLE true',
      'postponed undefined false',
      'dead RELAY_INTERNAL true'
    ]),
    'a connection that rests is no failure'
  )
  t.strictSame(
    spans
      .filter(each => each.kind === 'client')
      .map(({ attributes: told }) => [told['http.response.status_code'], told['error.type']]),
    [
      [503, '503'],
      [418, '418'],
      [418, '418']
    ]
  )
})

t.test('a try whose lease went to another one says so', async t => {
  const collector = await openCollector(t)
  const tracing = await tracingTo(t, collector.origin)
  const api = await fakeApi(t)
  const relay = await openAcme(t, {
    connections: { a: `api: { endpoint: "${api.endpoint}" }` },
    tracer: tracing.tracer
  })
  const { translateOnce } = relay.relay.steps
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  api.respond = () => undefined
  const late = translateOnce()
  await api.called(1)
  const answered = { status: 200, body: { guest: 'Ada Lovelace' } }
  api.respond = () => answered
  relay.clock.now += 60_000
  const next = translateOnce()
  await api.called(2)
  for (const call of api.calls.slice(0, 1)) answer(call, answered)
  await Promise.all([late, next])
  await tracing.end(10_000)
  const runs = collector.spans().filter(each => each.name === 'translate acme')
  t.strictSame(
    new Set(
      runs.map(({ attributes: told }) => [told['relay.attempt'], told['relay.outcome'], told['error.type']])
    ),
    new Set([
      [1, undefined, 'lease_lost'],
      [2, 'translated', undefined]
    ])
  )
})

t.test('a collector that refuses, or does not answer, disturbs nobody and is told of once', async t => {
  const collector = await openCollector(t)
  const logged: string[] = []
  const secret = 'key-of-the-collector'
  const env = {
    OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${secret}`,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.origin}/${secret}?token=${secret}`,
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1'
  }
  collector.answer(404)
  const tracing = await tracingTo(t, collector.origin, { env, logged })
  const relay = await openRelay(t, { tracer: tracing.tracer })
  const lost = collector.next()
  const [id] = await tell(relay, booking)
  await relay.settle()
  t.ok(id)
  t.equal((await relay.held(CONNECTION)).reservations?.length, 1)
  await lost
  await eventually(async () => logged[0], 'the line')
  collector.answer(undefined)
  const began = performance.now()
  await tracing.end(50)
  t.ok(performance.now() - began < 5_000, 'nobody waits for it')
  t.equal(logged.length, 1)
  t.match(JSON.parse(logged[0] ?? ''), { level: 40, event: 'traces.not_exported', spans: 1, code: '404' })
  t.equal(collector.requests[0]?.headers['x-api-key'], secret)
  t.notMatch(logged.join(''), secret)

  collector.answer(503)
  const busy = await tracingTo(t, collector.origin, {
    env: { ...env, OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '500' },
    logged
  })
  for (const name of ['one', 'two']) busy.tracer.start(name, { kind: 'internal' }).end()
  await busy.end(10_000)
  t.match(JSON.parse(logged[1] ?? ''), { event: 'traces.not_exported', code: 'OTLPExporterError' })
  t.equal(logged.length, 2)
})

/**
 * Says at its end what of OpenTelemetry was asked for, by `import` and by `require`. The metrics' own library always brings
 * OpenTelemetry's bare interface along, which is not ours to keep out.
 */
const watch = `import { registerHooks } from 'node:module'
const seen = new Set()
registerHooks({
  resolve(name, context, next) {
    const isTheirs = /[/]node_modules[/]prom-client[/]/.test(context.parentURL)
    if (/^@opentelemetry[/]|[/]otel[.][jt]s$/.test(name) && !isTheirs) seen.add(name)
    return next(name, context)
  }
})
process.on('exit', () => console.log('LOADED ' + JSON.stringify([...seen])))`

/** `seam-relay start` in a process of its own, which takes a webhook to Seam and is stopped. @returns what it has loaded */
async function loadedBy(t: Test, told: Record<string, string>, file = ''): Promise<string[]> {
  const { folder, env } = demoFolder(t)
  writeFileSync(`${folder}/.env`, file)
  writeFileSync(`${folder}/watch.mjs`, watch)
  const child = spawnNode(['--import', `${folder}/watch.mjs`, bin, 'start'], {
    cwd: folder,
    env: { ...env, ...told }
  })
  const exited = once(child, 'exit')
  t.teardown(() => child.kill('SIGKILL'))
  let out = ''
  child.stdout.on('data', text => {
    out += text
  })
  child.stderr.pipe(process.stderr)
  const origin = await eventually(async () => /listens on (http:\S+)/.exec(out)?.[1], 'it to listen')
  t.equal((await run(['send', 'hospitable', 'reservation.created', '--url', origin], env)).code, 0)
  child.kill('SIGTERM')
  t.strictSame(await within(exited, 'the end'), [0, null])
  // Each thread has its own to say.
  const lists = [...out.matchAll(/^LOADED (.*)$/gm)].map(([, list = '']) => JSON.parse(list))
  t.ok(lists.length > 0)
  return lists.flat()
}

t.test('nothing of OpenTelemetry is loaded where nobody wants traces', async t => {
  t.strictSame(
    await loadedBy(t, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' }),
    []
  )
})

t.test('the variables of OpenTelemetry may stand in .env, and what is left is sent at the stop', async t => {
  const collector = await openCollector(t)
  const file = [
    `OTEL_EXPORTER_OTLP_ENDPOINT=${collector.origin}`,
    'OTEL_EXPORTER_OTLP_COMPRESSION=none',
    'OTEL_SERVICE_NAME=relay-of-the-test',
    'OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test',
    'OTEL_BSP_SCHEDULE_DELAY=600000'
  ].join('\n')
  const loaded = await loadedBy(t, {}, file)
  // Of what was built, or of the sources.
  t.ok(loaded.includes('@opentelemetry/api'), 'and would have been seen')
  t.ok(loaded.includes('./otel.js') || loaded.includes('./otel.ts'))
  t.match(collector.resource(), {
    'service.name': 'relay-of-the-test',
    'deployment.environment.name': 'test'
  })
  const names = collector.spans().map(each => each.name)
  for (const name of [
    'POST /webhooks/:platform/:connectionId',
    'translate hospitable',
    'POST /customers/push_data'
  ])
    t.ok(names.includes(name), name)
})

t.test('what OpenTelemetry’s variables say of sampling and propagation is kept to', async t => {
  const collector = await openCollector(t)
  const env = { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }
  const tracing = await tracingTo(t, collector.origin, { env })
  const relay = await openRelay(t, { env: { RELAY_API_KEYS: KEY }, tracer: tracing.tracer })
  const space = { customer_key: 'acme', spaces: [{ space_key: 's1', name: 'Loft' }] }
  await tell(relay, booking)
  const headers = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` }
  await callWith(relay.origin, KEY, 'POST', '/customers/push_data', space, { headers })
  await relay.settle()
  await tracing.end(10_000)
  t.strictSame(
    [...new Set(collector.spans().map(each => each.traceId))],
    [TRACE],
    'only what its caller keeps'
  )
  t.ok(collector.spans().some(each => each.name === 'translate seam'))

  const deaf = await tracingTo(t, collector.origin, { takesTraceparent: false })
  t.equal(deaf.tracer.senderSpan(headers.traceparent), undefined)
})

t.test('spans can be written to standard output instead', async t => {
  const written: unknown[] = []
  t.intercept(console, 'dir', { value: (each: unknown) => void written.push(each) })
  const { tracer, end } = await startTracing({
    exporters: ['console'],
    takesTraceparent: true,
    env: {},
    log: createLog('silent')
  })
  const span = tracer.start('work', { kind: 'internal' })
  span.fail('first')
  span.fail('second')
  span.end()
  span.end()
  await end(1_000)
  t.match(written, [{ name: 'work', attributes: { 'error.type': 'first' }, status: { code: 2 } }])
  t.equal(written.length, 1)
})

t.test(
  'a stop in this process sends what is left too, and waits for no collector that says nothing',
  async t => {
    const env = { OTEL_TRACES_EXPORTER: 'otlp', OTEL_BSP_SCHEDULE_DELAY: '600000' }
    t.teardown(() => {
      for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) delete process.env[name]
    })
    const collector = await openCollector(t)
    for (const [status, patience] of [
      [200, '25000'],
      [undefined, '1000']
    ] as const) {
      collector.answer(status)
      const relay = await demoRelay(t, {
        env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin, RELAY_SHUTDOWN_TIMEOUT_MS: patience }
      })
      t.equal(
        (await run(['send', 'hospitable', 'reservation.created', '--url', relay.origin], relay.env)).code,
        0
      )
      t.equal(await within(relay.signal('SIGTERM'), 'the end'), 0)
    }
    t.equal(collector.requests.length, 2)
    t.ok(collector.spans().some(each => each.name === 'POST /customers/push_data'))
  }
)
