import type { Moment } from '../../model/change.ts'
import { leavesTheYears } from '../../model/time.ts'
import {
  type Guest,
  type Listing,
  type Reservation,
  type StandardEvent,
  type StayMembers,
  standings
} from './events.ts'
import { type Span, spanOf } from './span.ts'

/** The first thing that is wrong with an event although every member of it is right; one sentence, no values. */
export function brokenRule(event: StandardEvent): string | undefined {
  switch (event.type) {
    case 'reservation.created':
    case 'reservation.updated':
      return contradiction(event.data) ?? idleHour(event.data) ?? missingTime(event.data)
    case 'reservation.cancelled':
      return contradiction(event.data)
    case 'guest.created':
    case 'guest.updated':
      return halfName(event.data)
    case 'listing.created':
    case 'listing.updated':
    case 'listing.deleted':
      return halfPosition(event.data, '/data')
    default:
      return undefined
  }
}

function contradiction(data: Reservation): string | undefined {
  const units = data.units ?? []
  const ids = units.map(unit => String(unit.id))
  const repeated = ids.findIndex((id, position) => ids.indexOf(id) < position)
  if (repeated >= 0)
    return `/data/units/${repeated}/id is the id of another unit too; each unit needs its own`
  return saidTwice(data, '/data') ?? firstOf(units, (unit, path) => saidTwice(unit, path))
}

/** Pairs of which an object may tell one: the relay does not guess which of two it should believe. */
const exclusive = [
  ['starts_at', 'arrival_date'],
  ['ends_at', 'departure_date'],
  ['starts_at', 'check_in_time'],
  ['ends_at', 'check_out_time'],
  ['listing_id', 'listing_ids'],
  ['listing_id', 'listing'],
  ['listing_ids', 'listing']
] as const

function saidTwice(members: StayMembers, path: string): string | undefined {
  const pair = exclusive.find(([one, other]) => tells(members[one]) && tells(members[other]))
  if (pair !== undefined) return `${path}/${pair[1]} cannot stand beside ${pair[0]}; leave one of the two out`
  return members.listing ? halfPosition(members.listing, `${path}/listing`) : undefined
}

/** Hours, and the instants beside which they say nothing. */
const hours = [
  { hour: 'check_in_time', instant: 'starts_at', date: 'arrival_date' },
  { hour: 'check_out_time', instant: 'ends_at', date: 'departure_date' }
] as const

/** An hour of a unit whose day is the booking's, which tells it with an hour. */
function idleHour(data: Reservation): string | undefined {
  return firstOf(data.units ?? [], (unit, path) => {
    const idle = hours.find(
      ({ hour, instant, date }) => tells(unit[hour]) && !tells(unit[date]) && tells(data[instant])
    )
    return idle && `${path}/${idle.hour} cannot stand beside /data/${idle.instant}; leave one of the two out`
  })
}

function halfPosition(listing: Listing, path: string): string | undefined {
  if (tells(listing.latitude) === tells(listing.longitude)) return undefined
  const [missing, told] = tells(listing.latitude) ? ['longitude', 'latitude'] : ['latitude', 'longitude']
  return `${path}/${missing} is missing beside ${told}; give both or neither`
}

/** Only what changed is told, and half of a name would take the place of the whole; null says that there is no other half. */
function halfName({ name, first_name, last_name }: Guest): string | undefined {
  if (tells(name) || (first_name === undefined) === (last_name === undefined)) return undefined
  const [missing, told] = last_name === undefined ? ['last_name', 'first_name'] : ['first_name', 'last_name']
  return `/data/${missing} is missing beside ${told}; give both, or name`
}

/** Reservations that may give access need to say from when to when; others may be silent. */
function missingTime(data: Reservation): string | undefined {
  const standing = standings.get(data.status ?? 'confirmed')
  if (standing !== 'pushed' && standing !== 'tentative') return undefined
  if (!data.units) return wrongSpan(spanOf(data, data), '/data')
  return firstOf(data.units, (unit, path) => wrongSpan(spanOf(unit, data), path))
}

function wrongSpan({ start, end }: Span, path: string): string | undefined {
  if (start === null) return `${path}/starts_at is missing; give starts_at or arrival_date`
  if (end === null) return `${path}/ends_at is missing; give ends_at or departure_date`
  const far = [start, end].findIndex(moment => 'instant' in moment && leavesTheYears(moment.instant))
  if (far >= 0)
    return `${path}/${far === 0 ? 'starts_at' : 'ends_at'} lies beyond the years 0000 to 9999 in UTC`
  if (!endsBefore(start, end)) return undefined
  return `${path}/${'instant' in end ? 'ends_at' : 'departure_date'} is not after the start`
}

/** A day out on the day in is left to the hours, which may still have to be learnt; so are a date and an instant. */
function endsBefore(start: Moment, end: Moment): boolean {
  if ('instant' in start && 'instant' in end) return Date.parse(end.instant) <= Date.parse(start.instant)
  if ('date' in start && 'date' in end) return end.date < start.date
  return false
}

function firstOf<T>(units: T[], problem: (unit: T, path: string) => string | undefined): string | undefined {
  return units.map((unit, position) => problem(unit, `/data/units/${position}`)).find(tells)
}

function tells(value: unknown): boolean {
  return value !== undefined && value !== null
}
