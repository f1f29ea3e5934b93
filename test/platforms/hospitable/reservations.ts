import type { Stay } from '../../../src/model/change.ts'
import type { Connection } from '../../../src/model/connection.ts'
import { hospitable } from '../../../src/platforms/hospitable/hospitable.ts'
import type { Translation } from '../../../src/platforms/platform.ts'
import { demoConnection, outcomesOf } from '../contract.ts'

export const connection = demoConnection(hospitable, { api: undefined })
export const receivedAt = Date.parse('2026-02-20T09:15:01Z')

/** A confirmed reservation as Hospitable tells it. */
export const data = {
  id: 'r-1',
  platform_id: 'HMDEMO0001',
  arrival_date: '2026-03-12T00:00:00-04:00',
  departure_date: '2026-03-15T00:00:00-04:00',
  check_in: '2026-03-12T16:00:00-04:00',
  check_out: '2026-03-15T11:00:00-04:00',
  reservation_status: { current: { category: 'accepted' } },
  guest: { id: '7', first_name: 'Noor', last_name: 'Haddad' },
  properties: [{ id: 'p-1' }]
}
export const event = { id: 'e-1', action: 'reservation.changed', created: '2026-02-20T09:15:00Z', data }
export const version = Date.parse(event.created)

export async function translated(body: unknown, using: Connection = connection): Promise<Translation> {
  const [outcome] = await outcomesOf(hospitable, using, { body: JSON.stringify(body) }, { receivedAt })
  return outcome?.translation ?? []
}

/** The stay of {@link event} with these changes of its reservation. */
export async function stayOf(
  changes: Record<string, unknown>,
  using?: Connection
): Promise<Stay | undefined> {
  const translation = await translated({ ...event, data: { ...data, ...changes } }, using)
  const told = Array.isArray(translation) ? translation.find(change => change.change === 'stays') : undefined
  return told?.stays[0]
}

/** What a body says of its booking, or why nothing. */
export async function bookingOf(body: unknown, using?: Connection): Promise<unknown> {
  const translation = await translated(body, using)
  return Array.isArray(translation) ? translation.find(change => change.change === 'stays') : translation
}

/** {@link event} in another status. */
export function withStatus(category: unknown, sub_category: unknown = null): Record<string, unknown> {
  return { ...event, data: { ...data, reservation_status: { current: { category, sub_category } } } }
}
