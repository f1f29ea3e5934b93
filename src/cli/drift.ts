import type { Environment, ReadFile } from '../config/environment.ts'
import { loadConfig } from '../config.ts'
import type { Drift } from '../model/delivery.ts'
import { type DriftCount, driftOf } from '../store/drift.ts'
import { isOlder } from '../store/migrating.ts'
import { openStore, type Store, storeExists } from '../store/store.ts'

const consequences: Record<Drift, string> = {
  unknown_event: 'event ignored',
  unknown_status: 'delivery held',
  invalid_event: 'dead letter'
}

/**
 * What platforms said that their adapters do not know, for `seam-relay check`: counted since the store was made. Nothing
 * where there is no store yet; none is made, and none is changed.
 * @throws RelayError RELAY_CONFIG_INVALID, RELAY_STORE_UNAVAILABLE
 */
export async function driftLines(env: Environment, readFile?: ReadFile): Promise<string[]> {
  const config = loadConfig(env, readFile)
  if (!storeExists(config.databaseUrl)) return []
  let store: Store
  try {
    store = await openStore(config.databaseUrl, { ...config, migrate: 'never' })
  } catch (error) {
    if (config.migrate === 'never' || !isOlder(error)) throw error
    return ['', 'The store is older than this release; the relay brings it up to date when it starts.']
  }
  try {
    const counts = await driftOf(store).list()
    if (counts.length === 0) return []
    return ['', 'Sent by platforms, but unknown to their adapters:', ...counts.map(lineOf)]
  } finally {
    await store.close()
  }
}

function lineOf({ connectionId, kind, detail, count, lastAt, deliveryId }: DriftCount): string {
  const times = count === 1 ? 'once' : `${count} times`
  const last = `${new Date(lastAt).toISOString().slice(0, 19)}Z`
  return `  ${connectionId}  ${detail}: ${consequences[kind]}, ${times}, last ${last} as ${deliveryId}`
}
