import { failureOf, hostOf, type Span, type SpanRef, type Tracer } from '../model/trace.ts'
import type { Seam, SeamReply } from '../seam/seam.ts'
import { SeamError } from '../seam/seam-error.ts'
import type { Lane } from '../store/resources.ts'
import type { Batch } from './batch.ts'

/**
 * A call to Seam: in the trace of the oldest delivery that brought some of what it carries, and pointing at the others'. What
 * no delivery brought, such as settings that were edited, has a trace of its own.
 * @param origins the oldest first
 */
export function spanOfCall(
  tracer: Tracer,
  lane: Lane,
  { operation, resources }: Batch,
  { endpoint }: Pick<Seam, 'endpoint'>,
  [parent, ...links]: SpanRef[]
): Span {
  const route = `/customers/${operation}`
  return tracer.start(`POST ${route}`, {
    kind: 'client',
    parent,
    links,
    attributes: {
      'http.request.method': 'POST',
      'url.template': route,
      ...(endpoint && hostOf(endpoint)),
      'relay.workspace.id': lane.workspaceId,
      'relay.customer.key': lane.customerKey,
      'relay.resources': resources.length,
      'relay.deliveries': parent === undefined ? 0 : links.length + 1
    }
  })
}

/** The call, with whose end its span ends. */
export function calledIn(span: Span, call: Promise<SeamReply>): Promise<SeamReply> {
  const tell = (reply: SeamReply) => {
    span.set(answered(reply))
    return reply
  }
  const failed = (error: unknown) => {
    if (error instanceof SeamError) span.set(answered(error))
    // To find nothing to delete is what was wanted.
    if (!(error instanceof SeamError && error.outcome === 'gone')) span.fail(wordFor(error))
    throw error
  }
  return call.then(tell, failed).finally(() => span.end())
}

function answered({ status, requestId }: { status: number | undefined; requestId: string | undefined }) {
  return {
    'http.response.status_code': status,
    'http.response.header.seam-request-id': requestId === undefined ? undefined : [requestId]
  }
}

function wordFor(error: unknown): string {
  return error instanceof SeamError && error.status !== undefined ? `${error.status}` : failureOf(error)
}
