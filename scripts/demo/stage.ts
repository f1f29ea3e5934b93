import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { type Config, loadConfig } from '../../src/config.ts'
import { SANDBOX } from '../../src/connections/schema.ts'
import { type Connections, loadConnections } from '../../src/connections.ts'
import { RelayError } from '../../src/errors.ts'
import type { Connection } from '../../src/model/connection.ts'
import { createLog } from '../../src/observe/log.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import { assembleRelay } from '../../src/relay.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { Account } from './account.ts'
import { Sandbox } from './sandbox.ts'

export interface CastOptions {
  platforms: Record<string, Platform>
  connectionsFile: string
  /** For the store, the sandbox and the log. */
  folder: string
}

/** Who plays, and with which settings. */
export interface Cast {
  folder: string
  config: Config
  connections: Connections
  platforms: Record<string, Platform>
  players: { platform: Platform; connection: Connection }[]
}

/** A relay with its real loops, its sandbox, and one account at every platform. */
export interface Stage {
  accounts: Account[]
  sandbox: Sandbox
  store: Store
  /** Waits for a condition, and not for ever: what has not come to pass by then, the verdict will tell. */
  until(condition: () => Promise<boolean>): Promise<void>
  /** Until every delivery has been worked on; Seam may not know of it yet. */
  translated(): Promise<void>
  /** Until nothing is left to be done, now or later. */
  settled(): Promise<void>
}

const QUIET_WINDOW_MS = 200
const LOOK_AGAIN_MS = 20
const PATIENCE_MS = 30_000
const STOP_PATIENCE_MS = 1_000

/**
 * Every platform with its connection. Opens nothing.
 * @throws RelayError RELAY_CONFIG_INVALID where the connections file is no longer the demo's
 */
export function castOf({ platforms, connectionsFile, folder }: CastOptions): Cast {
  // Nothing of the process's own environment: a Seam credential there must not meet the demo's guests.
  const env = {
    PORT: '0',
    DATABASE_URL: `file:${join(folder, 'relay.db')}`,
    RELAY_SANDBOX_FILE: join(folder, 'sandbox.db'),
    RELAY_CONNECTIONS_FILE: connectionsFile,
    RELAY_QUIET_WINDOW_MS: String(QUIET_WINDOW_MS)
  }
  const config = loadConfig(env)
  const connections = loadConnections({ config, env, platforms })
  const players = Object.values(platforms).map(platform => ({
    platform,
    connection: harmlessConnection(connections, platform)
  }))
  return { folder, config, connections, platforms, players }
}

/** Plays on a stage that is gone afterwards, however the play ends. */
export async function onStage<T>(cast: Cast, play: (stage: Stage) => Promise<T>): Promise<T> {
  const { folder, config, connections, platforms, players } = cast
  const store = await openStore(config.databaseUrl)
  const log = createLog('debug', pino.destination({ dest: join(folder, 'relay.log'), sync: true }))
  const random = Math.random
  const relay = assembleRelay({ config, connections, platforms, store, log, now: Date.now, random })

  async function until(condition: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    while (!(await condition()) && Date.now() < deadline) await pause(LOOK_AGAIN_MS)
  }

  try {
    const origin = await relay.listen()
    relay.run()
    const startedAt = Date.now()
    return await play({
      accounts: players.map((player, number) => new Account({ ...player, origin, number, startedAt })),
      sandbox: new Sandbox(origin),
      store,
      until,
      translated: () => until(async () => !(await hasDeliveries(store))),
      settled: () => until(async () => !(await hasDeliveries(store)) && !(await hasLanes(store)))
    })
  } finally {
    await relay.stop(STOP_PATIENCE_MS)
  }
}

/** The platform's connection, where nothing that is told through it can leave this machine. */
function harmlessConnection({ connections, sandbox }: Connections, platform: Platform): Connection {
  const refusal = (reason: string) =>
    new RelayError('RELAY_CONFIG_INVALID', `the demo plays connections.yaml as it came, and now ${reason}`)
  if (!sandbox) throw refusal('it names a Seam workspace')
  const connection = connections.find(each => each.platform === platform.name)
  if (connection === undefined) throw refusal(`it has no connection of ${platform.title}`)
  const { api, id } = connection
  if (api !== undefined && api.endpoint !== SANDBOX)
    throw refusal(`${id} reads from ${platform.title} itself`)
  return connection
}

async function hasDeliveries({ db }: Store): Promise<boolean> {
  const waiting = db.selectFrom('deliveries').select('id').where('state', '=', 'received')
  return (await waiting.limit(1).execute()).length > 0
}

async function hasLanes({ db }: Store): Promise<boolean> {
  const lanes = db
    .selectFrom('lanes')
    .select('customer_key')
    .where(eb => eb.or([eb('due_at', 'is not', null), eb('lease_until', 'is not', null)]))
  const redraws = db.selectFrom('rerenders').select('key')
  const found = await Promise.all([lanes.limit(1).execute(), redraws.limit(1).execute()])
  return found.flat().length > 0
}
