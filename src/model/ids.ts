import { randomBytes } from 'node:crypto'

const SEQUENCE_DIGITS = 4
const SEQUENCE_END = 16 ** SEQUENCE_DIGITS

/**
 * Ids that grow with time: 12 hex digits of milliseconds, 4 of a counter within the millisecond, 10 drawn once at random
 * so that two processes never meet. A clock that steps back does not make them shrink.
 */
export function idSource(now: () => number): (at?: number) => string {
  const process = randomBytes(5).toString('hex')
  let lastMs = 0
  let sequence = 0
  return at => {
    const ms = Math.max(at ?? now(), lastMs)
    sequence = ms === lastMs ? sequence + 1 : 0
    lastMs = sequence < SEQUENCE_END ? ms : ms + 1
    sequence %= SEQUENCE_END
    const time = lastMs.toString(16).padStart(12, '0')
    return `${time}${sequence.toString(16).padStart(SEQUENCE_DIGITS, '0')}${process}`
  }
}
