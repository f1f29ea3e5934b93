import type { Backlog } from '../store/backlog.ts'
import type { Meters } from './meters.ts'

export interface StoreGaugesOptions {
  /** @throws RelayError RELAY_STORE_UNAVAILABLE */
  readBacklog(now: number): Promise<Backlog>
  /** Ids of those in the settings. */
  connections: string[]
  workspaces: string[]
  now(): number
  /** How long the store may take to answer, ms. */
  patienceMs?: number
}

/** What was read is good for so long, however many ask. */
const FRESH_MS = 5_000
/** And for so many times as long as it took: the store gives these numbers two hundredths of its time at most. */
const REST_TIMES = 50
/** Who asks waits for ten seconds, unless told. */
const PATIENCE_MS = 5_000

/** What only the store knows; read when somebody asks. @returns whether it is known */
export function storeGauges(meters: Meters, options: StoreGaugesOptions): () => Promise<boolean> {
  const { readBacklog, now, patienceMs = PATIENCE_MS } = options
  let reading: Promise<boolean> | undefined
  let readAt = Number.NEGATIVE_INFINITY
  let freshMs = FRESH_MS

  async function read(): Promise<boolean> {
    const [at, began] = [now(), performance.now()]
    try {
      setGauges(meters, options, await readBacklog(at), at)
      readAt = at
      freshMs = Math.max(FRESH_MS, (performance.now() - began) * REST_TIMES)
      return true
    } catch {
      // The gauges say so, and those who need the store log it.
      readAt = Number.NEGATIVE_INFINITY
      return false
    }
  }

  return async () => {
    if (Math.abs(now() - readAt) < freshMs) return true
    reading ??= read().finally(() => {
      reading = undefined
    })
    return Promise.race([reading, tooLate(patienceMs)])
  }
}

function setGauges(
  { set }: Meters,
  { connections, workspaces }: StoreGaugesOptions,
  backlog: Backlog,
  now: number
): void {
  const age = (since: number | undefined) => (since === undefined ? 0 : Math.max(now - since, 0) / 1000)
  for (const stage of ['translate', 'sync'] as const) {
    set('relay_backlog', { stage, state: 'due' }, backlog[stage].due)
    set('relay_backlog', { stage, state: 'scheduled' }, backlog[stage].scheduled)
  }
  for (const stage of ['translate', 'sync', 'places'] as const)
    set('relay_backlog', { stage, state: 'paused' }, backlog.paused[stage])
  for (const stage of ['places', 'redraw'] as const)
    set('relay_backlog', { stage, state: 'due' }, backlog[stage].due)
  for (const stage of ['translate', 'sync', 'places'] as const)
    set('relay_oldest_due_age_seconds', { stage }, age(backlog[stage].dueSince))
  for (const subject of ['connection', 'customer', 'workspace'] as const)
    set('relay_paused', { of: subject }, backlog.pauses[subject])
  set('relay_oldest_unsent_age_seconds', {}, age(backlog.unsentSince))
  set('relay_dead_letters', { stage: 'translate' }, backlog.dead.deliveries)
  set('relay_dead_letters', { stage: 'sync' }, backlog.dead.resources)
  set('relay_held', { stage: 'translate' }, backlog.held.deliveries)
  set('relay_held', { stage: 'desired' }, backlog.held.stays)
  for (const because of ['pending', 'refused', 'held'] as const)
    set('relay_arrivals_unsent', { within: '24h', because }, backlog.arrivals[because])
  for (const workspace of workspaces) {
    const hold = backlog.workspaces.find(each => each.id === workspace)
    set('relay_workspace_stopped', { workspace }, hold?.stopped ? 1 : 0)
    set('relay_workspace_wait_until_timestamp_seconds', { workspace }, (hold?.waitUntil ?? 0) / 1000)
  }
  const known = new Set(connections)
  for (const { connectionId, at } of backlog.lastReceived)
    if (known.has(connectionId))
      set('relay_last_received_timestamp_seconds', { connection: connectionId }, at / 1000)
}

function tooLate(afterMs: number): Promise<false> {
  return new Promise(resolve => setTimeout(() => resolve(false), afterMs).unref())
}
