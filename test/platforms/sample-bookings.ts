/** Bookings for the tests of samples, and what becomes of them. */
import type { Test } from 'tap'
import type { Stay } from '../../src/model/change.ts'
import type { Connection } from '../../src/model/connection.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import type { SampleBooking, SampleDelivery } from '../../src/platforms/samples.ts'
import { outcomesOf } from './outcome.ts'

/** A booking of one room, of which a test tells what matters. */
export function sampleBooking(told: Partial<SampleBooking> = {}): SampleBooking {
  return {
    id: 'b1',
    status: 'confirmed',
    rooms: [{ id: 'r1', place: 'p1' }],
    guest: { id: 'g1', name: 'Noor Haddad', email: 'noor@example.com', phone: null },
    arrival: '2026-06-01',
    departure: '2026-06-05',
    checkIn: '15:00',
    checkOut: '11:00',
    timeZone: 'Europe/Berlin',
    code: null,
    updatedAt: Date.parse('2026-01-01T00:00:00Z'),
    ...told
  }
}

/** One night, in which clocks go forward. */
export function shortNight(place: string): SampleBooking {
  return sampleBooking({
    rooms: [{ id: 'r1', place }],
    arrival: '2027-03-27',
    departure: '2027-03-28',
    updatedAt: Date.parse('2027-03-01T00:00:00Z')
  })
}

/** Two rooms, of which the second is not assigned yet. */
export const halfAssigned = [
  { id: 'r1', place: 'p1' },
  { id: 'r2', place: null }
]

/** What the platform sends as a booking goes from one state to another, at that moment: all of it, or its events only. */
export function teller(platform: Platform, connection: Connection) {
  const toldOf = (before: SampleBooking | undefined, after: SampleBooking, serial = 1): SampleDelivery[] =>
    platform.samples.tell(before, after, { connection, now: after.updatedAt, serial })
  const eventsOf = (before: SampleBooking | undefined, after: SampleBooking): string[] =>
    toldOf(before, after).map(({ event }) => event)
  return { toldOf, eventsOf }
}

/** The only stay that a sample means, where there is one. */
export async function stayToldBy(
  platform: Platform,
  connection: Connection,
  sample: SampleDelivery | undefined
): Promise<Stay | undefined> {
  if (sample === undefined) throw new Error('no sample')
  const [outcome] = await outcomesOf(platform, connection, sample)
  const changes = Array.isArray(outcome?.translation) ? outcome.translation : []
  const [stay, ...others] = changes.flatMap(change => (change.change === 'stays' ? change.stays : []))
  if (others.length > 0) throw new Error('the sample means several stays')
  return stay
}

/** The stay of a confirmed {@link shortNight}, once it has the promised ids and ends on the new clock. */
export async function checkShortNight(
  t: Test,
  platform: Platform,
  connection: Connection,
  booking: SampleBooking,
  sample: SampleDelivery | undefined
): Promise<Stay | undefined> {
  const stay = await stayToldBy(platform, connection, sample)
  const { ids } = platform.samples
  t.strictSame(ids(booking).stays, [{ id: stay?.id, place: stay?.places?.[0] }])
  t.strictSame(stay?.end, { instant: '2027-03-28T09:00:00.000Z' })
  const others = [{ status: 'tentative' as const }, { status: 'cancelled' as const }, { rooms: [] }]
  for (const other of others) t.strictSame(ids({ ...booking, ...other }).stays, [])
  return stay
}
