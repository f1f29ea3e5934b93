import { RelayError } from '../errors.ts'

/** @param reason of the disk or the database, without anybody's data */
export function unavailable(reason: string): RelayError {
  return new RelayError('RELAY_STORE_UNAVAILABLE', `the store: ${reason}`, {
    retryable: true,
    statusCode: 503
  })
}

const awayErrors = new WeakSet<object>()

/** Nobody's statement is to blame: the database itself does not answer. */
export function away(reason: string): RelayError {
  const error = unavailable(reason)
  awayErrors.add(error)
  return error
}

/** Whether the store is away. It says so in the log itself, once; whoever only tries again need not. */
export function isAway(error: unknown): boolean {
  return typeof error === 'object' && error !== null && awayErrors.has(error)
}

const notWritingErrors = new WeakSet<object>()

/** As {@link away}, of a database that answers and cannot write: only another write tells that it is over. */
export function notWriting(reason: string): RelayError {
  const error = away(reason)
  notWritingErrors.add(error)
  return error
}

export function isNotWriting(error: object): boolean {
  return notWritingErrors.has(error)
}
