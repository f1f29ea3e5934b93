import type { SampleBody } from '../../model/connection.ts'
import type { SampleContext, SampleDelivery, Samples } from '../samples.ts'
import { notification } from '../sns-samples.ts'
import type { Description } from './description.ts'
import { clockMs, placesOf, valueAt } from './location.ts'
import { typeOf } from './read-events.ts'

/**
 * The operator's files as samples, each under the name of its event. Files of an event that has one already are told
 * apart by their own names. No platform tells a story in them, so there is none to tell.
 */
export function bodySamples(description: Description, bodies: SampleBody[]): Samples {
  const events: Samples['events'] = {}
  for (const body of bodies) {
    const type = typeIn(description, body)
    const name = Object.hasOwn(events, type) ? bareName(body) : type
    events[name] = context => sampleOf(description, body, type, context)
  }
  return { events, tell: () => [], ids: () => ({ stays: [] }) }
}

/** Where the name stands in the address or a header, the file is called after it: `<event>.json` or `<event>.<more>.json`. */
function typeIn(description: Description, body: SampleBody): string {
  const parsed = parsedOrUndefined(body.text)
  const [entry] = entriesOf(description, parsed)
  const source = { entry, body: parsed, headers: {}, query: {} }
  const bare = bareName(body)
  const names = [...Object.keys(description.events), ...Object.keys(description.ignored ?? {})]
  const meant = names
    .filter(name => bare === name || bare.startsWith(`${name}.`))
    .sort((a, b) => b.length - a.length)[0]
  return typeOf(description, source) ?? meant ?? bare
}

function bareName({ file }: SampleBody): string {
  return file.replace(/\.json$/, '')
}

function sampleOf(
  description: Description,
  body: SampleBody,
  type: string,
  context: SampleContext
): SampleDelivery {
  const { event } = description
  const parsed = parsedOrUndefined(body.text)
  const text = parsed === undefined ? body.text : renewed(description, parsed, context)
  const headers: Record<string, string> = {}
  const query: Record<string, string> = {}
  const parts = placesOf(event?.type)
  // Parts of a name that stand outside of the body have to be told; how a name of several is divided, nobody knows.
  if (parts.length === 1 && parts[0]?.header !== undefined) headers[parts[0].header] = type
  if (parts.length === 1 && parts[0]?.query !== undefined) query[parts[0].query] = type
  if (event?.id?.header !== undefined) headers[event.id.header] = `sample-${context.serial}`
  if (event?.time?.header !== undefined) headers[event.time.header] = new Date(context.now).toISOString()
  if (event?.time?.query !== undefined) query[event.time.query] = new Date(context.now).toISOString()
  return {
    event: type,
    body: description.verification.scheme === 'sns' ? notification(text, context) : text,
    headers,
    query
  }
}

/** With an id and a time of its own, so that sending it again is news again. */
function renewed(description: Description, parsed: unknown, { serial, now }: SampleContext): string {
  const body: unknown = structuredClone(parsed)
  const { id, time } = description.event ?? {}
  for (const root of [body, ...entriesOf(description, body)]) {
    if (id?.body !== undefined) {
      replaceAt(root, id.body, old => (typeof old === 'number' ? serial : `sample-${serial}`))
    }
    if (time?.body !== undefined) replaceAt(root, time.body, old => sameForm(old, now))
  }
  return JSON.stringify(body)
}

function sameForm(old: unknown, now: number): unknown {
  // What the relay cannot read from the platform either stays, so that whoever tries it is told.
  if (clockMs(old) === undefined) return old
  const number = Number(old)
  if (Number.isNaN(number)) return new Date(now).toISOString()
  const fresh = number < 1e11 ? Math.floor(now / 1000) : now
  return typeof old === 'number' ? fresh : String(fresh)
}

/** Only where something stands there. */
function replaceAt(root: unknown, path: string, make: (old: unknown) => unknown): void {
  const names = path.split('.')
  const last = String(names.pop())
  const parent = names.length === 0 ? root : valueAt(root, names.join('.'))
  const old = valueAt(parent, last)
  if (old !== undefined && old !== null) (parent as Record<string, unknown>)[last] = make(old)
}

function entriesOf({ event }: Description, body: unknown): unknown[] {
  const list = event?.each === undefined ? body : valueAt(body, event.each)
  return Array.isArray(list) ? list : [body]
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
