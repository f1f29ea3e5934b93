import t from 'tap'
import { tracesProblems, tracesWanted } from '../../src/config/traces.ts'
import { demoFolder } from '../cli/demo-relay.ts'
import { run } from '../cli/terminal.ts'

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }

const problems = (env: Record<string, string>) => [...tracesProblems(env)]

t.test('traces are wanted where an endpoint or an exporter is named, and not otherwise', async t => {
  const exporters = (env: Record<string, string>) => tracesWanted(env)?.exporters
  t.equal(exporters({}), undefined)
  t.equal(
    exporters({ OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'always_on', OTEL_TRACES_EXPORTER: '' }),
    undefined
  )
  t.strictSame(exporters(ENDPOINT), ['otlp'])
  t.strictSame(exporters({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/v1/traces' }), ['otlp'])
  t.strictSame(exporters({ OTEL_TRACES_EXPORTER: 'otlp' }), ['otlp'])
  t.strictSame(exporters({ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'console' }), ['console'])
  t.strictSame(exporters({ OTEL_TRACES_EXPORTER: ' otlp, console,otlp' }), ['otlp', 'console'])
  t.equal(exporters({ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }), undefined)
  t.equal(exporters({ ...ENDPOINT, OTEL_SDK_DISABLED: 'True' }), undefined)
  t.strictSame(exporters({ ...ENDPOINT, OTEL_SDK_DISABLED: 'false' }), ['otlp'])
})

t.test('a traceparent is looked at unless the propagators are others', async t => {
  const takes = (OTEL_PROPAGATORS: string) =>
    tracesWanted({ ...ENDPOINT, OTEL_PROPAGATORS })?.takesTraceparent
  t.strictSame(['', 'tracecontext,baggage', 'b3, tracecontext'].map(takes), [true, true, true])
  t.strictSame(['none', 'b3', 'baggage'].map(takes), [false, false, false])
})

t.test('what the relay cannot do is said, and no value is quoted', async t => {
  const wrong = {
    ...ENDPOINT,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'grpc://user:secret@collector:4317',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_TRACES_SAMPLER: 'secret',
    OTEL_BSP_MAX_QUEUE_SIZE: 'secret',
    OTEL_BSP_SCHEDULE_DELAY: '-1',
    OTEL_EXPORTER_OTLP_TIMEOUT: '0'
  }
  t.strictSame(
    problems(wrong).map(each => each.split(':')[0]),
    [
      'OTEL_EXPORTER_OTLP_PROTOCOL',
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
      'OTEL_TRACES_SAMPLER',
      'OTEL_BSP_MAX_QUEUE_SIZE',
      'OTEL_EXPORTER_OTLP_TIMEOUT',
      'OTEL_BSP_SCHEDULE_DELAY'
    ]
  )
  t.notMatch(problems(wrong).join('\n'), 'secret')
  t.match(problems({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' }), [/^OTEL_EXPORTER_OTLP_ENDPOINT: /])
  t.match(problems({ OTEL_TRACES_EXPORTER: 'zipkin' }), [/^OTEL_TRACES_EXPORTER: give otlp, console or none/])
  t.strictSame(problems({ ...wrong, OTEL_SDK_DISABLED: 'true' }), [], 'where it is off nobody looks')
  t.strictSame(problems({ ...wrong, OTEL_TRACES_EXPORTER: 'none' }), [])
  t.strictSame(
    problems({
      ...ENDPOINT,
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc'
    }),
    [],
    'the variable for traces alone counts first'
  )
  t.strictSame(problems({ OTEL_TRACES_EXPORTER: 'console', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }), [])
  const share = (OTEL_TRACES_SAMPLER_ARG: string) =>
    problems({ ...ENDPOINT, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG })
  t.strictSame(['', '0', '1', '0.25', '1e-3'].flatMap(share), [])
  for (const wrongShare of ['2', '-0.5', 'half', 'NaN'])
    t.match(share(wrongShare), [/^OTEL_TRACES_SAMPLER_ARG: /])
})

t.test(
  'a protocol that the relay does not speak ends the start with 78, and the check says it too',
  async t => {
    const { env } = demoFolder(t, { env: { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', PORT: 'x' } })
    const started = await run(['start'], env)
    t.equal(started.code, 78)
    t.match(started.err, /^ {2}PORT: /m)
    t.match(
      started.err,
      /^ {2}OTEL_EXPORTER_OTLP_PROTOCOL: give http\/protobuf, .*OTEL_TRACES_EXPORTER=none/m
    )
    const checked = await run(['check'], env)
    t.equal(checked.code, 78)
    t.match(checked.out, 'OTEL_EXPORTER_OTLP_PROTOCOL: give http/protobuf')
  }
)
