import type { Stay, StaysChange } from '../../../src/model/change.ts'
import type { Connection } from '../../../src/model/connection.ts'
import { stampOf } from '../../../src/model/stamp.ts'
import { nexudus } from '../../../src/platforms/nexudus/nexudus.ts'
import { type PlatformEvent, type Translation, translateEvent } from '../../../src/platforms/platform.ts'
import { deliveryOf, demoConnection } from '../contract.ts'

type Members = Record<string, unknown>

export const uniqueId = '6b0c9a4e-2f0d-4b57-9a51-0d8f1b7e0001'

/** A booking of a member, which a test changes where it matters. */
export function booking(differing: Members = {}): Members {
  return {
    Id: 881204417,
    UniqueId: uniqueId,
    ResourceId: 190022,
    ResourceName: 'Studio B',
    FloorPlanDeskId: null,
    CoworkerId: 77120045,
    CoworkerFullName: 'Zoë Lindqvist',
    CoworkerMobilePhone: '+46855501470',
    FromTime: '2027-02-15T13:00:00Z',
    ToTime: '2027-02-15T14:30:00Z',
    FromTimeLocal: '2027-02-15T14:00:00Z',
    ToTimeLocal: '2027-02-15T15:30:00Z',
    Tentative: false,
    UpdatedOn: '2027-02-11T08:30:05Z',
    ...differing
  }
}

export function eventsOf(content: unknown, action?: string): PlatformEvent[] {
  const query: Record<string, string> = action === undefined ? {} : { event: action }
  return nexudus.readEvents(deliveryOf(demoConnection(nexudus), { body: JSON.stringify(content), query }))
}

/** What one record means. */
export function translated(
  type: string,
  payload: unknown,
  { facts, ...settings }: Partial<Connection> & { facts?: unknown } = {}
): Translation {
  const connection = demoConnection(nexudus, settings)
  const delivery = deliveryOf(connection, { body: '' })
  return translateEvent(nexudus, { event: { type, payload }, facts, delivery, connection })
}

export function bookingIn(translation: Translation): StaysChange | undefined {
  return Array.isArray(translation) ? translation.find(change => change.change === 'stays') : undefined
}

export function stayOf(
  differing: Members,
  settings: Partial<Connection> & { facts?: unknown } = {}
): Stay | undefined {
  return bookingIn(translated('BookingCreate', booking(differing), settings))?.stays[0]
}

/** The bookings that are left without a stay. */
export function emptied(translation: Translation): string[] {
  return (Array.isArray(translation) ? translation : []).flatMap(change =>
    change.change === 'stays' && change.stays.length === 0 ? [change.bookingId] : []
  )
}

/** Whether there is a stay once these records came in this order. */
export function standsAfter(records: [action: string, differing: Members][]): boolean {
  const newest = new Map<string, { stamp: string; stands: boolean }>()
  for (const [position, [action, differing]] of records.entries()) {
    const told = translated(action, booking(differing))
    for (const change of Array.isArray(told) ? told : []) {
      if (change.change !== 'stays') continue
      const stamp = stampOf(change.version, String(position), change.cancelled)
      if (stamp < (newest.get(change.bookingId)?.stamp ?? '')) continue
      newest.set(change.bookingId, { stamp, stands: change.stays.length === 1 })
    }
  }
  return [...newest.values()].some(({ stands }) => stands)
}
