import { loadConfig } from '../config.ts'
import { loadConnections } from '../connections.ts'
import { retake } from '../ingest/retake.ts'
import type { Connection } from '../model/connection.ts'
import type { DeliveryState } from '../model/delivery.ts'
import type { Platform } from '../platforms/platform.ts'
import { storeRooms } from '../store/rooms.ts'
import { openStore, type Store } from '../store/store.ts'
import { refuseNoStore } from './existing-store.ts'
import { listed, usage } from './usage.ts'

export interface ReplayCommand {
  ids: string[]
  /** These three name a connection; exactly one of the four is given. */
  rejected?: string | undefined
  dead?: string | undefined
  all?: string | undefined
  env: NodeJS.ProcessEnv
  say(line: string): void
  platforms: Record<string, Platform>
}

const finished: DeliveryState[] = ['translated', 'ignored', 'dead', 'held']

const WHEN = 'a running relay takes them on within a second, a stopped one when it starts'

/**
 * Runs stored deliveries again. Safe at any time, also while the relay runs: versions decide, not the order of arrival.
 * @returns the exit code: 1 where an id is not known, or its delivery too old
 */
export async function replay(command: ReplayCommand): Promise<number> {
  const { ids, rejected, dead, all, env, platforms } = command
  const named = [rejected, dead, all].filter(each => each !== undefined)
  if (named.length + Math.min(ids.length, 1) !== 1) {
    throw usage('replay: give ids of deliveries, or one of --rejected, --dead and --all with a connection')
  }
  const config = loadConfig(env)
  const { connections } = loadConnections({ config, env, platforms })
  const connection = named[0] === undefined ? undefined : chosen(connections, named[0])
  refuseNoStore(config.databaseUrl)
  const store = await openStore(config.databaseUrl, config)
  try {
    if (connection === undefined) return await replayIds(command, store)
    if (rejected !== undefined) await retakeRejected(command, store, connection)
    else await replayAll(command, store, connection, dead === undefined ? finished : ['dead'])
    return 0
  } finally {
    await store.close()
  }
}

function chosen(connections: Connection[], id: string): Connection {
  const connection = connections.find(each => each.id === id)
  if (connection !== undefined) return connection
  throw usage(`replay: there is no connection ${id}; there are:${listed(connections.map(each => each.id))}`)
}

async function replayIds({ ids, say }: ReplayCommand, store: Store): Promise<number> {
  const rows = await store.db.selectFrom('deliveries').select('id').where('id', 'in', ids).execute()
  const known = new Set(rows.map(row => row.id))
  const unknown = [...new Set(ids)].filter(id => !known.has(id))
  for (const id of unknown) say(`There is no delivery ${id}.`)
  const { deliveries } = storeRooms(store)
  const spent = await deliveries.spent([...known])
  for (const id of spent) say(`Delivery ${id} is too old to run again; see RELAY_KEEP_BODIES_DAYS.`)
  const fresh = [...known].filter(id => !spent.includes(id))
  if (fresh.length > 0) {
    const count = await deliveries.replay({ ids: fresh }, store.now())
    say(`${counted(count)} again; ${WHEN}.`)
  }
  return unknown.length + spent.length === 0 ? 0 : 1
}

async function replayAll(
  { say }: ReplayCommand,
  store: Store,
  { id: connectionId }: Connection,
  states: DeliveryState[]
): Promise<void> {
  const { deliveries } = storeRooms(store)
  const count = await deliveries.replay({ connectionId, states }, store.now())
  say(count === 0 ? 'There is nothing to run again.' : `${counted(count)} again; ${WHEN}.`)
  const spent = await deliveries.countSpent(connectionId, states)
  if (spent > 0) say(`Left out: ${spent} that are too old to run again; see RELAY_KEEP_BODIES_DAYS.`)
}

async function retakeRejected(
  { platforms, say }: ReplayCommand,
  store: Store,
  connection: Connection
): Promise<void> {
  const { deliveries, rejected } = storeRooms(store)
  const { taken, stillRefused } = await retake({ connection, platforms, rejected, deliveries })
  if (taken + stillRefused.length === 0) return say(`No rejected request of ${connection.id} is kept.`)
  if (taken > 0) say(`${taken} taken in; ${WHEN}.`)
  for (const [cause, list] of Map.groupBy(stillRefused, each => each))
    say(`${list.length} still refused: ${cause}`)
}

function counted(deliveries: number): string {
  return deliveries === 1 ? '1 delivery runs' : `${deliveries} deliveries run`
}
