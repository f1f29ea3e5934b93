import type { Logger } from 'pino'
import { type BackoffSchedule, backoffMs } from '../backoff.ts'
import type { Queries } from '../desired/queries.ts'
import { RelayError } from '../errors.ts'
import type { Tracer } from '../model/trace.ts'
import type { Seam } from '../seam/seam.ts'
import { SeamError } from '../seam/seam-error.ts'
import type { ClaimedLane } from '../store/lane-claims.ts'
import type { Offboarding } from '../store/offboard.ts'
import type { Outbox } from '../store/outbox.ts'
import type { Store } from '../store/store.ts'
import type { Traces } from '../store/traces.ts'
import { isAway } from '../store/unavailable.ts'
import type { Write } from '../store/write.ts'
import type { BatchLimits } from './batch.ts'
import { type CallMeter, callsOf } from './calls.ts'
import { inDoubtOf } from './in-doubt.ts'
import { LaneLeaseLost, leaseOf } from './lease.ts'
import { MOST_REFUSED, Refusals } from './refusals.ts'
import { OutOfDate, type SendMeter, sendingOf } from './send.ts'
import { slotsOf } from './slots.ts'
import { WorkspaceHeld, workspacesOf } from './workspaces.ts'

export interface SyncOptions {
  store: Store
  queries: Queries
  outbox: Outbox
  offboarding: Offboarding
  /** Undefined for a workspace that is no longer in the settings. */
  seamOf(workspaceId: string): Seam | undefined
  limits: BatchLimits
  /** Customers of one workspace that are sent at the same time. */
  atOnce: number
  /** How many workspaces there are. */
  workspaces: number
  leaseMs: number
  now(): number
  random(): number
  nextId(): string
  log: Logger
  /** Ends calls under way, at an orderly stop that runs out of time. */
  signal?: AbortSignal
  /** A contact detail came free: somebody is to be drawn again. */
  onRedraw?(): void
  meter?: SyncMeter
  tracing?: { tracer: Tracer; traces: Pick<Traces, 'broughtBy' | 'of'> } | undefined
}

/** What is counted of customers, beside what is counted of calls and of resources. */
export interface SyncMeter extends CallMeter, SendMeter {
  /** All that was heard of a customer is at Seam, so long after the oldest delivery came that brought some of it. */
  through(ms: number): void
  leaseLost(): void
}

const LANE_BACKOFF: BackoffSchedule = { firstMs: 1_000, maxMs: 60_000 }
/** Settings are read at the start; until then there is no hurry. */
const UNKNOWN_WORKSPACE_WAIT_MS = 300_000
/** Shorter than the lease that would have to run out. */
const AFTER_STORE_FAILED_MS = 5_000

/** One write that the store refused, such as for a lock or for want of a connection, may pass soon. */
function isOfStore(error: unknown): boolean {
  return error instanceof RelayError && error.code === 'RELAY_STORE_UNAVAILABLE'
}

export interface Sync {
  /** Takes the most urgent customer's changes to Seam. */
  syncOnce(): Promise<'busy' | 'idle'>
  /** How many steps there is work for at the same time. */
  readonly slots: number
}

