import type { Environment } from './environment.ts'

/** What OpenTelemetry's own variables ask for. */
export interface TracesWanted {
  exporters: ('otlp' | 'console')[]
  /** Whether a `traceparent` that comes with a request is looked at. */
  takesTraceparent: boolean
}

const DISABLED = 'OTEL_SDK_DISABLED'
const EXPORTER = 'OTEL_TRACES_EXPORTER'
const SAMPLER = 'OTEL_TRACES_SAMPLER'
const PROPAGATORS = 'OTEL_PROPAGATORS'
const endpoints = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT']
const protocols = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL']

const known = ['otlp', 'console', 'none']
const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio'
]
const counts = [
  'OTEL_BSP_MAX_QUEUE_SIZE',
  'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
  'OTEL_BSP_EXPORT_TIMEOUT',
  'OTEL_EXPORTER_OTLP_TIMEOUT',
  'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT'
]

/**
 * Whether somebody wants traces, and where. Undefined, and nothing of OpenTelemetry is loaded, unless an endpoint or an exporter is
 * named. Source: OpenTelemetry's environment variable specification, read in November 2026.
 */
export function tracesWanted(env: Environment): TracesWanted | undefined {
  if (env[DISABLED]?.trim().toLowerCase() === 'true') return undefined
  const named = listed(env[EXPORTER])
  const exporters = named.length > 0 ? named : endpoints.some(name => env[name]) ? ['otlp'] : []
  const wanted = exporters.filter(each => each === 'otlp' || each === 'console')
  if (wanted.length === 0 || exporters.includes('none')) return undefined
  const propagators = listed(env[PROPAGATORS])
  return {
    exporters: [...new Set(wanted)],
    takesTraceparent: propagators.length === 0 || propagators.includes('tracecontext')
  }
}

/** What is wrong with them, where they are looked at: `<name>: <what to do>`, and never a value. */
export function* tracesProblems(env: Environment): Generator<string> {
  if (env[DISABLED]?.trim().toLowerCase() === 'true') return
  if (listed(env[EXPORTER]).some(each => !known.includes(each)))
    yield `${EXPORTER}: give otlp, console or none; the relay has no other exporter`
  const wanted = tracesWanted(env)
  if (wanted === undefined) return
  if (wanted.exporters.includes('otlp')) yield* otlpProblems(env)
  const sampler = env[SAMPLER] || 'parentbased_always_on'
  if (!samplers.includes(sampler)) yield `${SAMPLER}: give ${samplers.join(', ')}`
  const share = env[`${SAMPLER}_ARG`]
  if (sampler.endsWith('ratio') && share && !(Number(share) >= 0 && Number(share) <= 1))
    yield `${SAMPLER}_ARG: give the share of traces that are kept, 0 to 1`
  for (const name of counts)
    if (env[name] && !/^0*[1-9]\d{0,8}$/.test(env[name])) yield `${name}: give a whole number above 0`
  if (env.OTEL_BSP_SCHEDULE_DELAY && !/^\d{1,9}$/.test(env.OTEL_BSP_SCHEDULE_DELAY))
    yield 'OTEL_BSP_SCHEDULE_DELAY: give a whole number'
}

function* otlpProblems(env: Environment): Generator<string> {
  const protocol = protocols.find(name => env[name])
  if (protocol !== undefined && env[protocol] !== 'http/protobuf') {
    yield `${protocol}: give http/protobuf, the only protocol that the relay speaks, and the port of the collector for it (4318 as a rule); or set ${EXPORTER}=none to go without traces`
  }
  const endpoint = endpoints.find(name => env[name])
  if (endpoint !== undefined && !isWebAddress(`${env[endpoint]}`))
    yield `${endpoint}: give the address of a collector, such as http://localhost:4318`
}

function listed(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map(each => each.trim())
    .filter(each => each !== '')
}

function isWebAddress(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? '')
}
