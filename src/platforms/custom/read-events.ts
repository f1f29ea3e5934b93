import { RelayError } from '../../errors.ts'
import { type Delivery, parseJson } from '../../model/delivery.ts'
import { type Pieces, writtenOffset, writtenText } from '../../model/filled-text.ts'
import { type PlatformEvent, unreadable } from '../platform.ts'
import { readEnvelope } from '../sns.ts'
import { idOf, isMembers } from '../told.ts'
import type { Description } from './description.ts'
import type { Limits, Outcome } from './evaluation.ts'
import type { Evaluate } from './evaluator.ts'
import { lineAt, placeAt, withoutWords } from './expression.ts'
import { clockMs, foundAt, placesOf, type Source, shownPlace, typeAt, valueAt } from './location.ts'

/**
 * An event of the platform, said in the relay's own format, or why it could not be. `undated` where it counts as of its
 * receipt although a time is described: the place that has none.
 */
export type Said = { event: unknown; undated?: string } | { nothing: true } | { error: RelayError }

/** Where an expression failed: the event's name and characters from its beginning. The cause of such an error. */
export class ExpressionPlace extends Error {
  readonly type: string
  readonly offset: number

  constructor(type: string, offset: number) {
    super(`the expression of ${type}`)
    this.type = type
    this.offset = offset
  }
}

/** When an event happened, in ms since 1970, and the place where nothing told it. */
interface Clock {
  ms: number
  undated?: string
}

/** Stands in for the name of an event that has none. */
export const UNNAMED = '(unnamed)'
/** Stands for a request whose list of events is empty. */
export const EMPTY = '(empty)'

/** One request of a thousand events is a mistake, or somebody's attempt. */
const MOST_EVENTS = 1_000

/** Well within the time for which a delivery is leased. */
const MOST_MS = 20_000

function limitsOf({ limits = {} }: Description): Limits {
  const { milliseconds = 250, depth = 1_000, sequence = 10_000 } = limits
  return { milliseconds: Number(milliseconds), depth: Number(depth), sequence: Number(sequence) }
}

export interface ReaderOptions {
  /** Expressions into which variables were put, by the name of their event. */
  written?: Record<string, Pieces>
  /** What the events of one request may take together. */
  mostMs?: number
}

/** Reads deliveries of a described platform: its events, each already put into the relay's own format by its expression. */
export function eventsReader(
  description: Description,
  evaluate: Evaluate,
  { written = {}, mostMs = MOST_MS }: ReaderOptions = {}
): (delivery: Delivery) => Promise<PlatformEvent[]> {
  const limits = limitsOf(description)

  return async delivery => {
    const bodyOrEvent = bodyOf(description, delivery)
    if ('asked' in bodyOrEvent) return [bodyOrEvent.asked]
    const { body } = bodyOrEvent
    const entries = entriesOf(description, body)
    if (entries.length === 0) return [{ type: EMPTY, payload: undefined }]
    if (entries.length > MOST_EVENTS) throw unreadable(`the body has more than ${MOST_EVENTS} events`)
    const events: PlatformEvent[] = []
    const spent = { ms: 0 }
    for (const entry of entries) {
      const source = { entry, body, headers: delivery.headers, query: delivery.query }
      events.push(...(await eventsOf(source, delivery.receivedAt, spent)))
    }
    return events
  }

  function piecesOf(type: string, expression: string): Pieces {
    const pieces = Object.hasOwn(written, type) ? written[type] : undefined
    return pieces ?? [{ written: expression, filled: expression }]
  }

  async function eventsOf(
    source: Source,
    receivedAt: number,
    spent: { ms: number }
  ): Promise<PlatformEvent[]> {
    const type = typeOf(description, source)
    // One that calls itself so has no better name either.
    if (type === undefined || type === UNNAMED) return [failed(UNNAMED, unreadable(unnamed(description)))]
    const expression = Object.hasOwn(description.events, type) ? description.events[type] : undefined
    if (expression === undefined) return [{ type, payload: undefined }]
    if (typeof source.entry !== 'object' || source.entry === null)
      return [failed(type, unreadable('an event in the body is not an object'))]
    if (spent.ms > mostMs)
      return [failed(type, unreadable(`the events before it took more than ${mostMs} ms`))]
    const clock = clockOf(description, source, receivedAt)
    if ('unreadable' in clock) return [failed(type, unreadable(`${type}: ${clock.unreadable}`))]
    const outcome = await evaluate({
      expression,
      input: JSON.stringify(source.entry),
      bindings: JSON.stringify(bindingsOf(description, source, type, clock)),
      limits
    })
    spent.ms += outcome.ms
    return saidOf(type, outcome, clock, piecesOf(type, expression)).map(payload => ({ type, payload }))
  }
}

