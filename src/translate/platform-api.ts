import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { RelayError } from '../errors.ts'
import { failureOf, hostOf, type Span } from '../model/trace.ts'
import {
  type ApiRequest,
  type ApiResponse,
  isPassing,
  type PlatformApi,
  refusedForNow,
  type TokenSource,
  unauthorized,
  unavailable
} from '../platforms/api.ts'
import { retryAfterMs } from '../retry-after.ts'
import type { KeptToken, Tokens } from '../store/tokens.ts'

export interface PlatformApisOptions {
  tokens: Tokens
  timeoutMs: number
  now(): number
  /** Breaks every request off, at an orderly stop that runs out of time. */
  signal: AbortSignal
}

export interface PlatformApis {
  /** @param settings the connection's `api` @param signal breaks requests off @param span under which they are traced */
  of(connectionId: string, settings: Record<string, string>, signal: AbortSignal, span?: Span): PlatformApi
  close(): Promise<void>
}

/** A token that is about to end is as good as ended. */
const TOKEN_MARGIN_MS = 60_000
/** So far apart tokens are renewed for refusals unless the platform's adapter says otherwise. */
const RENEWALS_APART_MS = 60_000
/** While one relay fetches a token, the others look so often whether it is there. */
const LOOK_AGAIN_MS = 250
/** Whoever fetches a token has to keep it too. */
const KEEPING_MS = 2_000
const MAX_REPLY_BYTES = 16 * 1024 * 1024

/** The platforms' APIs: time-outs, waiting and tokens are dealt with here, once for all adapters. */
export function platformApis({
  tokens,
  timeoutMs,
  now,
  signal: stopping
}: PlatformApisOptions): PlatformApis {
  const dispatcher = new Agent({
    connections: 16,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: MAX_REPLY_BYTES
  })
  const readingTime = growing(now)
  /** Deliveries of one connection come in crowds; one of them gets the token. */
  const fetching = new Map<string, Promise<KeptToken>>()

  async function plain(
    settings: Record<string, string>,
    wanted: ApiRequest,
    token: string | undefined,
    signal: AbortSignal,
    under: Span | undefined
  ): Promise<ApiResponse> {
    const { address, options } = requestOf(settings, wanted, token)
    const span = under?.child(wanted.method, 'client', {
      'http.request.method': wanted.method,
      ...hostOf(address)
    })
    let status: number
    let text: string
    let wait: number | undefined
    try {
      const patience = AbortSignal.any([signal, stopping, AbortSignal.timeout(timeoutMs)])
      const reply = await request(address, { ...options, dispatcher, signal: patience })
      status = reply.statusCode
      wait = waitMs(reply.headers, now())
      text = await reply.body.text()
      span?.set({ 'http.response.status_code': status })
      if (status >= 400) span?.fail(`${status}`)
    } catch (cause) {
      span?.fail(failureOf(cause))
      throw unavailable('the platform’s API did not answer', cause)
    } finally {
      span?.end()
    }
    if (isPassing(status)) {
      throw new RelayError('RELAY_PLATFORM_UNAVAILABLE', `the platform’s API answered ${status}`, {
        retryable: true,
        retryAfterMs: wait
      })
    }
    if ([404, 410].includes(status) && isPage(text)) throw notThePlatform(status)
    return { status, body: jsonOf(text) }
  }

  /** @param refused in the place of which another one is to be had; it is kept until there is one */
  async function tokenOf(
    owner: TokenOwner,
    api: PlatformApi,
    source: TokenSource,
    signal: AbortSignal,
    refused?: string
  ): Promise<KeptToken> {
    const { connectionId, name } = owner
    const kept = await tokens.get(connectionId, name, now())
    if (kept !== undefined && kept.token !== refused) return kept
    const id = `${connectionId} ${name}`
    const underWay = fetching.get(id)
    if (underWay !== undefined) return underWay
    const fetched = fetchInTurn(owner, api, source, signal, refused).finally(() => fetching.delete(id))
    fetching.set(id, fetched)
    return fetched
  }

  /**
   * Of all relays on the store one fetches. The others wait until the token is there, or until that one has failed or had
   * its time, and the next one tries.
   */
  async function fetchInTurn(
    { connectionId, name }: TokenOwner,
    api: PlatformApi,
    source: TokenSource,
    signal: AbortSignal,
    refused: string | undefined
  ): Promise<KeptToken> {
    for (;;) {
      const until = now() + timeoutMs + KEEPING_MS
      const isOurs = await tokens.lease(connectionId, name, now(), until)
      try {
        // Also for whoever has the lease: the token may have come just before.
        const kept = await tokens.get(connectionId, name, now())
        if (kept !== undefined && kept.token !== refused) return kept
        if (isOurs) {
          const { token, expiresInMs } = await source.fetch(api)
          const fresh = { token, fetchedAt: now(), renewed: refused !== undefined }
          await tokens.set(connectionId, name, fresh, now() + Math.max(expiresInMs - TOKEN_MARGIN_MS, 0))
          return fresh
        }
      } finally {
        if (isOurs) await tokens.release(connectionId, name, until)
      }
      await pause(LOOK_AGAIN_MS, undefined, { signal: AbortSignal.any([signal, stopping]) }).catch(cause => {
        throw unavailable('the platform has not given a token to the relay that asked for one', cause)
      })
    }
  }

  function of(
    connectionId: string,
    settings: Record<string, string>,
    signal: AbortSignal,
    span?: Span
  ): PlatformApi {
    const owner = { connectionId, name: tokenName(settings) }
    const api: PlatformApi = {
      settings,
      readingTime,
      async request(wanted) {
        const { bearer } = wanted
        if (bearer === undefined) return plain(settings, wanted, undefined, signal, span)
        const mayHaveEnded = ({ status }: ApiResponse) => bearer.renewOn?.includes(status) === true
        const kept = await tokenOf(owner, api, bearer, signal)
        const first = await plain(settings, wanted, kept.token, signal, span)
        if (first.status !== 401 && !mayHaveEnded(first)) return first
        const isOld = now() - kept.fetchedAt >= (bearer.renewalsApartMs ?? RENEWALS_APART_MS)
        // Only a 401 is about the token for sure; one that was just renewed for that is not what is wrong.
        const renews = isOld || (first.status === 401 && !kept.renewed)
        const renewed = renews ? await tokenOf(owner, api, bearer, signal, kept.token) : undefined
        const answer =
          renewed === undefined ? first : await plain(settings, wanted, renewed.token, signal, span)
        if (answer.status === 401) {
          throw unauthorized('the platform’s API answered 401 to a fresh token; check the connection’s api')
        }
        if (mayHaveEnded(answer)) throw mayNotRead(answer)
        return answer
      }
    }
    return api
  }

  return { of, close: () => dispatcher.close() }
}

