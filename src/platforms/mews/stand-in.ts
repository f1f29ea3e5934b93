import { firstText } from '../fields.ts'
import type { StandIn, StandInResponse } from '../samples.ts'
import {
  accessTokens,
  basePath,
  companionships,
  customers,
  reservations,
  resources,
  services
} from './ask.ts'

type Entity = Record<string, unknown>

/** Where each list's entities are in the world, and which of their members the request filters by. */
const lists = [
  { of: reservations, folder: 'reservations', member: 'Id' },
  { of: customers, folder: 'customers', member: 'Id' },
  { of: companionships, folder: 'companionships', member: 'ReservationId' },
  { of: resources, folder: 'resources', member: 'Id' },
  { of: services, folder: 'services', member: 'Id' },
  { of: accessTokens, folder: 'resourceAccessTokens', member: 'ServiceOrderId' }
]

/**
 * Mews’ Connector API over a world of `reservations/<id>`, `customers/<id>`, `companionships/<id>`, `resources/<id>`,
 * `services/<id>`, `resourceAccessTokens/<id>` and `configuration/<enterprise id>`.
 * Inactive entities come only where they are asked for.
 */
export const standIn: StandIn = (request, world, settings) => {
  const operation = request.path.startsWith(basePath) ? request.path.slice(basePath.length) : ''
  const list = lists.find(each => each.of.operation === operation)
  if (request.method !== 'POST' || (list === undefined && operation !== 'configuration/get')) {
    return refused(404, 'Not found')
  }
  const question = objectOr<Entity>({}, request.body)
  if (
    question.ClientToken !== settings.client_token ||
    question.AccessToken !== settings.access_token ||
    firstText(question.Client) === undefined
  ) {
    return refused(401, 'Invalid ClientToken or AccessToken')
  }
  return list === undefined ? configuration(question, world) : page(list, question, world)
}

function configuration(question: Entity, world: Map<string, unknown>): StandInResponse {
  const enterprise = world.get(`configuration/${question.EnterpriseId}`)
  return enterprise ? { status: 200, body: { Enterprise: enterprise } } : refused(400, 'Invalid EnterpriseId')
}

function page(
  { of, folder, member }: (typeof lists)[number],
  question: Entity,
  world: Map<string, unknown>
): StandInResponse {
  const ids = question[of.filter]
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > 1000)
    return refused(400, `Invalid ${of.filter}`)
  if (of.with?.Extent !== undefined && question.Extent === undefined) return refused(400, 'Invalid Extent')
  const { Count: count, Cursor: cursor } = objectOr<Entity>({}, question.Limitation)
  if (typeof count !== 'number' || count < 1 || count > 1000) return refused(400, 'Invalid Limitation')

  const asked = objectOr<Entity>({}, question.Extent).Inactive === true
  const inactiveToo =
    asked || (Array.isArray(question.ActivityStates) && question.ActivityStates.includes('Deleted'))
  const found = [...world]
    .filter(([name]) => name.startsWith(`${folder}/`))
    .map(([, entity]) => objectOr(undefined, entity))
    .filter(entity => entity !== undefined)
    .filter(entity => ids.includes(entity[member]) && (inactiveToo || entity.IsActive !== false))
    .reverse()
  const start = cursor === undefined ? 0 : found.findIndex(entity => entity.Id === cursor) + 1
  const entities = found.slice(start, start + count)
  return { status: 200, body: { [of.list]: entities, Cursor: entities.at(-1)?.Id ?? null } }
}

function refused(status: number, message: string): StandInResponse {
  return { status, body: { Message: message } }
}

function objectOr<T>(otherwise: T, value: unknown): Entity | T {
  return typeof value === 'object' && value !== null ? (value as Entity) : otherwise
}
