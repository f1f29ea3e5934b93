/**
 * What of a span is kept, so that another one goes on under it or points at it: a `traceparent` of version 00.
 * Source: W3C Trace Context, section 3.2.
 */
export type SpanRef = string

export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal'

/** Names by OpenTelemetry's semantic conventions, and our own as `relay.…`. Ids and numbers; nobody's data. */
export type SpanAttributes = Record<string, string | number | boolean | string[] | undefined>

export interface SpanOptions {
  kind: SpanKind
  /** Without one it begins a trace of its own. */
  parent?: SpanRef | undefined
  /** Spans of other traces that it has to do with. */
  links?: SpanRef[]
  attributes?: SpanAttributes
}

/** A piece of work, from when it begins until {@link Span.end}. */
export interface Span {
  readonly ref: SpanRef
  child(name: string, kind: SpanKind, attributes?: SpanAttributes): Span
  link(ref: SpanRef): void
  set(attributes: SpanAttributes): void
  /** The work failed. The first word for it stays. @param type one of a few: a code, a status, the name of an error */
  fail(type: string): void
  /** Whatever comes after it counts no more. */
  end(): void
}

/** Rooms have one only where somebody wants traces; without one nothing is done for them. */
export interface Tracer {
  start(name: string, options: SpanOptions): Span
  /** The span that a sender says its request belongs to; undefined for what is none. @param header its `traceparent` */
  senderSpan(header: string | string[] | undefined): SpanRef | undefined
}

const TRACEPARENT =
  /^(?<version>(?!ff)[\da-f]{2})-(?<trace>(?!0{32})[\da-f]{32})-(?<span>(?!0{16})[\da-f]{16})-(?<flags>[\da-f]{2})(?<more>-.*)?$/

/** A span as a header tells it. Later versions may have more behind what is known of them. @returns undefined for what is none */
export function spanRefOf(header: string): SpanRef | undefined {
  const { version, trace, span, flags = '', more } = TRACEPARENT.exec(header)?.groups ?? {}
  if (version === undefined || (version === '00' && more !== undefined)) return undefined
  return `00-${trace}-${span}-0${Number.parseInt(flags, 16) & 1}`
}

/** The work, with whose end the span ends. Without a span it is nothing but the work. */
export function inSpan<T>(span: Span | undefined, work: Promise<T>): Promise<T> {
  if (span === undefined) return work
  const failed = (error: unknown) => {
    span.fail(failureOf(error))
    throw error
  }
  return work.catch(failed).finally(() => span.end())
}

/** Where a request goes, and no more of its address: ids stand in the rest, and with some a token. */
export function hostOf({ hostname, port, protocol }: URL): SpanAttributes {
  return { 'server.address': hostname, 'server.port': Number(port) || (protocol === 'http:' ? 80 : 443) }
}

/** A word for an error that tells nothing of what was in hand. */
export function failureOf(error: unknown): string {
  const { code, name } = Object(error) as { code?: unknown; name?: unknown }
  return String((typeof code === 'string' && code) || name || 'unknown')
}
