import type { Test } from 'tap'
import type { Connection } from '../../src/model/connection.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import type { SampleBooking } from '../../src/platforms/samples.ts'
import { defaultReceivedAt, type Outcome, outcomesOf } from './outcome.ts'
import { sampleBooking } from './sample-bookings.ts'

/**
 * Two bookings of one place, which is gone since: the cancellation of one of them brings back neither the place nor the
 * stay of the other one. Whatever is newer than a removal and tells of a place, or puts a stay into it, would.
 */
export async function checkGonePlace(t: Test, platform: Platform, connection: Connection): Promise<void> {
  const world = new Map<string, unknown>()
  const made: SampleBooking = sampleBooking({ updatedAt: defaultReceivedAt })
  const other: SampleBooking = { ...made, id: 'b2', rooms: [{ id: 'r2', place: 'p1' }] }
  const cancelled: SampleBooking = { ...made, status: 'cancelled', updatedAt: made.updatedAt + 60_000 }
  let serial = 0
  const tell = async (before: SampleBooking | undefined, after: SampleBooking): Promise<string[]> => {
    serial += 1
    const context = { connection, now: after.updatedAt, serial }
    const outcomes: Outcome[] = []
    for (const sample of platform.samples.tell(before, after, context))
      outcomes.push(
        ...(await outcomesOf(platform, connection, sample, { receivedAt: after.updatedAt, world }))
      )
    return outcomes.flatMap(placesTold)
  }

  const [{ place } = { place: '' }] = platform.samples.ids(made).stays
  t.ok((await tell(undefined, made)).includes(place), 'a booking tells where it stays')
  t.ok((await tell(undefined, other)).includes(place), 'another one stays there as well')
  t.strictSame(
    await tell(made, cancelled),
    [],
    'a cancelled one stays nowhere, and says nothing of the place'
  )
}

/** The places that an outcome tells of or puts a stay into. */
export function placesTold({ translation }: Outcome): string[] {
  if (!Array.isArray(translation)) return []
  return translation.flatMap(change => {
    if (change.change === 'stays') return change.stays.flatMap(({ places = [] }) => places)
    return change.change === 'upsert' && change.kind === 'place' ? [change.id] : []
  })
}
