import type { Connection } from '../../../src/model/connection.ts'
import { beds24 } from '../../../src/platforms/beds24/beds24.ts'
import type { Translation } from '../../../src/platforms/platform.ts'
import { demoConnection, outcomesOf } from '../contract.ts'

export const reading = demoConnection(beds24)
export const unread: Connection = { ...reading, api: undefined }

export const booking: Record<string, unknown> = {
  id: 71200451,
  bookingGroup: null,
  masterId: null,
  propertyId: 224410,
  roomId: 488021,
  unitId: 2,
  roomQty: 1,
  status: 'confirmed',
  subStatus: 'none',
  arrival: '2027-03-26',
  departure: '2027-03-29',
  firstName: 'Zoë',
  lastName: 'Lindqvist',
  email: 'zoe.lindqvist@example.com',
  phone: '+46855501470',
  mobile: '',
  arrivalTime: 'after 6 pm',
  custom1: '481920',
  custom2: '',
  apiReference: '4410098877',
  modifiedTime: '2027-02-11T08:30:05Z'
}
export const infoItems = [{ id: 9010022, bookingId: 71200451, code: 'DOORCODE', text: '481920' }]
export const version = Date.parse('2027-02-11T08:30:05Z')

export function messageOf(changes: Record<string, unknown> = {}, rest: object = {}) {
  return {
    timeStamp: '2027-02-11T08:30:05Z',
    booking: { ...booking, ...changes },
    infoItems: infoItems as unknown,
    invoiceItems: [],
    messages: [],
    retries: 0,
    ...rest
  }
}

export async function translated(
  body: unknown,
  given: { connection?: Connection; world?: Record<string, unknown>; receivedAt?: number } = {}
): Promise<Translation> {
  const { connection = unread, world = {}, receivedAt } = given
  const sample = { body: JSON.stringify(body), world }
  const more = receivedAt === undefined ? {} : { receivedAt }
  const [outcome] = await outcomesOf(beds24, connection, sample, more)
  return outcome?.translation ?? []
}

export async function staysOf(
  changes: Record<string, unknown>,
  given: Parameters<typeof translated>[1] = {},
  rest: object = {}
) {
  const told = await translated(messageOf(changes, rest), given)
  const [change] = Array.isArray(told) ? told : []
  return change?.change === 'stays' ? change.stays : []
}
