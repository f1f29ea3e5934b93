import type { StandIn, StandInRequest, StandInResponse } from '../samples.ts'
import { membersOf } from '../told.ts'
import { basicOf } from './token.ts'

/**
 * apaleo’s identity server and APIs, played. The world holds `reservations/<id>`, `units/<id>` and `properties/<id>`;
 * of a reservation `booker` and `assignedUnits` are shown only where `expand` asks for them.
 */
export const standIn: StandIn = (request, world, settings) => {
  const { method, path, headers, query } = request
  if (path === '/connect/token') return method === 'POST' ? issued(request, settings) : { status: 405 }
  if (headers.authorization !== `Bearer ${tokenOf(settings)}`) return { status: 401 }
  if (method !== 'GET') return { status: 405 }
  const [, list, id = ''] =
    /^\/(?:booking\/v1\/(?=reservations)|inventory\/v1\/(?!reservations))(\w+)\/([^/]+)$/.exec(path) ?? []
  const entity = world.get(`${list}/${decodeURIComponent(id)}`)
  if (entity === undefined || entity === null) return { status: 404, body: { messages: ['not found'] } }
  const { booker, assignedUnits, ...shown } = membersOf(entity)
  const expanded = (query.expand?.[0] ?? '').split(',')
  return {
    status: 200,
    body: {
      ...shown,
      ...(expanded.includes('booker') && { booker }),
      ...(expanded.includes('assignedUnits') && { assignedUnits })
    }
  }
}

function issued({ headers, body }: StandInRequest, settings: Record<string, string>): StandInResponse {
  const right =
    headers.authorization === basicOf(settings) && membersOf(body).grant_type === 'client_credentials'
  if (!right) return { status: 400, body: { error: 'invalid_client' } }
  return {
    status: 200,
    body: { access_token: tokenOf(settings), expires_in: 3_600, token_type: 'Bearer' }
  }
}

function tokenOf({ client_id }: Record<string, string>): string {
  return `stand-in-token-of-${client_id}`
}
