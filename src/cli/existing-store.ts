import { storeExists } from '../store/store.ts'
import { usage } from './usage.ts'

/**
 * For commands that look for something: in a wrong folder they would make an empty store, and tell that there is nothing.
 * @param otherwise what else may be done @throws RelayError RELAY_BAD_REQUEST where there is no store yet
 */
export function refuseNoStore(databaseUrl: string, otherwise = ''): void {
  if (storeExists(databaseUrl)) return
  throw usage(`there is no store at ${databaseUrl}; set DATABASE_URL as the relay has it${otherwise}`)
}
