import fc from 'fast-check'
import type { SampleBooking } from '../src/platforms/samples.ts'
import type { Limits } from './platform-limits.ts'

/** One thing that truly happened: a booking became what it is, at the platform, at that time. */
export interface Step {
  before: SampleBooking | undefined
  after: SampleBooking
}

/** A decision of somebody at the platform. The numbers choose; what cannot happen in a booking's state becomes what can. */
export interface Turn {
  booking: number
  what: (typeof turns)[number]
  pick: number
  gap: number
}

const turns = [
  'dates',
  'dates',
  'hours',
  'move',
  'move',
  'take the room away',
  'add a room',
  'give a room back',
  'rename the guest',
  'change the contact',
  'another guest',
  'code',
  'cancel',
  'cancel'
] as const

/** Places, and people whom bookings share. */
const places = ['p1', 'p2', 'p3']
const bookings = 3

/** Up to eight turns, most of them of one booking; the others share its rooms and guests. */
export const anyTurns: fc.Arbitrary<Turn[]> = fc.array(
  fc.record({
    booking: fc.constantFrom(0, 0, 0, 1, 2),
    what: fc.constantFrom(...turns),
    pick: fc.nat({ max: 999 }),
    gap: fc.integer({ min: 1, max: 5 })
  }),
  { minLength: 2, maxLength: 8 }
)

const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Asia/Kathmandu',
  'Australia/Lord_Howe'
]
export const anyZone = fc.constantFrom(...zones)

type Guest = SampleBooking['guest']

interface Person {
  guest: Guest
  /** Whether several bookings may name them. */
  shared: boolean
}

export interface HistoryOptions {
  turns: Turn[]
  zone: string
  /** Makes every id of this history its own. */
  prefix: string
  /** Grows with every number it gives; phone numbers and addresses are never given twice. */
  unused(): number
  /** ms since 1970. */
  startsAt: number
}

/** Numbers that have not been given before: 1, 2, 3 … */
export function serials(): () => number {
  let given = 0
  return () => {
    given += 1
    return given
  }
}

