import type { StandIn, StandInRequest, StandInResponse } from '../samples.ts'

/**
 * Hostaway's API, played: access tokens, one reservation, one listing, all listings, the units of a listing. The world holds
 * `reservations/<id>`, `listings/<id>` and `listingUnits/<listing>`.
 */
export const standIn: StandIn = (request, world, settings) => {
  const { method, path, headers } = request
  if (path === '/v1/accessTokens') return method === 'POST' ? issued(request, settings) : failed(405)
  if (headers.authorization !== `Bearer ${tokenOf(settings)}`) return failed(403)
  if (path === '/v1/listings' && method === 'GET') return succeeded(listed(request, world))
  const match = /^\/v1\/(reservations|listings|listingUnits)\/(\d+)$/.exec(path)
  if (match === null) return failed(404)
  if (method !== 'GET') return failed(405)
  const [, kind, id] = match
  const entity = world.get(`${kind}/${id}`)
  if (typeof entity !== 'object' || entity === null) return failed(404)
  const whole = kind !== 'reservations' || request.query.includeResources?.[0] === '1'
  return succeeded(whole ? entity : { ...entity, reservationUnit: [], customFieldValues: [] })
}

function issued({ body }: StandInRequest, settings: Record<string, string>): StandInResponse {
  const wanted: Record<string, string | undefined> = {
    grant_type: 'client_credentials',
    client_id: settings.account_id,
    client_secret: settings.api_key,
    scope: 'general'
  }
  const form = { ...(body as Record<string, unknown>) }
  const right = Object.entries(wanted).every(([name, value]) => form[name] === value)
  if (!right) return failed(401)
  return {
    status: 200,
    body: { token_type: 'Bearer', expires_in: 63_072_000, access_token: tokenOf(settings) }
  }
}

function listed({ query }: StandInRequest, world: Map<string, unknown>): unknown[] {
  const listings = [...world].flatMap(([name, entity]) => (name.startsWith('listings/') ? [entity] : []))
  const start = Number(query.offset?.[0])
  return listings.slice(start, start + Number(query.limit?.[0]))
}

function tokenOf(settings: Record<string, string>): string {
  return `stand-in-token-of-${settings.account_id}`
}

function succeeded(result: unknown): StandInResponse {
  return { status: 200, body: { status: 'success', result } }
}

function failed(status: number): StandInResponse {
  return { status, body: { status: 'fail', message: 'the stand-in refuses this' } }
}
