import { RelayError } from '../errors.ts'

/**
 * What `hydrate` gets: the platform's API with the connection's credentials.
 * Time-outs, rate limits, 5xx and broken connections are already dealt with: they surface as a retryable RelayError
 * (RELAY_PLATFORM_UNAVAILABLE, with the wait the platform asked for).
 */
export interface PlatformApi {
  /** The connection's `api` settings. */
  settings: Record<string, string>
  /** ms since 1970, later with each call: when something is read, where the platform gives it no clock. */
  readingTime(): number
  /**
   * One request. Any status but a {@link isPassing passing} one comes back; adapters judge 404 and 410 themselves.
   * With `bearer`, a 401 (or a status in `bearer.renewOn`) renews the token, not too often, and repeats the request once. What is
   * answered then, or to a token that is not renewed, is about the credentials where it is 401, else about what was asked for.
   * @throws RelayError RELAY_PLATFORM_UNAVAILABLE (retryable), RELAY_PLATFORM_UNAUTHORIZED (retryable, slowly),
   * RELAY_PLATFORM_REFUSED ({@link refusedForNow}) for a status in `bearer.renewOn`, and for a 404 or 410 that is a web page
   */
  request(request: ApiRequest): Promise<ApiResponse>
  /** Whether to go on without an answer, told why there is none; {@link isRefusal} decides where it is left out. */
  goesWithout?(trouble: RelayError): boolean
  /** Whether the booking is known to be cancelled as of then or later, by the clock of readings. */
  isCancelledAsOf?(bookingId: string, readAt: number): Promise<boolean>
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
  /** Statuses beside 401 that can mean "token has ended", and also that one thing may not be read. */
  renewOn?: number[]
  /**
   * How old a token is that is renewed for a refusal; a minute unless told, and more where the platform rations them. Younger than
   * that, a token is renewed for a 401 alone, and only where it was not itself fetched for a refusal.
   */
  renewalsApartMs?: number
  /** The header that carries it as it is; `Authorization: Bearer …` unless told. */
  header?: string
  /** Fetches a new token. @throws RelayError as `request` does */
  fetch(api: PlatformApi): Promise<{ token: string; expiresInMs: number }>
}

/** Passing trouble on the platform's side, as far as anyone can tell: never a sign that something is gone. */
export function unavailable(message: string, cause?: unknown): RelayError {
  return new RelayError('RELAY_PLATFORM_UNAVAILABLE', message, { cause, retryable: true })
}

/** Refused credentials. The step is tried again, for they may be mended at the platform alone. */
export function unauthorized(message: string): RelayError {
  return new RelayError('RELAY_PLATFORM_UNAUTHORIZED', message, { retryable: true })
}

/**
 * A no to what was asked for, which soon asked again is the same: what is only wanted is done without at once. A delivery that needs
 * it is tried again all the same, since somebody may give the key a right ({@link isAnswer}); nothing else waits for it.
 */
export function refused(message: string): RelayError {
  return new RelayError('RELAY_PLATFORM_REFUSED', message)
}

/**
 * An answer that may soon be another one, as from an API that is behind: what is only wanted is asked for again first, and done
 * without where that has been done often enough. Nothing else waits for it.
 */
export function refusedForNow(message: string): RelayError {
  return new RelayError('RELAY_PLATFORM_REFUSED', message, { retryable: true })
}

/** Whether the platform answered and its answer is what is wrong, for now or not: no outage, and about nothing else. */
export function isAnswer({ code }: RelayError): boolean {
  return code === 'RELAY_PLATFORM_REFUSED'
}

/** Whether a status is about the moment, and the same question is answered another time: it took too long, is too early, is one of too many. */
export function isPassing(status: number): boolean {
  return status >= 500 || [408, 425, 429].includes(status)
}

/** Whether asking again soon would be answered the same: {@link refused}, or {@link unauthorized}, which is mended slowly. */
export function isRefusal({ code, retryable }: RelayError): boolean {
  return code === 'RELAY_PLATFORM_UNAUTHORIZED' || !retryable
}

/** Whether the platform has been asked often enough, told what came of it. */
export function goesWithout(api: PlatformApi, trouble: RelayError): boolean {
  return (api.goesWithout ?? isRefusal)(trouble)
}

