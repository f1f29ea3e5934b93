import type { StaysChange } from '../../../src/model/change.ts'
import type { Connection } from '../../../src/model/connection.ts'
import { stampOf } from '../../../src/model/stamp.ts'
import { calcom } from '../../../src/platforms/calcom/calcom.ts'
import { type Translation, translateEvent } from '../../../src/platforms/platform.ts'
import { deliveryOf, demoConnection } from '../contract.ts'

export interface Body {
  triggerEvent: string
  createdAt: string
  payload: Record<string, unknown>
}

/** An accepted booking of one person, which a test changes where it matters. */
export function body(triggerEvent: string, differing: Record<string, unknown> = {}, at = minute(0)): Body {
  return {
    triggerEvent,
    createdAt: at,
    payload: {
      uid: 'A',
      title: 'Podcast studio with Zoë Lindqvist',
      startTime: '2027-02-15T13:00:00Z',
      endTime: '2027-02-15T14:30:00Z',
      attendees: [zoe],
      eventTypeId: 90417,
      eventTitle: 'Podcast studio',
      seatsPerTimeSlot: null,
      status: 'ACCEPTED',
      ...differing
    }
  }
}

export const zoe = { email: 'zoe.lindqvist@example.com', name: 'Zoë Lindqvist' }
export const noor = { email: 'noor@example.com', name: 'Noor Haddad' }

export function minute(minutes: number): string {
  return new Date(Date.parse('2027-02-11T08:00:00Z') + minutes * 60_000).toISOString()
}

/** What the one event of a body means. */
export function translated(content: unknown, settings: Partial<Connection> = {}): Translation {
  const connection = demoConnection(calcom, settings)
  const delivery = deliveryOf(connection, { body: JSON.stringify(content) })
  const [event] = calcom.readEvents(delivery)
  if (event === undefined) throw new Error('no event')
  return translateEvent(calcom, { event, facts: undefined, delivery, connection })
}

export function staysIn(translation: Translation): StaysChange[] {
  return (Array.isArray(translation) ? translation : []).filter(change => change.change === 'stays')
}

/** The ids of the stays that are left once bodies came in this order: the newest statement about a booking counts. */
export function liveAfter(contents: unknown[], settings: Partial<Connection> = {}): string[] {
  const newest = new Map<string, { stamp: string; change: StaysChange }>()
  for (const [position, content] of contents.entries()) {
    for (const change of staysIn(translated(content, settings))) {
      const stamp = stampOf(change.version, String(position).padStart(6, '0'), change.cancelled)
      if (stamp >= (newest.get(change.bookingId)?.stamp ?? ''))
        newest.set(change.bookingId, { stamp, change })
    }
  }
  return [...newest.values()].flatMap(({ change }) => change.stays.map(stay => stay.id)).toSorted()
}
