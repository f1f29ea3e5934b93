import type { Operation } from '../model/call.ts'
import type { SpanRef, Tracer } from '../model/trace.ts'
import type { Seam, SeamReply } from '../seam/seam.ts'
import { SeamError } from '../seam/seam-error.ts'
import type { ClaimedLane } from '../store/lane-claims.ts'
import type { Outbox } from '../store/outbox.ts'
import type { Write } from '../store/write.ts'
import type { Batch } from './batch.ts'
import { LaneLeaseLost } from './lease.ts'
import { calledIn, spanOfCall } from './spans.ts'

export interface CallsOptions {
  outbox: Pick<Outbox, 'record'>
  now(): number
  nextId(): string
  /** Ends calls under way, at an orderly stop that runs out of time. */
  signal?: AbortSignal
  meter?: CallMeter
  tracer: Tracer | undefined
}

export interface CallMeter {
  /** @param status undefined where there was no answer */
  called(workspaceId: string, operation: Operation, status: number | undefined, ms: number): void
}

/** A call that was made: what came of it, and what is to be remembered. */
export interface Made {
  came: SeamReply | SeamError
  attempt: Write[]
}

/**
 * Makes a call as whoever has the lane.
 * @param origins under which spans deliveries go on that brought it; undefined where nothing is traced
 * @throws LaneLeaseLost
 */
type MakeCall = (
  lane: ClaimedLane,
  seam: Seam,
  batch: Batch,
  body: object,
  origins: SpanRef[] | undefined
) => Promise<Made>

export interface Calls {
  make: MakeCall
  /** Workspaces that left a call without an answer of whatever kind, and have answered none since it was made. */
  readonly silent: ReadonlySet<string>
}

export function callsOf({ outbox, now, nextId, signal, meter, tracer }: CallsOptions): Calls {
  const silent = new Set<string>()
  const answeredAt = new Map<string, number>()

  function heard({ workspaceId }: ClaimedLane, startedAt: number, status: number | undefined): void {
    if (status !== undefined) {
      silent.delete(workspaceId)
      answeredAt.set(workspaceId, now())
    } else if (startedAt >= (answeredAt.get(workspaceId) ?? 0)) silent.add(workspaceId)
  }

  function traced(
    lane: ClaimedLane,
    seam: Seam,
    batch: Batch,
    body: object,
    origins: SpanRef[] | undefined
  ): Promise<SeamReply> {
    if (tracer === undefined || origins === undefined) return call(lane, seam, batch.operation, body)
    const span = spanOfCall(tracer, lane, batch, seam, origins)
    return calledIn(span, call(lane, seam, batch.operation, body))
  }

  /**
   * The fence was a moment ago, and for a process that was stopped in between that moment may have been long: then somebody
   * else has the lane by now. A call is broken off rather than outlive the lease.
   * @throws SeamError
   */
  async function call(lane: ClaimedLane, seam: Seam, operation: Operation, body: object): Promise<SeamReply> {
    const leftMs = lane.leaseUntil - now()
    if (leftMs <= 0) throw new LaneLeaseLost()
    const leaseEnds = AbortSignal.timeout(leftMs)
    const ends = signal === undefined ? leaseEnds : AbortSignal.any([signal, leaseEnds])
    return seam.call(operation, body, ends, performance.now() + leftMs)
  }

  const make: MakeCall = async (lane, seam, batch, body, origins) => {
    const startedAt = now()
    let came: SeamReply | SeamError
    try {
      came = await traced(lane, seam, batch, body, origins)
    } catch (error) {
      if (!(error instanceof SeamError)) throw error
      came = error
    }
    const { status, requestId } = came
    heard(lane, startedAt, status)
    const failure = came instanceof SeamError ? came : undefined
    const durationMs = now() - startedAt
    meter?.called(lane.workspaceId, batch.operation, status, durationMs)
    const attempt = {
      id: nextId(),
      operation: batch.operation,
      startedAt,
      durationMs,
      status,
      requestId,
      error: failure?.message,
      seamError: failure?.said
    }
    return { came, attempt: outbox.record(lane, attempt, batch.resources) }
  }

  return { make, silent }
}
