import { firstText } from '../fields.ts'
import { isMembers, type Members } from '../told.ts'

/** A list, or an object whose values are one: `guestList` goes by guest id, and is a list where it is empty. */
export function rowsOf(value: unknown): Members[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).filter(isMembers)
}

/** A text; null where an empty one is told, undefined where nothing is. */
export function textOf(value: unknown): string | null | undefined {
  return value === undefined ? undefined : (firstText(value) ?? null)
}
