import {
  type Context,
  SpanKind as Kind,
  type Span as OtelSpan,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
  trace
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector
} from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
  type SpanExporter,
  type SpanProcessor
} from '@opentelemetry/sdk-trace-node'
import {
  type Span,
  type SpanAttributes,
  type SpanKind,
  type SpanOptions,
  type SpanRef,
  spanRefOf
} from '../model/trace.ts'
import type { Tracing, TracingOptions } from './tracing.ts'
import { relayVersion } from './version.ts'

const kinds: Record<SpanKind, Kind> = {
  internal: Kind.INTERNAL,
  server: Kind.SERVER,
  client: Kind.CLIENT,
  producer: Kind.PRODUCER,
  consumer: Kind.CONSUMER
}

/** A collector that is away would otherwise fill the log. */
const BETWEEN_LINES_MS = 300_000

/**
 * OpenTelemetry as its own variables set it up. It is not registered for the whole process, and follows no call by itself:
 * spans are passed on by hand.
 */
export function openTelemetry({ exporters, takesTraceparent, env, log }: TracingOptions): Tracing {
  // It looks for them there alone, and they may have come from the file .env.
  for (const [name, value] of Object.entries(env))
    if (name.startsWith('OTEL_') && value !== undefined) process.env[name] = value
  const provider = new NodeTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'seam-relay', 'service.version': relayVersion() }))
      .merge(detectResources({ detectors: [serviceInstanceIdDetector, envDetector] })),
    spanProcessors: exporters.map(each => processorOf(each, log))
  })
  const tracer = provider.getTracer('seam-relay', relayVersion())
  return {
    tracer: {
      start: (name, options) => started(tracer, contextOf(options.parent), name, options),
      senderSpan: header => (takesTraceparent && typeof header === 'string' ? spanRefOf(header) : undefined)
    },
    async end(patienceMs) {
      const over = Promise.withResolvers<void>()
      const timer = setTimeout(over.resolve, patienceMs)
      // What could not be sent has its line in the log.
      await Promise.race([provider.shutdown().catch(() => undefined), over.promise])
      clearTimeout(timer)
    }
  }
}

function processorOf(exporter: 'otlp' | 'console', log: TracingOptions['log']): SpanProcessor {
  if (exporter === 'console') return new SimpleSpanProcessor(new ConsoleSpanExporter())
  return new BatchSpanProcessor(watched(new OTLPTraceExporter(), log))
}

/** Says, and seldom, that spans are lost, and why by a code: the words of an error may quote the address or the answer. */
function watched(exporter: SpanExporter, log: TracingOptions['log']): SpanExporter {
  let lost = 0
  let nextLineAt = 0
  return {
    export(spans, done) {
      exporter.export(spans, result => {
        if (result.error !== undefined) failed(spans.length, result.error)
        done(result)
      })
    },
    shutdown: () => exporter.shutdown()
  }

  function failed(spans: number, error: Error & { code?: unknown }): void {
    lost += spans
    if (performance.now() < nextLineAt) return
    log.warn({ event: 'traces.not_exported', spans: lost, code: `${error.code ?? error.name}` })
    lost = 0
    nextLineAt = performance.now() + BETWEEN_LINES_MS
  }
}

function started(
  tracer: OtelTracer,
  context: Context,
  name: string,
  options: Omit<SpanOptions, 'parent'>
): Span {
  const { kind, links = [], attributes = {} } = options
  const span = tracer.startSpan(
    name,
    { kind: kinds[kind], attributes, links: links.map(each => ({ context: spanContextOf(each) })) },
    context
  )
  return spanOver(tracer, span, context)
}

function spanOver(tracer: OtelTracer, span: OtelSpan, under: Context): Span {
  let hasFailed = false
  return {
    ref: refOf(span.spanContext()),
    child: (name: string, kind: SpanKind, attributes?: SpanAttributes) =>
      started(tracer, trace.setSpan(under, span), name, { kind, ...(attributes && { attributes }) }),
    link: (ref: SpanRef) => void span.addLink({ context: spanContextOf(ref) }),
    set: (attributes: SpanAttributes) => void span.setAttributes(attributes),
    fail(type: string) {
      if (hasFailed) return
      hasFailed = true
      span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', type)
    },
    end() {
      if (span.isRecording()) span.end()
    }
  }
}

function contextOf(parent: SpanRef | undefined): Context {
  return parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContextOf(parent))
}

function spanContextOf(ref: SpanRef): SpanContext {
  const [, traceId = '', spanId = '', flags] = ref.split('-')
  return { traceId, spanId, traceFlags: Number(flags), isRemote: true }
}

function refOf({ traceId, spanId, traceFlags }: SpanContext): SpanRef {
  return `00-${traceId}-${spanId}-0${traceFlags & 1}`
}
