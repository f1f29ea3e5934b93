import { RelayError } from '../errors.ts'

/**
 * What `hydrate` gets: the platform's API with the connection's credentials.
 * Time-outs, rate limits, 5xx and broken connections are already dealt with: they surface as a retryable RelayError
 * (RELAY_PLATFORM_UNAVAILABLE, with the wait the platform asked for).
 */
export interface PlatformApi {
  /** The connection's `api` settings. */
  settings: Record<string, string>
  /**
   * One request. Any status below 500 except 429 comes back; adapters judge 404 and 410 themselves.
   * With `bearer`, a 401 (or a status in `bearer.renewOn`) renews the token and repeats the request once.
   * @throws RelayError RELAY_PLATFORM_UNAVAILABLE (retryable), RELAY_PLATFORM_UNAUTHORIZED (retryable, slowly)
   */
  request(request: ApiRequest): Promise<ApiResponse>
}

export interface ApiRequest {
  method: 'GET' | 'POST'
  /** Scheme and host the platform documents; `api.endpoint` replaces it. */
  origin: string
  path: string
  query?: Record<string, string>
  headers?: Record<string, string>
  /** Sent as JSON unless `form` is given. */
  json?: unknown
  form?: Record<string, string>
  bearer?: TokenSource
}

export interface ApiResponse {
  status: number
  /** Parsed JSON, or undefined where the body is empty or no JSON. */
  body: unknown
}

/** A token that is fetched once, kept in the store, and shared by everything that uses the connection. */
export interface TokenSource {
  /** Statuses that mean "token has ended" beside 401. */
  renewOn?: number[]
  /** The header that carries it as it is; `Authorization: Bearer …` unless told. */
  header?: string
  /** Fetches a new token. @throws RelayError as `request` does */
  fetch(api: PlatformApi): Promise<{ token: string; expiresInMs: number }>
}

/** Passing trouble on the platform's side, as far as anyone can tell: never a sign that something is gone. */
export function unavailable(message: string): RelayError {
  return new RelayError('RELAY_PLATFORM_UNAVAILABLE', message, { retryable: true })
}

/** Refused credentials. The step is tried again, for they may be mended at the platform alone. */
export function unauthorized(message: string): RelayError {
  return new RelayError('RELAY_PLATFORM_UNAUTHORIZED', message, { retryable: true })
}
