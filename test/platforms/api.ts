import { RelayError } from '../../src/errors.ts'
import {
  type ApiRequest,
  type ApiResponse,
  isPassing,
  type PlatformApi,
  type TokenSource
} from '../../src/platforms/api.ts'
import type { StandIn, StandInRequest, StandInResponse } from '../../src/platforms/samples.ts'

export interface TestApi extends PlatformApi {
  /** Every request as the stand-in saw it, token requests and repeats included. */
  requests: StandInRequest[]
}

/**
 * A PlatformApi without a network, on top of a platform's stand-in (or of any function that answers).
 * It keeps the promises of `PlatformApi`: one renewal after a 401 or `renewOn`, 408, 425, 429 and 5xx as retryable errors. No token
 * of its own counts as young, and it has always been asked often enough.
 * @param world what the platform's API knows: path-like name → entity, `null` where it is gone
 */
export function testApi(
  standIn: StandIn,
  settings: Record<string, string> = {},
  world = new Map<string, unknown>()
): TestApi {
  const requests: StandInRequest[] = []
  const tokens = new Map<TokenSource, string>()

  async function tokenOf(source: TokenSource): Promise<string> {
    const token = tokens.get(source) ?? (await source.fetch(api)).token
    tokens.set(source, token)
    return token
  }

  async function once(request: ApiRequest): Promise<StandInResponse> {
    const seen = seenByStandIn(request)
    if (request.bearer !== undefined) {
      const token = await tokenOf(request.bearer)
      const { header } = request.bearer
      if (header === undefined) seen.headers.authorization = `Bearer ${token}`
      else seen.headers[header] = token
    }
    requests.push(seen)
    return standIn(seen, world, settings)
  }

  async function request(request: ApiRequest): Promise<ApiResponse> {
    const { bearer } = request
    const ended = (status: number) => status === 401 || bearer?.renewOn?.includes(status) === true
    let reply = await once(request)
    if (bearer !== undefined && ended(reply.status)) {
      tokens.delete(bearer)
      reply = await once(request)
      if (reply.status === 401) throw new RelayError('RELAY_PLATFORM_UNAUTHORIZED', undefined, retryable)
      if (ended(reply.status)) throw new RelayError('RELAY_PLATFORM_REFUSED', undefined, retryable)
    }
    if (isPassing(reply.status)) {
      throw new RelayError('RELAY_PLATFORM_UNAVAILABLE', undefined, retryable)
    }
    return { status: reply.status, body: throughJson(reply.body) }
  }

  const api: TestApi = { settings, readingTime: () => 0, requests, request, goesWithout: () => true }
  return api
}

const retryable = { retryable: true }

function seenByStandIn({ method, path, query, headers, json, form }: ApiRequest): StandInRequest {
  const type =
    form !== undefined
      ? { 'content-type': 'application/x-www-form-urlencoded' }
      : json !== undefined
        ? { 'content-type': 'application/json' }
        : {}
  const given = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])
  return {
    method,
    path,
    query: Object.fromEntries(Object.entries(query ?? {}).map(([name, value]) => [name, [value]])),
    headers: { ...type, ...Object.fromEntries(given) },
    body: form ?? throughJson(json)
  }
}

function throughJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}

/** One that has not been asked often yet. */
export function notAskedOften({ goesWithout: _always, ...api }: TestApi): TestApi {
  return api
}
