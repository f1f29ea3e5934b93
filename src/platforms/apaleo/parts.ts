import { firstText, instantMs } from '../fields.ts'
import { entriesOf, idOf, type Members, membersOf } from '../told.ts'

/** One unit for one stretch of time; times are instants with an offset, as apaleo writes them. */
export interface Part {
  /** Behind the reservation's id; empty for the first. */
  suffix: string
  unit: string | undefined
  start: string | undefined
  end: string | undefined
}

/**
 * The parts of a reservation, in the order of time: several where the guest moves in between, one without a unit where
 * none is assigned. The first begins as the reservation does, the last ends as it does, unless a unit is assigned for
 * some of the nights only: the others may be somebody else's. Checking out ends whichever part it falls into. Offsets
 * differ where the clocks change in between, so each time keeps its own.
 */
export function partsOf(reservation: Members): Part[] {
  const ranges = rangesOf(reservation)
  const last = ranges.length - 1
  const parts = ranges.map(({ unit, from, to }, index) => ({
    suffix: index === 0 ? '' : `_${index + 1}`,
    unit,
    start: index === 0 && !isDayBefore(reservation.arrival, from) ? startOf(reservation) : from,
    end:
      index === last && !isDayBefore(to, reservation.departure)
        ? endOf(reservation)
        : earlierOf(timeOf(reservation.checkOutTime), to)
  }))
  // Whoever checked out before a move never stayed in what came after it.
  return parts.filter(({ start, end }, index) => index === 0 || isSpan(start, end))
}

/** By the property's own days: units are assigned by the night, and hours within a day are the reservation's to tell. */
function isDayBefore(one: unknown, other: unknown): boolean {
  const [day, otherDay] = [timeOf(one), timeOf(other)].map(time => time?.slice(0, 10))
  return day !== undefined && otherDay !== undefined && day < otherDay
}

/** The second, unless the first is known to be before it. */
function earlierOf(first: string | undefined, second: string | undefined): string | undefined {
  return isSpan(first, second) ? (first ?? second) : second
}

/** The second, unless the first is known to be after it. */
function laterOf(first: string | undefined, second: string | undefined): string | undefined {
  return isSpan(first, second) ? second : first
}

/** Checking in early moves the start; checking in late does not take away what was booked. */
export function startOf({ arrival, checkInTime }: Members): string | undefined {
  return earlierOf(timeOf(checkInTime), timeOf(arrival))
}

/** Once they have checked out, that is the end. */
export function endOf({ departure, checkOutTime }: Members): string | undefined {
  return timeOf(checkOutTime) ?? timeOf(departure)
}

/** Whether it is told when they checked out. */
export function tellsLeaving({ checkOutTime }: Members): boolean {
  return timeOf(checkOutTime) !== undefined
}

/** Whether there is time between the two; an unknown end of it does not say that there is none. */
export function isSpan(start: string | undefined, end: string | undefined): boolean {
  return start === undefined || end === undefined || Date.parse(start) < Date.parse(end)
}

interface Range {
  unit: string | undefined
  from: string | undefined
  to: string | undefined
}

function rangesOf(reservation: Members): Range[] {
  const { arrival, departure } = reservation
  const whole = { from: timeOf(arrival), to: timeOf(departure) }
  const ranges = entriesOf(reservation.assignedUnits).flatMap(({ unit, timeRanges }) => {
    const id = idOf(membersOf(unit).id)
    const told = entriesOf(timeRanges).map(({ from, to }) => ({ from: timeOf(from), to: timeOf(to) }))
    return (told.length > 0 ? told : [whole]).map(range => ({ unit: id, ...range }))
  })
  if (ranges.length === 0) return [{ unit: idOf(membersOf(reservation.unit).id), ...whole }]
  const inOrder = ranges.sort((a, b) => beginOf(a) - beginOf(b))
  return joined(within(whole, inOrder))
}

/** Ranges may still be those of before the reservation was moved. Where none is in its days, the first tells of that. */
function within(whole: Omit<Range, 'unit'>, ranges: Range[]): Range[] {
  const cut = ranges.map(({ unit, from, to }) => ({
    unit,
    from: from && laterOf(whole.from, from),
    to: to && earlierOf(whole.to, to)
  }))
  const left = cut.filter(({ from, to }) => isSpan(from, to))
  return left.length > 0 ? left : cut.slice(0, 1)
}

/** One range where the same unit goes on from one night to the next, be it told night by night. */
function joined(ranges: Range[]): Range[] {
  const list: Range[] = []
  for (const range of ranges) {
    const before = list.at(-1)
    if (before !== undefined && goesOn(before, range)) {
      list[list.length - 1] = { ...range, from: before.from, to: laterOf(before.to, range.to) }
    } else list.push(range)
  }
  return list
}

function goesOn({ unit, to }: Range, next: Range): boolean {
  return unit === next.unit && to !== undefined && next.from !== undefined && !isDayBefore(to, next.from)
}

function beginOf({ from }: Range): number {
  return instantMs(from) ?? 0
}

function timeOf(value: unknown): string | undefined {
  return instantMs(value) === undefined ? undefined : firstText(value)
}
