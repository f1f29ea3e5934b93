import type { Change, Stay } from '../../../src/model/change.ts'
import type { Connection } from '../../../src/model/connection.ts'
import { hostfully } from '../../../src/platforms/hostfully/hostfully.ts'
import type { Translation } from '../../../src/platforms/platform.ts'
import { demoConnection, outcomesOf } from '../contract.ts'

export const connection = demoConnection(hostfully)
export const receivedAt = Date.parse('2025-12-02T09:30:02Z')

export const ids = {
  agency: '942d0000-0000-4000-8000-00000000a001',
  property: '7b110000-0000-4000-8000-00000000b001',
  other: '7b110000-0000-4000-8000-00000000b002',
  lead: 'c0ffee00-0000-4000-8000-00000000c001'
}

export const lead = {
  uid: ids.lead,
  propertyUid: ids.property,
  agencyUid: ids.agency,
  type: 'BOOKING',
  status: 'BOOKED',
  externalBookingId: 'HMDEMO5521',
  checkInLocalDateTime: '2026-01-10T16:00:00',
  checkOutLocalDateTime: '2026-01-14T10:00:00',
  checkInZonedDateTime: '2026-01-10T16:00:00-07:00',
  checkOutZonedDateTime: '2026-01-14T10:00:00-07:00',
  metadata: { updatedUtcDateTime: '2025-12-02T09:30:00' },
  guestInformation: {
    firstName: 'Yuki',
    lastName: 'Sato',
    email: 'yuki@example.com',
    phoneNumber: '+13035550102'
  }
}

export const property = {
  uid: ids.property,
  name: 'Pine Chalet',
  isActive: true,
  address: {
    address: '4 Pine Road',
    address2: null,
    city: 'Vail',
    state: 'CO',
    zipCode: 81657,
    countryCode: 'US'
  },
  availability: { checkInTimeStart: 16, checkOutTime: 10 }
}

export const leadKnown = (changes: object = {}) => ({ [`leads/${ids.lead}`]: { ...lead, ...changes } })
export const propertyKnown = (changes: object = {}) => ({
  [`properties/${ids.property}`]: { ...property, ...changes }
})

export function webhook(event_type: unknown, more: object = {}) {
  return { agency_uid: ids.agency, event_type, property_uid: ids.property, lead_uid: ids.lead, ...more }
}

export async function translated(
  body: unknown,
  world: Record<string, unknown> = leadKnown(),
  overrides: Partial<Connection> = {},
  at = receivedAt
): Promise<Translation> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const [outcome] = await outcomesOf(
    hostfully,
    { ...connection, ...overrides },
    { body: text },
    {
      receivedAt: at,
      world: new Map(Object.entries(world))
    }
  )
  if (outcome === undefined) throw new TypeError('no event')
  return outcome.translation
}

export async function changesOf(...given: Parameters<typeof translated>): Promise<Change[]> {
  const translation = await translated(...given)
  if (!Array.isArray(translation)) throw new TypeError(translation.ignored)
  return translation
}

/** The one stay of a lead as the API has it. */
export async function stayOf(changes: object = {}): Promise<Stay> {
  const change = (await changesOf(webhook('BOOKING_UPDATED'), leadKnown(changes))).at(-1)
  if (change?.change !== 'stays' || change.stays[0] === undefined) throw new TypeError('no stay')
  return change.stays[0]
}
