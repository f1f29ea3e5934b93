/** Every code the relay gives, with the sentence that tells its reader what to do. `docs/errors.md` lists the same. */
export const errorCodes = {
  RELAY_CONFIG_INVALID: 'Settings or the connections file are wrong; the message lists every place.',
  RELAY_UNAUTHORIZED:
    'The connection is unknown or its credentials do not match; check the webhook address and the secret.',
  RELAY_KEY_UNKNOWN: 'The API key is missing, unknown, expired or revoked; send a valid one.',
  RELAY_KEY_FORBIDDEN: 'This API key lacks the scope or the customer; use one that has it.',
  RELAY_TOO_MANY_ATTEMPTS: 'Too many wrong tokens came from this address; repeat after Retry-After.',
  RELAY_NOT_FOUND: 'There is nothing at this address.',
  RELAY_METHOD_NOT_ALLOWED: 'This address takes another method; see the Allow header.',
  RELAY_BODY_TOO_LARGE: 'The body is larger than RELAY_MAX_BODY_BYTES; split it, or raise the limit.',
  RELAY_MEDIA_TYPE:
    'The content type is not one that this platform sends; choose uncompressed JSON where there is a choice.',
  RELAY_BAD_REQUEST: 'The request could not be read; check its address, headers and body.',
  RELAY_BUSY: 'Too many requests of this connection wait to be verified; repeat after Retry-After.',
  RELAY_OVERLOADED: 'The queue before the store is full; repeat after Retry-After.',
  RELAY_STORE_UNAVAILABLE: 'The store could not commit; repeat after Retry-After.',
  RELAY_TAILS_TAKEN:
    'As many live tails are open as one relay serves; close one, or repeat after Retry-After.',
  RELAY_DRAINING: 'The relay is about to stop; send to another one, or repeat after it is back.',
  RELAY_INTERNAL: 'Something failed inside the relay; the log has the request id.',
  RELAY_KEY_BEING_DELETED:
    'Seam has not been told yet that a key of this call is deleted; the call waits for that.',
  RELAY_KEY_TAKEN: 'A key of this call belongs to another customer; choose another one.',
  RELAY_EVENT_UNREADABLE: 'The delivery could not be read as an event of its platform.',
  RELAY_EVENT_INVALID: 'The event lacks a field, or has one of another type, that its schema requires.',
  RELAY_HYDRATION_NOT_CONFIGURED: 'The connection has no `api` credentials, and this event carries only ids.',
  RELAY_PLATFORM_UNAUTHORIZED: 'The platform refused the credentials in the connection’s `api`.',
  RELAY_PLATFORM_UNAVAILABLE: 'The platform’s API did not answer, or asked to wait.',
  RELAY_PLATFORM_REFUSED: 'The platform’s API refused the request.',
  RELAY_SEAM_UNAUTHORIZED:
    'Seam refused the API key of this workspace; nothing is sent until it works again.',
  RELAY_SEAM_UNAVAILABLE: 'Seam did not answer, or answered that it could not; the call is repeated.',
  RELAY_SEAM_REFUSED: 'Seam refused this resource; it is a dead letter until it changes.',
  RELAY_SEAM_ENDPOINT:
    'What answers at SEAM_ENDPOINT does not know Seam’s calls; nothing is sent until it does.'
} as const

export type ErrorCode = keyof typeof errorCodes

export interface RelayErrorOptions {
  cause?: unknown
  /**
   * Whether the same step may soon end otherwise by itself. Of what a platform's API says, `platforms/api.ts` tells what follows: what is
   * not retryable there is done without where it is only wanted, and asked for again where it is needed.
   */
  retryable?: boolean
  /** The other side asked to wait at least this long. */
  retryAfterMs?: number | undefined
  /** What to answer at the HTTP edge. */
  statusCode?: number
}

/** The one error class of the house: a stable code, a message that says what to do, and whether trying again can help. */
export class RelayError extends Error {
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  readonly statusCode: number

  constructor(code: ErrorCode, message: string = errorCodes[code], options: RelayErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.name = 'RelayError'
    this.code = code
    this.retryable = options.retryable ?? false
    this.retryAfterMs = options.retryAfterMs
    this.statusCode = options.statusCode ?? 500
  }
}

/** The system's short word for a failure, such as ENOENT. */
export function reasonOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? 'unknown reason'
}

/** An error as one line in the store, read by operators; {@link codeInErrorLine} reads its code again. */
export function errorLine(code: string | undefined, message: string | undefined): string {
  return `${code}: ${message}`
}

export function codeInErrorLine(line: string | null): string | undefined {
  return line?.split(':', 1)[0]
}