/** A clock that never tells the same time twice: of two readings in one millisecond the later one is later. */
function growing(now: () => number): () => number {
  let last = 0
  return () => {
    last = Math.max(now(), last + 1)
    return last
  }
}

/** Of what was asked for, not of the token: nothing else has to wait. Permissions may be mended, so it is asked again. */
function mayNotRead({ status }: ApiResponse): RelayError {
  return refusedForNow(
    `the platform’s API answered ${status}, though the token has not ended; check what the connection’s api may read`
  )
}

interface TokenOwner {
  connectionId: string
  name: string
}

/** Other credentials, other token: after an edit of the settings nobody reads another account by mistake. */
function tokenName(settings: Record<string, string>): string {
  return `bearer ${createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 16)}`
}

function requestOf(settings: Record<string, string>, wanted: ApiRequest, token: string | undefined) {
  const base = (settings.endpoint ?? wanted.origin).replace(/\/+$/, '')
  const address = new URL(base + wanted.path)
  for (const [name, value] of Object.entries(wanted.query ?? {})) address.searchParams.append(name, value)
  const headers: Record<string, string> = {
    accept: 'application/json',
    'user-agent': 'seam-relay',
    ...wanted.headers
  }
  const { header } = wanted.bearer ?? {}
  if (token !== undefined && header !== undefined) headers[header] = token
  else if (token !== undefined) headers.authorization = `Bearer ${token}`
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

/** Smoobu has a header of its own, with the time in Unix seconds at which to come back. */
function waitMs(headers: IncomingHttpHeaders, now: number): number | undefined {
  const until = /^\d{10}$/.exec(String(headers['x-ratelimit-retry-after']))
  const untilMs = until === null ? undefined : Math.max(Number(until[0]) * 1000 - now, 0)
  return retryAfterMs(headers['retry-after'], now) ?? untilMs
}

function isPage(text: string): boolean {
  return text.trimStart().startsWith('<')
}

/** A proxy's or a server's own page, or a wrong endpoint: it says nothing of what was asked for, and no stay may end by it. */
function notThePlatform(status: number): RelayError {
  return refusedForNow(
    `${status} with a web page came in the place of the platform’s API; check endpoint in the connection’s api`
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
