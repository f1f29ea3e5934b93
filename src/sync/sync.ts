import type { Logger } from 'pino'
import { type BackoffSchedule, backoffMs } from '../backoff.ts'
import { letGo } from '../desired/let-go.ts'
import type { Queries } from '../desired/queries.ts'
import { RelayError } from '../errors.ts'
import { kinds } from '../model/kind.ts'
import { keysNamedIn } from '../model/names.ts'
import { quietKey } from '../model/quiet.ts'
import { ORDER_AT, type Stamp } from '../model/stamp.ts'
import type { SpanRef, Tracer } from '../model/trace.ts'
import type { Operation, Seam } from '../seam/seam.ts'
import { SeamError } from '../seam/seam-error.ts'
import type { ClaimedLane, DueOrder } from '../store/lanes.ts'
import type { Offboarding } from '../store/offboard.ts'
import type { DirtyResource, Outbox } from '../store/outbox.ts'
import type { ResourceRef } from '../store/resources.ts'
import type { Store } from '../store/store.ts'
import type { Traces } from '../store/traces.ts'
import { isAway } from '../store/unavailable.ts'
import type { Write } from '../store/write.ts'
import { type Batch, type BatchLimits, batchesOf, bodyOf, deletesNamed, settledWithoutCall } from './batch.ts'
import { type CallMeter, callsOf } from './calls.ts'
import { inDoubtOf } from './in-doubt.ts'
import { isTrouble, type Sent, sendApart, sendOrIsolate } from './isolate.ts'
import { LaneLeaseLost, leaseOf } from './lease.ts'
import { MOST_REFUSED, Refusals } from './refusals.ts'
import { WorkspaceHeld, workspacesOf } from './workspaces.ts'

export interface SyncOptions {
  store: Store
  queries: Queries
  outbox: Outbox
  offboarding: Offboarding
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
  meter?: SyncMeter
  tracing?: { tracer: Tracer; traces: Pick<Traces, 'broughtBy' | 'of'> } | undefined
}

/** What is counted of calls to Seam. */
export interface SyncMeter extends CallMeter {
  /** Seam agreed to so many resources of a call, or refused them for good. */
  settled(operation: Operation, resources: number): void
  refused(operation: Operation, resources: number): void
  /** All that was heard of a customer is at Seam, so long after the oldest delivery came that brought some of it. */
  through(ms: number): void
  leaseLost(): void
}

const LANE_BACKOFF: BackoffSchedule = { firstMs: 1_000, maxMs: 60_000 }
/** Settings are read at the start; until then there is no hurry. */
const UNKNOWN_WORKSPACE_WAIT_MS = 300_000
/** Shorter than the lease that would have to run out. */
const AFTER_STORE_FAILED_MS = 5_000
/** The others have looked for work more than once meanwhile. */
const KEEP_BACK_MS = 1_500
/** One claim in so many goes by who waits longest. */
const WAITING_EVERY = 4
/** So often a customer's changes go together; then one of them may be the reason that they do not get through. */
const FAILURES_BEFORE_APART = 4

/** One write that the store refused, such as for a lock or for want of a connection, may pass soon. */
function isOfStore(error: unknown): boolean {
  return error instanceof RelayError && error.code === 'RELAY_STORE_UNAVAILABLE'
}

/** What was read is not to be sent any more: it is read again. */
class OutOfDate extends Error {}

export interface Sync {
  /** Takes the most urgent customer's changes to Seam. */
  syncOnce(): Promise<'busy' | 'idle'>
}

