import type { Stay, StaysChange } from '../../../src/model/change.ts'
import type { Connection } from '../../../src/model/connection.ts'
import { ownerrez } from '../../../src/platforms/ownerrez/ownerrez.ts'
import type { Translation } from '../../../src/platforms/platform.ts'
import { demoConnection, outcomesOf } from '../contract.ts'

/** Without `api`, so that the webhook itself counts. */
export const unread = demoConnection(ownerrez, { api: undefined })
/** With `api`: bookings and guests are read again from the stand-in. */
export const reading = demoConnection(ownerrez)

export const receivedAt = Date.parse('2026-03-01T08:00:02Z')

export const booking = {
  id: 17000001,
  type: 'booking',
  status: 'active',
  is_block: false,
  arrival: '2026-03-12',
  departure: '2026-03-16',
  check_in: '15:00',
  check_out: '11:00',
  created_utc: '2026-02-08T17:54:44Z',
  updated_utc: '2026-02-08T17:56:10Z',
  guest_id: 620000001,
  guest: { id: 620000001, first_name: 'Petra', last_name: 'Novak' },
  property_id: 470001,
  property: { id: 470001, name: 'Cabin 7' },
  platform_reservation_number: 'HMDEMO1701'
}
export const updatedAt = Date.parse(booking.updated_utc)

export const hold = {
  id: 17000001,
  type: 'block',
  status: 'pending',
  is_block: true,
  title: 'Hold for HMDEMO1701',
  arrival: '2026-03-12',
  departure: '2026-03-16',
  check_in: '16:00',
  check_out: '11:00',
  created_utc: '2026-02-08T17:54:44Z',
  property_id: 470001,
  property: { id: 470001, name: 'Cabin 7' }
}

export const guest = {
  id: 620000001,
  first_name: 'Petra',
  last_name: 'Novak',
  email_addresses: [
    { id: 1, address: 'old@example.com' },
    { id: 3, address: 'petra@example.com', is_default: true }
  ],
  phones: [{ id: 2, number: '+1 303 555 0101', is_default: true }]
}

export function webhook(entity?: object, more: object = {}) {
  return {
    id: '47af00f8-0000-4000-8000-00000000eb01',
    user_id: 340000001,
    action: 'entity_update',
    entity_type: 'booking',
    entity_id: 17000001,
    ...(entity && { entity }),
    ...more
  }
}

export interface Given {
  connection?: Connection
  world?: Record<string, unknown>
  receivedAt?: number
}

export async function translated(body: unknown, given: Given = {}): Promise<Translation> {
  const [outcome] = await outcomesOf(
    ownerrez,
    given.connection ?? unread,
    { body: JSON.stringify(body) },
    { receivedAt: given.receivedAt ?? receivedAt, world: new Map(Object.entries(given.world ?? {})) }
  )
  return outcome?.translation ?? []
}

/** The booking's change where the entity differs in these members. */
export async function bookingOf(changed: object = {}, given?: Given): Promise<StaysChange> {
  const translation = await translated(webhook({ ...booking, ...changed }), given)
  const change = Array.isArray(translation) ? translation.find(each => each.change === 'stays') : undefined
  if (change === undefined) throw new Error('nothing was told of a booking')
  return change
}

export async function stayOf(changed: object = {}, given?: Given): Promise<Stay | undefined> {
  return (await bookingOf(changed, given)).stays[0]
}
