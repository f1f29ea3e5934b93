import type { StandIn, StandInRequest, StandInResponse } from '../samples.ts'
import { type Members, membersOf } from '../told.ts'

/** The tokens given so far, oldest first. */
const issuedTokens = 'issued-tokens'
/** The token that has ended: Guesty answers it with 403. */
const expiredToken = 'expired-token'

/**
 * Guesty's Open API as far as the adapter asks it. The world holds `reservations/<id>` and `listings/<id>`; a
 * reservation's `notes` are shown by Reservations v3 only.
 */
export const standIn: StandIn = (request, world, settings) => {
  if (request.method === 'POST' && request.path === '/oauth2/token')
    return giveToken(request, world, settings)
  const [scheme, bearer = ''] = (request.headers.authorization ?? '').split(' ')
  if (scheme !== 'Bearer' || !issued(world).includes(bearer)) return refusal(401, 'Unauthorized')
  if (world.get(expiredToken) === bearer) return refusal(403, 'Forbidden')
  if (request.path === '/v1/reservations-v3') return reservationsV3(request, world)
  const [, list, id = ''] = /^\/v1\/(reservations|listings)\/([^/]+)$/.exec(request.path) ?? []
  const entity = world.get(`${list}/${decodeURIComponent(id)}`)
  if (request.method !== 'GET' || entity === undefined || entity === null) return refusal(404, 'Not found')
  const { notes, ...shown } = membersOf(entity)
  return { status: 200, body: projected(shown, request.query.fields?.[0] ?? '_id') }
}

function giveToken(
  { body }: StandInRequest,
  world: Map<string, unknown>,
  settings: Record<string, string>
): StandInResponse {
  const form = membersOf(body)
  const right =
    form.grant_type === 'client_credentials' &&
    form.scope === 'open-api' &&
    form.client_id === settings.client_id &&
    form.client_secret === settings.client_secret
  if (!right) return refusal(401, 'Unauthorized')
  const token = `open-api-token-${issued(world).length + 1}`
  world.set(issuedTokens, [...issued(world), token])
  return {
    status: 200,
    body: { token_type: 'Bearer', expires_in: 86_400, access_token: token, scope: 'open-api' }
  }
}

function issued(world: Map<string, unknown>): string[] {
  return (world.get(issuedTokens) ?? []) as string[]
}

function reservationsV3({ query }: StandInRequest, world: Map<string, unknown>): StandInResponse {
  const ids = query['reservationIds[]'] ?? []
  if (ids.length === 0 || ids.length > 10)
    return refusal(400, 'reservationIds must name 1 to 10 reservations')
  const known = ids.map(id => membersOf(world.get(`reservations/${id}`)))
  return {
    status: 200,
    body: known
      .filter(entity => entity._id !== undefined)
      .map(({ _id, notes }) => (notes === undefined ? { _id } : { _id, notes }))
  }
}

/** Only what was asked for, as dotted paths between spaces. */
function projected(entity: Members, fields: string): Members {
  const shown: Members = {}
  for (const path of fields.split(' ')) {
    const [name = '', ...rest] = path.split('.')
    if (entity[name] === undefined) continue
    shown[name] =
      rest.length === 0
        ? entity[name]
        : { ...membersOf(shown[name]), ...projected(membersOf(entity[name]), rest.join('.')) }
  }
  return shown
}

function refusal(status: number, message: string): StandInResponse {
  return { status, body: { error: { message } } }
}