/** Turns → what truly happened, in the order of time. */
export function historyOf(options: HistoryOptions, limits: Limits): Step[] {
  const { prefix, zone, unused } = options
  const people: Person[] = Array.from({ length: bookings + 2 }, (_, index) => ({
    guest: {
      id: `${prefix}g${index}`,
      name: nameOf(index),
      email: addressOf(prefix, unused()),
      phone: phoneOf(unused())
    },
    shared: index >= bookings
  }))
  const state = new Map<number, SampleBooking>()
  const owner = new Map<number, Person>()
  const steps: Step[] = []
  let now = options.startsAt

  for (const turn of options.turns) {
    const before = state.get(turn.booking)
    now += turn.gap * limits.clockMs
    const after = before === undefined ? booked(turn) : turned(before, turn)
    if (after === undefined) continue
    after.updatedAt = now
    state.set(turn.booking, after)
    steps.push({ before, after })
  }
  return steps

  function personFor(turn: Turn): Person {
    const candidates = [people[turn.booking], ...people.slice(bookings)].filter(each => each !== undefined)
    const chosen = candidates[turn.pick % candidates.length] as Person
    owner.set(turn.booking, chosen)
    return chosen
  }

  function booked(turn: Turn): SampleBooking {
    return {
      id: `${prefix}b${turn.booking}`,
      status: turn.pick % 4 === 0 ? 'tentative' : 'confirmed',
      rooms: [{ id: 'r1', place: placeOf(turn.pick) }],
      guest: personFor(turn).guest,
      ...datesOf(turn.pick),
      checkIn: '15:00',
      checkOut: '11:00',
      timeZone: limits.zone ?? zone,
      code: turn.pick % 3 === 0 ? null : codeOf(turn.pick),
      updatedAt: now
    }
  }

  /** Undefined where nothing would change. */
  function turned(before: SampleBooking, turn: Turn): SampleBooking | undefined {
    const { what, pick } = turn
    // Whatever else is changed in the same step is told with it, the guest's latest state too.
    const person = owner.get(turn.booking) as Person
    const same: SampleBooking = { ...before, guest: person.guest }
    if (before.status === 'cancelled') {
      return what === 'cancel' ? undefined : { ...same, status: 'confirmed', ...datesOf(pick) }
    }
    if (what === 'cancel') return { ...same, status: 'cancelled' }
    // A request is answered before anything else happens to it: who is named in one is not told to Seam.
    if (before.status === 'tentative') return { ...same, status: 'confirmed' }
    const rooms = before.rooms
    const index = pick % rooms.length
    switch (what) {
      case 'dates':
        return { ...same, ...datesOf(pick) }
      case 'hours':
        if (!limits.tellsHours) return undefined
        return { ...same, checkIn: `${14 + (pick % 5)}:00`, checkOut: `${10 + (pick % 3)}:00` }
      case 'move':
        return { ...same, rooms: replaced(rooms, index, placeOf(pick)) }
      case 'take the room away':
        return limits.unassigned ? { ...same, rooms: replaced(rooms, index, null) } : undefined
      case 'add a room': {
        if (!limits.severalRooms || rooms.length === 3) return undefined
        const free = ['r1', 'r2', 'r3'].find(id => rooms.every(room => room.id !== id)) as string
        return { ...same, rooms: [...rooms, { id: free, place: placeOf(pick) }] }
      }
      case 'give a room back':
        return rooms.length === 1 ? undefined : { ...same, rooms: rooms.filter((_, each) => each !== index) }
      case 'rename the guest':
        if (person.shared && !limits.tellsItself) return undefined
        person.guest = { ...person.guest, name: nameOf(pick) }
        return { ...same, guest: person.guest }
      case 'change the contact':
        if (person.shared && !limits.tellsItself) return undefined
        person.guest = { ...person.guest, ...contactOf(person, pick) }
        return { ...same, guest: person.guest }
      case 'another guest':
        return { ...same, guest: personFor(turn).guest }
      case 'code':
        // Never taken back: what Seam does with a field that is no longer sent is not documented.
        return { ...same, code: codeOf(pick) }
    }
  }

  /**
   * Where only contact details tell guests apart, a new address makes another guest. A number that both would have
   * stays with whoever was first, so a shared guest changes both.
   */
  function contactOf({ guest, shared }: Person, pick: number): Partial<Guest> {
    const email = addressOf(prefix, unused())
    const phone = phoneOf(unused())
    if (shared && limits.guestsBy !== 'id') return { email, phone }
    return [{ email }, { phone }, { email, phone }][pick % 3] ?? guest
  }

  function placeOf(pick: number): string {
    return `${prefix}${places[pick % places.length]}`
  }
}

function replaced(rooms: SampleBooking['rooms'], index: number, place: string | null) {
  return rooms.map((room, each) => (each === index ? { ...room, place } : room))
}

/** In March and October, across the changes of the clock. */
function datesOf(pick: number): Pick<SampleBooking, 'arrival' | 'departure'> {
  const month = pick % 2 === 0 ? '03' : '10'
  const day = 10 + (pick % 18)
  return { arrival: `2027-${month}-${day}`, departure: `2027-${month}-${day + 1 + (pick % 3)}` }
}

function nameOf(pick: number): string {
  const [first, last] = [
    ['Ada', 'Grace', 'Zoë'],
    ['Lovelace', 'Hopper', 'Lindqvist', 'Haddad']
  ] as const
  return `${first[pick % first.length]} ${last[pick % last.length]}`
}

function codeOf(pick: number): string {
  return String(1000 + pick)
}

function addressOf(prefix: string, number: number): string {
  return `${number % 2 === 0 ? 'Guest' : 'guest'}.${prefix}.${number}@example.com`
}

/** Valid numbers, so many that none comes twice. */
function phoneOf(number: number): string {
  return `+1212${2_000_000 + number}`
}