/**
 * What a webhook says is on and the platform does not find may only be too new for it: it is asked for again, and gone
 * where it has been asked for often enough.
 * @throws what {@link refusedForNow} makes, so that nothing else waits
 */
export function goneOnceAsked(api: PlatformApi, reason: string): { gone: true } {
  askAgainFirst(api, reason)
  return { gone: true }
}

/**
 * Where the platform's answer contradicts its webhook: it may only be behind, and is asked again until that has been done often
 * enough. @throws what {@link refusedForNow} makes, so that nothing else waits
 */
export function askAgainFirst(api: PlatformApi, reason: string): void {
  const behind = refusedForNow(reason)
  if (!goesWithout(api, behind)) throw behind
}

/**
 * A fact that is only wanted, within a reading that is needed: a stay must not wait for it, or end with it.
 * @returns undefined where the platform refuses it, or has been asked for it often enough
 * @throws whatever else `asking` throws
 */
export async function wanted<T>(api: PlatformApi, asking: () => Promise<T>): Promise<T | undefined> {
  try {
    return await asking()
  } catch (error) {
    if (error instanceof RelayError && goesWithout(api, error)) return undefined
    throw error
  }
}

/** What was read, and when. */
export interface Dated {
  /** ms since 1970; undefined in facts that were kept before readings were dated. */
  readAt?: number
}

/**
 * A reading of something that the platform gives no clock: the state at the moment of asking, which may be much later than
 * the webhook's, where the platform had to be asked again.
 */
export async function dated<T extends object>(
  api: PlatformApi,
  reading: (readAt: number) => Promise<T>
): Promise<T & Dated> {
  const readAt = api.readingTime()
  return { ...(await reading(readAt)), readAt }
}

/**
 * The version of what was read without a clock of its own: of two readings the later one knows more, whichever webhook it was
 * made for. An answer that is behind loses to the one that was asked for again.
 */
export function readingClock({ readAt }: Dated, toldAt: number): number {
  return Math.max(readAt ?? toldAt, toldAt)
}

/**
 * What is read next to a cancellation, for a webhook that came with it, may be asked of a copy that does not know of it. So much ahead
 * counts what was read as cancelled. Whoever takes the booking up again within that time waits for as long: what is read so early is
 * asked for again, see {@link askAgainOfCancelled}.
 */
const COPY_BEHIND_MS = 5_000

/** The version of a cancellation that was read without a clock of its own. */
export function cancellationClock(reading: Dated, toldAt: number): number {
  return readingClock(reading, toldAt) + COPY_BEHIND_MS
}

/**
 * An answer that a booking is on which is known as cancelled as of a moment after it was read: it was taken up again, or the answer is
 * behind. @throws what {@link refusedForNow} makes until it has been asked late enough, or often enough
 */
export async function askAgainOfCancelled(
  api: PlatformApi,
  bookingId: string,
  readAt: number
): Promise<void> {
  if (!(await api.isCancelledAsOf?.(bookingId, readAt))) return
  askAgainFirst(api, 'the platform shows as on what was cancelled a moment ago')
}

/** No API is behind for so long. */
const BEHIND_MS = 3_600_000
/** For so long an API may not know what was just made. */
const TOO_NEW_MS = 120_000

/**
 * The version of what was read with a clock of its own and may have been not found before: for an hour after a change that clock
 * tells which reading is the newer, since the API may be behind; from then on the later reading does, so that what is found again counts.
 * @param changedAt when what was read last changed, as it says itself
 */
export function foundClock(changedAt: number, readAt: number): number {
  return Math.max(changedAt, readAt - BEHIND_MS)
}

/** The version of not being found, though nothing told of an end: what may only be too new for the API is not over by it. */
export function notFoundClock(readAt: number): number {
  return readAt - TOO_NEW_MS
}

/** A clock may tell whole seconds, and an event goes out a moment after what it tells of. */
const SAME_CHANGE_MS = 2_000

/**
 * The version of what was read with a clock of its own. The event's clock says which of several changes of one moment is the later,
 * and no more: an answer from long before its event may be behind, and must not count as of an event right after a cancellation.
 * @param changedAt when what was read last changed, as it says itself
 * @param toldAt the clock of the event that it was read for
 */
export function notLongAfter(changedAt: number | undefined, toldAt: number): number {
  if (changedAt === undefined) return toldAt
  return Math.max(changedAt, Math.min(toldAt, changedAt + SAME_CHANGE_MS))
}
