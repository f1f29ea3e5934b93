import { DatabaseSync } from 'node:sqlite'
import { RelayError } from '../errors.ts'

/**
 * Holds the store for one relay. Two that work on one file take each other's leases, and what the one has sent the other
 * does not know. Commands beside a relay need no lock. The operating system lets go of it when the process dies.
 * @param path of the SQLite file @param advice what to do where that is in use @returns lets go
 * @throws RelayError RELAY_STORE_UNAVAILABLE where another relay holds it
 */
export function lockFile(
  path: string,
  advice = 'stop it, or give this one a DATABASE_URL of its own'
): () => void {
  const lock = new DatabaseSync(`${path}.lock`)
  try {
    lock.exec('pragma busy_timeout = 0; begin exclusive')
  } catch (cause) {
    lock.close()
    throw new RelayError('RELAY_STORE_UNAVAILABLE', `another relay works on ${path}; ${advice}`, { cause })
  }
  return () => lock.close()
}
