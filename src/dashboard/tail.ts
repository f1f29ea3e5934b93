import type { ListedDelivery } from '../operate/schemas/deliveries.ts'
import type { MadeCall } from '../operate/schemas/history.ts'
import type { ListedRejection } from '../operate/schemas/rejected.ts'

/** What the live tail shows, newest first and not without end. */

export type Happening =
  | ({ what: 'delivery' } & ListedDelivery)
  | ({ what: 'attempt' } & MadeCall)
  | ({ what: 'rejected' } & ListedRejection)

export const whats = ['delivery', 'attempt', 'rejected'] as const

export const MOST_ROWS = 300

/** What is told again, as a delivery that has gone on, takes the place of what was told before. */
export function withNewest(rows: Happening[], fresh: Happening[]): Happening[] {
  const all = new Map<string, Happening>()
  for (const each of [...fresh.toReversed(), ...rows]) {
    if (!all.has(each.id)) all.set(each.id, each)
  }
  return [...all.values()].slice(0, MOST_ROWS)
}

/** @returns undefined for what cannot be read */
export function happeningIn(what: Happening['what'], data: string): Happening | undefined {
  try {
    const item: unknown = JSON.parse(data)
    if (typeof item !== 'object' || item === null || !('id' in item)) return undefined
    return { ...item, what } as Happening
  } catch {
    return undefined
  }
}

/** Of which sort; of whom, the relay has been asked. */
export function fitsTail(each: Happening, { what }: { what?: string }): boolean {
  return what === undefined || each.what === what
}
