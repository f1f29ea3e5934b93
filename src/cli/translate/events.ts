import { RelayError } from '../../errors.ts'
import type { Connection } from '../../model/connection.ts'
import type { Delivery } from '../../model/delivery.ts'
import type { PlatformApi } from '../../platforms/api.ts'
import type { Hydration, Platform, PlatformEvent } from '../../platforms/platform.ts'
import {
  asRelayError,
  mayPass,
  readEvents,
  type TranslatedEvent,
  translatedEvent
} from '../../translate/outcome.ts'
import { readsOf } from './reads.ts'

/** One event of a body, and what it means. */
export interface EventTold extends TranslatedEvent {
  /** What the relay asks the platform first and was not asked here; empty where it asks nothing, or was told. */
  reads: string[]
  /** Why the platform's API, which was asked, did not help. */
  trouble?: string
}

/** The platform's API, or why nobody asks it. */
export type Asking = { api: PlatformApi } | { unasked: string }

/** What a delivery says, event by event. A body that cannot be read is one dead event without a type. */
export async function eventsTold(
  platform: Platform,
  connection: Connection,
  delivery: Delivery,
  asking: Asking
): Promise<EventTold[]> {
  let events: PlatformEvent[]
  try {
    events = await readEvents(platform, delivery)
  } catch (error) {
    const { code, message, cause } = asRelayError(error)
    const outcome = { type: '', outcome: 'dead', reason: message, code } as const
    return [{ outcome, changes: [], reads: [], ...(cause !== undefined && { failure: cause }) }]
  }
  const { hydration } = platform
  const wants = new Map(events.map(event => [event, hydration?.wants(event, connection)]))
  const wanting = events.filter(event => ['must', 'may'].includes(String(wants.get(event))))
  const read = await factsOf(hydration, wanting, asking)
  return Promise.all(
    events.map(async (event): Promise<EventTold> => {
      const want = wants.get(event)
      const translated = () =>
        translatedEvent(platform, { event, facts: read.facts.get(event), delivery, connection })
      if (hydration === undefined || want === undefined || want === 'no' || read.facts.has(event))
        return { ...translated(), reads: [] }
      const reads = await readsOf(hydration, event, platform, connection)
      if (want === 'open') return { ...opened(event), reads }
      if (want === 'must') return { ...unread(event, read), reads }
      return { ...translated(), reads, ...(read.failed && { trouble: read.trouble }) }
    })
  )
}

interface Read {
  /** By the events that were read. */
  facts: Map<PlatformEvent, unknown>
  failed?: RelayError
  /** Why the others were not. */
  trouble: string
}

async function factsOf(
  hydration: Hydration | undefined,
  events: PlatformEvent[],
  asking: Asking
): Promise<Read> {
  if ('unasked' in asking) return { facts: new Map(), trouble: asking.unasked }
  if (hydration === undefined || events.length === 0) return { facts: new Map(), trouble: '' }
  try {
    const facts = await hydration.read(events, asking.api)
    return { facts: new Map(events.map((event, index) => [event, facts[index]])), trouble: '' }
  } catch (error) {
    return { facts: new Map(), failed: asRelayError(error), trouble: troubleOf(error) }
  }
}

/** What went wrong at the platform's API. An adapter's own mistake is told as it is: its author may be the one who asks. */
export function troubleOf(error: unknown): string {
  return error instanceof RelayError ? error.message : String(error)
}

/** An event that the relay answers without credentials; never here, since to ask is to answer. */
function opened({ type }: PlatformEvent): TranslatedEvent {
  const reason = 'the relay answers it by asking what it names, without credentials; this was not done here'
  return { outcome: { type, outcome: 'ignored', reason }, changes: [] }
}

/** An event that says nothing before the rest of it is read. */
function unread({ type }: PlatformEvent, { failed, trouble }: Read): TranslatedEvent {
  if (failed !== undefined) {
    const outcome = mayPass(failed) ? 'held' : 'dead'
    return { outcome: { type, outcome, reason: trouble, code: failed.code }, changes: [] }
  }
  const reason = `it says too little by itself, and ${trouble}`
  return { outcome: { type, outcome: 'held', reason, code: 'RELAY_HYDRATION_NOT_CONFIGURED' }, changes: [] }
}
