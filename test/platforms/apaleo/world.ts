import type { Connection } from '../../../src/model/connection.ts'
import { apaleo } from '../../../src/platforms/apaleo/apaleo.ts'
import type { Translation } from '../../../src/platforms/platform.ts'
import { demoConnection, outcomesOf } from '../contract.ts'

export const connection = demoConnection(apaleo)
export const unit = { id: 'HBR-QUX', name: '204', unitGroupId: 'HBR-DBL' }
export const reservation: Record<string, unknown> = {
  id: 'QKZTWVLM-1',
  bookingId: 'QKZTWVLM',
  status: 'Confirmed',
  property: { id: 'HBR', name: 'Harbour House' },
  unit,
  arrival: '2027-03-26T15:00:00+01:00',
  departure: '2027-03-29T11:00:00+02:00',
  modified: '2027-02-11T09:30:05+01:00',
  primaryGuest: {
    firstName: 'Zoë',
    lastName: 'Lindqvist',
    email: 'zoe.lindqvist@example.com',
    phone: '+46 8 555 01 47',
    address: { city: 'Stockholm' }
  },
  booker: { lastName: 'Travel Desk', email: 'desk@example.com', phone: '+46 8 555 01 00' },
  assignedUnits: [
    { unit, timeRanges: [{ from: '2027-03-26T15:00:00+01:00', to: '2027-03-29T11:00:00+02:00' }] }
  ]
}
export const changed = {
  topic: 'Reservation',
  type: 'changed',
  id: '3f0f4a9c-59d8-4c7e-8a62-2f1d5a770001',
  accountId: 'HRBR',
  propertyId: 'HBR',
  timestamp: 1_802_334_605_120,
  clientId: 'ABCD-SP-IBE',
  data: { entityId: 'QKZTWVLM-1' }
}

/** Read again, with the reservation changed as told; null: apaleo does not have it. */
export async function translated(
  changes: Record<string, unknown> | null = {},
  given: { body?: object; connection?: Connection; receivedAt?: number } = {}
): Promise<Translation> {
  const entity = changes && { ...reservation, ...changes }
  const sample = {
    body: JSON.stringify(given.body ?? changed),
    world: { 'reservations/QKZTWVLM-1': entity }
  }
  const { receivedAt } = given
  const [outcome] = await outcomesOf(
    apaleo,
    given.connection ?? connection,
    sample,
    receivedAt === undefined ? {} : { receivedAt }
  )
  return outcome?.translation ?? []
}

export async function bookingOf(...given: Parameters<typeof translated>) {
  const translation = await translated(...given)
  return Array.isArray(translation) ? translation.find(change => change.change === 'stays') : undefined
}

export async function staysOf(...given: Parameters<typeof translated>) {
  return (await bookingOf(...given))?.stays ?? []
}
