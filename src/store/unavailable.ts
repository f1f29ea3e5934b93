import { RelayError } from '../errors.ts'

/** @param reason of the disk or the database, without anybody's data */
export function unavailable(reason: string): RelayError {
  return new RelayError('RELAY_STORE_UNAVAILABLE', `the store: ${reason}`, {
    retryable: true,
    statusCode: 503
  })
}
