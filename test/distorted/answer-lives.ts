import { HOUR_MS } from '../../src/model/durations.ts'
import type { SampleBooking } from '../../src/platforms/samples.ts'
import type { Limits } from '../platform-limits.ts'

/**
 * What the webhook is about whose answers are distorted. `made`, `changed`, `moved`, `ended`: a booking, its dates and its guest's name,
 * its room, its cancellation. `late`: its change, which arrives after its cancellation.
 */
export const stories = ['made', 'changed', 'moved', 'ended', 'late'] as const
export type Story = (typeof stories)[number]

interface Told {
  from: SampleBooking | undefined
  to: SampleBooking
}

/** What becomes of a booking; `told` while answers are distorted, `next` when they no longer are. */
export interface Life {
  made?: Told
  late?: Told
  ended?: Told
  told?: Told
  next: Told
}

/** @param start ms since 1970 */
export function lifeOf(story: Story, start: number, limits: Limits): Life {
  const first = bookingOf(limits)
  const at = (hour: number, booking: SampleBooking): SampleBooking => {
    const now = start + hour * HOUR_MS
    return { ...booking, updatedAt: now - (now % limits.clockMs) }
  }
  const changed = { ...first, departure: '2027-03-14', guest: { ...first.guest, name: 'Ada Byron' } }
  const later = (booking: SampleBooking) => ({ ...booking, departure: '2027-03-15' })
  const made = { from: undefined, to: at(0, first) }
  const life = (from: SampleBooking, told: SampleBooking, next = later(told)): Life => ({
    made,
    told: { from: at(0, from), to: at(20, told) },
    next: { from: at(20, told), to: at(52, next) }
  })
  const off = { ...first, status: 'cancelled' as const }
  switch (story) {
    case 'made':
      return {
        told: { from: undefined, to: at(20, first) },
        next: { from: at(20, first), to: at(52, later(first)) }
      }
    case 'changed':
      return life(first, changed)
    case 'moved':
      return life(first, { ...first, rooms: [{ id: 'r1', place: 'p2' }] })
    case 'ended':
      return life(first, off, off)
    case 'late':
      return {
        made,
        late: { from: at(0, first), to: at(19.5, changed) },
        ended: { from: at(19.5, changed), to: at(19.75, off) },
        next: { from: at(19.5, changed), to: at(52, off) }
      }
  }
}

function bookingOf({ zone }: Limits): SampleBooking {
  return {
    id: 'b1',
    status: 'confirmed',
    rooms: [{ id: 'r1', place: 'p1' }],
    guest: { id: 'g1', name: 'Ada Lovelace', email: 'ada@example.com', phone: '+12125550101' },
    arrival: '2027-03-10',
    departure: '2027-03-13',
    checkIn: '16:00',
    checkOut: '10:00',
    timeZone: zone ?? 'America/New_York',
    code: '4711',
    updatedAt: 0
  }
}