export function syncRoom(options: SyncOptions): Sync {
  const { queries, outbox, log, now, meter, tracing } = options
  let claims = 0
  const lease = leaseOf(options)
  const inDoubt = inDoubtOf(options)
  const workspaces = workspacesOf(options)
  const calls = callsOf({ ...options, tracer: tracing?.tracer })
  /** Lanes that were ours when the store went away, or failed, and could not even be put back; and how long they rest then. */
  const dropped: { lane: ClaimedLane; restMs: number }[] = []

  /** A store that fails is told of once; every loop meets it, twice a second. */
  let isFailureTold = false

  async function syncOnce(): Promise<'busy' | 'idle'> {
    let lane: ClaimedLane | undefined
    try {
      await inDoubt.sendAgain()
      await giveBackDropped()
      const at = now()
      lane = await queries.lanes.claim(at, options.leaseMs, nextOrder(), at - keepBackMs())
      if (lane === undefined) return 'idle'
      await work(lane)
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

  /** Mostly the nearest arrivals; now and then who waits longest, whom those would keep waiting for ever. */
  function nextOrder(): DueOrder {
    claims += 1
    return claims % WAITING_EVERY === 0 ? 'waiting' : 'arrival'
  }

  /**
   * Whom Seam does not answer leaves the first choice to the other processes on the store: what is the matter may be its own
   * way there. Otherwise it would take the customer whose call it has failed again and again, each time for longer.
   */
  function keepBackMs(): number {
    return calls.answered || !options.store.isShared ? 0 : KEEP_BACK_MS
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
      if (lane.offboardDue && lane.offboardStamp !== undefined) await takeOff(lane, lane.offboardStamp, seam)
      const refusals = new Refusals(await outbox.refused(lane, MOST_REFUSED), now())
      if (await sendChanges(lane, seam, refusals)) return await goOnNext(lane)
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

  /** @returns whether there is more than one step may take */
  async function sendChanges(lane: ClaimedLane, seam: Seam, refusals: Refusals): Promise<boolean> {
    const { resources, more } = await changesOf(lane, refusals)
    const quiet = settledWithoutCall(resources)
    if (quiet.length > 0) await lease.commit(lane, [outbox.settle(lane, quiet)])
    let trouble: SeamError | undefined
    let answered = false
    for (const batch of batchesOf(resources, lane.customerKey, options.limits)) {
      // A stay that did not go through may still name, at Seam, whom or what is to be deleted.
      if (trouble !== undefined && deletesNamed(batch)) continue
      // So may one that was refused just now.
      const free = { ...batch, resources: batch.resources.filter(each => !refusals.keeps(each)) }
      if (free.resources.length === 0) continue
      const before = trouble
      const sent = await sendBatch(lane, seam, free, refusals)
      answered ||= sent.answered
      // The latest one: what it asks to wait is waited.
      trouble = sent.trouble ?? trouble
      // Of one batch nothing went through, and of another neither: it is Seam.
      if (!answered && before !== undefined) break
    }
    if (trouble !== undefined) throw trouble
    return more
  }

  /** @throws SeamError where it is too early to say that a single resource is to blame */
  async function sendBatch(lane: ClaimedLane, seam: Seam, batch: Batch, refusals: Refusals): Promise<Sent> {
    const call = (part: Batch) =>
      sendOrIsolate(
        part,
        each => send(lane, seam, each),
        (each, error) => afterRefusal(lane, each, error, refusals)
      )
    try {
      await call(batch)
      return { trouble: undefined, answered: true }
    } catch (error) {
      if (!isTrouble(error) || lane.failures < FAILURES_BEFORE_APART) throw error
      // Alone already: whether it is to blame, the next batch shows.
      if (batch.resources.length === 1) return { trouble: error, answered: false }
      return sendApart(batch, call, lane.failures - FAILURES_BEFORE_APART)
    }
  }

  async function changesOf(
    lane: ClaimedLane,
    refusals: Refusals
  ): Promise<{ resources: DirtyResource[]; more: boolean }> {
    const limit = options.limits.resources
    const readFrom = Number(await queries.lanes.revision(lane))
    const stays = await outbox.dirtyStays(lane, limit)
    // While stays are left over, only their own parents go with them: the nearest arrivals first, and nobody is deleted
    // whom a stay still to be sent may name.
    const moreStays = stays.length === limit
    const parents = await outbox.dirtyAmong(lane, [
      ...new Set(stays.flatMap(each => keysNamedIn(each.fields)))
    ])
    const others = moreStays ? [] : await outbox.dirtyOthers(lane, limit, refusals.keptKeys)
    // Whoever went while we were reading may be named by a stay as it was read a moment before: next time. So does that stay
    // where Seam has never heard of them.
    const named = [...parents, ...others]
    const wentMeanwhile = named.filter(each => each.fields === null && each.revision > readFrom)
    // A stay that is not sent yet may name at Seam what goes, even if those that are sent now name its key in another list.
    const mayGo = (each: DirtyResource) => each.fields !== null || !moreStays
    const certain = named.filter(each => !wentMeanwhile.includes(each) && mayGo(each))
    const unheardOf = new Set(wentMeanwhile.filter(each => !each.offered).map(each => each.key))
    const whole = stays.filter(each => !keysNamedIn(each.fields).some(key => unheardOf.has(key)))
    const refused = refusals.toDelete
    const more = moreStays || others.length === limit || refused.length > limit
    const distinct = new Map(
      [...whole, ...certain, ...refused.slice(0, limit)].map(each => [`${each.kind} ${each.key}`, each])
    )
    return { resources: [...distinct.values()], more }
  }

  /** One call, remembered with what came of it. @throws SeamError */
  async function send(lane: ClaimedLane, seam: Seam, batch: Batch): Promise<void> {
    // Before the fence, behind which no time is to be lost.
    const origins = await tracing?.traces.broughtBy(lane, batch.resources)
    await fence(lane, batch.operation === 'push_data' ? [outbox.offer(lane, batch.resources)] : [])
    try {
      await callAndRemember(lane, seam, batch, origins)
    } catch (error) {
      if (error instanceof SeamError) throw error
      // Somebody else's call was made meanwhile, and whose came last only Seam knows.
      inDoubt.add(lane, batch.resources)
      await inDoubt.sendAgain()
      throw error
    }
  }

  /**
   * Whatever has to hold before a call is made, as the store knows it: other processes work on it too.
   * @throws LaneLeaseLost; WorkspaceHeld where Seam has asked another process to wait; OutOfDate where an e-mail or phone in
   * `offers` may be somebody else's by now
   */
  async function fence(lane: ClaimedLane, offers: Write[]): Promise<void> {
    await workspaces.checkOpen(lane)
    if (await lease.mayCommit(lane, offers)) return
    await lease.commit(lane, [])
    throw new OutOfDate()
  }

  async function callAndRemember(
    lane: ClaimedLane,
    seam: Seam,
    batch: Batch,
    origins: SpanRef[] | undefined
  ): Promise<void> {
    const { came, attempt } = await calls.make(lane, seam, batch, bodyOf(batch, lane.customerKey), origins)
    if (!(came instanceof SeamError)) return settle(lane, batch, attempt)
    await lease.commit(lane, attempt)
    throw await workspaces.judged(lane, came)
  }

  /** Before anything else of that customer: whatever was said since goes to a Seam that has forgotten the customer. */
  async function takeOff(lane: ClaimedLane, stamp: Stamp, seam: Seam): Promise<void> {
    const origins = await tracing?.traces.of(stamp.slice(ORDER_AT))
    await fence(lane, [])
    const none: Batch = { operation: 'delete_data', resources: [] }
    const body = { customer_keys: [lane.customerKey] }
    const { came, attempt } = await calls.make(lane, seam, none, body, origins)
    if (came instanceof SeamError && came.said?.type !== 'customer_not_found') {
      await lease.commit(lane, attempt)
      throw came
    }
    await lease.commit(lane, [...options.offboarding.end(lane, stamp), ...attempt])
    options.onRedraw?.()
    log.info({ event: 'customer.offboarded', customerKey: lane.customerKey, workspaceId: lane.workspaceId })
    await workspaces.works(lane)
  }

  /** A resource that Seam refuses alone: it is a dead letter, unless its deletion found nothing to delete. */
  async function afterRefusal(
    lane: ClaimedLane,
    batch: Batch,
    error: SeamError,
    refusals: Refusals
  ): Promise<void> {
    if (error.outcome === 'gone') return settle(lane, batch, [])
    const refusedAt = now()
    await lease.commit(
      lane,
      batch.resources.map(each => outbox.bury(lane, each, error.message, refusedAt))
    )
    for (const each of batch.resources) refusals.add({ ...each, refusedAt })
    meter?.refused(batch.operation, batch.resources.length)
    await workspaces.works(lane)
    for (const { kind, key } of batch.resources) {
      log.error({
        event: 'resource.buried',
        customerKey: lane.customerKey,
        kind,
        key: quietKey(key),
        status: error.status,
        requestId: error.requestId
      })
    }
  }

  async function settle(lane: ClaimedLane, batch: Batch, made: Write[]): Promise<void> {
    const guests = batch.resources.filter(each => kinds[each.kind].role === 'guest')
    const freed = await letGo(queries, lane, guests)
    const again = await toldWithout(lane, batch.resources)
    await lease.commit(lane, [...again, outbox.settle(lane, batch.resources), ...freed, ...made])
    if (freed.length > 0) options.onRedraw?.()
    meter?.settled(batch.operation, batch.resources.length)
    log.info({
      event: 'resources.synced',
      customerKey: lane.customerKey,
      operation: batch.operation,
      resources: batch.resources.length
    })
    await workspaces.works(lane)
  }

  /**
   * Stays that went through while Seam would not take a place or guest they name: whether Seam mends them by itself once
   * it has taken that is not documented, so they are told once more.
   */
  async function toldWithout(lane: ClaimedLane, resources: DirtyResource[]): Promise<Write[]> {
    const late = resources.filter(each => each.fields !== null && each.stumbled)
    const stays: ResourceRef[] = []
    for (const ref of ['place', 'guest'] as const) {
      const keys = late.filter(each => kinds[each.kind].role === ref).map(each => each.key)
      stays.push(...(await queries.resources.naming(lane, ref, keys)))
    }
    const rows = await queries.resources.byRef(lane, stays)
    const through = rows.filter(each => each.revision === each.synced_revision)
    if (through.length === 0) return []
    return [queries.lanes.revive(lane, now()), outbox.tellAgain(lane, through)]
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

  return { syncOnce }
}
