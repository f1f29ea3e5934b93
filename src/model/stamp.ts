import { ID_DIGITS, TIME_DIGITS } from './ids.ts'

/**
 * When something was said, as a string whose plain order is the order of the house:
 * the platform's version first; on a tie the cancellation; then the later delivery.
 * Two different statements never have equal stamps, so every merge has one outcome whatever the order of arrival.
 */
export type Stamp = string

/** Before everything: said by nobody. */
export const NEVER: Stamp = ''

const VERSION_DIGITS = 16

/**
 * @param version the platform's clock, milliseconds since 1970
 * @param order a string that grows with the time of receipt: the delivery's id and the event's place in it.
 *   A replay keeps it, so replaying an old delivery never wins a tie it lost before
 * @param cancels true where the statement takes something away for good
 */
export function stampOf(version: number, order: string, cancels = false): Stamp {
  // What is no number at all must not beat every later statement.
  const clamped = Math.min(Math.max(Math.trunc(version) || 0, 0), Number.MAX_SAFE_INTEGER)
  return `${String(clamped).padStart(VERSION_DIGITS, '0')}${cancels ? 'x' : 'a'}${order}`
}

/** Every stamp of an earlier version sorts before this. @param at the platform's clock, milliseconds since 1970 */
export function firstStampAt(at: number): Stamp {
  return stampOf(at, '').slice(0, VERSION_DIGITS)
}

/** Where in a stamp its order begins, and with it the id of the delivery; counted from 0. */
export const ORDER_AT = VERSION_DIGITS + 1

/** Whether the statement took something away for good. */
export function isCancelling(stamp: Stamp): boolean {
  return stamp[VERSION_DIGITS] === 'x'
}

/** Id of the delivery that said it. */
export function deliveryOf(stamp: Stamp): string {
  return stamp.slice(ORDER_AT, ORDER_AT + ID_DIGITS)
}

/** When what it says came, by the relay's clock: milliseconds since 1970. */
export function heardAt(stamp: Stamp): number {
  return Number.parseInt(stamp.slice(ORDER_AT, ORDER_AT + TIME_DIGITS), 16)
}

/** The platform's clock inside a stamp, milliseconds; 0 for {@link NEVER}. */
export function versionOf(stamp: Stamp): number {
  return Number(stamp.slice(0, VERSION_DIGITS))
}

/** Whether both are of one statement: said first, and again by a replay that may mean something else by now. */
export function isSameStatement(a: Stamp, b: Stamp): boolean {
  return a !== NEVER && a.slice(VERSION_DIGITS + 1) === b.slice(VERSION_DIGITS + 1)
}

/** Behind every statement that is earlier than this one, and before this one. */
export function justBefore(stamp: Stamp): Stamp {
  return stamp.slice(0, -1)
}

export function later(a: Stamp, b: Stamp): Stamp {
  return a > b ? a : b
}
