import type { Logger } from 'pino'
import { letGo } from '../desired/let-go.ts'
import type { Queries } from '../desired/queries.ts'
import type { Operation } from '../model/call.ts'
import { kinds } from '../model/kind.ts'
import { quietKey } from '../model/quiet.ts'
import { ORDER_AT, type Stamp } from '../model/stamp.ts'
import type { SpanRef } from '../model/trace.ts'
import type { Seam } from '../seam/seam.ts'
import { SeamError } from '../seam/seam-error.ts'
import type { ClaimedLane } from '../store/lane-claims.ts'
import type { Offboarding } from '../store/offboard.ts'
import type { Outbox } from '../store/outbox.ts'
import type { Traces } from '../store/traces.ts'
import type { Write } from '../store/write.ts'
import { type Batch, type BatchLimits, batchesOf, bodyOf, deletesNamed, settledWithoutCall } from './batch.ts'
import type { Calls } from './calls.ts'
import { changesOf } from './changes.ts'
import type { Carried, InDoubt } from './in-doubt.ts'
import { isTrouble, type Sent, sendApart, sendOrIsolate } from './isolate.ts'
import type { Lease } from './lease.ts'
import { onceMoreOf } from './once-more.ts'
import type { Refusals } from './refusals.ts'
import type { Workspaces } from './workspaces.ts'

export interface SendOptions {
  queries: Queries
  outbox: Outbox
  offboarding: Offboarding
  limits: BatchLimits
  lease: Lease
  calls: Calls
  inDoubt: InDoubt
  workspaces: Workspaces
  now(): number
  log: Logger
  /** A contact detail came free: somebody is to be drawn again. */
  onRedraw?(): void
  meter?: SendMeter
  /** Where somebody wants traces. */
  traces?: Pick<Traces, 'broughtBy' | 'of'> | undefined
}

/** What is counted of resources: Seam agreed to so many of a call, or refused them for good. */
export interface SendMeter {
  settled(operation: Operation, resources: number): void
  refused(operation: Operation, resources: number): void
}

/** What goes to Seam of a customer whose lease is ours. */
export interface Sending {
  /**
   * What is to be sent by now, in the calls that it takes.
   * @returns whether there is more than one step may take
   * @throws SeamError; LaneLeaseLost; WorkspaceHeld; OutOfDate
   */
  sendChanges(lane: ClaimedLane, seam: Seam, refusals: Refusals): Promise<boolean>
  /**
   * Before anything else of that customer: whatever was said since goes to a Seam that has forgotten the customer.
   * @throws as {@link sendChanges}
   */
  takeOff(lane: ClaimedLane, stamp: Stamp, seam: Seam): Promise<void>
}

/** What was read is not to be sent any more: it is read again. */
export class OutOfDate extends Error {}

/** So often a customer's changes go together; then one of them may be the reason that they do not get through. */
const FAILURES_BEFORE_APART = 4

export function sendingOf({
  queries,
  outbox,
  offboarding,
  limits,
  lease,
  calls,
  inDoubt,
  workspaces,
  now,
  log,
  onRedraw,
  meter,
  traces
}: SendOptions): Sending {
  const onceMore = onceMoreOf({ queries, outbox, now })

  async function sendChanges(lane: ClaimedLane, seam: Seam, refusals: Refusals): Promise<boolean> {
    const { resources, more } = await changesOf({ queries, outbox, limit: limits.resources }, lane, refusals)
    const quiet = settledWithoutCall(resources)
    if (quiet.length > 0) await lease.commit(lane, [outbox.settle(lane, quiet)])
    let trouble: SeamError | undefined
    let answered = false
    for (const batch of batchesOf(resources, lane.customerKey, limits)) {
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

  /** One call, remembered with what came of it. @throws SeamError */
  async function send(lane: ClaimedLane, seam: Seam, batch: Batch): Promise<void> {
    // Before the fence, behind which no time is to be lost.
    const origins = await traces?.broughtBy(lane, batch.resources)
    await fence(lane, batch.operation === 'push_data' ? [outbox.offer(lane, batch.resources)] : [])
    await unlessInDoubt(lane, batch.resources, callAndRemember(lane, seam, batch, origins))
  }

  async function unlessInDoubt(lane: ClaimedLane, carried: Carried, calling: Promise<void>): Promise<void> {
    try {
      await calling
    } catch (error) {
      if (error instanceof SeamError) throw error
      // Somebody else's call was made meanwhile, and whose came last only Seam knows.
      inDoubt.add(lane, carried)
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

  async function takeOff(lane: ClaimedLane, stamp: Stamp, seam: Seam): Promise<void> {
    const origins = await traces?.of(stamp.slice(ORDER_AT))
    await fence(lane, [])
    await unlessInDoubt(lane, 'customer', callToTakeOff(lane, stamp, seam, origins))
    onRedraw?.()
    log.info({ event: 'customer.offboarded', customerKey: lane.customerKey, workspaceId: lane.workspaceId })
    await workspaces.works(lane)
  }

  async function callToTakeOff(
    lane: ClaimedLane,
    stamp: Stamp,
    seam: Seam,
    origins: SpanRef[] | undefined
  ): Promise<void> {
    const none: Batch = { operation: 'delete_data', resources: [] }
    const body = { customer_keys: [lane.customerKey] }
    const { came, attempt } = await calls.make(lane, seam, none, body, origins)
    if (came instanceof SeamError && came.said?.type !== 'customer_not_found') {
      await lease.commit(lane, attempt)
      throw came
    }
    await lease.commit(lane, [...offboarding.end(lane, stamp), ...attempt])
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
      batch.resources.map(each => outbox.markRefused(lane, each, error.message, refusedAt))
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
    const again = await onceMore(lane, batch.resources)
    await lease.commit(lane, [...again, outbox.settle(lane, batch.resources), ...freed, ...made])
    if (freed.length > 0) onRedraw?.()
    meter?.settled(batch.operation, batch.resources.length)
    log.info({
      event: 'resources.synced',
      customerKey: lane.customerKey,
      operation: batch.operation,
      resources: batch.resources.length
    })
    await workspaces.works(lane)
  }

  return { sendChanges, takeOff }
}