export function syncRoom(options: SyncOptions): Sync {
  const { queries, outbox, log, now, meter, tracing } = options
  const lease = leaseOf(options)
  const inDoubt = inDoubtOf(options)
  const workspaces = workspacesOf(options)
  const calls = callsOf({ ...options, tracer: tracing?.tracer })
  const { isShared } = options.store
  const slots = slotsOf({ ...options, lanes: queries.lanes, silent: calls.silent, isShared })
  const sending = sendingOf({ ...options, lease, calls, inDoubt, workspaces, traces: tracing?.traces })
  /** Lanes that were ours when the store went away, or failed, and could not even be put back; and how long they rest then. */
  const dropped: { lane: ClaimedLane; restMs: number }[] = []

  /** A store that fails is told of once; every loop meets it, twice a second. */
  let isFailureTold = false

  async function syncOnce(): Promise<'busy' | 'idle'> {
    let lane: ClaimedLane | undefined
    try {
      await inDoubt.sendAgain()
      await giveBackDropped()
      const slot = await slots.claim()
      if (slot === undefined) return 'idle'
      lane = slot.lane
      await work(lane).finally(slot.free)
      isFailureTold = false
    } catch (error) {
      if (error instanceof LaneLeaseLost) {
        meter?.leaseLost()
        log.warn({ event: 'lane.lease_lost', customerKey: lane?.customerKey })
        return 'idle'
      }
      const away = isAway(error)
      const ofStore = isOfStore(error)
      if (lane !== undefined && ofStore) dropped.push({ lane, restMs: away ? 0 : AFTER_STORE_FAILED_MS })
      const isKnown = away || (ofStore && isFailureTold)
      if (!isKnown) {
        log.error({ event: 'sync.failed', customerKey: lane?.customerKey, err: error })
        isFailureTold ||= ofStore
      }
      return 'idle'
    }
    return 'busy'
  }

  /** Nobody has to wait for the leases that were ours when the store went away. */
  async function giveBackDropped(): Promise<void> {
    for (let each = dropped.shift(); each !== undefined; each = dropped.shift()) {
      const { lane, restMs } = each
      try {
        await goOnNext(lane, restMs)
      } catch (error) {
        // Somebody else has it by now.
        if (error instanceof LaneLeaseLost) continue
        // Else its lease runs out.
        if (isAway(error)) dropped.push(each)
        throw error
      }
    }
  }

  async function work(lane: ClaimedLane): Promise<void> {
    const seam = options.seamOf(lane.workspaceId)
    if (seam === undefined) {
      const reason = `workspace ${lane.workspaceId} is not in the settings`
      await workspaces.passOn(lane, now())
      await lease.end(queries.lanes.putBack(lane, now(), now() + UNKNOWN_WORKSPACE_WAIT_MS, reason))
      return log.error({ event: 'workspace.unknown', workspaceId: lane.workspaceId })
    }
    try {
      if (lane.offboardDue && lane.offboardStamp !== undefined)
        await sending.takeOff(lane, lane.offboardStamp, seam)
      const refusals = new Refusals(await outbox.refused(lane, MOST_REFUSED), now())
      if (await sending.sendChanges(lane, seam, refusals)) return await goOnNext(lane)
      await workspaces.passOn(lane, now())
      await lease.end(queries.lanes.release(lane, refusals.lookAgainAt))
      if (lane.heardAt !== undefined) meter?.through(now() - lane.heardAt)
    } catch (error) {
      // Not before the wait is over, although the store may not know of it.
      if (error instanceof WorkspaceHeld) await lease.end(putBackUnharmed(lane, error.until))
      else if (error instanceof SeamError) await waitAfter(lane, error)
      else if (error instanceof OutOfDate) await goOnNext(lane)
      else throw error
    }
  }

  /** There is more to be sent, as the next step reads it. */
  async function goOnNext(lane: ClaimedLane, restMs = 0): Promise<void> {
    await workspaces.passOn(lane, now())
    await lease.end(putBackUnharmed(lane, now() + restMs))
  }

  function putBackUnharmed(lane: ClaimedLane, notBefore: number): Write {
    return queries.lanes.putBack(lane, now(), notBefore, undefined)
  }

  async function waitAfter(lane: ClaimedLane, error: SeamError): Promise<void> {
    const failures = lane.failures + 1
    const ownWaitUntil = now() + backoffMs(LANE_BACKOFF, failures, options.random(), error.retryAfterMs)
    let notBefore = ownWaitUntil
    if (error.outcome === 'wait' || error.outcome === 'stop') notBefore = await workspaces.hold(lane, error)
    else await workspaces.passOn(lane, ownWaitUntil)
    await lease.end(queries.lanes.putBack(lane, now(), notBefore, error.message))
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

  return { syncOnce, slots: slots.count }
}
