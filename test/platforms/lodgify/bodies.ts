import type { Stay, StaysChange } from '../../../src/model/change.ts'
import type { Connection } from '../../../src/model/connection.ts'
import { lodgify } from '../../../src/platforms/lodgify/lodgify.ts'
import type { Translation } from '../../../src/platforms/platform.ts'
import { demoConnection, outcomesOf } from '../contract.ts'

/** Without `api`, so that the webhook itself counts. */
export const unread = demoConnection(lodgify, { api: undefined })
/** With `api`: the booking is read again from the stand-in. */
export const reading = demoConnection(lodgify)

export const receivedAt = Date.parse('2026-04-17T19:57:00Z')

export const guest = {
  uid: 'AJdemoGuestUid0001',
  name: 'Oskar Nilsen',
  email: 'oskar@example.com',
  phone_number: '4790000001'
}

export const booking = {
  type: 'Booking',
  id: 9100001,
  date_arrival: '2026-05-21T00:00:00',
  date_departure: '2026-05-24T00:00:00',
  property_id: 410010,
  property_name: 'Casa Brisa',
  status: 'Booked',
  room_types: [{ id: 7700001, room_type_id: 520020, name: 'Casa Brisa' }],
  source_text: 'HMDEMO7788'
}

/** The booking as the API tells it. */
export const known = {
  id: 9100001,
  arrival: '2026-05-21',
  departure: '2026-05-24',
  status: 'Booked',
  updated_at: '2026-04-17T19:56:32+00:00',
  property_id: 410010,
  rooms: [{ room_type_id: 520020, key_code: '4827' }],
  guest: { name: 'Oskar Nilsen', email: 'oskar@example.com', phone: '+4790000001' },
  source_text: 'HMDEMO7788'
}

export const house = { id: 410010, name: 'Casa Brisa', rooms: [{ id: 520020 }] }

export function webhook(changed: object = {}, more: object = {}) {
  return { action: 'booking_change', booking: { ...booking, ...changed }, guest, ...more }
}

export interface Given {
  connection?: Connection
  world?: Record<string, unknown>
  receivedAt?: number
  query?: Record<string, string>
}

/** What one request with this body means, one translation for each event. */
export async function allTranslated(body: unknown, given: Given = {}): Promise<Translation[]> {
  const outcomes = await outcomesOf(
    lodgify,
    given.connection ?? unread,
    { body: JSON.stringify(body), ...(given.query && { query: given.query }) },
    { receivedAt: given.receivedAt ?? receivedAt, world: new Map(Object.entries(given.world ?? {})) }
  )
  return outcomes.map(({ translation }) => translation)
}

export async function translated(body: unknown, given?: Given): Promise<Translation> {
  const [translation] = await allTranslated(body, given)
  return translation ?? []
}

export async function bookingOf(body: unknown, given?: Given): Promise<StaysChange> {
  const translation = await translated(body, given)
  const change = Array.isArray(translation) ? translation.find(each => each.change === 'stays') : undefined
  if (change === undefined) throw new Error('nothing was told of a booking')
  return change
}

export async function stayOf(body: unknown, given?: Given): Promise<Stay | undefined> {
  return (await bookingOf(body, given)).stays[0]
}
