import { instantMs } from '../fields.ts'
import { idOf } from '../told.ts'
import type { EventEntry, Place } from './description.ts'

/** Where facts about an event are looked for. */
export interface Source {
  /** The entry of a list that the event is, or the whole body. */
  entry: unknown
  body: unknown
  headers: Record<string, string>
  query: Record<string, string[]>
}

/** What a path of names leads to; a whole number is a position in a list. Undefined where it leads nowhere. */
export function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inside, name) => {
    if (typeof inside !== 'object' || inside === null || !Object.hasOwn(inside, name)) return undefined
    return (inside as Record<string, unknown>)[name]
  }, value)
}

/** What is found at a place: in the entry first, then in the body around it. */
export function foundAt(place: Place, { entry, body, headers, query }: Source): unknown {
  if (place.header !== undefined) return headers[place.header.toLowerCase()]
  if (place.query !== undefined) return query[place.query]?.[0]
  const path = String(place.body)
  return valueAt(entry, path) ?? valueAt(body, path)
}

/** The name of an event; undefined where a part of it is missing. */
export function typeAt(type: NonNullable<EventEntry['type']>, source: Source): string | undefined {
  const parts = placesOf(type).map(place => idOf(foundAt(place, source)))
  return parts.includes(undefined) ? undefined : parts.join('.')
}

export function placesOf(type: EventEntry['type']): Place[] {
  if (type === undefined) return []
  return Array.isArray(type) ? type : [type]
}

/** Where people look: `body data.type`, `header x-event`. */
export function shownPlace(place: Place): string {
  return Object.entries(place)
    .map(([kind, name]) => `${kind} ${name}`)
    .join()
}

/** Numbers below are seconds: as milliseconds they would be before 1973, as seconds they reach to the year 5138. */
const SMALLEST_MS = 1e11
/** In the year 2286; what is larger counts something else. */
const LARGEST_MS = 1e13

/** ISO 8601 with a zone, or seconds or milliseconds since 1970, as a number or text → ms; undefined where it is anything else. */
export function clockMs(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{9,13}(\.\d+)?$/.test(value) ? Number(value) : value
  if (typeof number !== 'number') return within(instantMs(value))
  return within(Math.floor(number < SMALLEST_MS ? number * 1000 : number))
}

function within(ms: number | undefined): number | undefined {
  return ms !== undefined && ms >= SMALLEST_MS && ms < LARGEST_MS ? ms : undefined
}
