import { Agent, request } from 'undici'
import { RelayError } from '../errors.ts'
import type { ApiRequest, ApiResponse, PlatformApi, TokenSource } from '../platforms/api.ts'
import { retryAfterMs } from '../seam/retry-after.ts'
import type { Tokens } from '../store/tokens.ts'

export interface PlatformApisOptions {
  tokens: Tokens
  timeoutMs: number
  now(): number
}

export interface PlatformApis {
  /** @param settings the connection's `api` */
  of(connectionId: string, settings: Record<string, string>): PlatformApi
  close(): Promise<void>
}

const TOKEN_NAME = 'bearer'
/** A token that is about to end is as good as ended. */
const TOKEN_MARGIN_MS = 60_000
const MAX_REPLY_BYTES = 16 * 1024 * 1024

/** The platforms' APIs: time-outs, waiting and tokens are dealt with here, once for all adapters. */
export function platformApis({ tokens, timeoutMs, now }: PlatformApisOptions): PlatformApis {
  const dispatcher = new Agent({ connections: 16, headersTimeout: timeoutMs, bodyTimeout: timeoutMs, maxResponseSize: MAX_REPLY_BYTES })
  /** Deliveries of one connection come in crowds; one of them fetches the token. */
  const fetching = new Map<string, Promise<string>>()

  async function plain(settings: Record<string, string>, wanted: ApiRequest, bearer: string | undefined): Promise<ApiResponse> {
    const { address, options } = requestOf(settings, wanted, bearer)
    let status: number
    let text: string
    let wait: number | undefined
    try {
      const reply = await request(address, { ...options, dispatcher, signal: AbortSignal.timeout(timeoutMs) })
      status = reply.statusCode
      wait = retryAfterMs(reply.headers['retry-after'], now())
      text = await reply.body.text()
    } catch (cause) {
      throw new RelayError('RELAY_PLATFORM_UNAVAILABLE', 'the platform’s API did not answer', { cause, retryable: true })
    }
    if (status === 429 || status >= 500) {
      throw new RelayError('RELAY_PLATFORM_UNAVAILABLE', `the platform’s API answered ${status}`, {
        retryable: true,
        retryAfterMs: wait
      })
    }
    return { status, body: jsonOf(text) }
  }

  async function tokenOf(connectionId: string, api: PlatformApi, source: TokenSource): Promise<string> {
    const kept = await tokens.get(connectionId, TOKEN_NAME, now())
    if (kept !== undefined) return kept
    const underWay = fetching.get(connectionId)
    if (underWay !== undefined) return underWay
    const fetched = (async () => {
      const { token, expiresInMs } = await source.fetch(api)
      await tokens.set(connectionId, TOKEN_NAME, token, now() + Math.max(expiresInMs - TOKEN_MARGIN_MS, 0))
      return token
    })().finally(() => fetching.delete(connectionId))
    fetching.set(connectionId, fetched)
    return fetched
  }

  function of(connectionId: string, settings: Record<string, string>): PlatformApi {
    const api: PlatformApi = {
      settings,
      async request(wanted) {
        const { bearer } = wanted
        if (bearer === undefined) return plain(settings, wanted, undefined)
        const hasEnded = ({ status }: ApiResponse) => status === 401 || bearer.renewOn?.includes(status) === true
        const token = await tokenOf(connectionId, api, bearer)
        const first = await plain(settings, wanted, token)
        if (!hasEnded(first)) return first
        await tokens.drop(connectionId, TOKEN_NAME, token)
        const second = await plain(settings, wanted, await tokenOf(connectionId, api, bearer))
        if (!hasEnded(second)) return second
        throw new RelayError(
          'RELAY_PLATFORM_UNAUTHORIZED',
          `the platform’s API answered ${second.status} to a fresh token; check the connection’s api`,
          { retryable: true }
        )
      }
    }
    return api
  }

  return { of, close: () => dispatcher.close() }
}

function requestOf(settings: Record<string, string>, wanted: ApiRequest, bearer: string | undefined) {
  const base = (settings.endpoint ?? wanted.origin).replace(/\/+$/, '')
  const address = new URL(base + wanted.path)
  for (const [name, value] of Object.entries(wanted.query ?? {})) address.searchParams.append(name, value)
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'seam-relay', ...wanted.headers }
  if (bearer !== undefined) headers.authorization = `Bearer ${bearer}`
  let body: string | null = null
  if (wanted.form !== undefined) {
    headers['content-type'] = 'application/x-www-form-urlencoded'
    body = new URLSearchParams(wanted.form).toString()
  } else if (wanted.json !== undefined) {
    headers['content-type'] = 'application/json'
    body = JSON.stringify(wanted.json)
  }
  return { address, options: { method: wanted.method, headers, body } }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
