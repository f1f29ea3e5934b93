import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Span, SpanAttributes, SpanRef, Tracer } from './model/trace.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Where requests are traced: from the moment before its body is read. */
    span?: Span | undefined
  }
}

/** What is told of a request beside its method, route and answer. */
export interface RequestDescription {
  parent?: SpanRef | undefined
  attributes: SpanAttributes
}

/**
 * A span for each request of a scope that its routes have let in. Without a tracer nothing is hooked in. Of the address only
 * the route is told, as tokens and keys stand in the rest.
 * @param describe undefined for requests of which nothing is told
 */
export function traceRequests(
  scope: Pick<FastifyInstance, 'addHook' | 'decorateRequest'>,
  tracer: Tracer | undefined,
  describe: (request: FastifyRequest, tracer: Tracer) => RequestDescription | undefined
): void {
  scope.decorateRequest('span')
  if (tracer === undefined) return
  scope.addHook('preParsing', (request, _reply, payload, done) => {
    const description = describe(request, tracer)
    if (description !== undefined) request.span = startedFor(request, tracer, description)
    done(null, payload)
  })
  scope.addHook('onResponse', (request, { statusCode }, done) => {
    request.span?.set({ 'http.response.status_code': statusCode })
    if (statusCode >= 500) request.span?.fail(`${statusCode}`)
    request.span?.end()
    done()
  })
  scope.addHook('onRequestAbort', (request, done) => {
    request.span?.fail('aborted')
    request.span?.end()
    done()
  })
}

function startedFor(
  request: FastifyRequest,
  tracer: Tracer,
  { parent, attributes }: RequestDescription
): Span {
  const route = request.routeOptions.url
  return tracer.start(`${request.method} ${route}`, {
    kind: 'server',
    parent,
    attributes: {
      'http.request.method': request.method,
      'http.route': route,
      'url.scheme': request.protocol,
      ...attributes
    }
  })
}

/** Of deliveries that are about to be stored: they go on under it. */
export function storing(span: Span | undefined, platform: string): Span | undefined {
  return span?.child('store', 'producer', {
    'messaging.system': 'seam_relay',
    'messaging.operation.type': 'send',
    'messaging.operation.name': 'store',
    'messaging.destination.name': platform
  })
}
