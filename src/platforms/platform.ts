import type { Static, TObject, TSchema } from '@sinclair/typebox'
import { RelayError } from '../errors.ts'
import type { Change, PlaceFields } from '../model/change.ts'
import type { Connection, PreferredCodeMode } from '../model/connection.ts'
import { type Delivery, type Drift, type Incoming, parseJson } from '../model/delivery.ts'
import { isMembers } from '../model/members.ts'
import { trimmed } from '../model/trimmed.ts'
import type { PlatformApi } from './api.ts'
import { misfit } from './misfit.ts'
import type { Samples, StandIn } from './samples.ts'
import type { Statuses } from './statuses.ts'
import type { Verification } from './verify.ts'

/** Everything the relay knows of one platform. Each lives in a folder of its own and is one line in the registry. */
export interface Platform {
  /** In addresses and settings: lower case, no spaces. */
  name: string
  /** As people write it. */
  title: string
  verification: Verification
  /** Settings under `secrets` and `api` of a connection; every property is a string. */
  secrets: TObject
  api?: TObject
  /** What a stay's wished code is taken from unless the connection says otherwise. */
  preferredCode: PreferredCodeMode
  /** Content types accepted beside JSON, for example `application/x-www-form-urlencoded`. */
  mediaTypes?: string[]
  /** The platform's own id of the delivery, stable across its retries. Called after verification. */
  deliveryId?(incoming: Incoming): string | undefined
  /** False where the body names an account that is not the connection's. Called after verification; a body it cannot read is not foreign. */
  isOwn?(incoming: Incoming, connection: Connection): boolean
  /**
   * Delivery → its events. Test pings and handshakes are events too.
   * @throws RelayError RELAY_EVENT_UNREADABLE (use {@link unreadable}); any other error counts as the same
   */
  readEvents(delivery: Delivery): PlatformEvent[] | Promise<PlatformEvent[]>
  hydration?: Hydration
  /**
   * What the platform says of a place: its name, and the zone and hours that date-only stays need. Asked once for each
   * place that a stay names and once a day from then on, where the connection has `api`. Undefined where it is gone;
   * without a fact where nothing is known of it, be it there or not.
   * @throws RelayError as PlatformApi does
   */
  readPlace?(id: string, api: PlatformApi, connection: Connection): Promise<PlaceFields | undefined>
  events: Record<string, EventHandler>
  /** Events that are known and of no use to Seam, each with the reason. Any type named nowhere is kept as unknown. */
  ignored: Record<string, string>
  /** Its words for a booking's status and what each leads to. Left out only where each connection brings its own. */
  statuses?: Statuses
  samples: Samples
  /** The platform as a connection describes it; the same object for the same connection. Only where connections differ in more than secrets. */
  of?(connection: Connection): Platform
  /** Where a connection describes its platform under `webhooks`: what may stand there. Together with `of`. */
  description?: Describable
  /** Plays the platform's API for samples, demo and tests; needed where there is `hydration`. */
  standIn?: StandIn
}

/** What connections may say of their platform, as the connections file has it. */
export interface Describable {
  schema: TObject
  /** What the schema cannot say. @param written without the members that do not fit it */
  problems(written: unknown): DescriptionProblem[]
  /** @param written without the members that do not fit; nothing is wrong with its `verification` */
  platform(written: unknown): Platform
}

export interface DescriptionProblem {
  /** Member names and list positions, from the description's beginning. */
  path: (string | number)[]
  /** What is wrong and what to do. */
  message: string
  /** Characters from the beginning of the member's text, where the place in it is known. */
  offset?: number
  /** The message without words of that text, for where variables were put into it. */
  bare?: string
}

export interface PlatformEvent {
  type: string
  payload: unknown
}

/** Reading facts again that a webhook only points at, or that nobody signed. */
export interface Hydration {
  /**
   * `must`: without it there is nothing to say, or nothing to be believed, and the delivery is held where the connection
   * has no `api`. `may`: read where credentials exist, and done without after a while. `open`: as `must`, and asks for no
   * credentials, as where a subscription is to be confirmed.
   */
  wants(event: PlatformEvent, connection: Connection): 'must' | 'may' | 'open' | 'no'
  /**
   * Facts for each event it is given (those that want some), in the same order; JSON, stored beside the delivery so that
   * a replay needs no network. An entity that is gone is a fact too, such as `{ gone: true }`: neither an error nor null.
   * @throws RelayError as PlatformApi does
   */
  read(events: PlatformEvent[], api: PlatformApi): Promise<unknown[]>
}

