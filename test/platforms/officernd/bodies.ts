import type { Stay, StaysChange, UpsertPlace } from '../../../src/model/change.ts'
import type { Connection } from '../../../src/model/connection.ts'
import { stampOf } from '../../../src/model/stamp.ts'
import { officernd } from '../../../src/platforms/officernd/officernd.ts'
import { type PlatformEvent, type Translation, translateEvent } from '../../../src/platforms/platform.ts'
import { deliveryOf, demoConnection } from '../contract.ts'

type Members = Record<string, unknown>
type Settings = Partial<Connection> & { facts?: unknown }

export const receivedAt = Date.parse('2026-01-01T00:00:00Z')

/** A booking of a member, which a test changes where it matters. */
export function booking(differing: Members = {}): Members {
  return {
    _id: 'b001',
    start: { dateTime: '2027-02-15T13:00:00.000Z' },
    end: { dateTime: '2027-02-15T14:30:00.000Z' },
    timezone: 'Europe/Stockholm',
    resourceId: 'c001',
    member: 'd001',
    team: 'e001',
    summary: 'Podcast',
    tentative: false,
    canceled: false,
    recurrence: { rrule: null },
    modifiedAt: '2027-02-11T08:30:04.900Z',
    ...differing
  }
}

export function body(eventType: string, object: unknown, createdAt: unknown = '2027-02-11T08:30:05.120Z') {
  return { event: 'a001', eventType, createdAt, data: { object } }
}

export function eventOf(content: unknown): PlatformEvent {
  const delivery = deliveryOf(demoConnection(officernd), { body: JSON.stringify(content) })
  return officernd.readEvents(delivery)[0] as PlatformEvent
}

export function translated(content: unknown, { facts, ...settings }: Settings = {}): Translation {
  const connection = demoConnection(officernd, settings)
  const delivery = deliveryOf(connection, { body: '' }, receivedAt)
  return translateEvent(officernd, { event: eventOf(content), facts, delivery, connection })
}

export function bookingIn(translation: Translation): StaysChange | undefined {
  return Array.isArray(translation) ? translation.find(change => change.change === 'stays') : undefined
}

export function placeIn(translation: Translation): UpsertPlace | undefined {
  return Array.isArray(translation)
    ? translation.find(change => change.change === 'upsert' && change.kind === 'place')
    : undefined
}

export function stayOf(differing: Members, settings: Settings = {}): Stay | undefined {
  return bookingIn(translated(body('booking.created', booking(differing)), settings))?.stays[0]
}

/** Whether there is a stay once these came in this order. */
export function standsAfter(contents: unknown[]): boolean {
  let newest = ''
  let stands = false
  for (const [position, content] of contents.entries()) {
    const change = bookingIn(translated(content))
    const stamp = stampOf(change?.version ?? 0, String(position), change?.cancelled)
    if (stamp < newest) continue
    newest = stamp
    stands = change?.stays.length === 1
  }
  return stands
}
