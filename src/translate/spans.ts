import type { Span, Tracer } from '../model/trace.ts'
import type { ClaimedDelivery } from '../store/delivery-claims.ts'

/**
 * One run of a delivery: under the span that stored it. What came to its end before and runs again has a trace of its own,
 * since the first one may be long over, and points at that.
 */
export function spanOfRun(tracer: Tracer, delivery: ClaimedDelivery): Span {
  const { id, connectionId, platform, attempts, trace, ranBefore = false } = delivery
  return tracer.start(`translate ${platform}`, {
    kind: 'consumer',
    parent: ranBefore ? undefined : trace,
    links: ranBefore && trace !== undefined ? [trace] : [],
    attributes: {
      'messaging.system': 'seam_relay',
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'translate',
      'messaging.destination.name': platform,
      'messaging.message.id': id,
      'relay.delivery.id': id,
      'relay.connection.id': connectionId,
      'relay.platform': platform,
      'relay.attempt': attempts + 1,
      'relay.replay': ranBefore
    }
  })
}

/** Whether its run has a trace that is not yet kept with it. */
export function beginsTrace({ trace, ranBefore = false }: ClaimedDelivery): boolean {
  return ranBefore || trace === undefined
}
