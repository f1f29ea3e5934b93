import { RelayError } from '../errors.ts'
import type { Change } from '../model/change.ts'
import type { Delivery, Drift } from '../model/delivery.ts'
import { isAnswer } from '../platforms/api.ts'
import {
  type Platform,
  type PlatformEvent,
  type TranslateContext,
  translateEvent
} from '../platforms/platform.ts'

/** What became of one event of a delivery. */
export interface EventOutcome {
  type: string
  outcome: 'translated' | 'ignored' | 'held' | 'dead'
  /** Why, for everything but translated; never quotes the payload. */
  reason?: string
  code?: string
  drift?: Drift
}

export interface TranslatedEvent {
  outcome: EventOutcome
  changes: Change[]
  /** The error where the adapter itself failed. Its message may quote the payload. */
  failure?: unknown
}

/** @throws RelayError RELAY_EVENT_UNREADABLE, or what else the adapter says */
export async function readEvents(platform: Platform, delivery: Delivery): Promise<PlatformEvent[]> {
  try {
    const events = await platform.readEvents(delivery)
    return events.map(event => asPlatformWrites(platform, event))
  } catch (error) {
    if (error instanceof RelayError) throw error
    throw new RelayError('RELAY_EVENT_UNREADABLE', undefined, { cause: error })
  }
}

/**
 * An event whose name is told in another case is the same event. Not one of which nothing was read: its adapter reads by the name,
 * and did not know it.
 */
function asPlatformWrites({ events, ignored }: Platform, event: PlatformEvent): PlatformEvent {
  const { type, payload } = event
  if (payload === undefined || Object.hasOwn(events, type) || Object.hasOwn(ignored, type)) return event
  const isSame = (known: string) => known.toLowerCase() === type.toLowerCase()
  const known = [...Object.keys(events), ...Object.keys(ignored)].find(isSame)
  return known === undefined ? event : { ...event, type: known }
}

/** One event that needs no more reading. Never throws. */
export function translatedEvent(platform: Platform, context: TranslateContext): TranslatedEvent {
  const { type } = context.event
  try {
    const translation = translateEvent(platform, context)
    if (Array.isArray(translation)) return { outcome: { type, outcome: 'translated' }, changes: translation }
    const { ignored: reason, drift } = translation
    // What a booking has become is not known: nothing is said of it until the adapter knows the word.
    const outcome = drift === 'unknown_status' ? 'held' : 'ignored'
    return { outcome: { type, outcome, reason, ...(drift && { drift }) }, changes: [] }
  } catch (error) {
    const { code, message } = asRelayError(error)
    const drift = code === 'RELAY_EVENT_INVALID' ? ({ drift: 'invalid_event' } as const) : {}
    const failed = code === 'RELAY_INTERNAL' ? { failure: error } : {}
    return { outcome: { type, outcome: 'dead', reason: message, code, ...drift }, changes: [], ...failed }
  }
}

/** An error nobody foresaw is a mistake of ours; its message may quote a payload, so it is not passed on. */
export function asRelayError(error: unknown): RelayError {
  if (error instanceof RelayError) return error
  return new RelayError('RELAY_INTERNAL', 'the translation failed; the log has the error', { cause: error })
}

/** By itself; or it is the platform's answer, and somebody gives the key a right, or a page that said that all is closed is gone. */
export function mayPass(error: RelayError): boolean {
  return error.retryable || isAnswer(error)
}
