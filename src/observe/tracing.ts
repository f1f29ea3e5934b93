import type { Logger } from 'pino'
import type { Tracer } from '../model/trace.ts'

/** Traces of this process. */
export interface Tracing {
  tracer: Tracer
  /** Sends what is left, and gives up after so long. Never throws. @param patienceMs 0: nothing is sent any more */
  end(patienceMs: number): Promise<void>
}

export interface TracingOptions {
  exporters: ('otlp' | 'console')[]
  takesTraceparent: boolean
  /** Of it OpenTelemetry reads what begins with OTEL_. */
  env: Record<string, string | undefined>
  log: Pick<Logger, 'warn'>
}

/** Loads OpenTelemetry, which nobody does who wants no traces: it is half as large as the relay itself. */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  const { openTelemetry } = await import('./otel.ts')
  return openTelemetry(options)
}
