import type { Stay, StaysChange } from '../../../src/model/change.ts'
import type { Connection } from '../../../src/model/connection.ts'
import type { Translation } from '../../../src/platforms/platform.ts'
import { uplisting } from '../../../src/platforms/uplisting/uplisting.ts'
import { demoConnection, outcomesOf } from '../contract.ts'

export const connection = demoConnection(uplisting)
export const receivedAt = Date.parse('2026-05-02T10:00:03Z')

/** What a removal carries too. */
const shared = {
  id: 2800001,
  arrival_time: '15:00:00',
  departure_time: '11:00:00',
  channel: 'airbnb_official',
  check_in: '2026-06-04',
  check_out: '2026-06-08',
  property_id: 52001,
  property_name: 'Canal House'
}

export const booking = {
  ...shared,
  external_reservation_id: 'HMDEMO2800',
  guest_email: 'amelia@example.com',
  guest_name: 'Amelia Okafor',
  guest_phone: '+447700900001',
  preferred_guest_name: 'Amy',
  mutli_unit_id: null,
  mutli_unit_name: null,
  status: 'confirmed',
  timestamp: '2026-04-26T11:20:00Z'
}
export const updatedAt = Date.parse(booking.timestamp)

export const removal = { ...shared, reason: 'destroyed', timestamp: '2026-05-01T07:00:00Z' }
export const removedAt = Date.parse(removal.timestamp)

export interface Given {
  connection?: Connection
  world?: Record<string, unknown>
  /** Undefined: an address that names none. */
  event?: string | undefined
}

export async function translated(body: unknown, given: Given = {}): Promise<Translation> {
  const event = 'event' in given ? given.event : 'booking_updated'
  const [outcome] = await outcomesOf(
    uplisting,
    given.connection ?? connection,
    { body: JSON.stringify(body), ...(event !== undefined && { query: { event } }) },
    { receivedAt, world: new Map(Object.entries(given.world ?? {})) }
  )
  return outcome?.translation ?? []
}

export async function bookingOf(changed: object = {}, given?: Given): Promise<StaysChange> {
  const translation = await translated({ ...booking, ...changed }, given)
  const change = Array.isArray(translation) ? translation.find(each => each.change === 'stays') : undefined
  if (change === undefined) throw new Error('nothing was told of a booking')
  return change
}

export async function stayOf(changed: object = {}, given?: Given): Promise<Stay | undefined> {
  return (await bookingOf(changed, given)).stays[0]
}
