import { firstText } from '../fields.ts'

export type Members = Record<string, unknown>

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A list, or an object whose values are one: `guestList` goes by guest id, and is a list where it is empty. */
export function rowsOf(value: unknown): Members[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).filter(isMembers)
}

/** An id as text; undefined where there is none, or where its digits were lost in parsing. */
export function idOf(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined
  return firstText(value)
}

/** A text; null where an empty one is told, undefined where nothing is. */
export function textOf(value: unknown): string | null | undefined {
  return value === undefined ? undefined : (firstText(value) ?? null)
}

/** Only these members: card data, documents and notes are not kept with a delivery. */
export function only(names: readonly string[], entity: Members): Members {
  return Object.fromEntries(Object.entries(entity).filter(([name]) => names.includes(name)))
}

/** Booleans may come as text or number. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 1 || value === '1' || value === 'true'
}
