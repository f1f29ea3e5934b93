import type { Logger } from 'pino'
import { type BackoffSchedule, backoffMs } from '../backoff.ts'
import type { Queries } from '../desired/lane-view.ts'
import { letGo } from '../desired/let-go.ts'
import { kinds } from '../model/kind.ts'
import type { Seam } from '../seam/seam.ts'
import { SeamError } from '../seam/seam-error.ts'
import type { ClaimedLane } from '../store/lanes.ts'
import type { DirtyResource, Outbox } from '../store/outbox.ts'
import type { Store } from '../store/store.ts'
import type { Write } from '../store/write.ts'
import { type Batch, type BatchLimits, batchesOf, bodyOf, parentKeys, settledWithoutCall } from './batch.ts'

export interface SyncOptions {
  store: Store
  queries: Queries
  outbox: Outbox
  /** Undefined for a workspace that is no longer in the settings. */
  seamOf(workspaceId: string): Seam | undefined
  limits: BatchLimits
  leaseMs: number
  now(): number
  random(): number
  nextId(): string
  log: Logger
  /** Ends calls under way, at an orderly stop that runs out of time. */
  signal?: AbortSignal
  /** A contact detail came free: somebody is to be drawn again. */
  onRedraw?(): void
}

const LANE_BACKOFF: BackoffSchedule = { firstMs: 1_000, maxMs: 60_000 }
/** After 401 and 403, and where the address is wrong: the architecture's 5 s doubling to 5 min. */
const STOPPED_BACKOFF: BackoffSchedule = { firstMs: 5_000, maxMs: 300_000 }
const MAX_REASON_LENGTH = 1000

/** The lease went to somebody else: what we were doing is theirs now. */
class LeaseLost extends Error {}

export interface Sync {
  /** Takes the most urgent customer's changes to Seam. */
  syncOnce(): Promise<'busy' | 'idle'>
}