/** The body, taken out of Amazon's envelope where there is one; what SNS itself asks is an event of its own. */
function bodyOf(
  { verification }: Description,
  delivery: Delivery
): { body: unknown } | { asked: PlatformEvent } {
  if (verification.scheme !== 'sns') return { body: parsed(delivery.body) }
  const envelope = readEnvelope(delivery)
  if (envelope.Type !== 'Notification') return { asked: { type: envelope.Type, payload: envelope } }
  return { body: parsed(Buffer.from(envelope.Message)) }
}

function parsed(body: Uint8Array): unknown {
  let value: unknown
  try {
    value = parseJson(body, exactNumber)
  } catch (cause) {
    throw unreadable('the body is not JSON', cause)
  }
  if (typeof value !== 'object' || value === null)
    throw unreadable('the body is JSON, but neither object nor list')
  return value
}

/**
 * A whole number that a double cannot hold stays the text that it is: rounded, two ids would be one, and nobody could tell
 * by the number that it was.
 */
function exactNumber(_name: string, value: unknown, { source = '' }: { source?: string }): unknown {
  const isRounded = Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
  return isRounded ? source : value
}

/** As `peekObject`, with numbers as events have them. */
export function peekBody({ body }: { body: Uint8Array }): unknown {
  try {
    return parsed(body)
  } catch {
    return undefined
  }
}

function entriesOf({ event }: Description, body: unknown): unknown[] {
  if (event?.each === undefined) return Array.isArray(body) ? body : [body]
  const list = valueAt(body, event.each)
  if (!Array.isArray(list)) throw unreadable(`the body has no list of events at ${event.each}`)
  return list
}

/** Where no place of the name is described, every event is of the only kind that there is. */
export function typeOf({ event, events }: Description, source: Source): string | undefined {
  return event?.type === undefined ? Object.keys(events)[0] : typeAt(event.type, source)
}

function unnamed({ event }: Description): string {
  return `the event has no name at ${placesOf(event?.type).map(shownPlace).join(' and ')}`
}

/**
 * The platform's clock where one is described and there; else the relay's. Neither where something stands there that is no
 * time: by the relay's clock, what arrives late would count as newer than the cancellation before it.
 */
function clockOf({ event }: Description, source: Source, receivedAt: number): Clock | { unreadable: string } {
  if (event?.time === undefined) return { ms: receivedAt }
  const told = foundAt(event.time, source)
  if (told === undefined || told === null) return { ms: receivedAt, undated: shownPlace(event.time) }
  const ms = clockMs(told)
  if (ms !== undefined) return { ms }
  const place = shownPlace(event.time)
  return {
    unreadable: `what stands at ${place} is not a time; give ISO 8601 with a zone, or seconds or milliseconds since 1970`
  }
}

function bindingsOf({ event }: Description, source: Source, type: string, { ms }: Clock): object {
  const id = event?.id && idOf(foundAt(event.id, source))
  return {
    event: { type, time: new Date(ms).toISOString(), ...(id !== undefined && { id }) },
    ...(source.entry !== source.body && { body: source.body })
  }
}

function saidOf(type: string, outcome: Outcome, clock: Clock, pieces: Pieces): Said[] {
  if ('fails' in outcome) {
    const { message, offset } = outcome.fails
    const text = writtenText(pieces)
    const place = writtenOffset(pieces, offset)
    const error = new RelayError(
      'RELAY_EVENT_UNREADABLE',
      `${type}: ${pieces.length === 1 ? message : withoutWords(message)}; ${placeAt(text, place)} of its expression: ${lineAt(text, place)}`,
      { cause: new ExpressionPlace(type, offset) }
    )
    return [{ error }]
  }
  const { yields } = outcome
  const list = Array.isArray(yields) ? yields : [yields]
  if (yields === undefined || yields === null || list.length === 0) return [{ nothing: true }]
  if (list.length > MOST_EVENTS)
    return [{ error: unreadable(`${type}: the expression yields more than ${MOST_EVENTS} events`) }]
  return list.map(event => withTime(event, clock))
}

/** The time of the event counts where the expression tells none. */
function withTime(event: unknown, { ms, ...undated }: Clock): Said {
  const isBare = isMembers(event) && !('timestamp' in event)
  return isBare ? { event: { ...event, timestamp: ms }, ...undated } : { event }
}

function failed(type: string, error: RelayError): PlatformEvent {
  const said: Said = { error }
  return { type, payload: said }
}
