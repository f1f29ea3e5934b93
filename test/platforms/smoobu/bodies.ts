import type { Stay, StaysChange } from '../../../src/model/change.ts'
import type { Connection } from '../../../src/model/connection.ts'
import type { Translation } from '../../../src/platforms/platform.ts'
import { smoobu } from '../../../src/platforms/smoobu/smoobu.ts'
import { demoConnection, outcomesOf } from '../contract.ts'

/** Without `api`, so that the webhook itself counts. */
export const unread = demoConnection(smoobu, { api: undefined })
/** With `api`: the reservation is read again from the stand-in. */
export const reading = demoConnection(smoobu)

export const receivedAt = Date.parse('2025-12-20T07:02:10Z')
export const HOURS_14 = 14 * 3_600_000

export const reservation = {
  id: 102400001,
  'reference-id': 'HMDEMO9001',
  type: 'reservation',
  arrival: '2026-01-10',
  departure: '2026-01-13',
  'check-in': '15:00',
  'check-out': '11:00',
  'created-at': '2025-12-03 13:51',
  modifiedAt: '2025-12-03 13:52',
  apartment: { id: 3320001, name: 'Altstadt 2' },
  'guest-name': 'Jonas Weber',
  email: 'jonas@example.com',
  phone: '+4915550002222',
  'is-blocked-booking': false
}
export const changedAt = Date.parse('2025-12-03T13:52:00Z')

export function webhook(changed: object = {}, action = 'updateReservation') {
  return { action, user: 130001, data: { ...reservation, ...changed } }
}

export interface Given {
  connection?: Connection
  world?: Record<string, unknown>
  receivedAt?: number
  action?: string
}

export async function translated(body: unknown, given: Given = {}): Promise<Translation> {
  const [outcome] = await outcomesOf(
    smoobu,
    given.connection ?? unread,
    { body: JSON.stringify(body) },
    { receivedAt: given.receivedAt ?? receivedAt, world: new Map(Object.entries(given.world ?? {})) }
  )
  return outcome?.translation ?? []
}

export async function bookingOf(changed: object = {}, given: Given = {}): Promise<StaysChange> {
  const translation = await translated(webhook(changed, given.action), given)
  const change = Array.isArray(translation) ? translation.find(each => each.change === 'stays') : undefined
  if (change === undefined) throw new Error('nothing was told of a booking')
  return change
}

export async function stayOf(changed: object = {}, given?: Given): Promise<Stay | undefined> {
  return (await bookingOf(changed, given)).stays[0]
}
