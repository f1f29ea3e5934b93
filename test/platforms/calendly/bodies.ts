import type { Stay, StaysChange, UpsertPlace } from '../../../src/model/change.ts'
import type { Connection } from '../../../src/model/connection.ts'
import { stampOf } from '../../../src/model/stamp.ts'
import { calendly } from '../../../src/platforms/calendly/calendly.ts'
import { type Translation, translateEvent } from '../../../src/platforms/platform.ts'
import { deliveryOf, demoConnection } from '../contract.ts'

type Members = Record<string, unknown>

const api = 'https://api.calendly.com'

export function uri(event: string, invitee: string): string {
  return `${api}/scheduled_events/${event}/invitees/${invitee}`
}

export const scheduled: Members = {
  uri: `${api}/scheduled_events/EVT1`,
  name: 'Studio B',
  status: 'active',
  start_time: '2027-02-15T13:00:00.000000Z',
  end_time: '2027-02-15T14:30:00.000000Z',
  event_type: `${api}/event_types/TYP1`,
  location: { type: 'physical', location: '12 Quay Road' }
}

/** Somebody who booked, which a test changes where it matters. */
export function body(event: string, differing: Members = {}, ofEvent: Members = {}) {
  return {
    event,
    created_at: '2027-02-11T08:30:05.000000Z',
    payload: {
      uri: uri('EVT1', 'INV1'),
      event: `${api}/scheduled_events/EVT1`,
      email: 'zoe.lindqvist@example.com',
      name: 'Zoë Lindqvist',
      status: 'active',
      updated_at: '2027-02-11T08:30:04.218000Z',
      scheduled_event: { ...scheduled, ...ofEvent },
      ...differing
    }
  }
}

/** What the one event of a body means. */
export function translated(
  content: unknown,
  settings: Partial<Connection> = {},
  facts?: unknown
): Translation {
  const connection = demoConnection(calendly, settings)
  const delivery = deliveryOf(connection, { body: JSON.stringify(content) })
  const [event] = calendly.readEvents(delivery)
  if (event === undefined) throw new Error('no event')
  return translateEvent(calendly, { event, facts, delivery, connection })
}

export function staysIn(translation: Translation): StaysChange[] {
  return (Array.isArray(translation) ? translation : []).filter(change => change.change === 'stays')
}

export function stayOf(content: unknown, settings: Partial<Connection> = {}): Stay | undefined {
  return staysIn(translated(content, settings)).at(-1)?.stays[0]
}

export function placesIn(translation: Translation): UpsertPlace[] {
  return (Array.isArray(translation) ? translation : []).filter(
    change => change.change === 'upsert' && change.kind === 'place'
  )
}

/** The ids of the stays that are left once bodies came in this order: the newest statement about a booking counts. */
export function liveAfter(contents: unknown[]): string[] {
  const newest = new Map<string, { stamp: string; change: StaysChange }>()
  for (const [position, content] of contents.entries()) {
    for (const change of staysIn(translated(content))) {
      const stamp = stampOf(change.version, String(position).padStart(6, '0'), change.cancelled)
      if (stamp >= (newest.get(change.bookingId)?.stamp ?? ''))
        newest.set(change.bookingId, { stamp, change })
    }
  }
  return [...newest.values()].flatMap(({ change }) => change.stays.map(stay => stay.id)).toSorted()
}