export function syncRoom(options: SyncOptions): Sync {
  const { store, queries, outbox, log, now } = options

  async function syncOnce(): Promise<'busy' | 'idle'> {
    let lane: ClaimedLane | undefined
    try {
      lane = await queries.lanes.claim(now(), options.leaseMs)
      if (lane === undefined) return 'idle'
      await work(lane)
    } catch (error) {
      if (error instanceof LeaseLost) log.warn({ event: 'lane.lease_lost', customerKey: lane?.customerKey })
      else log.error({ event: 'sync.failed', customerKey: lane?.customerKey, err: error })
      return 'idle'
    }
    return 'busy'
  }

  async function work(lane: ClaimedLane): Promise<void> {
    const seam = options.seamOf(lane.workspaceId)
    if (seam === undefined) {
      const reason = `workspace ${lane.workspaceId} is not in the settings`
      return void (await store.commit([queries.lanes.putBack(lane, now(), now() + STOPPED_BACKOFF.maxMs, reason)]))
    }
    try {
      const more = await sendChanges(lane, seam)
      await store.commit([more ? queries.lanes.putBack(lane, now(), now(), undefined) : queries.lanes.release(lane)])
    } catch (error) {
      if (!(error instanceof SeamError)) throw error
      await waitAfter(lane, error)
    }
  }

  /** @returns whether there is more than one step may take */
  async function sendChanges(lane: ClaimedLane, seam: Seam): Promise<boolean> {
    const { resources, more } = await changesOf(lane)
    await commitHeld(lane, [outbox.settle(lane, settledWithoutCall(resources))])
    for (const batch of batchesOf(resources, options.limits)) await send(lane, seam, batch)
    return more
  }

  async function changesOf(lane: ClaimedLane): Promise<{ resources: DirtyResource[]; more: boolean }> {
    const limit = options.limits.resources
    const stays = await outbox.dirtyStays(lane, limit)
    // While stays are left over, only their own parents go with them: the nearest arrivals first, and nobody is deleted
    // whom a stay still to be sent may name.
    const more = stays.length === limit
    const others = more
      ? await outbox.dirtyAmong(lane, [...new Set(stays.flatMap(parentKeys))])
      : await outbox.dirtyOthers(lane, limit)
    return { resources: [...stays, ...others], more: more || others.length === limit }
  }

  /** Sends a batch; a refused one is halved until the offender is alone, and the others go through. */
  async function send(lane: ClaimedLane, seam: Seam, batch: Batch): Promise<void> {
    await commitHeld(lane, batch.operation === 'push_data' ? [outbox.offer(lane, batch.resources)] : [])
    const startedAt = now()
    const attempt = (details: { status?: number | undefined; requestId?: string | undefined; error?: string }) =>
      outbox.record(
        lane,
        {
          id: options.nextId(),
          operation: batch.operation,
          startedAt,
          durationMs: now() - startedAt,
          status: details.status,
          requestId: details.requestId,
          error: details.error
        },
        batch.resources
      )
    try {
      const reply = await seam.call(batch.operation, bodyOf(batch, lane.customerKey), options.signal)
      await settle(lane, batch, attempt(reply))
    } catch (error) {
      if (!(error instanceof SeamError)) throw error
      const made = attempt({ status: error.status, requestId: error.requestId, error: error.message.slice(0, MAX_REASON_LENGTH) })
      await afterError(lane, seam, batch, error, made)
    }
  }

  async function afterError(
    lane: ClaimedLane,
    seam: Seam,
    batch: Batch,
    error: SeamError,
    made: Write[]
  ): Promise<void> {
    if (error.retryable) {
      await commitHeld(lane, made)
      throw error
    }
    const [only, ...rest] = batch.resources
    if (only !== undefined && rest.length > 0) {
      await commitHeld(lane, made)
      const middle = Math.ceil(batch.resources.length / 2)
      await send(lane, seam, { ...batch, resources: batch.resources.slice(0, middle) })
      await send(lane, seam, { ...batch, resources: batch.resources.slice(middle) })
      return
    }
    if (only === undefined || error.outcome === 'gone') return settle(lane, batch, made)
    const reason = error.message.slice(0, MAX_REASON_LENGTH)
    await commitHeld(lane, [outbox.bury(lane, only, reason), ...made])
    log.error({
      event: 'resource.buried',
      customerKey: lane.customerKey,
      kind: only.kind,
      key: only.key,
      status: error.status,
      requestId: error.requestId
    })
  }

  async function settle(lane: ClaimedLane, batch: Batch, made: Write[]): Promise<void> {
    const guests = batch.resources.filter(each => kinds[each.kind].role === 'guest')
    const freed = await letGo(queries, lane, guests)
    await commitHeld(lane, [outbox.settle(lane, batch.resources), ...freed, ...made])
    if (freed.length > 0) options.onRedraw?.()
    log.info({
      event: 'resources.synced',
      customerKey: lane.customerKey,
      operation: batch.operation,
      resources: batch.resources.length
    })
    await workspaceWorks(lane.workspaceId)
  }

  /** Commits only while the lease is ours, and prolongs it. */
  async function commitHeld(lane: ClaimedLane, writes: Write[]): Promise<void> {
    const committed = await store.commit([queries.lanes.holdLease(lane, now() + options.leaseMs), ...writes])
    if (!committed.committed) throw new LeaseLost()
  }

  const troubled = new Set<string>()

  async function waitAfter(lane: ClaimedLane, error: SeamError): Promise<void> {
    const failures = lane.failures + 1
    const reason = error.message.slice(0, MAX_REASON_LENGTH)
    const wait = backoffMs(LANE_BACKOFF, failures, options.random(), error.retryAfterMs)
    const workspaceWide = error.outcome === 'wait' || error.outcome === 'stop'
    if (workspaceWide) await holdWorkspace(lane.workspaceId, error, reason)
    // Where the whole workspace waits, the lane need not wait longer.
    await store.commit([queries.lanes.putBack(lane, now(), workspaceWide ? now() : now() + wait, reason)])
    log.warn({
      event: 'sync.postponed',
      customerKey: lane.customerKey,
      workspaceId: lane.workspaceId,
      code: error.code,
      status: error.status,
      requestId: error.requestId,
      failures
    })
  }

  async function holdWorkspace(id: string, error: SeamError, reason: string): Promise<void> {
    const { failures, waitUntil } = await outbox.workspace(id)
    // Calls that were under way when the first one was refused are no further failures.
    if (waitUntil >= now() + (error.retryAfterMs ?? 1)) return
    const schedule = error.outcome === 'stop' ? STOPPED_BACKOFF : LANE_BACKOFF
    const wait = backoffMs(schedule, failures + 1, options.random(), error.retryAfterMs)
    await outbox.holdWorkspace(id, now() + wait, failures + 1, reason)
    troubled.add(id)
    if (error.outcome === 'stop') log.error({ event: 'workspace.stopped', workspaceId: id, code: error.code, waitMs: wait })
  }

  const checked = new Set<string>()

  /** A call went through: whatever held the workspace is over. */
  async function workspaceWorks(id: string): Promise<void> {
    if (!troubled.has(id) && checked.has(id)) return
    checked.add(id)
    troubled.delete(id)
    const { failures } = await outbox.workspace(id)
    if (failures === 0) return
    await outbox.holdWorkspace(id, 0, 0, '')
    log.info({ event: 'workspace.works_again', workspaceId: id })
  }

  return { syncOnce }
}
