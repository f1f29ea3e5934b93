import type { StandIn, StandInRequest, StandInResponse } from '../samples.ts'

/**
 * OfficeRnD's API as far as the adapter asks it: tokens, the organization, one entity. The world holds `members/<id>`,
 * `companies/<id>`, `resources/<id>` and `locations/<id>`.
 */
export const standIn: StandIn = (request, world, settings) => {
  const { method, path, headers } = request
  if (path === '/oauth/token') return issued(request, settings)
  if (headers.authorization !== `Bearer ${tokenOf(settings)}`) return refusal(401, 'Unauthorized')
  const [, version, organization, list, id = ''] =
    /^\/api\/(v[12])\/organizations\/([^/]+)(?:\/(members|companies|resources|locations)\/([^/]+))?$/.exec(
      path
    ) ?? []
  if (method !== 'GET' || organization !== settings.organization) return refusal(404, 'Not Found')
  if (version === 'v1' && list === undefined) {
    return {
      status: 200,
      body: { slug: organization, regionInfo: { regionUrl: 'https://app-eu.officernd.com' } }
    }
  }
  const entity = version === 'v2' ? world.get(`${list}/${decodeURIComponent(id)}`) : undefined
  return entity ? { status: 200, body: entity } : refusal(404, 'Not Found')
}

function issued({ method, body }: StandInRequest, settings: Record<string, string>): StandInResponse {
  const { grant_type, client_id, client_secret, scope } = { ...(body as Record<string, unknown>) }
  const right =
    method === 'POST' &&
    grant_type === 'client_credentials' &&
    client_id === settings.client_id &&
    client_secret === settings.client_secret &&
    typeof scope === 'string' &&
    scope !== ''
  if (!right) return refusal(401, 'invalid_client')
  return { status: 200, body: { token_type: 'Bearer', expires_in: 3_600, access_token: tokenOf(settings) } }
}

function tokenOf(settings: Record<string, string>): string {
  return `stand-in-token-of-${settings.client_id}`
}

function refusal(statusCode: number, message: string): StandInResponse {
  return { status: statusCode, body: { statusCode, message } }
}
