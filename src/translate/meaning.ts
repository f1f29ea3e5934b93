import type { Said } from '../desired/said.ts'
import type { Connection } from '../model/connection.ts'
import type { Delivery } from '../model/delivery.ts'
import type { Platform, PlatformEvent } from '../platforms/platform.ts'
import { type EventOutcome, type TranslatedEvent, translatedEvent } from './outcome.ts'

/** What a delivery says, once everything is read that it takes. */
export interface Meaning {
  /** By event. */
  outcomes: EventOutcome[]
  said: Said[]
  /** Errors of the adapter itself, whose messages may quote the payload. */
  failures: unknown[]
}

/** A delivery whose events and facts are known. Pure; never throws. */
export function meaningOf(
  platform: Platform,
  { events, facts }: { events: PlatformEvent[]; facts: unknown[] },
  delivery: Delivery,
  connection: Connection
): Meaning {
  const meaning: Meaning = { outcomes: [], said: [], failures: [] }
  events.forEach((event, eventIndex) => {
    const result = eventMeaning(platform, event, facts[eventIndex], delivery, connection)
    meaning.outcomes.push(result.outcome)
    if (result.failure !== undefined) meaning.failures.push(result.failure)
    result.changes.forEach((change, changeIndex) => {
      meaning.said.push({ change, connection, deliveryId: delivery.id, eventIndex, changeIndex })
    })
  })
  return meaning
}

function eventMeaning(
  platform: Platform,
  event: PlatformEvent,
  facts: unknown,
  delivery: Delivery,
  connection: Connection
): TranslatedEvent {
  if (
    facts === undefined &&
    connection.api === undefined &&
    platform.hydration?.wants(event, connection) === 'must'
  ) {
    const reason = 'this event carries only ids, and the connection has no api credentials to read the rest'
    const code = 'RELAY_HYDRATION_NOT_CONFIGURED'
    return { outcome: { type: event.type, outcome: 'held', reason, code }, changes: [] }
  }
  return translatedEvent(platform, { event, facts, delivery, connection })
}
