import type { Stay, StaysChange } from '../../../src/model/change.ts'
import type { Connection } from '../../../src/model/connection.ts'
import { hostaway } from '../../../src/platforms/hostaway/hostaway.ts'
import type { Translation } from '../../../src/platforms/platform.ts'
import { demoConnection, outcomesOf } from '../contract.ts'

/** Without `api`, so that the body itself counts. */
export const unread = demoConnection(hostaway, { api: undefined })
/** With `api`: the reservation is read again from the stand-in. */
export const reading = demoConnection(hostaway)

export const receivedAt = Date.parse('2025-12-01T10:41:12Z')

export const reservation = {
  id: 51200001,
  listingMapId: 310042,
  listingName: 'Harbour Flat 2B',
  reservationId: '70011-310042-2018-9000000001',
  confirmationCode: 'HMDEMO2B01',
  guestName: 'Ines Duarte',
  guestFirstName: 'Ines',
  guestLastName: 'Duarte',
  guestEmail: 'ines@example.com',
  phone: '+351912345678',
  arrivalDate: '2026-01-10',
  departureDate: '2026-01-13',
  isDatesUnspecified: 0,
  checkInTime: 16,
  checkOutTime: null,
  status: 'new',
  doorCode: '4821',
  reservationUnit: []
}

export function webhook(data: unknown, changed: Record<string, unknown> = {}) {
  return { object: 'reservation', event: 'reservation.updated', accountId: 70011, data, ...changed }
}

export interface Given {
  connection?: Connection
  world?: Record<string, unknown>
  receivedAt?: number
}

/** What one webhook with this body means. */
export async function translated(body: unknown, given: Given = {}): Promise<Translation> {
  const [outcome] = await outcomesOf(
    hostaway,
    given.connection ?? unread,
    { body: JSON.stringify(body) },
    { receivedAt: given.receivedAt ?? receivedAt, world: new Map(Object.entries(given.world ?? {})) }
  )
  return outcome?.translation ?? []
}

/** The booking's change where the reservation differs in these members; undefined members are left out. */
export async function bookingOf(changed: Record<string, unknown>, given?: Given): Promise<StaysChange> {
  const translation = await translated(webhook({ ...reservation, ...changed }), given)
  const told = Array.isArray(translation) ? translation.find(change => change.change === 'stays') : undefined
  if (told === undefined) throw new Error('nothing was told of a booking')
  return told
}

export async function stayOf(changed: Record<string, unknown>, given?: Given): Promise<Stay | undefined> {
  return (await bookingOf(changed, given)).stays[0]
}
