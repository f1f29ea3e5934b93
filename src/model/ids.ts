import { randomBytes } from 'node:crypto'

/** Of an id, those that tell when it was made. */
export const TIME_DIGITS = 12
const SEQUENCE_DIGITS = 4
const SEQUENCE_END = 16 ** SEQUENCE_DIGITS
const PROCESS_DIGITS = 10
export const ID_DIGITS = TIME_DIGITS + SEQUENCE_DIGITS + PROCESS_DIGITS

/**
 * Ids that grow with time: 12 hex digits of milliseconds, 4 of a counter within the millisecond, 10 drawn once at random
 * so that two processes never meet. A clock that steps back does not make them shrink.
 */
export function idSource(now: () => number): (at?: number) => string {
  const process = randomBytes(PROCESS_DIGITS / 2).toString('hex')
  let lastMs = 0
  let sequence = 0
  let time = '0'.repeat(TIME_DIGITS)
  return at => {
    const ms = Math.max(at ?? now(), lastMs)
    sequence = ms === lastMs ? sequence + 1 : 0
    const idMs = sequence < SEQUENCE_END ? ms : ms + 1
    sequence %= SEQUENCE_END
    if (idMs !== lastMs) time = idMs.toString(16).padStart(TIME_DIGITS, '0')
    lastMs = idMs
    return `${time}${sequence.toString(16).padStart(SEQUENCE_DIGITS, '0')}${process}`
  }
}

/** Whether a text has the shape of an id. */
export function isId(text: string): boolean {
  return text.length === ID_DIGITS && /^[\da-f]+$/.test(text)
}

/** When an id was made, ms since 1970. */
export function madeAt(id: string): number {
  return Number.parseInt(id.slice(0, TIME_DIGITS), 16)
}

/** Every id that was made before sorts before this. @param at ms since 1970 */
export function firstIdAt(at: number): string {
  return Math.max(at, 0).toString(16).padStart(TIME_DIGITS, '0')
}
