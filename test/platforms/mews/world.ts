import type { Change, Stay } from '../../../src/model/change.ts'
import type { Connection } from '../../../src/model/connection.ts'
import { mews } from '../../../src/platforms/mews/mews.ts'
import type { Translation } from '../../../src/platforms/platform.ts'
import { demoConnection, outcomesOf } from '../contract.ts'

export const connection = demoConnection(mews)
export const receivedAt = Date.parse('2026-05-02T07:20:00Z')

export const ids = {
  enterprise: '5d1f6c1e-93a2-4f0e-8b4a-b2aa00c0ffee',
  integration: 'c41b8a0d-6c55-4a4e-9a0e-b2aa00c0ffef',
  reservation: '10000000-0000-4000-8000-000000000001',
  other: '10000000-0000-4000-8000-000000000002',
  guest: '20000000-0000-4000-8000-000000000001',
  companion: '20000000-0000-4000-8000-000000000002',
  late: '20000000-0000-4000-8000-000000000003',
  room: '30000000-0000-4000-8000-000000000001',
  closed: '30000000-0000-4000-8000-000000000002',
  service: '40000000-0000-4000-8000-000000000001',
  company: '50000000-0000-4000-8000-000000000001'
}

export function reservation(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    Id: ids.reservation,
    ServiceId: ids.service,
    AccountId: ids.guest,
    AccountType: 'Customer',
    Number: '51207',
    State: 'Confirmed',
    UpdatedUtc: '2026-05-02T07:14:31Z',
    AssignedResourceId: ids.room,
    ScheduledStartUtc: '2026-07-03T13:00:00Z',
    ActualStartUtc: null,
    ScheduledEndUtc: '2026-07-07T09:00:00Z',
    ActualEndUtc: null,
    ...changes
  }
}

export function customer(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    Id: ids.guest,
    FirstName: 'Mireille',
    LastName: 'Okafor',
    Email: 'mireille.okafor@example.com',
    HasOtaEmail: false,
    Phone: '+33 1 99 00 12 34',
    UpdatedUtc: '2026-05-02T07:11:59Z',
    MergeTargetId: null,
    IsActive: true,
    ...changes
  }
}

export function resource(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    Id: ids.room,
    EnterpriseId: ids.enterprise,
    IsActive: true,
    Name: '305',
    UpdatedUtc: '2026-04-20T11:45:00Z',
    Data: { Discriminator: 'Space', Value: {} },
    ...changes
  }
}

export function service(value: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    Id: ids.service,
    Data: {
      Discriminator: 'Bookable',
      Value: {
        StartOffset: 'P0M0DT15H0M0S',
        EndOffset: 'P0M0DT11H0M0S',
        TimeUnitPeriod: 'Day',
        ...value
      }
    }
  }
}

export function enterprise(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { Id: ids.enterprise, TimeZoneIdentifier: 'Europe/Paris', ...changes }
}

/** What the API knows, by list. */
export function worldOf(lists: Record<string, Record<string, unknown>[]> = {}): Map<string, unknown> {
  const all = {
    reservations: [reservation()],
    customers: [customer()],
    resources: [resource()],
    services: [service()],
    configuration: [enterprise()],
    ...lists
  }
  return new Map(
    Object.entries(all).flatMap(([name, entities]) => entities.map(each => [`${name}/${each.Id}`, each]))
  )
}

export function message(...events: [discriminator: string, id: string][]): string {
  return JSON.stringify({
    EnterpriseId: ids.enterprise,
    IntegrationId: ids.integration,
    Events: events.map(([Discriminator, Id]) => ({ Discriminator, Value: { Id } }))
  })
}

export async function translated(
  body: string,
  world: Map<string, unknown>,
  using: Connection = connection
): Promise<Translation[]> {
  const outcomes = await outcomesOf(mews, using, { body }, { receivedAt, world })
  return outcomes.map(outcome => outcome.translation)
}

/** The changes of one `ServiceOrderUpdated`, or the reason why there are none. */
export async function reservationTold(
  changes: Record<string, unknown>,
  lists: Record<string, Record<string, unknown>[]> = {},
  using: Connection = connection
): Promise<Translation> {
  const world = worldOf({ reservations: [reservation(changes)], ...lists })
  const [translation = []] = await translated(message(['ServiceOrderUpdated', ids.reservation]), world, using)
  return translation
}

export async function stayTold(
  changes: Record<string, unknown>,
  lists?: Record<string, Record<string, unknown>[]>,
  using?: Connection
): Promise<Stay | undefined> {
  const booking = changeIn(await reservationTold(changes, lists, using), 'stays')
  return booking?.stays[0]
}

export function changeIn<K extends Change['change']>(
  translation: Translation | undefined,
  kind: K
): Extract<Change, { change: K }> | undefined {
  const changes = Array.isArray(translation) ? translation : []
  return changes.find((each): each is Extract<Change, { change: K }> => each.change === kind)
}

export function withApi(settings: Record<string, string>): Connection {
  return { ...connection, api: { ...connection.api, ...settings } }
}
