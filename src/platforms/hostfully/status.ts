import { firstText } from '../fields.ts'

export type Meaning = 'booked' | 'tentative' | 'inquiry' | 'block' | 'cancelled' | 'no booking'

/** The list comes from how public code reads the documentation. */
const meanings = new Map<string, Meaning>([
  ['BOOKED', 'booked'],
  ['PAID_IN_FULL', 'booked'],
  ['PENDING', 'tentative'],
  ['PENDING_APPROVED', 'tentative'],
  ['ON_HOLD', 'tentative'],
  ['NEW', 'inquiry'],
  ['BLOCKED', 'block'],
  ['CANCELLED', 'cancelled'],
  ['CANCELED', 'cancelled'],
  ['DECLINED', 'cancelled'],
  ['CLOSED', 'cancelled'],
  ['IGNORED', 'no booking'],
  ['DUPLICATE', 'no booking'],
  ['SAMPLE', 'no booking']
])

/**
 * Undefined for a status nobody has told us of. Longer forms may exist, such as `CANCELLED_BY_TRAVELER`, so the longest
 * beginning that is known decides. The type is no status (once it was the name of the channel), but a block is one
 * whatever its status.
 */
export function meaningOf(status: unknown, type: unknown): Meaning | undefined {
  if (firstText(type)?.toUpperCase() === 'BLOCK') return 'block'
  const words = (firstText(status)?.toUpperCase() ?? '').split(/[\s_-]+/)
  const beginnings = words.map((_, index) => words.slice(0, words.length - index).join('_'))
  return beginnings.map(each => meanings.get(each)).find(meaning => meaning !== undefined)
}
