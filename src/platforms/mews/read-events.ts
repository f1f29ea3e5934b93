import type { Connection } from '../../model/connection.ts'
import type { Delivery, Incoming } from '../../model/delivery.ts'
import { firstText } from '../fields.ts'
import { type PlatformEvent, peekObject, readObject, unreadable } from '../platform.ts'
import { membersOf } from '../told.ts'

/**
 * One event per entity of a message; every id counts once, so the `CustomerAdded` and `CustomerUpdated` of a new guest
 * are one event. An entry that cannot be read becomes an event of its own, so that it ends dead and its neighbours do not.
 */
export function readEvents(delivery: Delivery): PlatformEvent[] {
  const body = readObject(delivery)
  if (Array.isArray(body.Events)) return eventsOf(body.Events)
  // The body of an integration webhook can hold an access token or an API key: only its action travels on.
  const action = firstText(body.Action)
  if (action !== undefined) return [{ type: action, payload: {} }]
  throw unreadable('the body has neither a list Events nor an Action')
}

function eventsOf(entries: unknown[]): PlatformEvent[] {
  if (entries.length === 0) return [{ type: 'empty', payload: {} }]
  const seen = new Set<string>()
  const events: PlatformEvent[] = []
  for (const entry of entries) {
    const event = { type: firstText(membersOf(entry).Discriminator) ?? 'unreadable', payload: entry }
    const id = entityId(event)
    if (id !== undefined) {
      const entity = `${event.type.replace(/^CustomerAdded$/, 'CustomerUpdated')} ${id}`
      if (seen.has(entity)) continue
      seen.add(entity)
    }
    events.push(event)
  }
  return events
}

/** The id that an entry names, whatever it looks like. */
function entityId(event: PlatformEvent): string | undefined {
  return firstText(membersOf(membersOf(event.payload).Value).Id)
}

/**
 * One address serves every property of a partner application, so the token tells the partner and the ids in the body
 * tell the property. Integration webhooks name them in `Data`.
 */
export function isOwn(incoming: Incoming, connection: Connection): boolean {
  const { EnterpriseId, IntegrationId, Data } = membersOf(peekObject(incoming))
  const { Enterprise, Integration } = membersOf(Data)
  const told: [unknown, string | undefined][] = [
    [EnterpriseId, connection.api?.enterprise_id],
    [IntegrationId, connection.api?.integration_id],
    [membersOf(Enterprise).Id, connection.api?.enterprise_id],
    [membersOf(Integration).Id, connection.api?.integration_id]
  ]
  return told.every(([id, own]) => {
    const text = firstText(id)
    return own === undefined || text === undefined || text.toLowerCase() === own.toLowerCase()
  })
}
