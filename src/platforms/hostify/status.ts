import { firstText } from '../fields.ts'
import { isCancelled } from './events.ts'

export type Meaning = 'booked' | 'tentative' | 'inquiry' | 'over'

/** The names are documented, what each means for access is not. A reservation that was moved or extended is as live as before. */
const meanings = new Map<string, Meaning>([
  ['accepted', 'booked'],
  ['moved', 'booked'],
  ['extended', 'booked'],
  ['edited', 'booked'],
  ['new', 'tentative'],
  ['pending', 'tentative'],
  ['awaiting_payment', 'tentative'],
  ['preapproved', 'inquiry'],
  ['offer', 'inquiry'],
  ['inquiry', 'inquiry'],
  ['denied', 'over'],
  ['declined_inq', 'over'],
  ['cancelled', 'over'],
  ['cancelled_by_host', 'over'],
  ['cancelled_by_guest', 'over'],
  ['no_show', 'over'],
  ['expired', 'over'],
  ['timedout', 'over'],
  ['withdrawn', 'over'],
  ['retracted', 'over'],
  ['not_possible', 'over'],
  ['deleted', 'over']
])

/** Undefined for a status nobody has told us of. The word counts; of the codes only one is known. */
export function meaningOf(status: unknown, code: unknown): Meaning | undefined {
  const known = meanings.get(
    firstText(status)
      ?.toLowerCase()
      .replaceAll(/[\s-]+/g, '_') ?? ''
  )
  return known ?? (isCancelled(code) ? 'over' : undefined)
}
