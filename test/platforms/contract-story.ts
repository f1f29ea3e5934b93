import type { Test } from 'tap'
import type { Stay, StaysChange } from '../../src/model/change.ts'
import type { Connection } from '../../src/model/connection.ts'
import { stampOf } from '../../src/model/stamp.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import type { SampleBooking } from '../../src/platforms/samples.ts'
import { misfits } from './change-schema.ts'
import { defaultReceivedAt, incomingOf, outcomesOf } from './outcome.ts'

const now = defaultReceivedAt

/** Created, moved to other dates, cancelled; once with one room and once with two. */
export async function checkStory(t: Test, platform: Platform, connection: Connection): Promise<void> {
  for (const rooms of [
    [{ id: 'r1', place: 'p1' }],
    [
      { id: 'r1', place: 'p1' },
      { id: 'r2', place: 'p2' }
    ]
  ]) {
    const updatedAt = now - 60_000
    const created: SampleBooking = { ...storyBooking, rooms, updatedAt }
    const moved = { ...created, arrival: '2026-06-09', departure: '2026-06-12', updatedAt: updatedAt + 1000 }
    const cancelled: SampleBooking = { ...moved, status: 'cancelled', updatedAt: updatedAt + 2000 }
    const house = new Map<string, StaysChange>()
    const world = new Map<string, unknown>()
    const stamps = new Map<string, string>()
    let serial = 0

    const tell = async (before: SampleBooking | undefined, after: SampleBooking): Promise<Stay[]> => {
      serial += 1
      const context = { connection, now: after.updatedAt + 500, serial }
      const told = platform.samples.tell(before, after, context)
      t.ok(told.length > 0, 'there is something to tell')
      for (const [position, sample] of told.entries()) {
        const receivedAt = after.updatedAt + 500 + position
        const signed = platform.verification.sign(Buffer.from(sample.body), connection.secrets, {
          now: receivedAt,
          id: `msg_${serial}_${position}`
        })
        const incoming = incomingOf(connection, sample, signed, receivedAt)
        t.ok((await platform.verification.verify(incoming, connection.secrets)).ok, 'it verifies')
        const outcomes = await outcomesOf(platform, connection, sample, { receivedAt, world })
        for (const { translation } of outcomes) {
          t.strictSame(misfits(translation), [], `${sample.event} fits`)
          for (const change of Array.isArray(translation) ? translation : []) {
            if (change.change !== 'stays') continue
            const order = `${serial}.${String(position).padStart(4, '0')}`
            const stamp = stampOf(change.version, order, change.cancelled)
            if (stamp < (stamps.get(change.bookingId) ?? '')) continue
            stamps.set(change.bookingId, stamp)
            house.set(change.bookingId, change)
          }
        }
      }
      return [...house.values()].flatMap(change => change.stays)
    }

    const first = await tell(undefined, created)
    t.strictSame(
      sorted(first.map(stay => ({ id: stay.id, place: stay.places?.[0] }))),
      sorted(platform.samples.ids(created).stays),
      'the stays and places are those of samples.ids'
    )
    const second = await tell(created, moved)
    t.equal(second.length, first.length, 'other dates leave as many stays')
    t.strictNotSame(
      second.map(stay => stay.start),
      first.map(stay => stay.start),
      'at another time'
    )
    t.strictSame(await tell(moved, cancelled), [], 'a cancelled booking has no stays')
  }
}

const storyBooking = {
  id: 'b1',
  status: 'confirmed' as const,
  guest: { id: 'g1', name: 'Noor Haddad', email: 'noor@example.com', phone: '+12125550101' },
  arrival: '2026-06-01',
  departure: '2026-06-05',
  checkIn: '15:00',
  checkOut: '11:00',
  timeZone: 'Europe/Berlin',
  code: null
}

function sorted<T extends { id: string }>(list: T[]): T[] {
  return list.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
