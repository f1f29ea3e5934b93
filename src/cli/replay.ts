import { loadConfig } from '../config.ts'
import { loadConnections } from '../connections.ts'
import { RelayError } from '../errors.ts'
import { retake } from '../ingest/retake.ts'
import type { DeliveryState } from '../model/delivery.ts'
import type { Platform } from '../platforms/platform.ts'
import { storeRooms } from '../store/rooms.ts'
import { openStore } from '../store/store.ts'

export interface ReplayCommand {
  ids: string[]
  rejected?: string | undefined
  dead?: string | undefined
  all?: string | undefined
  env: NodeJS.ProcessEnv
  say(line: string): void
  platforms: Record<string, Platform>
}

const finished: DeliveryState[] = ['translated', 'ignored', 'dead', 'held']

/** Runs stored deliveries again. Safe at any time, also while the relay runs: versions decide, not the order of arrival. */
export async function replay(command: ReplayCommand): Promise<number> {
  const { ids, rejected, dead, all, env, say, platforms } = command
  const asked = [ids.length > 0 ? ids : undefined, rejected, dead, all].filter(each => each !== undefined)
  if (asked.length !== 1) {
    throw new RelayError('RELAY_BAD_REQUEST', 'replay: give delivery ids, or one of --rejected, --dead and --all with a connection')
  }
  const config = loadConfig(env)
  const { connections } = loadConnections({ config, env, platforms })
  const connectionId = rejected ?? dead ?? all
  const connection = connections.find(each => each.id === connectionId)
  if (connectionId !== undefined && connection === undefined) {
    const known = connections.map(each => each.id).join(', ')
    throw new RelayError('RELAY_BAD_REQUEST', `replay: there is no connection ${connectionId}; there are: ${known}`)
  }
  const store = await openStore(config.databaseUrl)
  try {
    const { deliveries, rejected: rejectedRoom } = storeRooms(store)
    const now = Date.now()
    if (rejected !== undefined && connection !== undefined) {
      const { taken, stillRefused } = await retake({ connection, platforms, rejected: rejectedRoom, deliveries })
      say(`${taken} taken in, ${stillRefused.length} still refused${tally(stillRefused)}.`)
    } else {
      const which =
        connectionId === undefined
          ? { ids }
          : { connectionId, states: dead === undefined ? finished : (['dead'] satisfies DeliveryState[]) }
      say(`${await deliveries.replay(which, now)} deliveries run again; a running relay takes them on within a second.`)
    }
  } finally {
    await store.close()
  }
  return 0
}

function tally(causes: string[]): string {
  const counts = Map.groupBy(causes, cause => cause)
  const parts = [...counts].map(([cause, list]) => `${cause} ${list.length}`)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}