/** What a translator may look at beside the payload. */
export interface TranslateContext {
  event: PlatformEvent
  /** From hydration; undefined where there was none. */
  facts: unknown
  delivery: Pick<Delivery, 'id' | 'receivedAt' | 'headers' | 'query'>
  connection: Connection
}

/** An event that was understood and asks for nothing. */
export interface Ignored {
  ignored: string
  /** Set where the reason is that the platform said something the adapter does not know. */
  drift?: Drift
}

export type Translation = Change[] | Ignored

export interface EventHandler {
  schema: TSchema
  translate(payload: unknown, context: TranslateContext): Translation
}

export function definePlatform<P extends Platform>(
  platform: P
): Omit<Platform, 'readEvents'> & Pick<P, 'readEvents'> {
  return platform
}

/** What a connection's webhooks are read by; undefined where nobody knows the platform. */
export function platformOf(
  platforms: Record<string, Platform>,
  connection: Connection
): Platform | undefined {
  const platform = platforms[connection.platform]
  return platform?.of?.(connection) ?? platform
}

/** Binds a payload's schema to its translator, so that a translator only ever sees a payload that fits. */
export function on<S extends TSchema>(
  schema: S,
  translate: (payload: Static<S>, context: TranslateContext) => Translation
): EventHandler {
  return { schema, translate: (payload, context) => translate(payload as Static<S>, context) }
}

export function ignored(reason: string): Ignored {
  return { ignored: reason }
}

export function unknownStatus(status: unknown): Ignored {
  const word = typeof status === 'string' ? status.slice(0, 80) : status
  return { ignored: `status ${JSON.stringify(word)} is not known`, drift: 'unknown_status' }
}

/** The error for a body that is no event of its platform. The message must not quote the body. */
export function unreadable(message: string, cause?: unknown): RelayError {
  return new RelayError('RELAY_EVENT_UNREADABLE', message, { cause })
}

/**
 * The body as JSON, its texts without the white space around them: an id or a status is the same one with it.
 * @throws RelayError RELAY_EVENT_UNREADABLE
 */
export function readJson({ body }: { body: Uint8Array }): unknown {
  try {
    return trimmed(parseJson(body))
  } catch (cause) {
    throw unreadable('the body is not JSON', cause)
  }
}

/** The body as a JSON object, as {@link readJson} reads it. @throws RelayError RELAY_EVENT_UNREADABLE */
export function readObject(delivery: { body: Uint8Array }): Record<string, unknown> {
  const parsed = readJson(delivery)
  if (!isMembers(parsed)) throw unreadable('the body is JSON, but not an object')
  return parsed
}

/** For looking into a body before anyone knows that it can be read. */
export function peekObject({ body }: { body: Uint8Array }): Record<string, unknown> | undefined {
  try {
    const parsed = parseJson(body)
    return isMembers(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/**
 * One event → what it means.
 * @throws RelayError RELAY_EVENT_INVALID, naming the field and not its value
 */
export function translateEvent(platform: Platform, context: TranslateContext): Translation {
  const { event } = context
  const handler = Object.hasOwn(platform.events, event.type) ? platform.events[event.type] : undefined
  if (handler !== undefined) {
    const wrong = misfit(handler.schema, event.payload, 'the payload')
    if (wrong !== undefined) throw new RelayError('RELAY_EVENT_INVALID', `${event.type}: ${wrong}`)
    return handler.translate(event.payload, context)
  }
  const reason = Object.hasOwn(platform.ignored, event.type) ? platform.ignored[event.type] : undefined
  if (reason !== undefined) return { ignored: reason }
  return {
    ignored: `${platform.title} event ${JSON.stringify(event.type.slice(0, 80))} is not known`,
    drift: 'unknown_event'
  }
}
