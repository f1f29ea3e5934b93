import type { Change, Moment, Stay, StaysChange } from '../../model/change.ts'

/** A change, for people: what the platform said, with what it did not say left out. */
export function changeLines(change: Change): string[] {
  const asOf = `as of ${instant(change.version)}`
  switch (change.change) {
    case 'stays':
      return [`booking ${change.bookingId}: ${meaning(change)}, ${asOf}`, ...change.stays.flatMap(stayLines)]
    case 'upsert':
      return [`${change.kind} ${change.id}, ${asOf}`, ...membersOf(change.fields).map(each => `  ${each}`)]
    case 'remove':
      return [`${change.kind} ${change.id} is gone, ${asOf}`]
    case 'merge':
      return [`${change.kind} ${change.id} is ${change.kind} ${change.into} from now on, ${asOf}`]
  }
}

function meaning({ stays, cancelled, emptyBecause = 'no stays' }: StaysChange): string {
  if (stays.length > 0) return stays.length === 1 ? '1 stay' : `${stays.length} stays`
  if (cancelled !== true) return `gives no access (${emptyBecause})`
  return emptyBecause === 'cancelled' ? 'cancelled' : `cancelled (${emptyBecause})`
}

function stayLines({ id, name, places, guest, start, end, preferredCode, metadata }: Stay): string[] {
  const facts: [string, string | undefined][] = [
    ['place', places && (places.join(', ') || 'none')],
    ['from', momentText(start)],
    ['until', momentText(end)],
    ['guest', guest === null ? 'nobody' : guest && guestText(guest)],
    ['name', name ?? undefined],
    ['code', preferredCode ?? undefined],
    ['metadata', metadata && JSON.stringify(metadata)]
  ]
  const known = facts.filter(([, value]) => value !== undefined)
  return [`  stay ${id}`, ...known.map(([label, value]) => `    ${label.padEnd(10)}${value}`)]
}

function guestText({ id, version: _version, ...fields }: NonNullable<Stay['guest']>): string {
  return [id ?? 'without an id', membersOf(fields).join(', ')].filter(part => part !== '').join(': ')
}

function momentText(moment: Moment | null): string {
  if (moment === null) return 'not given'
  if ('instant' in moment) return moment.instant
  const { date, time = '(no time given)', timeZone } = moment
  return [date, time, timeZone].filter(part => part !== undefined).join(' ')
}

/** What is told, member by member. */
export function membersOf(fields: object): string[] {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined)
  return known.map(([name, value]) => `${spoken(name)} ${value === null ? 'none' : JSON.stringify(value)}`)
}

/** `checkInTime` → `check in time` */
function spoken(name: string): string {
  return name.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
}

/** What is no time is shown as it is: the adapter has a mistake there. */
function instant(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString()
}
